"""Flags about the record itself: facts that do not fit."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from batches.flags.rules.cancelled import (
    FIND_CELLS_ASK,
    KEEP_CELLS,
    MAKE_SURE_ASK,
    are_cells_in_hand,
    limit_in_doubt,
    with_cells_limit,
)
from batches.flags.rules.early import Early, early_of, end_missing, taken_back_before
from batches.flags.rules.record_asks import (
    ASK_THE_SENDER,
    ASK_WHICH_NUMBER,
    DECIDED_ASK,
    NEXT_STEPS,
    ORDERED_AHEAD_ASK,
    SETTLE_IF_RIGHT,
    TOLD_ANEW,
)
from batches.flags.rules.waiting import presses_from
from batches.flags.rules.working import REASON_BEFORE_PREDECESSOR
from batches.judgement.rules.awaited import begins_at
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of, next_of, who_acts
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.materials.rules.fitness import LOST
from supplychain.orders.rules.duties import WHO_ACTS, holders_of
from supplychain.orders.rules.surprises import (
    FOR_GOOD,
    OF_CELLS,
    OF_DECISION,
    OTHER_NUMBER,
    REASON_DESPITE_HOLD,
    REASON_RENUMBERED,
    REASON_UNASKED_ATTEMPT,
    UNUSED_DOSE,
)
from supplychain.orders.rules.withdrawals import (
    REASON_TESTED_AGAIN,
    REASON_WITHDRAWAL_ASKED,
    REASON_WITHDRAWN,
    cancellation_doubt,
    is_asked_of_second,
    is_cancellation_gone,
)
from supplychain.orders.statuses import OrderEventKind, OrderStatus, StageEventKind, StageStatus
from supplychain.people.statuses import Role
from supplychain.words import with_verb

# Two facts that cannot both be true (completed after failed, failed after completed): one of them is wrong, and
# whether the dose may be used hangs on which.
REASON_CONTRADICTS = "contradicts"
# While the said moment lies ahead, every deadline counted from it comes too late: a silent alarm.
REASON_IN_FUTURE = "in_future"
# Work on cells that are nobody's any more, or an order that was ended by mistake.
REASON_AFTER_ORDER_END = "after_order_end"
MOMENT_OF = {
    StageEventKind.STARTED: "started_at",
    StageEventKind.COMPLETED: "completed_at",
    StageEventKind.FAILED: "failed_at",
}
# What is decided of the dose itself: whether it may be given hangs on the second person.
DECIDES_DOSE = (StageKind.RELEASE.value, StageKind.INFUSION.value)
# Surprises shown in a flag's evidence; the order keeps them all.
MOST_SHOWN = 5


def out_of_sequence(facts: OrderFacts, now: datetime) -> Found:
    """Facts that do not fit the ones before them, one finding a stage; those of a superseded attempt are past, and a
    failure that was tested again stands as one (`stage_failed`)."""
    unfit = [one for one in facts.surprises if one.get("reason") != REASON_TESTED_AGAIN and not _is_over(facts, one)]
    return _surprises_found(facts, unfit, now) if unfit else NOTHING


def _is_over(facts: OrderFacts, surprise: dict[str, Any]) -> bool:
    """Whether it began despite a hold that was lifted since: it goes on as it may; and of a new attempt, whether cells
    that quality assurance rejected, or doses that were all lost, asked for it, as a failure does."""
    if surprise.get("reason") == REASON_UNASKED_ATTEMPT:
        before = [one for one in facts.doses if one.made_at is None or one.made_at <= _said_at(surprise)]
        is_lost = bool(before) and all(one.status in LOST for one in before)
        return is_lost or any(one.is_rejected for one in facts.excursions)
    if surprise.get("reason") != REASON_DESPITE_HOLD:
        return False
    stage = facts.stages.get(surprise["stage"])
    return facts.held_at is None and (stage is None or stage.run.status != StageStatus.HELD)


def withdrawn_at(facts: OrderFacts) -> datetime | None:
    """When a report of the order was withdrawn last; None: none was, or a second person has still to confirm."""
    moments = [one["at"] for one in facts.surprises if one["reason"] == REASON_WITHDRAWN]
    return max(map(datetime.fromisoformat, moments), default=None)


def out_of_sequence_after_end(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order only what came after its end, or an end that is said to lie ahead; the rest is history."""
    after = [surprise for surprise in facts.surprises if _outlives_end(facts, surprise, now)]
    return _surprises_found(facts, after, now) if after else NOTHING


