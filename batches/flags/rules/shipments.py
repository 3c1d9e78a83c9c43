"""The flag about a shipment that arrives, or is expected to arrive, later than its plan.

The plan is the delivery that was planned; where none was said, pickup and the hours of its lane
(supplychain/transport/rules/lanes.py). What is expected is what the courier said since, or else its lane from the real
pickup.
"""

from datetime import datetime, timedelta
from typing import NamedTuple, Self

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.limits import LIMIT
from batches.judgement.rules.awaited import awaited
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import Finding, Found, next_of, severity_at, who_acts
from batches.judgement.rules.sent_moments import moment
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.lanes import Lane

# No plan is kept to the minute.
GRACE = timedelta(hours=1)


class Arrival(NamedTuple):
    """When a shipment under way should arrive, and when it is expected to; `said`: by whom or what it is expected."""

    started_at: datetime
    planned_at: datetime
    expected_at: datetime
    said: str
    lane: Lane | None

    @classmethod
    def of(cls, stage: StageFacts, lane: Lane | None) -> Self | None:
        """Of a shipment that was picked up; None: nobody said when it is to arrive, and it has no lane."""
        run = stage.run
        if stage.plan.kind != StageKind.TRANSPORT or run.status != StageStatus.RUNNING or run.started_at is None:
            return None
        planned_at = run.planned_end_at or moment(run.planned_delivery_at)
        planned_at = planned_at or (lane.arrives_at(run.expected_start or run.started_at) if lane else None)
        if planned_at is None:
            return None
        if run.agreed:
            return cls(run.started_at, planned_at, run.agreed.until, run.agreed.words, lane)
        expected_at = lane.arrives_at(run.started_at) if lane else planned_at
        said = lane.words if lane else ""
        return cls(run.started_at, planned_at, expected_at, said, lane)

    @property
    def is_foreseen_late(self) -> bool:
        """Whether it will be late even if nothing else happens."""
        return self.expected_at > self.planned_at + GRACE

    @property
    def late_at(self) -> datetime:
        """From when on it is late, or known to become so."""
        return self.started_at if self.is_foreseen_late else self.planned_at + GRACE

    def passes_at(self, limit: datetime | None) -> datetime:
        """From when on the cells do not arrive before their limit; without one: never."""
        if limit is None:
            return datetime.max.replace(tzinfo=self.planned_at.tzinfo)
        return self.late_at if self.expected_at >= limit else max(self.late_at, limit)


def shipment_late(facts: OrderFacts, now: datetime) -> Found:
    """A shipment under way is, or will be, later than its plan: attention; critical once it cannot arrive before the
    shipper's cold ends. It ends with the receipt."""
    findings, moments = [], []
    for stage in awaited(facts, now):
        arrival = Arrival.of(stage, facts.lanes.get(stage.plan.code))
        if arrival is None:
            continue
        wait = limit_now(stage.plan, stage.run)
        limit = wait.until if wait else None
        critical_at = arrival.passes_at(limit)
        moments += [arrival.late_at, arrival.planned_at, arrival.expected_at, limit]
        if severity := severity_at(now, arrival.late_at, critical_at):
            findings.append(_finding(stage, arrival, limit, severity, now))
    return Found(findings, next_of(now, [*moments, *facts.left_at.values()]))


def _finding(stage: StageFacts, arrival: Arrival, limit: datetime | None, severity: Severity, now: datetime) -> Finding:
    run = stage.run
    evidence = {
        "picked_up_at": arrival.started_at.isoformat(),
        "planned_at": arrival.planned_at.isoformat(),
        "expected_at": arrival.expected_at.isoformat(),
        "expected_by": "agreed" if run.agreed else "lane" if arrival.lane else "plan",
    } | ({LIMIT: limit.isoformat()} if limit else {})
    ask = f"{courier_ask(stage) or 'call the courier'} when it arrives, and report its new time"
    if limit and severity == Severity.CRITICAL:
        ask += "; have the shipper unpacked or recharged on its way, and ask QA before the cells are used"
    return Finding(
        FlagCode.SHIPMENT_LATE, stage.plan.code, severity, arrival.late_at, limit, _why(stage, arrival, limit, now),
        f"{who_acts(stage.plan)}: {ask}; tell who waits for it.", evidence,
        gist="agreed" if run.agreed else "foreseen" if arrival.is_foreseen_late else "overdue",
    )  # fmt: skip


def _why(stage: StageFacts, arrival: Arrival, limit: datetime | None, now: datetime) -> str:
    """All of it as moments: the sentence may be read an hour after it was written."""
    was = "was" if arrival.planned_at <= now else "is"
    parts = [f"{stage.plan.name}: the shipment {was} to arrive by {moment_mark(arrival.planned_at)}"]
    if stage.run.agreed:
        parts.append(f"its arrival is {arrival.said}")
    elif arrival.is_foreseen_late:
        is_missed = arrival.lane is not None and arrival.lane.misses(arrival.started_at)
        missed = ", after the last cut-off of its day" if is_missed else ""
        picked_up = f"it was picked up {moment_mark(arrival.started_at)}{missed}"
        parts.append(f"{picked_up}; with {arrival.said} it arrives about {moment_mark(arrival.expected_at)}")
    else:
        parts.append("nobody has reported that it arrived")
    if limit:
        parts.append(f"the shipper's guaranteed cold ends at {moment_mark(limit)}")
    return "; ".join(parts) + "."
