"""The flag about what a treatment centre asks of the plant: to be answered, and the answer to be read."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from batches.flags.rules.centre_words import ANSWER_STEP
from batches.flags.statuses import ANSWER, IS_OVER
from batches.judgement.rules.awaited import awaited, begins_at
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, hours, next_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.change_requests import IF_DECLINED, cause_words, is_for_good, wish_words
from supplychain.orders.rules.outcomes import days_over
from supplychain.orders.rules.standing import booked_for, is_to_begin
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, ChangeCause, ChangeOutcome, ChangeWish, StageStatus
from supplychain.sentences import day_mark, moment_mark
from supplychain.words import with_verb

# A request is answered within a working day; one that presses before the next hand-over of the shift.
ANSWER_HOURS = 24
PRESSING_HOURS = 4
# From so long before a limit of the cells, or a step that cannot be undone, a request presses.
AHEAD_HOURS = 72
# A declined request is told to the centre for so long.
TOLD_HOURS = 72
# Work that goes on with the patient's cells, whatever nobody answers.
AT_WORK = (StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.MANUFACTURING, StageKind.INFUSION)
MOST_CAUSE = 120


class Press(NamedTuple):
    """Why an answer cannot wait a day: from when on, by when it is too late (None: not known), and in words."""

    since: datetime
    until: datetime | None
    words: str
    presses: bool = True


def change_asked(facts: OrderFacts, now: datetime) -> Found:
    """A centre asks to hold, postpone, cancel or go on and has no answer; or it was declined, or
    another date was agreed, which it must read."""
    change = facts.change
    if change is None or facts.status not in OPEN_ORDER_STATUSES:
        return NOTHING
    if change.is_open:
        return _unanswered(facts, change, now)
    is_other = change.outcome == ChangeOutcome.DECLINED or days_over(change, facts.promised_at) > 0
    if is_other and change.outcome_at:
        told_until = change.outcome_at + hours(TOLD_HOURS)
        told = [_to_read(change, facts.promised_at, told_until)] if now < told_until else []
        return Found(told, next_of(now, [told_until]))
    return NOTHING


def _unanswered(facts: OrderFacts, change: ChangeRequest, now: datetime) -> Found:
    reasons = [] if change.wish == ChangeWish.RESUME else sorted(_reasons(facts, change, now), key=_soonest)
    late_at = change.asked_at + hours(ANSWER_HOURS)
    pressing = [reason for reason in reasons if reason.since <= now]
    severity = Severity.CRITICAL if pressing or now >= late_at else Severity.ATTENTION
    # A moment that had passed when the centre asked is no time in which it could have been answered.
    limits = [reason.until for reason in pressing if reason.until and reason.until > change.asked_at]
    soon = [change.asked_at + hours(PRESSING_HOURS)] if pressing else []
    due = min([late_at, *soon, *limits])
    presses = any(reason.presses for reason in pressing)
    finding = _finding(change, severity, due, pressing, presses=presses, now=now)
    begins = [moment for stage in facts.active for moment in (stage.run.started_at, stage.run.expected_start) if moment]
    moments = [late_at, due, *(reason.since for reason in reasons), *begins, *begins_at(facts)]
    return Found([finding], next_of(now, moments))


def _soonest(reason: Press) -> tuple[bool, datetime]:
    return (reason.until is None, reason.until or reason.since)


def _finding(
    change: ChangeRequest, severity: Severity, due: datetime, pressing: list[Press], *, presses: bool, now: datetime
) -> Finding:
    cause = cause_words(change)
    short = cause if len(cause) <= MOST_CAUSE else f"{cause[: MOST_CAUSE - 1].rstrip()}…"
    where = f" {pressing[0].words}" if pressing else ""
    where += " Before, it had said that the patient has died." if change.replaces_cause == ChangeCause.DIED else ""
    return Finding(
        FlagCode.CHANGE_ASKED,
        "",
        severity,
        change.asked_at,
        due,
        f"The centre asks {wish_words(change)}. {short}. Asked {moment_mark(change.asked_at)}, no answer yet.{where}",
        f"{ANSWER_STEP} Agree, and it is done with the answer, or decline with a reason."
        + (" Until then people begin nothing that cannot be undone." if change.stops else ""),
        {"wish": change.wish, "cause": change.cause, "asked_at": change.asked_at.isoformat(), "presses": presses},
        moves=True,
        gist=f"asked {change.event}",
    )


def _to_read(change: ChangeRequest, promised_at: datetime | None, told_until: datetime) -> Finding:
    why, read = f"The plant declined {wish_words(change)}: {change.outcome_reason}", "the reason"
    gist = f"declined {change.event}"
    if days := days_over(change, promised_at):
        late = f"promised is {day_mark(promised_at)}, {days} day{'s' if days > 1 else ''} later than asked"
        why, read, gist = f"The plant agreed {wish_words(change)}, but {late}.", "the date", f"agreed {change.event}"
    return Finding(
        FlagCode.CHANGE_ASKED,
        "",
        Severity.ATTENTION,
        change.outcome_at,
        told_until,
        why,
        f"Coordinator: read {read} and acknowledge it; call operations of the plant, or ask for something else.",
        {"wish": change.wish, "cause": change.cause, ANSWER: change.outcome},
        gist=gist,
    )


def answered_first(facts: OrderFacts, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, where those about the date ask for the answer to what the centre asked, and for nothing that the
    answer may make void, which they say; where the order is to end, those about the dose that is foreseen, too. Of a
    postponement they say whether the forecast keeps the date that is wished."""
    asked = next((one for one in findings if one.code == FlagCode.CHANGE_ASKED), None)
    change = facts.change
    if asked is None or change is None or not change.stops:
        return list(findings)
    void = {FlagCode.PROMISE_AT_RISK, *([FlagCode.DOSE_AT_RISK] if change.wish == ChangeWish.CANCEL else [])}
    return [
        replace(one, why=_if_declined(change, one.why) + _kept_words(change, one), next_step=asked.next_step)
        if one.code in void
        else _after_answer(one)
        for one in findings
    ]


