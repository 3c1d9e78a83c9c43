"""Flags about waiting: a permitted wait that runs out, and a hold that nobody ends."""

from datetime import datetime
from typing import NamedTuple

from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import (
    Finding,
    Found,
    hours,
    hours_between,
    in_words,
    next_of,
    severity_at,
    who_acts,
)
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import StageStatus

# Attention when half of the permitted wait is left, but never earlier than a fortnight before its end: time enough
# to book another slot, while a product that keeps for a year is not flagged for half of it.
ATTENTION_SHARE_LEFT = 0.5
ATTENTION_HOURS_LEFT = 14 * 24
# Critical when a fifth is left, but never earlier than three days before: the last working days to act.
CRITICAL_SHARE_LEFT = 0.2
CRITICAL_HOURS_LEFT = 72
# A limit of an hour or less (stages that follow at once in the same suite) cannot be warned of beforehand: systems
# report in batches and clocks differ. Nothing is raised until this many hours after the deadline; then it is critical.
REPORTING_GRACE_HOURS = 1
# A hold is a decision that waits for somebody; nobody should need more than three days.
LONGEST_HOLD_HOURS = 72


class PermittedWait(NamedTuple):
    """A wait that may last until `deadline`; warned of from `attention_at` and `critical_at` on."""

    since: datetime
    deadline: datetime
    attention_at: datetime
    critical_at: datetime
    limit_from: str


def hold_expiring(facts: OrderFacts, now: datetime) -> Found:
    """The wait before a stage, or a shipper's cold under way, nears the longest permitted (DOMAIN §2, FACT-JACIE).

    A hold does not stop the clock: cells age in quarantine too. A deadline that has passed is another fact than one
    that is near: who acknowledged the latter must look again.
    """
    findings, moments = [], []
    for stage in facts.active:
        wait = permitted_wait(facts, stage)
        if wait is None:
            continue
        moments += [wait.attention_at, wait.critical_at, wait.deadline]
        if severity := severity_at(now, wait.attention_at, wait.critical_at):
            findings.append(_hold_finding(stage, wait, severity, now))
    return Found(findings, next_of(now, moments))


def permitted_wait(facts: OrderFacts, stage: StageFacts) -> PermittedWait | None:
    """The limit that runs for a stage: of the wait before it, or of the shipper's cold while it is under way."""
    run, plan = stage.run, stage.plan
    if waiting_since := run.waiting_since:
        if _starts_from_stored_cells(facts, stage):
            return None
        return _wait_before(facts, stage, waiting_since)
    if plan.kind == StageKind.TRANSPORT and run.started_at and (cold_until := run.cold_until):
        return _with_warnings(run.started_at, cold_until, "qualified_until")
    return None


def _starts_from_stored_cells(facts: OrderFacts, stage: StageFacts) -> bool:
    """Whether a new attempt begins here: all that came before belongs to an earlier one, whose fresh cells are spent.

    What it takes up again was kept for it (frozen), so neither the wait of fresh cells nor the shipper's cold counts.
    """
    earlier = [facts.stages[code].run.attempt < stage.run.attempt for code in stage.plan.after]
    return bool(earlier) and all(earlier)


def _wait_before(facts: OrderFacts, stage: StageFacts, ready_at: datetime) -> PermittedWait | None:
    """After a transport the shipper's own limit replaces the plan's in custody, elsewhere the earlier one counts."""
    limit = stage.plan.longest_wait_hours
    planned = None if limit is None else ready_at + hours(limit)
    before = [facts.stages[code] for code in stage.plan.after]
    shippers = [one.run.cold_until for one in before if one.plan.kind == StageKind.TRANSPORT]
    cold_until = min((moment for moment in shippers if moment), default=None)
    if cold_until and (planned is None or stage.plan.kind == StageKind.CUSTODY or cold_until < planned):
        return _with_warnings(ready_at, cold_until, "qualified_until")
    if planned is None or limit is None:
        return None
    if limit <= REPORTING_GRACE_HOURS:
        raised_at = planned + hours(REPORTING_GRACE_HOURS)
        return PermittedWait(ready_at, planned, raised_at, raised_at, "longest_wait")
    return _with_warnings(ready_at, planned, "longest_wait")


