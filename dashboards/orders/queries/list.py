"""The order list: which orders a filter lets through, and what each row says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import reduce
from operator import or_
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from batches.flags.models import OF_EVIDENCE, Flag
from batches.flags.queries.flags import ASKS, CRITICAL, head_flag, owners_of, settlements_of
from batches.flags.rules.harm import urgency
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.hold_budgets import HoldBudget
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.statuses import Severity
from dashboards.orders.queries.filter import ANY, CURRENT, OPEN, RUNS, THIS_MONTH, OrderChoice
from dashboards.orders.queries.paging import with_places
from dashboards.orders.queries.search import FoundOrders, find
from dashboards.orders.rules.events import event_heading, event_said, is_told_late
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet, StageRun, StatusEvent
from supplychain.orders.queries import runs_at, stages_to_end
from supplychain.orders.rules.agreed_ends import ENDS, STARTS
from supplychain.orders.rules.interlocks import Settlement
from supplychain.orders.rules.standing import opens_later
from supplychain.orders.rules.verbs import NEW_END, event_words_in
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageEventKind, StageStatus
from supplychain.pages.periods import Due, Month, days_between, due_span, month_span, read_month
from supplychain.pages.scopes import Scope
from supplychain.pages.viewers import Viewer
from supplychain.people.models import User


class Chosen(NamedTuple):
    """Orders that a filter lets through; `found` what its search led to (None: nothing was searched)."""

    orders: PatientOrderQuerySet
    found: FoundOrders | None


# How bad an order is whose every flag quality assurance has decided on.
SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What the list says of one order. `run`: the newest of its current stage; `flags`: the most urgent first;
    `settlement`: what quality assurance decided of the one of which the row tells; `budget`: what is left of the limit
    of its cells that ends first."""

    order: PatientOrder
    stage_name: str
    run: StageRun | None
    flags: list[Flag]
    ready: ReadyForecast | None
    last_event: StatusEvent | None
    last_said: str
    settlement: Settlement | None
    budget: HoldBudget | None

    @property
    def stage(self) -> str:
        """Code of the stage at which the order stands."""
        return self.run.stage.code if self.run else self.order.current_stage

    @property
    def flag(self) -> Flag | None:
        """The flag of which its row tells."""
        return head_flag(self.flags)

    @property
    def severity(self) -> str:
        """How bad it is: a Severity, SETTLED where quality assurance decided on all of it; empty without a flag."""
        if self.flag is None:
            return ""
        return SETTLED if self.flag.is_settled else self.flag.severity

    @property
    def owners(self) -> list[User]:
        """Who has taken on any of its flags, each once, in the flags' order."""
        return owners_of(self.flags)

    @property
    def more_flags(self) -> int:
        """How many more flags it has."""
        return len(self.flags) - 1

    @property
    def last_event_words(self) -> str:
        """What we heard of last: “Expansion started”; that it takes back a report, does not fit, or may not be said."""
        if self.last_event is None:
            return ""
        words = event_heading(self.last_said, self.last_event, self.order.surprises)
        return event_said(words, self.last_event, self.order.surprises)

    @property
    def last_heard_at(self) -> datetime | None:
        """When we heard of it, where that was so late that other events have come in between; else None."""
        event = self.last_event
        return event.recorded_at if event and is_told_late(event) else None

    @property
    def slack_hours(self) -> float | None:
        """Promise less forecast; None without one of them, and once the patient no longer waits."""
        return self.ready.slack_hours if self.ready else None

    @property
    def since(self) -> datetime | None:
        """Since when its current stage stands as it does."""
        if self.run is None:
            return None
        moments = {
            StageStatus.READY: self.run.ready_at,
            StageStatus.RUNNING: self.run.started_at,
            StageStatus.HELD: self.run.held_at,
            StageStatus.FAILED: self.run.failed_at,
        }
        return moments.get(StageStatus(self.run.status))


def chosen_orders(chosen: OrderChoice, viewer: Viewer, scope: Scope, now: datetime, zone: tzinfo) -> Chosen:
    """The viewer's orders that the filter lets through; at most two queries: those of a search, or one for what has
    ended and is flagged."""
    found = find(viewer, chosen.q) if chosen.q else None
    orders = viewer.orders() if found is None else viewer.orders().filter(pk__in=found.ids)
    places = scope.conditions(product=chosen.product, plant=chosen.plant, site=chosen.site)
    conditions = [*places, *_standing(chosen, now), *_moments(chosen, now, zone), *_flags(chosen, viewer)]
    return Chosen(orders.filter(*conditions), found)


