"""Cells that nobody accounts for: they were handed over, should have arrived long since, and there is no word. Pure.

How long they keep is known of few shippers and where they are of none: until somebody has found them this presses as
cells that run out of time do, and no forecast may speak as if they were on their way.
"""

from collections.abc import Iterable
from datetime import datetime

from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import Finding
from batches.judgement.rules.missing import IF_FOUND
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.statuses import StageStatus

# What is raised because an end does not come.
OVERDUE = (FlagCode.SILENT, FlagCode.STAGE_LATE, FlagCode.SHIPMENT_LATE)


def unaccounted(facts: OrderFacts, finding: Finding, now: datetime) -> StageFacts | None:
    """The transport that never ended, or the receipt of what was delivered and that nobody took in, that a critical
    finding is about; None: it is about something else, or is planned to end later."""
    if finding.code not in OVERDUE or finding.severity != Severity.CRITICAL:
        return None
    codes = [finding.stage] if finding.stage else finding.evidence["stages"]
    return next((stage for code in codes if _is_between_hands(stage := facts.stages[code], now)), None)


def if_found(facts: OrderFacts, findings: Iterable[Finding], now: datetime) -> tuple[str, Finding | None]:
    """On what a forecast rests while cells are unaccounted for, and the flag that asks for them; empty: on nothing.

    When they arrive then, usual durations and simulated futures see otherwise: neither is part of the condition.
    """
    for finding in findings:
        if unaccounted(facts, finding, now):
            return IF_FOUND, finding
    return "", None


def _is_between_hands(stage: StageFacts, now: datetime) -> bool:
    planned = booked_end(stage.plan, stage.run)
    if planned and planned > now:
        return False
    if stage.plan.kind == StageKind.TRANSPORT:
        return stage.run.status == StageStatus.RUNNING
    return stage.plan.kind == StageKind.CUSTODY and stage.run.status in (StageStatus.READY, StageStatus.RUNNING)