def _with_warnings(since: datetime, deadline: datetime, limit_from: str) -> PermittedWait:
    limit = max(hours_between(since, deadline), 0)
    attention_at = deadline - hours(min(ATTENTION_SHARE_LEFT * limit, ATTENTION_HOURS_LEFT))
    critical_at = deadline - hours(min(CRITICAL_SHARE_LEFT * limit, CRITICAL_HOURS_LEFT))
    return PermittedWait(since, deadline, attention_at, critical_at, limit_from)


def _hold_finding(stage: StageFacts, wait: PermittedWait, severity: Severity, now: datetime) -> Finding:
    waited, limit = hours_between(wait.since, now), hours_between(wait.since, wait.deadline)
    left = hours_between(now, wait.deadline)
    why, next_step = _hold_words(stage, wait, waited, limit, left)
    evidence = {
        "waiting_since": wait.since.isoformat(),
        "deadline": wait.deadline.isoformat(),
        "limit_from": wait.limit_from,
        "waited_hours": round(waited, 2),
        "limit_hours": round(limit, 2),
        "hours_left": round(left, 2),
    }
    return Finding(
        FlagCode.HOLD_EXPIRING, stage.plan.code, severity, wait.attention_at, wait.deadline, why, next_step, evidence,
        moves=True, gist="within the limit" if left > 0 else "the limit has passed",
    )  # fmt: skip


def _hold_words(stage: StageFacts, wait: PermittedWait, waited: float, limit: float, left: float) -> tuple[str, str]:
    name, who = stage.plan.name, who_acts(stage.plan)
    if wait.limit_from == "qualified_until":
        if left <= 0:
            return (
                f"{name}: the shipper's guaranteed cold ended {in_words(-left)} ago and the cells are still in it.",
                "QA: decide from the logger whether the cells may be used; Operations: reach whoever holds them.",
            )
        why = f"{name}: the shipper's guaranteed cold ends in {in_words(left)}, after {in_words(limit)} in all."
        return why, f"{who}: have the shipper unpacked or recharged before then; call the courier."
    if left > 0:
        why = f"{name} has waited {in_words(waited)} of {in_words(limit)} permitted."
        return why, f"{who}: start {name} within {in_words(left)}, or ask QA before the limit passes."
    permitted = f"{in_words(-left)} longer than the {in_words(limit)} permitted" if limit else "but must follow at once"
    why = f"{name} has waited {in_words(waited)}, {permitted}."
    return why, f"QA: decide whether the cells may still be used; {who}: report the start if it took place."


def on_hold(facts: OrderFacts, now: datetime) -> Found:
    """The order or a stage was put on hold: attention at once, critical after LONGEST_HOLD_HOURS."""
    standing = [(facts.held_at, "", "The order")] if facts.held_at else []
    standing += [
        (stage.run.held_at or facts.last_word_at, stage.plan.code, stage.plan.name)
        for stage in facts.active
        if stage.run.status == StageStatus.HELD
    ]
    findings = [_on_hold_finding(code, name, held_at, now) for held_at, code, name in standing]
    return Found(findings, next_of(now, [held_at + hours(LONGEST_HOLD_HOURS) for held_at, _, _ in standing]))


def _on_hold_finding(code: str, name: str, held_at: datetime, now: datetime) -> Finding:
    due, held = held_at + hours(LONGEST_HOLD_HOURS), max(hours_between(held_at, now), 0)
    return Finding(
        FlagCode.ON_HOLD,
        code,
        Severity.CRITICAL if now >= due else Severity.ATTENTION,
        held_at,
        due,
        f"{name} has been on hold for {in_words(held)}; a hold is to be decided within {in_words(LONGEST_HOLD_HOURS)}.",
        "QA: decide, and report it resumed, failed or cancelled.",
        {"held_at": held_at.isoformat(), "held_hours": round(held, 2), "limit_hours": LONGEST_HOLD_HOURS},
        moves=True,
    )
