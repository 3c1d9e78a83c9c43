"""Flags about work: a stage that takes too long, and a stage that failed."""

from datetime import datetime
from typing import Any, NamedTuple, Self

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.whereabouts import OUT, dose_out, given_before, reported_moments, where_the_dose_is
from batches.flags.statuses import TESTED_AGAIN_AT
from batches.judgement.rules.awaited import awaited, begins_at
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import (
    NOTHING,
    Finding,
    Found,
    hours,
    hours_between,
    next_of,
    severity_at,
    who_acts,
)
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.duties import NEW_ATTEMPT, acting_role, holders_of
from supplychain.orders.rules.verbs import event_words
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.rules.withdrawals import REASON_TESTED_AGAIN
from supplychain.orders.statuses import OrderStatus, StageEventKind, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import hours_of
from supplychain.words import hours_words, with_verb

# What is done once the cells have been worked on.
TESTS = (StageKind.QUALITY_CONTROL, StageKind.RELEASE)


def stage_late(facts: OrderFacts, now: datetime) -> Found:
    """A running stage is over its planned hours (attention) or its worst-case hours (critical), and over the end that
    was agreed since. Past its worst case what was agreed is shown, and asks for nothing but a look ahead."""
    findings, moments = [], []
    for stage in awaited(facts, now):
        started_at = stage.run.started_at
        if stage.run.status != StageStatus.RUNNING or started_at is None or is_left_by_dose(facts, stage, now):
            continue
        lateness = Lateness.of(stage, started_at)
        moments += [*lateness, stage.run.expected_end]
        if severity := severity_at(now, *lateness):
            findings.append(_late_finding(stage, lateness, severity, started_at, now))
    return Found(findings, next_of(now, [*moments, *facts.left_at.values(), *begins_at(facts)]))


class Lateness(NamedTuple):
    """From when on a stage at work is late, and presses."""

    late_at: datetime
    critical_at: datetime

    @classmethod
    def of(cls, stage: StageFacts, started_at: datetime) -> Self:
        """By its plan and by what was agreed; no agreement counts beyond a limit of the cells."""
        planned_at, worst_at = (started_at + hours(took) for took in hours_of(stage.plan, stage.lane, started_at))
        if (agreed := stage.run.agreed) is None:
            return cls(planned_at, worst_at)
        limit = limit_now(stage.plan, stage.run)
        until = min(agreed.until, limit.until) if limit else agreed.until
        return cls(max(planned_at, min(until, worst_at)), max(worst_at, until))


def _late_finding(
    stage: StageFacts, lateness: Lateness, severity: Severity, started_at: datetime, now: datetime
) -> Finding:
    plan, agreed = stage.plan, stage.run.agreed
    running = hours_between(started_at, now)
    planned_hours, worst_hours = hours_of(plan, stage.lane, started_at)
    were = "were planned" if planned_hours == plan.planned_hours else "are usual on its lane"
    lasted = f"has run since {moment_mark(started_at)}; {hours_words(planned_hours)} {were}"
    worst = f"{hours_words(worst_hours)} are the worst case{_agreed_words(stage, now)}"
    why = f"{with_verb(plan.name, lasted)} and {worst}."
    evidence = {
        "started_at": started_at.isoformat(),
        "running_hours": round(running, 2),
        "planned_hours": round(planned_hours, 2),
        "worst_hours": round(worst_hours, 2),
    } | ({"agreed_until": agreed.until.isoformat(), "agreed_times": agreed.times} if agreed else {})
    return Finding(
        FlagCode.STAGE_LATE,
        plan.code,
        severity,
        lateness.late_at,
        lateness.critical_at,
        why,
        f"{who_acts(plan)}: {_late_ask(stage, severity, now)}.",
        evidence,
        moves=True,
    )


def _late_ask(stage: StageFacts, severity: Severity, now: datetime) -> str:
    """What to do about work that is late."""
    is_ahead = stage.run.agreed is not None and stage.run.agreed.until > now
    whom = courier_ask(stage)
    if severity != Severity.ATTENTION:
        presses = "its agreed end is past the limit of the cells" if is_ahead else "it should have ended"
        ask = f"{whom or 'act on it'} now: {presses}"
    elif is_ahead:
        return "see that what follows is booked for then; if it ends earlier, report that"
    else:
        ask = f"{whom}: what holds it up" if whom else "find out what holds it up"
    return f"{ask}; report its end, or its new time"


