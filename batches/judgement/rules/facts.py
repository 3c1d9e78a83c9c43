"""What the judgement knows of one order: plain, frozen facts, gathered from rows by the queries."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from batches.judgement.rules.doubts import StandingDoubt
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.rules.run_facts import RunFacts
from supplychain.conditions.rules.excursions import ExcursionFacts
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.labels.rules.reconciling import OpenLabel
from supplychain.materials.rules.fitness import DoseSaid, GivenMaterial
from supplychain.orders.rules.collections import OpenRecord
from supplychain.orders.rules.mismatches import Mismatch
from supplychain.orders.rules.overtaken import left_at
from supplychain.orders.rules.promises import PROMISED, WANTED, DoseDate
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, DONE_STAGE_STATUSES, StageStatus
from supplychain.transport.rules.lanes import Lane, Lanes, lane_of
from supplychain.transport.rules.packaging import DoubtfulPackaging

# A median of fewer past runs says less than the plan does.
FEWEST_RUNS_FOR_MEDIAN = 20
PLANNED = "planned"


class OrderRow(NamedTuple):
    """One order as stored. `sites`: every site that takes part, `plant_id` its line; `surprises` and
    `change_request`: still the JSON text.

    `ended_at`: when it was cancelled or closed; `ended_heard_at`: when we first heard of the closing; `left_out`: why
    the newest forecast of its line is without it; `held_reason`: why it is on hold, as it was reported;
    `written`: the transaction that wrote it last; `is_promised`: its date is more than wanted; `is_closed`: a
    cancelled one, too, once it is decided what becomes of its cells; `is_told`: whether it is judged because something
    was heard of it; `places`: its sites by place, as text.
    """

    id: UUID
    flow_id: UUID
    product_id: UUID
    sites: frozenset[UUID]
    status: str
    attempt: int
    ordered_at: datetime
    promised_at: datetime | None
    held_at: datetime | None
    last_recorded_at: datetime | None
    surprises: str = "[]"
    ended_at: datetime | None = None
    ended_heard_at: datetime | None = None
    plant_id: UUID | None = None
    left_out: str | None = None
    change_request: str | None = None
    held_reason: str | None = None
    written: str = ""
    is_promised: bool = True
    is_closed: bool = False
    is_told: bool = False
    places: Mapping[str, str] = {}

    @property
    def change(self) -> ChangeRequest | None:
        """What its centre asked of the plant last."""
        return ChangeRequest.from_row(json.loads(self.change_request)) if self.change_request else None


class StageFacts(NamedTuple):
    """One stage of the current attempt: its plan, the run that counts, and what to expect of it.

    `work_hours`: usual time from start to end, `work_basis` says whence; `queue_hours`: of who joins its queue now;
    `lane`: of a transport, on which it goes, if it has one.
    """

    plan: StagePlan
    run: RunFacts
    work_hours: float
    work_basis: str
    queue_hours: float
    lane: Lane | None = None


class Usual(NamedTuple):
    """Median work time (hours) of a stage at a site for a product, and of how many runs."""

    hours: float
    runs: int


class SharedIdentifier(NamedTuple):
    """An identifier of this order that stands on another order too, there as `other_kind`.

    `since`: when the second one was recorded; `stands`: both are still the newest word of their orders;
    `is_cancelled`: the other order is; `may_be_named`: everybody who sees this order sees the other one too;
    `decision`: of quality assurance on the other order's flag."""

    kind: str
    value: str
    other_id: UUID
    other_coi: str
    same_patient: bool
    since: datetime
    other_kind: str
    stands: bool
    is_cancelled: bool
    may_be_named: bool
    decision: StandingDoubt | None = None


class DonationNumber(NamedTuple):
    """A donation number in doubt that stands on this order, and that no person has given a reason for. `facilities`:
    facility numbers of its collection centre, where they are known."""

    value: str
    since: datetime
    facilities: Sequence[str]


