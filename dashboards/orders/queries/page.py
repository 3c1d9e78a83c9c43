"""The order page: one order with everything that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from batches.flags.models import Flag, FlagChange
from batches.flags.queries.flags import head_flag
from batches.flags.rules.centre_words import is_of_centre
from batches.flags.rules.harm import urgency
from batches.forecasts.models import Forecast
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.conditions import IN_DOUBT, ON_HOLD, unsure_words
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.statuses import FlagCode, Severity
from batches.manufacturing.models import Batch
from dashboards.orders.queries.conflicts import conflicts_of
from dashboards.orders.queries.line import order_line, seen_at
from dashboards.orders.queries.predictions import order_outlook
from dashboards.orders.queries.results import results_to_come
from dashboards.orders.queries.settled import Decisions, decisions_of
from dashboards.orders.queries.sharing import Sharing, of_same_patient, sharings
from dashboards.orders.queries.steps import steps_of
from dashboards.orders.rules.events import EventMark, event_heading, marks_of
from dashboards.orders.rules.predictions import Outlook
from supplychain.collections.queries import ShownCollection, collections_of, collections_to_record
from supplychain.conditions.queries import ShipmentCondition, conditions_of
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import StagePlan
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.materials.queries import OrderMaterials, materials_of_order
from supplychain.orders.models import EventConflict, Identifier, PatientOrder, SealCheck, StageRun, StatusEvent
from supplychain.orders.queries import Stands, counting_runs, event_withdrawals, open_stops, said_by, sites_of
from supplychain.orders.rules.duties import Roles, roles_at
from supplychain.orders.rules.interlocks import Settlement, Stop, may_override
from supplychain.orders.rules.promises import KEPT, promise_words
from supplychain.orders.rules.second_people import with_confirmed
from supplychain.orders.rules.standing import is_on_hold
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.orders.rules.withdrawals import EventWithdrawal, own_part
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.pages.charts import Chart
from supplychain.pages.viewers import Viewer
from supplychain.people.models import User
from supplychain.recording.queries import permitted_reports, withdrawable_events
from supplychain.recording.rules.reports import PersonReports
from supplychain.recording.rules.steps import NextStep
from supplychain.transport.queries import ShownDelay, ShownPackaging, delays_of, lane_plans_of, packagings_of
from supplychain.withdrawals import standing_part

MOST_EVENTS = 500
SITES = ("ordering_site", "collection_site", "infusion_site", "plant")


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
    lane_plans: Mapping[UUID, str]
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


def order_of(viewer: Viewer, order_id: UUID) -> PatientOrder:
    """The order, if it exists for this person; one query. Raises PatientOrder.DoesNotExist."""
    return viewer.orders().select_related("product", "flow", *SITES).get(pk=order_id)


def _identifiers(order: PatientOrder) -> Any:
    """But for those of its materials and labels, which have a part of the page of their own."""
    named = order.identifiers.exclude(kind__in=(IdentifierKind.MATERIAL, IdentifierKind.LABEL))
    return named.annotate(stands=Stands()).order_by("kind", "recorded_at")


def _forecast(order: PatientOrder) -> Forecast | None:
    return Forecast.objects.filter(order=order, superseded_at__isnull=True).first()


def order_view(order: PatientOrder, user: User, now: datetime, *, most_events: int | None = MOST_EVENTS) -> OrderView:
    """Everything about `order`, in 22 queries; more where it has shipments (three, a fourth without a planned arrival),
    the time of its cells runs (three), its centre or a second person is asked (one), its flow is new here (two).
    `most_events` None: all."""
    runs, flags, events = list(_runs(order)), sorted(_flags(order), key=urgency), _events(order, most_events)
    names = {run.stage.code: run.stage.name for run in sorted(runs, key=lambda run: run.stage.position)}
    said, ready = order_outlook(order, runs, names, now), ready_forecasts([order.pk], now).get(order.pk)
    stops, roles = open_stops([order.pk], now=now).get(order.pk, ()), roles_at(sites_of(order), user.rights)
    return OrderView(
        order=order,
        runs=runs,
        flags=[flag for flag in flags if flag.cleared_at is None],
        past_flags=[flag for flag in flags if flag.cleared_at],
        ready=ready,
        forecast=(forecast := _forecast(order)),
        outlook=said,
        batches=list(order.batches.select_related("plant", "suite")),
        identifiers=list(_identifiers(order)),
        events=sorted(events, key=lambda event: (event.occurred_at, event.position), reverse=True),
        marks=marks_of(events, order.surprises, flow_plan(order.flow_id)),
        withdrawals=event_withdrawals(order),
        withdrawable=withdrawable_events(order, user, events),
        conflicts=conflicts_of(order),
        stage_names=names,
        **(cells := _cells(order, user, now, runs, roles)),
        line=order_line(order, runs, forecast, ready, said, now, cells["budgets"]),
        steps=steps_of(order, flags, now, runs, stops),
        actions=permitted_reports(order, user, now, runs, stops=stops),
        stops=stops,
        may_settle=may_override(None, roles),
        conditions=conditions_of(order, runs),
        is_of_centre=is_of_centre(roles),
        reporter=str(user.pk),
        is_held=order.is_open and is_on_hold(order.status, [run.status for run in counting_runs(order, runs)]),
        seal_check=SealCheck.objects.filter(order=order).first(),
        now=now,
        sharings=sharings(order, flags, user),
        said_by=said_by([order]),
        decisions=decisions_of(events, flags),
    )


def _cells(order: PatientOrder, user: User, now: datetime, runs: Sequence[StageRun], roles: Roles) -> dict[str, Any]:
    """What is known and to be recorded of its cells and their ways, and the other orders of its patient."""
    budgets, to_record = hold_budgets_of([order.pk], now).get(order.pk, ()), collections_to_record(order, runs, roles)
    materials, siblings = materials_of_order(order, now), of_same_patient(order, user)
    return {"siblings": siblings, "materials": materials, "budgets": budgets, "to_record": to_record,
            "lane_plans": lane_plans_of(order, runs), "delays": delays_of(runs),
            "packagings": packagings_of(order, runs)}  # fmt: skip


def _runs(order: PatientOrder) -> Any:
    related = ("stage", "site", "collection__site", "shipment__from_site", "shipment__to_site")
    return StageRun.objects.filter(order=order).select_related(*related).order_by("stage__position", "attempt")


def _flags(order: PatientOrder) -> Any:
    history = FlagChange.objects.order_by("-changed_at", "-id")
    return Flag.objects.filter(order=order).select_related("owner").prefetch_related(Prefetch("changes", history))


def _events(order: PatientOrder, most: int | None) -> list[StatusEvent]:
    """The newest events that we heard of, in the order in which we did."""
    newest = StatusEvent.objects.filter(order=order).select_related("source", "user", "signature").order_by("-position")
    return list(reversed(newest[:most]))