def _if_declined(change: ChangeRequest, why: str) -> str:
    rests = IF_DECLINED.get(change.wish)
    return f"{rests[0].upper()}{rests[1:]}: {why[0].lower()}{why[1:]}" if rests else why


def _after_answer(finding: Finding) -> Finding:
    """That cells wait for a start is no call to begin while the answer may be that nothing is begun any more."""
    if finding.code != FlagCode.HOLD_EXPIRING or finding.subject or IS_OVER in finding.evidence:
        return finding
    return replace(finding, next_step=f"{ANSWER_STEP} If the order goes on, {finding.next_step}")


def _kept_words(change: ChangeRequest, finding: Finding) -> str:
    """Whether the date to which the order is to be postponed would be kept; empty where nothing says so."""
    latest = finding.evidence.get("ready_high") or finding.evidence.get("ready_at")
    if change.wish != ChangeWish.POSTPONE or not change.wanted_at or not latest:
        return ""
    would = "would likely be kept" if datetime.fromisoformat(latest) <= change.wanted_at else "is not sure to be kept"
    return f" The date that the centre asks for, {day_mark(change.wanted_at)}, {would}."


def _reasons(facts: OrderFacts, change: ChangeRequest, now: datetime) -> Iterator[Press]:
    """Where the cells are, and what begins next that nobody can undo."""
    for stage in awaited(facts, now):
        name, run = stage.plan.name, stage.run
        if wait := wait_now(run):
            since = wait.until - hours(AHEAD_HOURS)
            until = f"The cells must go on ({name}) before their limit."
            is_ending = change.wish == ChangeWish.CANCEL
            yield Press(since, wait.until, f"If it is declined: {until[0].lower()}{until[1:]}" if is_ending else until)
        if is_to_begin(run.status, run.started_at, now):
            yield Press(change.asked_at, run.started_at, with_verb(name, "is reported to start: still to come."))
        elif run.status == StageStatus.RUNNING and stage.plan.kind in AT_WORK:
            leaves = is_for_good(facts.flow, stage.plan)
            yield Press(change.asked_at, None, with_verb(name, "is under way."), presses=leaves)
        elif _can_begin(facts, stage) and not booked_for(run.status, run.started_at, run.expected_start, now):
            yield Press(change.asked_at, run.expected_start, f"{name} can begin at any time.")
    for stage in facts.stages.values():
        planned = stage.run.expected_start
        if (
            planned
            and stage.run.status in (StageStatus.PENDING, StageStatus.READY)
            and is_for_good(facts.flow, stage.plan)
        ):
            words = "is booked." if planned > now else "was booked for a moment that has passed: it may begin any time."
            yield Press(planned - hours(AHEAD_HOURS), planned, with_verb(stage.plan.name, words))


def _can_begin(facts: OrderFacts, stage: StageFacts) -> bool:
    """Whether what cannot be undone may begin now; a collection begins by its appointment."""
    return (
        stage.run.status == StageStatus.READY
        and stage.plan.kind != StageKind.COLLECTION
        and facts.held_at is None
        and is_for_good(facts.flow, stage.plan)
    )
