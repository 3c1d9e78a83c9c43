"""Flags about silence: an expected event did not come."""

from datetime import datetime

from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import (
    Finding,
    Found,
    hours,
    hours_between,
    next_of,
    severity_at,
    who_acts,
)
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import StageEventKind, StageStatus
from supplychain.words import hours_beside, hours_words

# How long after its planned moment an event may come in: couriers scan at the door, wards and benches report by shift.
TRANSPORT_GRACE_HOURS = 2
OTHER_GRACE_HOURS = 4
# After six graces (half a day for a transport, a day for the rest) nobody is merely slow to report.
CRITICAL_GRACES = 6
# A day on top of the worst case before we ask whether anybody still reports on the order.
QUIET_HOURS = 24
# A stage that may wait for months (a frozen dose) is asked after once a week.
LONGEST_QUIET_WAIT_HOURS = 168


def silent(facts: OrderFacts, now: datetime) -> Found:
    """A planned start or end passed without its event; failing those, no word of the order for too long."""
    overdue = [found for stage in facts.active if (found := _overdue(facts, stage, now))]
    findings = [finding for found in overdue for finding in found.findings]
    moments = [found.next_at for found in overdue]
    quiet = _no_word(facts, now)
    if not findings:
        findings = quiet.findings
    return Found(findings, next_of(now, [*moments, quiet.next_at]))


def _overdue(facts: OrderFacts, stage: StageFacts, now: datetime) -> Found | None:
    """A stage whose planned start (waiting) or planned end (running) has passed; a hold explains the silence."""
    run, kind, planned = stage.run, StageEventKind.STARTED, None
    if run.status == StageStatus.READY and facts.held_at is None:
        planned = run.expected_start
    elif run.status == StageStatus.RUNNING:
        kind, planned = StageEventKind.COMPLETED, run.expected_end
    if planned is None:
        return None
    grace = grace_hours(stage)
    attention_at, critical_at = planned + hours(grace), planned + hours(grace * CRITICAL_GRACES)
    severity = severity_at(now, attention_at, critical_at)
    findings = [_overdue_finding(stage, severity, kind, planned, now)] if severity else []
    return Found(findings, next_of(now, [attention_at, critical_at]))


def grace_hours(stage: StageFacts) -> float:
    """How long after its planned moment the event of a stage may come in."""
    return TRANSPORT_GRACE_HOURS if stage.plan.kind == StageKind.TRANSPORT else OTHER_GRACE_HOURS


def _overdue_finding(
    stage: StageFacts, severity: Severity, kind: StageEventKind, planned: datetime, now: datetime
) -> Finding:
    plan, grace, over = stage.plan, grace_hours(stage), hours_between(planned, now)
    evidence = {
        "expected": kind.value,
        "planned_at": planned.isoformat(),
        "overdue_hours": round(over, 2),
        "grace_hours": grace,
    }
    return Finding(
        FlagCode.SILENT,
        plan.code,
        severity,
        planned + hours(grace),
        planned,
        f"{plan.name} was to be {kind.value} {hours_beside(over, grace)[0]} ago and nobody has said so "
        f"({hours_words(grace)} allowed).",
        f"{who_acts(plan)}: ask whoever does it; report that it was {kind.value}, or its new time.",
        evidence,
        moves=True,
    )


def _no_word(facts: OrderFacts, now: datetime) -> Found:
    """Nothing was recorded for longer than the worst case of what is going on, plus QUIET_HOURS."""
    talking = [stage for stage in facts.active if stage.run.status != StageStatus.HELD]
    if not talking or facts.held_at:
        return Found([], None)
    allowed = max(quiet_hours(stage) for stage in talking)
    plans = [_planned_word(stage) for stage in talking]
    attention_at = max([facts.last_word_at + hours(allowed), *(plan for plan in plans if plan)])
    critical_at = attention_at + hours(allowed)
    severity = severity_at(now, attention_at, critical_at)
    findings = [_no_word_finding(facts, talking, severity, allowed, critical_at, now)] if severity else []
    return Found(findings, next_of(now, [attention_at, critical_at]))


def quiet_hours(stage: StageFacts) -> float:
    """How long an order may go without a word while this stage runs or waits."""
    if stage.run.status == StageStatus.RUNNING:
        return stage.plan.worst_hours + QUIET_HOURS
    wait = wait_now(stage.run)
    permitted = min(hours_between(wait.since, wait.until), LONGEST_QUIET_WAIT_HOURS) if wait else 0
    return max(stage.plan.worst_hours, stage.queue_hours, permitted) + QUIET_HOURS


def _planned_word(stage: StageFacts) -> datetime | None:
    """When the next word of this stage is due by its plan."""
    run = stage.run
    planned = run.expected_start if run.status == StageStatus.READY else run.expected_end
    return planned + hours(grace_hours(stage)) if planned else None


def _no_word_finding(
    facts: OrderFacts,
    talking: list[StageFacts],
    severity: Severity,
    allowed: float,
    due: datetime,
    now: datetime,
) -> Finding:
    quiet = hours_between(facts.last_word_at, now)
    lasted, most = hours_beside(quiet, allowed)
    names = " and ".join(stage.plan.name for stage in talking)
    evidence = {
        "last_word_at": facts.last_word_at.isoformat(),
        "quiet_hours": round(quiet, 2),
        "allowed_hours": allowed,
        "stages": [stage.plan.code for stage in talking],
    }
    return Finding(
        FlagCode.SILENT,
        "",
        severity,
        due - hours(allowed),
        due,
        f"No word of this order for {lasted}, where news was expected within {most}; open: {names}.",
        f"{who_acts(talking[0].plan)}: ask where the order stands and have the missing events reported.",
        evidence,
        moves=True,
    )