class CustodyGap(NamedTuple):
    """A hand-over that does not fit the one before it. `entry`: of the custody that begins with it; `kind`: GapKind;
    `said`: what is amiss (custody/rules/words.py)."""

    entry: UUID
    kind: str
    since: datetime
    holder: str
    name: str
    place: str
    said: Mapping[str, Any]

    @property
    def is_grave(self) -> bool:
        """Whether the cells may have been exchanged or harmed meanwhile."""
        return bool(self.said.get("is_grave"))


class UnentitledReport(NamedTuple):
    """What a system said of this order (`stage` empty) or a stage without the right, `lacked_scope`, to say it.
    `opens_attempt`: it names an attempt that nobody who may had opened by then."""

    event_id: UUID
    kind: str
    stage: str
    occurred_at: datetime
    recorded_at: datetime
    lacked_scope: str
    opens_attempt: bool
    source: str
    source_kind: str


class LateFailure(NamedTuple):
    """A test of an earlier attempt that failed although that attempt's dose had been given."""

    plan: StagePlan
    attempt: int
    failed_at: datetime
    given_at: datetime
    heard_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """All that the rules read of one order. `change`: what its centre asked of the plant last; `prediction`: what the
    futures of its line say; `left_out`: why the newest of them are without it; `doubts`: its critical flags;
    `active`: the stages under way or waiting; `left_at`: from when on the cells have left one of them, by its code."""

    id: UUID
    flow: FlowPlan
    status: str
    attempt: int
    ordered_at: datetime
    stages: Mapping[str, StageFacts]
    promised_at: datetime | None = None
    held_at: datetime | None = None
    last_recorded_at: datetime | None = None
    surprises: list[dict[str, Any]] = field(default_factory=list)
    shared: tuple[SharedIdentifier, ...] = ()
    late_failures: tuple[LateFailure, ...] = ()
    unentitled: tuple[UnentitledReport, ...] = ()
    donations: tuple[DonationNumber, ...] = ()
    ended_at: datetime | None = None
    ended_heard_at: datetime | None = None
    change: ChangeRequest | None = None
    prediction: StandingPrediction | None = None
    left_out: str | None = None
    held_reason: str | None = None
    is_promised: bool = True
    is_closed: bool = False
    doubts: tuple[StandingDoubt, ...] = ()
    gaps: tuple[CustodyGap, ...] = ()
    excursions: tuple[ExcursionFacts, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    labels: tuple[OpenLabel, ...] = ()
    doses: tuple[DoseSaid, ...] = ()
    records: tuple[OpenRecord, ...] = ()
    packagings: tuple[DoubtfulPackaging, ...] = ()
    given_materials: tuple[GivenMaterial, ...] = ()
    active: tuple[StageFacts, ...] = field(init=False)
    left_at: Mapping[str, datetime] = field(init=False)

    def __post_init__(self) -> None:
        active = tuple(stage for stage in self.stages.values() if stage.run.status in ACTIVE_STAGE_STATUSES)
        runs = {code: stage.run for code, stage in self.stages.items()} if active else {}
        object.__setattr__(self, "active", active)
        object.__setattr__(self, "left_at", left_at(self.flow, runs))

    @property
    def dose_date(self) -> DoseDate:
        """Whether its date is promised, or only wanted, in words."""
        return PROMISED if self.is_promised else WANTED

    @property
    def last_word_at(self) -> datetime:
        """When we last heard anything of this order."""
        return self.last_recorded_at or self.ordered_at


class Surroundings(NamedTuple):
    """What orders share (ids as text): expected wait (hours) by (site, pool), usual work by (site, product, stage), and
    the lanes of their transports."""

    queues: Mapping[tuple[str, str], float]
    usual: Mapping[tuple[str, str, str], Usual]
    lanes: Lanes = {}


def order_facts(
    row: OrderRow,
    flow: FlowPlan,
    runs: Collection[RunFacts],
    around: Surroundings,
    surprises: list[dict[str, Any]],
    shared: tuple[SharedIdentifier, ...] = (),
    prediction: StandingPrediction | None = None,
    unentitled: tuple[UnentitledReport, ...] = (),
    donations: tuple[DonationNumber, ...] = (),
    doubts: tuple[StandingDoubt, ...] = (),
    gaps: tuple[CustodyGap, ...] = (),
    excursions: tuple[ExcursionFacts, ...] = (),
    mismatches: tuple[Mismatch, ...] = (),
    labels: tuple[OpenLabel, ...] = (),
    doses: tuple[DoseSaid, ...] = (),
    records: tuple[OpenRecord, ...] = (),
    packagings: tuple[DoubtfulPackaging, ...] = (),
    given_materials: tuple[GivenMaterial, ...] = (),
) -> OrderFacts:
    """The facts of one order from its rows. Of a stage the run of the newest attempt counts: a new attempt re-opens
    only some stages, the others keep theirs."""
    counting = _counting(row, runs)
    stages = {
        code: _stage_facts(row, plan, counting.get(code) or _nothing_said(row, plan), around)
        for code, plan in flow.stages.items()
    }
    return OrderFacts(
        id=row.id, flow=flow, status=row.status, attempt=row.attempt, ordered_at=row.ordered_at, stages=stages,
        promised_at=row.promised_at, held_at=row.held_at, last_recorded_at=row.last_recorded_at, surprises=surprises,
        shared=shared, late_failures=_late_failures(row, flow, runs) if row.attempt > 1 else (), unentitled=unentitled,
        donations=donations, ended_at=row.ended_at, ended_heard_at=row.ended_heard_at, change=row.change,
        prediction=prediction, left_out=row.left_out, held_reason=row.held_reason, is_promised=row.is_promised,
        is_closed=row.is_closed, doubts=doubts, gaps=gaps, excursions=excursions, mismatches=mismatches,
        labels=labels, doses=doses, records=records, packagings=packagings,
        given_materials=given_materials)  # fmt: skip


def _counting(row: OrderRow, runs: Iterable[RunFacts]) -> dict[str, RunFacts]:
    counting: dict[str, RunFacts] = {}
    for run in runs:
        if run.attempt <= row.attempt and (run.stage not in counting or run.attempt > counting[run.stage].attempt):
            counting[run.stage] = run
    return counting


def _nothing_said(row: OrderRow, plan: StagePlan) -> RunFacts:
    return RunFacts(plan.code, row.attempt, "", plan.pool, StageStatus.PENDING, *[None] * 7)


def _stage_facts(row: OrderRow, plan: StagePlan, run: RunFacts, around: Surroundings) -> StageFacts:
    lane = lane_of(around.lanes, plan.direction, row.places, run.courier or run.resource)
    if run.status in DONE_STAGE_STATUSES:
        return StageFacts(plan, run, plan.planned_hours, PLANNED, 0.0, lane)
    usual = around.usual.get((run.site, str(row.product_id), plan.code))
    queue_hours = around.queues.get((run.site, plan.pool), 0.0) if plan.pool else 0.0
    if usual is None or usual.runs < FEWEST_RUNS_FOR_MEDIAN:
        return StageFacts(plan, run, plan.planned_hours, PLANNED, queue_hours, lane)
    return StageFacts(plan, run, usual.hours, f"median of {usual.runs} past runs here", queue_hours, lane)


def _late_failures(row: OrderRow, flow: FlowPlan, runs: Iterable[RunFacts]) -> tuple[LateFailure, ...]:
    """Failed tests of earlier attempts whose dose was given: no new attempt takes that back."""
    given = {run.attempt: run.started_at or run.completed_at for run in runs if run.stage == flow.exit}
    return tuple(
        LateFailure(plan, run.attempt, run.failed_at, given_at, run.failed_heard_at)
        for run in runs
        if (plan := flow.stages[run.stage]).may_end_after_release and run.status == StageStatus.FAILED
        and run.attempt < row.attempt and run.failed_at and (given_at := given.get(run.attempt))
    )  # fmt: skip