def _outlives_end(facts: OrderFacts, surprise: dict[str, Any], now: datetime) -> bool:
    """A closed order still awaits the tests that may end after release; `failed_after_closing` judges those.

    No deadline is counted any more from what is said to lie ahead: that tells only of the end itself, a test that is
    awaited, or a dose that was given.
    """
    reason, stage = surprise["reason"], facts.stages.get(surprise["stage"])
    is_closed = facts.status == OrderStatus.CLOSED and stage is not None
    is_awaited = is_closed and stage.plan.may_end_after_release
    if reason == REASON_IN_FUTURE:
        of_dose = is_awaited or (is_closed and stage.plan.kind in DECIDES_DOSE)
        return now < _said_at(surprise) and (of_dose or _said_at(surprise) == facts.ended_at)
    if reason == REASON_AFTER_ORDER_END:
        return not is_awaited
    if cancellation_doubt([surprise]):
        return True
    is_told = reason in (REASON_CONTRADICTS, REASON_RENUMBERED, REASON_WITHDRAWN, REASON_WITHDRAWAL_ASKED)
    return is_told and facts.ended_at is not None and _said_at(surprise) > facts.ended_at


def _surprises_found(facts: OrderFacts, surprises: Iterable[dict[str, Any]], now: datetime) -> Found:
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for surprise in surprises:
        if not _is_superseded(facts, surprise):
            by_stage.setdefault(surprise["stage"], []).append(surprise)
    moments = [_said_at(one) for ones in by_stage.values() for one in ones if one["reason"] == REASON_IN_FUTURE]
    findings = []
    for stage, surprises in by_stage.items():
        early = early_of(facts, stage, _begun_early(surprises), now)
        unended = None if early else end_missing(facts, stage, now)
        found = _surprise_finding(facts, stage, surprises, early, now)
        if early and (taken_back := taken_back_before(facts, stage)):
            found = replace(found, since=max(found.since or taken_back, taken_back))
        found = _with_end_missing(facts, found, unended, now) if unended else found
        until = limit_in_doubt(facts, surprises, now)
        findings.append(with_cells_limit(found, until, now) if until else found)
        moments += [until, presses_from(until)] if until else []
        moments += [moment for one in (early, unended) if one for moment in one.moments]
    return Found(findings, next_of(now, [*moments, *begins_at(facts)]))


def _begun_early(surprises: Iterable[dict[str, Any]]) -> datetime | None:
    """When the stage was said to begin before what it waits for had ended; None: nobody said so."""
    return min((_said_at(one) for one in surprises if one["reason"] == REASON_BEFORE_PREDECESSOR), default=None)


def _is_superseded(facts: OrderFacts, surprise: dict[str, Any]) -> bool:
    stage = facts.stages.get(surprise["stage"])
    return stage is not None and surprise["attempt"] < stage.run.attempt


