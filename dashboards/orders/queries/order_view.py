"""What the order page shows of an order, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from batches.flags.models import Flag
from batches.flags.queries.flags import head_flag
from batches.forecasts.models import Forecast
from batches.forecasts.rules.conditions import IN_DOUBT, ON_HOLD, unsure_words
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.statuses import FlagCode, Severity
from batches.manufacturing.models import Batch
from dashboards.orders.queries.line import seen_at
from dashboards.orders.queries.results import results_to_come
from dashboards.orders.queries.settled import Decisions
from dashboards.orders.queries.sharing import Sharing
from dashboards.orders.rules.events import EventMark, event_heading
from dashboards.orders.rules.predictions import Outlook
from supplychain.collections.queries import ShownCollection, collections_of
from supplychain.conditions.queries import ShipmentCondition
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import StagePlan
from supplychain.materials.queries import OrderMaterials
from supplychain.orders.models import EventConflict, Identifier, PatientOrder, SealCheck, StageRun, StatusEvent
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.rules.promises import KEPT, promise_words
from supplychain.orders.rules.second_people import with_confirmed
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.orders.rules.withdrawals import EventWithdrawal, own_part
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.pages.charts import Chart
from supplychain.recording.rules.reports import PersonReports
from supplychain.recording.rules.steps import NextStep
from supplychain.transport.queries import ShownDelay, ShownPackaging
from supplychain.transport.rules.arrivals import ShownArrival
from supplychain.withdrawals import standing_part


@dataclass(frozen=True, slots=True)
class OrderView:
    """What the order page shows. `forecast`, `outlook`: how we know it; `is_of_centre`: the reader only coordinates."""

    order: PatientOrder
    runs: list[StageRun]
    flags: list[Flag]
    past_flags: list[Flag]
    ready: ReadyForecast | None
    forecast: Forecast | None
    outlook: Outlook | None
    batches: list[Batch]
    identifiers: list[Identifier]
    events: list[StatusEvent]
    marks: dict[UUID, list[EventMark]]
    withdrawals: dict[UUID, EventWithdrawal]
    withdrawable: set[UUID]
    conflicts: dict[UUID, list[EventConflict]]
    stage_names: dict[str, str]
    line: Chart
    steps: list[NextStep]
    actions: PersonReports
    stops: Sequence[Stop]
    may_settle: bool
    to_record: Sequence[StagePlan]
    conditions: dict[UUID, ShipmentCondition]
    is_of_centre: bool
    reporter: str
    is_held: bool
    seal_check: SealCheck | None
    now: datetime
    sharings: dict[UUID, Sharing]
    said_by: dict[str, str]
    decisions: Decisions
    siblings: Sequence[PatientOrder]
    materials: OrderMaterials
    budgets: Sequence[HoldBudget]
    arrivals: Mapping[UUID, ShownArrival]
    delays: Mapping[UUID, Sequence[ShownDelay]]
    packagings: Mapping[UUID, ShownPackaging]

    @property
    def stages(self) -> Mapping[str, StagePlan]:
        """The stages of its flow."""
        return flow_plan(self.order.flow_id).stages

    @property
    def headings(self) -> dict[UUID, str]:
        """Each event in a few words."""
        said = {one.pk: event_words_in(self.stages, one.stage, kind_said(one.kind, one.payload)) for one in self.events}
        words = with_confirmed(said, self.events)
        return {one.pk: event_heading(words[one.pk], one, self.order.surprises) for one in self.events}

    @property
    def settleable(self) -> set[UUID | None]:
        """Ids of the flags that keep people from reporting, where the person may settle them."""
        stops = self.stops if self.may_settle else ()
        open_doubts = [one for one in stops if one.doubt and one.flag_id and not one.settlement]
        return {one.flag_id for one in open_doubts if not one.end.not_settled and not self._own_part(one)}

    def _own_part(self, stop: Stop) -> str:
        return own_part(self.order.surprises, stop.doubt, stop.stage, self.reporter, self.order.attempt)

    @property
    def settlements(self) -> dict[UUID | None, Settlement]:
        """What quality assurance decided, by flag."""
        return {stop.flag_id: stop.settlement for stop in self.stops if stop.settlement}

    @property
    def alarms(self) -> list[Flag]:
        """The critical flags on which something has to be decided or done, the worst first."""
        critical = [one for one in self.flags if one.severity == Severity.CRITICAL]
        return [flag for flag in critical if flag.pk not in self.settlements or flag.is_left_to_do]

    @property
    def alarm(self) -> Flag | None:
        """The worst of them."""
        return head_flag(self.alarms)

    @property
    def more_alarms(self) -> int:
        """How many more of them there are."""
        return len(self.alarms[1:])

    @property
    def shown_runs(self) -> list[StageRun]:
        """Runs without those that never came to pass because a new attempt took their place."""
        newest = {run.stage_id: run.attempt for run in self.runs}
        return [r for r in self.runs if r.status != StageStatus.PENDING or r.attempt == newest[r.stage_id]]

    @property
    def collections(self) -> list[StageRun]:
        """Runs that are collections."""
        return [run for run in self.runs if standing_part(run, "collection")]

    @property
    def collected(self) -> dict[UUID, ShownCollection]:
        """What was answered of its collections, by the id of their run; three queries where anything was."""
        ids = {(run.attempt, run.stage.code): run.pk for run in self.runs}
        found = collections_of(self.order, self.now, self.runs) if self.collections else []
        return {ids[one.run.attempt, one.plan.code]: one for one in found}

    @property
    def shipments(self) -> list[StageRun]:
        """Runs that are shipments."""
        return [run for run in self.runs if standing_part(run, "shipment")]

    @property
    def budget_of_run(self) -> dict[UUID, HoldBudget]:
        """What is left of the limit that runs for a run of its stages."""
        of_run = {(one.stage, one.attempt): one for one in self.budgets}
        return {run.pk: one for run in self.runs if (one := of_run.get((run.stage.code, run.attempt)))}

    @property
    def seen_at(self) -> datetime:
        """The moment to which its stages are counted: nothing of a cancelled order goes on."""
        return seen_at(self.order, self.now)

    @property
    def ending(self) -> StatusEvent | None:
        """The report that ended the order, where it is among the events shown."""
        gone = set(self.order.withdrawn_events)
        ends = [event for event in self.events if not event.stage and event.kind == self.order.status]
        return next((event for event in ends if str(event.pk) not in gone), None)

    @property
    def is_foreseen(self) -> bool:
        """Whether its dose is still looked forward to: not once it is ready, or the order has ended."""
        return self.outlook is not None and self.order.is_open and not (self.ready and self.ready.is_fact)

    @property
    def results_to_come(self) -> Sequence[str]:
        """Results that may come after the dose is given and are not in, once it is ready, in words."""
        return results_to_come(self.order, self.runs, self.ready, self.now, is_doubted=self._doubts_dose)

    @property
    def promise_words(self) -> str:
        """How it stands to its promise at `now`: of a dose that is ready, whether that was in time."""
        order, last = self.order, flow_plan(self.order.flow_id).exit
        runs = [] if self.ready and self.ready.is_of_another else [run for run in self.runs if run.stage.code == last]
        moments = (run.ready_at or run.started_at or run.completed_at for run in runs)
        is_cancelled = order.status == OrderStatus.CANCELLED
        reached = [None, *(moment for moment in moments if moment and moment <= self.now)][-1]
        said = promise_words(order.promised_at, reached, self.now, is_cancelled=is_cancelled)
        beside = f"{said}; {ON_HOLD}" if said == KEPT and self.is_held else said
        return unsure_words(IN_DOUBT) if said == KEPT and self._doubts_dose else beside

    @property
    def _doubts_dose(self) -> bool:
        """Whether reports of its dose do not fit, or quality assurance has not settled what puts the dose in doubt."""
        lacks = bool(self.ready and self.ready.is_doubted)
        doubted = {stop.flag_id for stop in self.stops if stop.doubt}
        return lacks or any(one.pk in doubted or one.code == FlagCode.OUT_OF_SEQUENCE for one in self.alarms)

    @property
    def awaits_promise(self) -> bool:
        """Whether its promised date is still to come."""
        return bool(self.order.promised_at and self.order.promised_at > self.now)