def is_agreed_for_later(facts: OrderFacts, finding: Finding, now: datetime) -> bool:
    """Whether the agreed end of the stage that a finding is about lies ahead: nobody can say that it should have
    ended."""
    agreed = facts.stages[finding.stage].run.agreed if finding.stage else None
    return agreed is not None and agreed.until > now


def _agreed_words(stage: StageFacts, now: datetime) -> str:
    """“; it was agreed until …, moved twice”; empty where nothing was agreed."""
    agreed = stage.run.agreed
    return f"; it {'is' if agreed.until > now else 'was'} {agreed.words}" if agreed else ""


def stage_failed(facts: OrderFacts, now: datetime) -> Found:
    """A stage of the current attempt failed: always critical. A new attempt takes it back for what it re-opens.

    A test that may end after release can fail when the dose has left or was given (DOMAIN §2: "an immediate alarm if
    a late result fails"); for a dose that was given, not even a new attempt takes it back.
    """
    late = {failure.plan.code: failure for failure in facts.late_failures}
    findings = [
        _failed_finding(facts, stage, now)
        for code, stage in facts.stages.items()
        if stage.run.status == StageStatus.FAILED and code not in late
    ]
    if facts.surprises:
        findings += [one for stage in facts.stages.values() if (one := _tested_again(facts, stage, now))]
    for failure in late.values():
        findings.append(_late_failure(failure.plan, failure.attempt, failure.failed_at, *given_before(failure, now)))
    if not findings:
        return NOTHING
    # A moment reported for later is told as such until it comes.
    return Found(findings, next_of(now, [*reported_moments(facts), *(failure.given_at for failure in late.values())]))


def failed_after_closing(facts: OrderFacts, now: datetime) -> Found:
    """Of a closed order: a test that may end after release failed, and whoever closed the order could not know it.

    Critical, and it stays. A failure that we had heard of when we heard of the closing is history.
    """
    if facts.status != OrderStatus.CLOSED:
        return NOTHING
    runs = {code: stage.run for code, stage in facts.stages.items() if stage.plan.may_end_after_release}
    failures = [(code, run.failed_at, run.failed_heard_at) for code, run in runs.items()]
    failures += [(late.plan.code, late.failed_at, late.heard_at) for late in facts.late_failures]
    news = {code for code, failed_at, heard_at in failures if failed_at and _is_after_end(facts, failed_at, heard_at)}
    return Found([finding for finding in stage_failed(facts, now).findings if finding.stage in news], None)


def _is_after_end(facts: OrderFacts, failed_at: datetime, heard_at: datetime | None) -> bool:
    """By when we heard of it; what we heard of at one moment by when it happened."""
    if facts.ended_at is None:
        return False
    ended_heard_at = facts.ended_heard_at or facts.ended_at
    return (heard_at or failed_at, failed_at) > (ended_heard_at, facts.ended_at)


def _failed_finding(facts: OrderFacts, stage: StageFacts, now: datetime) -> Finding:
    plan, run = stage.plan, stage.run
    failed_at = run.failed_at or facts.last_word_at
    if plan.may_end_after_release and (where := where_the_dose_is(facts, now)):
        return _late_failure(plan, run.attempt, failed_at, *where)
    count = 1 + len(tested_again(facts, stage))
    return Finding(
        FlagCode.STAGE_FAILED,
        plan.code,
        Severity.CRITICAL,
        failed_at,
        None,
        f"{event_words(plan, StageEventKind.FAILED)} (attempt {run.attempt}).",
        _agree_words(plan),
        {"failed_at": failed_at.isoformat(), "attempt": run.attempt},
        gist=_failures_gist(run.attempt, count),
    )


def _from_which_cells(plan: StagePlan) -> str:
    """Nobody here knows what is stored: fresh cells are spent with the work on them."""
    if plan.kind not in (StageKind.MANUFACTURING, *TESTS):
        return ""
    return ", from stored cells if any are left, else from a new collection"