def _said_at(surprise: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(surprise["at"])


def _is_critical(surprise: dict[str, Any], now: datetime) -> bool:
    return _is_grave(surprise) and (surprise["reason"] != REASON_IN_FUTURE or now < _said_at(surprise))


def _rank(surprise: dict[str, Any], now: datetime) -> tuple[bool, bool, bool]:
    """Sorts facts, the worst first: what hangs on the flag (stops.py, harm.py) hangs on whether one contradicts, or one
    that decided about the dose is said to be wrong."""
    is_doubt = cancellation_doubt([surprise]) is not None
    return (surprise["reason"] != REASON_CONTRADICTS, not _is_critical(surprise, now), not is_doubt)


def _is_decided(surprise: dict[str, Any]) -> bool:
    """Whether it waits for a second person to confirm that what was decided of a failure or the dose is wrong."""
    return is_asked_of_second(surprise) and surprise["decided"] in (StageEventKind.FAILED, *DECIDES_DOSE)


def _worst_first(surprises: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """One that waits for a second person first, for nothing can be judged before; then by rank."""
    ranked = sorted(surprises, key=lambda one: _rank(one, now))
    asked = next((one for one in ranked if _is_decided(one)), None)
    return [asked, *(one for one in ranked if one is not asked)] if asked else ranked


def _is_grave(surprise: dict[str, Any]) -> bool:
    """Critical now or at some moment. After the end work is; a second system that says the end again is not."""
    if surprise["reason"] == REASON_AFTER_ORDER_END:
        return bool(surprise["stage"])
    is_unfit = surprise["reason"] in (REASON_CONTRADICTS, REASON_IN_FUTURE) or bool(surprise.get(FOR_GOOD))
    is_unfit = is_unfit or bool(surprise.get(UNUSED_DOSE))
    return is_unfit or _is_decided(surprise) or is_of_cells(surprise)


def is_of_cells(surprise: dict[str, Any]) -> bool:
    """Whether it waits for a second person to confirm that cells were not taken, or bear another number; or two senders
    named them by different numbers."""
    if surprise.get(OTHER_NUMBER):
        return True
    return surprise["reason"] == REASON_WITHDRAWAL_ASKED and bool(surprise.get(OF_CELLS))


def _surprise_finding(
    facts: OrderFacts, stage: str, surprises: list[dict[str, Any]], early: Early | None, now: datetime
) -> Finding:
    """One stage's facts that do not fit. `early`: what an early start of it puts at stake."""
    worst_first = _worst_first(surprises, now)
    first, count = worst_first[0], len(surprises) + sum(one.get("more", 0) for one in surprises)
    more = count - 1
    why = first["text"] + (f", and {more} more such fact{'s' if more > 1 else ''}." if more else ".")
    next_step = _next_step(facts, first)
    evidence = {"count": count, "facts": [_shown(one) for one in worst_first[:MOST_SHOWN]]}
    is_critical, due, asks_reports = _is_critical(first, now), None, False
    if early and (early.dose or not is_critical):
        why, evidence = f"{why[:-1]}{early.words(now)}", evidence | early.evidence(now)
        next_step = f"{next_step[:-1]}; {early.next_step(now)}" if _is_decided(first) else early.next_step(now)
        is_critical, due, asks_reports = early.is_critical(now), early.due(now), early.asks_reports
    grave = [one["event"] for one in surprises if _is_grave(one)]
    return Finding(
        FlagCode.OUT_OF_SEQUENCE,
        stage,
        Severity.CRITICAL if is_critical else Severity.ATTENTION,
        said_at if (said_at := _said_at(first)) <= now else None,
        due,
        why,
        next_step,
        evidence,
        moves=due is not None,
        gist=gist_of("grave", [*grave, *([early.dose] if early and early.dose else [])]),
        asks_reports=asks_reports,
    )


def _shown(surprise: dict[str, Any]) -> dict[str, Any]:
    """What evidence says of it: not by which sender and kind it was told from others."""
    return {
        name: value
        for name, value in surprise.items()
        if name not in ("by", "kind", "reported_by", FOR_GOOD, OF_DECISION)
    }


def _who_confirms(facts: OrderFacts, stage: str) -> str:
    """Who may say as the second person that a report of the stage is wrong: “QA or Operations”."""
    plan = facts.stages[stage].plan if stage in facts.stages else None
    held = {role for _, role in holders_of(plan, StageEventKind.WITHDRAWN)} or {Role.QA}
    names = [WHO_ACTS[role] for role in (Role.QA, Role.OPERATIONS, Role.SITE_COORDINATOR) if role in held]
    return f"{', '.join(names[:-1])} or {names[-1]}" if names[1:] else names[0]


def _next_step(facts: OrderFacts, first: dict[str, Any]) -> str:
    """What to do about the worst of the facts."""
    if first["reason"] == REASON_IN_FUTURE and first.get("kind") == OrderEventKind.ORDERED:
        return ORDERED_AHEAD_ASK
    if first.get(OF_DECISION):
        return FIND_CELLS_ASK
    if first.get(OTHER_NUMBER):
        return ASK_WHICH_NUMBER
    if _is_decided(first):
        return DECIDED_ASK.format(who=_who_confirms(facts, first["stage"]))
    if is_cancellation_gone(first) and are_cells_in_hand(facts):
        return MAKE_SURE_ASK
    if first["reason"] == REASON_WITHDRAWN and _is_told_anew(facts, first):
        return TOLD_ANEW
    who = who_acts(facts.stages[first["stage"]].plan) if first["stage"] in facts.stages else "Operations"
    others = "QA" if who == "QA" else f"QA or {who}"
    ask = NEXT_STEPS.get(first["reason"], ASK_THE_SENDER).format(who=who, others=others)
    if cancellation_doubt([first]) and are_cells_in_hand(facts):
        return f"{ask} {SETTLE_IF_RIGHT} {KEEP_CELLS}"
    return f"{ask} {SETTLE_IF_RIGHT}" if is_asked_of_second(first) else ask


def _is_told_anew(facts: OrderFacts, withdrawn: dict[str, Any]) -> bool:
    """Whether another report says now what the withdrawn one had said, of whatever moment."""
    stage, moment = facts.stages.get(withdrawn["stage"]), MOMENT_OF.get(withdrawn.get("kind", ""))
    return stage is not None and moment is not None and getattr(stage.run, moment) is not None


def _with_end_missing(facts: OrderFacts, finding: Finding, unended: Early, now: datetime) -> Finding:
    """Where the cells have gone on and reports of the work before never came, these are what is asked for."""
    first, ask = finding.evidence["facts"][0], f"{unended.who}: have {unended.reports} reported."
    if first["reason"] != REASON_BEFORE_PREDECESSOR:
        return replace(finding, next_step=f"{finding.next_step[:-1]}; {ask}", asks_reports=True)
    run = facts.stages[finding.stage].run
    done = with_verb(facts.stages[finding.stage].plan.name, f"was {'completed' if run.completed_at else 'begun'}")
    never = f"{unended.reports} {'were' if unended.are_many else 'was'} never reported"
    why = f"{done}; {never}{unended.words(now)}"
    if not unended.is_critical(now):
        return replace(finding, why=why, next_step=ask, asks_reports=True)
    return replace(
        finding, severity=Severity.CRITICAL, due=unended.due(now), why=why, next_step=unended.next_step(now),
        evidence=finding.evidence | unended.evidence(now), moves=True, asks_reports=unended.asks_reports,
    )  # fmt: skip
