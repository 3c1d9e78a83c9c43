"""The flag about a shipment that arrives, or is expected to arrive, later than its plan.

The plan is the delivery that was planned; where none was said, pickup and the hours of its lane
(supplychain/transport/rules/lanes.py). What is expected is what the courier said since, as a new end, a delay or a
rerouting (orders/rules/delays.py), or else its lane from the real pickup. An arrival that nobody knows is
never in time, and presses like one of which nobody has said a word: that contact was lost is no news of the cells.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from batches.flags.rules.couriers import courier_ask
from batches.flags.rules.limits import LIMIT
from batches.flags.rules.waiting import presses_from
from batches.forecasts.rules.conditions import IF_CELLS_USED
from batches.judgement.rules.awaited import awaited
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import Finding, Found, next_of, severity_at, who_acts
from batches.judgement.rules.missing import missed_from
from batches.judgement.rules.sent_moments import moment
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.bookings import end_ahead
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import DelayCause, StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.lanes import Lane

# The lane is what is usual; forecasts and budgets go by what the courier said of this shipment.
COUNTS_ON_BOOKED = "what is foreseen counts on the booked arrival until the courier says another"
# No plan is kept to the minute.
GRACE = timedelta(hours=1)
# Why it is delayed, as the end of a sentence.
DELAY_WORDS = {one.value: f" ({one.label.lower()})" for one in DelayCause if one != DelayCause.OTHER}


class Arrival(NamedTuple):
    """When a shipment should arrive, and when it is expected to (None: nobody knows); `since`: since when that is so,
    at the earliest the pickup; `said`: by whom or what it is expected; `planned_at` None: nobody planned it."""

    since: datetime
    planned_at: datetime | None
    expected_at: datetime | None
    said: str
    lane: Lane | None

    @classmethod
    def of(cls, stage: StageFacts, lane: Lane | None) -> Self | None:
        """Of a shipment that was picked up, or of whose delay somebody spoke before; None: nobody said when it is to
        arrive, and it has no lane."""
        run = stage.run
        since = _known_since(stage)
        if stage.plan.kind != StageKind.TRANSPORT or since is None:
            return None
        planned_at = run.planned_end_at or moment(run.planned_delivery_at)
        planned_at = planned_at or (lane.arrives_at(run.expected_start or since) if lane else None)
        if run.unknown_since:
            return cls(moment(run.unknown_since) or since, planned_at, None, "", lane)
        if planned_at is None:
            return None
        if run.agreed:
            return cls(since, planned_at, run.agreed.until, run.agreed.words, lane)
        expected_at = lane.arrives_at(since) if lane else planned_at
        said = lane.words if lane else ""
        return cls(since, planned_at, expected_at, said, lane)

    @property
    def is_foreseen_late(self) -> bool:
        """Whether it will be late even if nothing else happens."""
        if self.expected_at is None or self.planned_at is None:
            return True
        return self.expected_at > self.planned_at + GRACE

    @property
    def late_at(self) -> datetime:
        """From when on it is late, or known to become so."""
        if self.planned_at is None or self.is_foreseen_late:
            return self.since
        return self.planned_at + GRACE

    def passes_at(self, limit: datetime | None) -> datetime:
        """From when on the cells do not arrive before their limit; without one: never."""
        if limit is None:
            return datetime.max.replace(tzinfo=self.since.tzinfo)
        if self.expected_at is None:
            return max(self.late_at, presses_from(limit))
        return self.since if self.expected_at >= limit else max(self.late_at, limit)


def _known_since(stage: StageFacts) -> datetime | None:
    """The pickup, though the shipment is held on its way (at customs); before it, when somebody said that the booked
    transport is delayed and has no new arrival in time."""
    run = stage.run
    if run.started_at and run.status in (StageStatus.RUNNING, StageStatus.HELD):
        return run.started_at
    is_ahead = run.started_at is None and run.status in (StageStatus.PENDING, StageStatus.READY)
    return moment(run.delayed_at) if is_ahead and (run.agreed or run.unknown_since) else None


def shipment_late(facts: OrderFacts, now: datetime) -> Found:
    """A shipment under way is, or will be, later than its plan: attention; critical once it cannot arrive before the
    shipper's cold ends. It ends with the receipt."""
    findings, moments = [], []
    ahead = [one for one in facts.stages.values() if one.run.status == StageStatus.PENDING and one.run.delayed_at]
    for stage in [*awaited(facts, now), *ahead]:
        arrival = Arrival.of(stage, facts.lanes.get(stage.plan.code))
        if arrival is None:
            continue
        wait = limit_now(stage.plan, stage.run) if stage.run.started_at else None
        limit = wait.until if wait else stage.run.cold_until
        critical_at, unheard_at = arrival.passes_at(limit), _unheard_at(stage, arrival)
        critical_at = min(critical_at, unheard_at) if unheard_at else critical_at
        moments += [arrival.since, arrival.late_at, arrival.planned_at, arrival.expected_at, unheard_at]
        moments += [limit, presses_from(limit)] if limit else []
        if severity := severity_at(now, min(arrival.late_at, critical_at), critical_at):
            finding = _finding(stage, arrival, limit, severity, now)
            is_unheard = unheard_at is not None and unheard_at <= now
            findings.append(replace(finding, due=finding.due or arrival.planned_at) if is_unheard else finding)
    return Found(findings, next_of(now, [*moments, *facts.left_at.values()]))