def _agree_words(plan: StagePlan) -> str:
    """Who agrees on what follows a failure, and who may then report it."""
    who = who_acts(plan)
    with_whom = "with the treating physician" if who == "QA" else "with QA and the treating physician"
    if acting_role(plan) in {role for _, role in holders_of(None, NEW_ATTEMPT)}:
        return f"{who}: agree {with_whom} on a new attempt{_from_which_cells(plan)}, or cancel the order."
    return (
        f"{who}: agree {with_whom} what follows; Operations: begin a new attempt{_from_which_cells(plan)}, or cancel."
    )


def _failures_gist(attempt: int, count: int, *, is_begun_again: bool = False) -> str:
    """A second failure is another fact than the first, which may have been settled; and so is that what failed was
    begun again: who decided to repeat a test did not decide that its failed result does not count."""
    more = f", {count} failures" if count > 1 else ""
    return f"attempt {attempt}, dose not released{more}" + (", begun again" if is_begun_again else "")


def tested_again(facts: OrderFacts, stage: StageFacts) -> list[dict[str, Any]]:
    """How often in this attempt a test or a release was begun again after it had failed, oldest first."""
    own = [one for one in facts.surprises if one["stage"] == stage.plan.code and one["attempt"] >= stage.run.attempt]
    again = [one for one in own if one["reason"] == REASON_TESTED_AGAIN]
    return [one for one in again for _ in range(1 + one.get("more", 0))]


def _tested_again(facts: OrderFacts, stage: StageFacts, now: datetime) -> Finding | None:
    """A failed result is not undone by testing again, whatever the new result is: quality assurance decides on it."""
    again, run = tested_again(facts, stage), stage.run
    if not again or run.status == StageStatus.FAILED:
        return None
    failed_at, begun_at = (datetime.fromisoformat(again[-1][name]) for name in ("failed_at", "at"))
    result = "; the new result is reported as passed" if run.status == StageStatus.COMPLETED else ""
    where = where_the_dose_is(facts, now)
    out = f"; {where[0]}" if where else ""
    name = stage.plan.name
    why = f"{name} failed {moment_mark(failed_at)} and was begun again {moment_mark(begun_at)}{result}{out}."
    other = "somebody else than who began it again"
    ask = f"QA: decide, as {other}, whether the failed result of {name} counts, and settle this flag."
    evidence = {
        "failed_at": failed_at.isoformat(),
        "attempt": run.attempt,
        TESTED_AGAIN_AT: begun_at.isoformat(),
    } | ({"dose": where[2]} if where else {})
    return Finding(
        FlagCode.STAGE_FAILED, stage.plan.code, Severity.CRITICAL, failed_at, None, why,
        f"{where[1][:-1]}; {ask}" if where else ask, evidence,
        gist=_failures_gist(run.attempt, len(again), is_begun_again=True),
    )  # fmt: skip


# It began before what it waits for had ended: early.py says how bad that is.
REASON_BEFORE_PREDECESSOR = "before_predecessor"


def is_left_by_dose(facts: OrderFacts, stage: StageFacts, now: datetime) -> bool:
    """Whether it is the release of a dose that has left or was given: by itself it is neither late nor silent, for the
    flag of the dose without a release says what to do."""
    if stage.plan.kind != StageKind.RELEASE or dose_out(facts, now) not in OUT:
        return False
    behind = facts.flow.followers[stage.plan.code]
    return any(one["reason"] == REASON_BEFORE_PREDECESSOR and one["stage"] in behind for one in facts.surprises)


def _late_failure(plan: StagePlan, attempt: int, failed_at: datetime, where: str, next_step: str, dose: str) -> Finding:
    evidence = {"failed_at": failed_at.isoformat(), "attempt": attempt, "dose": dose}
    why = f"{plan.name} failed and {where}."
    return Finding(
        FlagCode.STAGE_FAILED, plan.code, Severity.CRITICAL, failed_at, None, why, next_step, evidence,
        gist=f"attempt {attempt}, dose {dose}",
    )  # fmt: skip
