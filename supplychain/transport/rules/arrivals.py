"""When a transport is expected to arrive, and by what: one rule for forecasts, simulations, budgets, flags, pages and
interfaces. Pure.

The newest word of the courier counts before the booked delivery, and that before the lane, counted from the pickup or,
until then, from the booked one. What has passed counts no more. Where none of them says it, only what is usual of the
stage is known (docs/chain.md, docs/adr/0035).
"""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, Self

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.bookings import WorkingRun, booked_end, end_ahead
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from supplychain.transport.rules.lanes import Lane
from supplychain.transport.statuses import ArrivalBasis

TO_COME = (StageStatus.PENDING, StageStatus.READY)
AS_BOOKED, AS_SAID = "as booked", "as was said of it last"


class TransportRun(WorkingRun, Protocol):
    """A stage's run that may be a transport."""

    @property
    def is_arrival_unknown(self) -> bool: ...


class Transit(NamedTuple):
    """What a transport takes from its pickup: `hours` in all, of which it first `waits` for its courier to leave;
    `basis`: what says so, in words."""

    hours: float
    waits: float
    by: ArrivalBasis
    basis: str

    @classmethod
    def between(cls, pickup: datetime, until: datetime, by: ArrivalBasis, basis: str) -> Self:
        """From pickup to an arrival that was said."""
        return cls((until - pickup) / timedelta(hours=1), 0.0, by, basis)

    @classmethod
    def on(cls, lane: Lane, pickup: datetime | None) -> Self:
        """On its lane. A pickup that nobody booked is taken to be in time for the cut-off."""
        waits = (lane.leaves_at(pickup) - pickup) / timedelta(hours=1) if pickup else 0.0
        return cls(waits + lane.hours, waits, ArrivalBasis.LANE, lane.words)


class Arrival(NamedTuple):
    """When a transport is expected to arrive, and by what."""

    at: datetime
    by: ArrivalBasis


def transit_of(plan: StagePlan, run: TransportRun, lane: Lane | None, now: datetime) -> Transit | None:
    """What a transport that has not ended takes, where more is known than what is usual of its stage; None: no more is.
    Of one under way only its lane, in place of what is usual: what was said is a moment (`expected_arrival`)."""
    if plan.kind != StageKind.TRANSPORT or run.is_arrival_unknown:
        return None
    if run.started_at:
        return Transit.on(lane, run.started_at) if lane and not run.agreed else None
    booked_at, until = run.expected_start, run.expected_end
    pickup = max(booked_at, now) if booked_at else None
    if run.agreed:
        is_ahead = pickup and run.agreed.until > pickup
        return Transit.between(pickup, run.agreed.until, ArrivalBasis.COURIER, AS_SAID) if is_ahead else None
    if booked_at and until and until > booked_at:  # who is late with the pickup is with the delivery
        return Transit.between(booked_at, until, ArrivalBasis.BOOKED, AS_BOOKED)
    return Transit.on(lane, pickup) if lane else None


def expected_arrival(plan: StagePlan, run: TransportRun, lane: Lane | None, now: datetime) -> Arrival | None:
    """When a transport under way or to come arrives. None: nobody knows it, it is on hold or over, when it is picked up
    is not known, or what was said has passed."""
    if plan.kind != StageKind.TRANSPORT or run.is_arrival_unknown:
        return None
    arrival = _under_way(plan, run, lane, now) if run.started_at else _to_come(plan, run, lane, now)
    return arrival if arrival and arrival.at > now else None


def _under_way(plan: StagePlan, run: TransportRun, lane: Lane | None, now: datetime) -> Arrival | None:
    if run.status != StageStatus.RUNNING or run.started_at is None:
        return None
    if said_at := end_ahead(plan, run, now):
        return Arrival(said_at, ArrivalBasis.COURIER if run.agreed else ArrivalBasis.BOOKED)
    return Arrival(lane.arrives_at(run.started_at), ArrivalBasis.LANE) if lane and not run.agreed else None


def _to_come(plan: StagePlan, run: TransportRun, lane: Lane | None, now: datetime) -> Arrival | None:
    if run.status not in TO_COME:
        return None
    if run.expected_start is None:
        by = ArrivalBasis.COURIER if run.agreed else ArrivalBasis.BOOKED
        return Arrival(run.expected_end, by) if run.expected_end else None
    transit = transit_of(plan, run, lane, now)
    return Arrival(max(run.expected_start, now) + timedelta(hours=transit.hours), transit.by) if transit else None


def due_at(plan: StagePlan, run: TransportRun, lane: Lane | None) -> datetime | None:
    """When a stage under way was to end, also once that has passed: as agreed or booked, a transport else by its lane;
    None: nobody said it, or that nobody knows."""
    if run.is_arrival_unknown or run.started_at is None:
        return None
    return booked_end(plan, run) or (lane.arrives_at(run.started_at) if lane else None)


def hours_of(plan: StagePlan, lane: Lane | None, started_at: datetime) -> tuple[float, float]:
    """The planned and the worst hours of a stage that began then: by its flow, or by its lane where that takes longer,
    with the same measure between them."""
    if lane is None:
        return plan.planned_hours, plan.worst_hours
    transit = Transit.on(lane, started_at)
    worst = transit.waits + lane.hours * plan.worst_hours / plan.planned_hours if plan.planned_hours else transit.hours
    return max(plan.planned_hours, transit.hours), max(plan.worst_hours, worst)


def asks_lane(plan: StagePlan, run: TransportRun, now: datetime) -> bool:
    """Whether its lane alone can tell when a transport arrives that has not."""
    is_awaited = run.status in (*TO_COME, StageStatus.RUNNING) and plan.kind == StageKind.TRANSPORT
    is_said = run.is_arrival_unknown or run.agreed or expected_arrival(plan, run, None, now)
    return is_awaited and not is_said


class ShownArrival(NamedTuple):
    """When a shipment is expected and by what (None: what its lane says has passed); `words`: of one that its lane
    alone tells; else empty; `lane`: where it was asked for."""

    arrival: Arrival | None
    words: str
    lane: Lane | None = None

    @classmethod
    def of(cls, plan: StagePlan, run: TransportRun, lane: Lane | None, now: datetime) -> Self | None:
        """None: nothing says when it arrives."""
        if arrival := expected_arrival(plan, run, lane, now):
            is_by_lane = lane is not None and arrival.by == ArrivalBasis.LANE
            return cls(arrival, _words(lane, run, arrival.at, now) if is_by_lane else "", lane)
        if lane is None or run.started_at is None:
            return None
        return cls(None, "" if run.expected_end else _words(lane, run, lane.arrives_at(run.started_at), now), lane)


def _words(lane: Lane, run: TransportRun, at: datetime, now: datetime) -> str:
    """An arrival by its lane: “Expected 3 Dec 14:00 by its lane, cut-off 16:00 at the origin missed; nobody said when
    it arrives.”"""
    pickup, missed = run.started_at or max(run.expected_start or now, now), ""
    if lane.misses(pickup):
        cut_off = f"cut-off {max(lane.cut_offs):%H:%M} at the origin"
        missed = f", {cut_off} missed" if pickup <= now else f", the planned pickup is after {cut_off}"
    expected = "Expected" if at > now else "Was expected"
    why = "what was booked no longer counts" if run.expected_end else "nobody said when it arrives"
    return f"{expected} {moment_mark(at)} by its lane{missed}; {why}."