def if_kept(findings: Iterable[Finding]) -> tuple[str, Finding | None]:
    """On what a forecast rests while cells are known to arrive after their shipper's cold, and the flag that says so;
    empty: on nothing."""
    for one in findings:
        limit, expected = (moment(one.evidence.get(name)) for name in (LIMIT, "expected_at"))
        if one.code == FlagCode.SHIPMENT_LATE and limit and expected and limit <= expected:
            return IF_CELLS_USED, one
    return "", None


def _unheard_at(stage: StageFacts, arrival: Arrival) -> datetime | None:
    """From when on cells under way that nobody can say a new arrival of are missed, as by silence.py; None: never."""
    if arrival.expected_at or arrival.planned_at is None or stage.run.started_at is None:
        return None
    return max(arrival.late_at, missed_from(stage.plan, arrival.planned_at))


def _finding(stage: StageFacts, arrival: Arrival, limit: datetime | None, severity: Severity, now: datetime) -> Finding:
    run, source = stage.run, _source(stage, arrival)
    since = arrival.late_at if arrival.late_at <= now else arrival.since
    evidence = {
        "picked_up_at": run.started_at,
        "planned_at": arrival.planned_at,
        "expected_at": arrival.expected_at,
        LIMIT: limit,
    }
    evidence = {name: at.isoformat() for name, at in evidence.items() if at} | {"expected_by": source}
    ask = f"{courier_ask(stage) or 'call the courier'} when it arrives, and report its new time"
    if limit and severity == Severity.CRITICAL:
        ask += "; have the shipper unpacked or recharged on its way, and ask QA before the cells are used"
    return Finding(
        FlagCode.SHIPMENT_LATE, stage.plan.code, severity, since, limit, _why(stage, arrival, limit, now),
        f"{who_acts(stage.plan)}: {ask}; tell who waits for it.", evidence,
        gist=source if source in ("unknown", "agreed") else "foreseen" if arrival.is_foreseen_late else "overdue",
    )  # fmt: skip


def _source(stage: StageFacts, arrival: Arrival) -> str:
    """What says when it is expected."""
    if arrival.expected_at is None:
        return "unknown"
    return "agreed" if stage.run.agreed else "lane" if arrival.lane else "plan"


def _why(stage: StageFacts, arrival: Arrival, limit: datetime | None, now: datetime) -> str:
    """All of it as moments: the sentence may be read an hour after it was written."""
    parts = [f"{stage.plan.name}: nobody said when the shipment was to arrive"]
    if arrival.planned_at:
        was = "was" if arrival.planned_at <= now else "is"
        parts = [f"{stage.plan.name}: the shipment {was} to arrive by {moment_mark(arrival.planned_at)}"]
    cause = DELAY_WORDS.get(stage.run.delay_cause or "", "")
    if arrival.expected_at is None:
        parts.append(f"since {moment_mark(arrival.since)} nobody knows when it arrives{cause}")
    elif stage.run.agreed:
        parts.append(f"its arrival is {arrival.said}{cause}")
    elif arrival.is_foreseen_late:
        is_missed = arrival.lane is not None and arrival.lane.misses(arrival.since)
        missed = ", after the last cut-off of its day" if is_missed else ""
        picked_up = f"it was picked up {moment_mark(arrival.since)}{missed}"
        is_booked = end_ahead(stage.plan, stage.run, now) is not None
        arrives = "would arrive only" if is_booked else "arrives"
        parts.append(f"{picked_up}; with {arrival.said} it {arrives} about {moment_mark(arrival.expected_at)}")
        parts += [COUNTS_ON_BOOKED] if is_booked else []
    elif arrival.planned_at and arrival.planned_at <= now:
        parts.append("nobody has reported that it arrived")
    if limit:
        parts.append(f"the shipper's guaranteed cold ends at {moment_mark(limit)}")
    return "; ".join(parts) + "."