def stages_in_order() -> dict[str, str]:
    """Names of the stages of current flows by code, in flow order; one query."""
    stages = Stage.objects.filter(flow__is_current=True).order_by("position", "flow__code")
    return dict(stages.values_list("code", "name"))


def lines_of(orders: Sequence[PatientOrder], now: datetime) -> list[OrderLine]:
    """A row for each of these orders as at `now`; five queries, one more where the name of a flag hangs on its
    evidence, one where a flag may have been settled, three where the time of cells runs, and two, and two for each of
    those, where the end of a stage is reported for later."""
    ids = [order.pk for order in orders]
    runs = _standing_runs(ids, now)
    still_open = [order.pk for order in orders if order.is_open]
    ready, budgets = ready_forecasts(still_open, now), hold_budgets_of(still_open, now)
    events = {event.order_id: event for event in _last_events(orders)}
    flags: dict[UUID, list[Flag]] = {}
    for flag in sorted(_raised_flags(ids), key=urgency):
        flags.setdefault(flag.order_id, []).append(flag)
    heads = {order_id: head for order_id, ones in flags.items() if (head := head_flag(ones))}
    settled = settlements_of(heads.values())
    return [
        OrderLine(
            order=order,
            stage_name=_stage_name(order, runs[order.pk].stage.code if order.pk in runs else order.current_stage),
            run=runs.get(order.pk) if order.is_open else None,
            flags=flags.get(order.pk, []),
            ready=ready.get(order.pk),
            last_event=(event := events.get(order.pk)),
            last_said=_last_said(order, event) if event else "",
            settlement=settled.get(heads[order.pk].pk) if order.pk in heads else None,
            budget=next(iter(budgets.get(order.pk, ())), None),
        )
        for order in orders
    ]


def lines_by_id(ids: Iterable[UUID], now: datetime) -> Iterator[OrderLine]:
    """A row for each of these orders, in this order, seven queries; none for one that is gone."""
    wanted = list(ids)
    found = list(PatientOrder.objects.filter(pk__in=wanted))
    orders = {order.pk: order for order in with_places(found)}
    yield from lines_of([orders[pk] for pk in wanted if pk in orders], now)


def _standing(chosen: OrderChoice, now: datetime) -> Iterator[Q]:
    is_open = Q(status__in=OPEN_ORDER_STATUSES)
    if chosen.within == CURRENT:
        # Read first: with an OR over a subquery PostgreSQL would look through all orders that ever were; and as those
        # that are not open, for of these there is an index.
        still_open = PatientOrder.objects.open().filter(pk=OuterRef("order"))
        ended = Flag.objects.filter(~Exists(still_open), cleared_at__isnull=True)
        yield is_open | Q(pk__in=list(ended.values_list("order", flat=True).distinct()))
    elif chosen.within == OPEN:
        yield is_open
    elif chosen.within != ANY:
        yield Q(status=chosen.within)
    if chosen.priority:
        yield Q(priority=chosen.priority)
    if chosen.stage and chosen.run:
        runs = StageRun.objects.filter(runs_at(StageStatus(chosen.run), now), stage__code=chosen.stage)
        yield Q(pk__in=runs.values("order"))
    elif chosen.stage:  # Stages run beside one another: an order may be at more than the one that its row names.
        is_there = reduce(or_, (runs_at(StageStatus(run), now) for run in RUNS))
        runs = StageRun.objects.filter(is_there, stage__code=chosen.stage)
        yield Q(current_stage=chosen.stage) | Q(pk__in=runs.values("order"))


def _moments(chosen: OrderChoice, now: datetime, zone: tzinfo) -> Iterator[Q]:
    if chosen.due == Due.NONE:
        yield Q(promised_at__isnull=True)
    elif chosen.due:
        yield from _between("promised_at", due_span(Due(chosen.due), now, zone))
    if chosen.due == Due.OVERDUE:
        yield Q(infused_at__isnull=True)
    yield from _between("promised_at", days_between(chosen.promised_from, chosen.promised_to, zone))
    yield from _between("ordered_at", days_between(chosen.ordered_from, chosen.ordered_to, zone))
    if chosen.infused:
        this_month = Month.of(now.astimezone(zone).date())
        month = this_month if chosen.infused == THIS_MONTH else read_month(chosen.infused)
        yield from _between("infused_at", month_span(month or this_month, zone))


def _between(column: str, span: tuple[datetime | None, datetime | None]) -> Iterator[Q]:
    start, end = span
    if start:
        yield Q(**{f"{column}__gte": start})
    if end:
        yield Q(**{f"{column}__lt": end})


def _flags(chosen: OrderChoice, viewer: Viewer) -> Iterator[Q]:
    raised = Flag.objects.filter(cleared_at__isnull=True)
    critical = raised.filter(CRITICAL)
    mine = raised.filter(owner=viewer.user) if chosen.owner else raised
    match chosen.flags:
        case "none":
            yield ~Q(pk__in=raised.values("order"))
        case Severity.ATTENTION.value:
            yield Q(pk__in=mine.filter(ASKS).values("order")) & ~Q(pk__in=critical.values("order"))
        case Severity.CRITICAL.value:
            yield Q(pk__in=mine.filter(CRITICAL).values("order"))
        case "unacknowledged":
            yield Q(pk__in=mine.filter(acknowledged_at__isnull=True).values("order"))
        case _ if chosen.flags or chosen.owner:
            yield Q(pk__in=mine.values("order"))


def _standing_runs(ids: list[UUID], now: datetime) -> dict[UUID, StageRun]:
    """The run at which each of these orders stands. What waits for an end that is reported for a moment still to come
    has not come up: until then the stage that is to end is at work, as on its page and over REST."""
    runs = {run.order_id: run for run in _current_runs(ids)}
    early = [pk for pk, run in runs.items() if opens_later(run.status, run.ready_at, now)]
    ahead = stages_to_end(early, now) if early else {}
    ends = StageRun.objects.filter(order__in=ahead).select_related("stage").order_by("attempt") if ahead else ()
    for run in ends:
        if run.stage.code == ahead[run.order_id] and run.attempt <= runs[run.order_id].attempt and run.started_at:
            run.status = StageStatus.RUNNING
            runs[run.order_id] = run
    return runs


def _current_runs(ids: list[UUID]) -> QuerySet[StageRun]:
    """The newest attempt comes last, so that it is the one that is kept."""
    return (
        StageRun.objects.filter(order__in=ids, stage__code=F("order__current_stage"))
        .select_related("stage")
        .order_by("attempt")
    )


def _last_events(orders: Sequence[PatientOrder]) -> QuerySet[StatusEvent]:
    """What we heard of last: an order's version is the place of its newest event. `is_new_end`: of a plan, that it says
    an end alone. Each is looked up by its place: joined with the orders, all that ever were would be read."""
    last = reduce(or_, (Q(order=order.pk, position=order.version) for order in orders), Q(pk__in=()))
    ends, starts = Q(payload__has_any_keys=list(ENDS)), Q(payload__has_any_keys=list(STARTS))
    return (
        StatusEvent.objects.filter(last)
        .annotate(is_new_end=Q(kind=StageEventKind.SCHEDULED) & ends & ~starts)
        .defer("payload")
    )


def _last_said(order: PatientOrder, event: Any) -> str:
    kind = NEW_END if event.is_new_end else event.kind
    return event_words_in(flow_plan(order.flow_id).stages, event.stage, kind)


def _raised_flags(ids: list[UUID]) -> list[Flag]:
    """With the evidence of those alone whose name or clock hangs on it: of all it would be most of what is read."""
    flags = list(Flag.objects.filter(order__in=ids, cleared_at__isnull=True).select_related("owner").defer("evidence"))
    named = {flag.pk: flag for flag in flags if flag.code in OF_EVIDENCE or (flag.due is None and flag.is_critical)}
    for pk, evidence in Flag.objects.filter(pk__in=list(named)).values_list("pk", "evidence"):
        named[pk].evidence = evidence
    return flags


def _stage_name(order: PatientOrder, code: str) -> str:
    stages = flow_plan(order.flow_id).stages
    return stages[code].name if code in stages else ""
