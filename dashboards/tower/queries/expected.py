"""What has a planned moment and has not happened: stages, pickups and deliveries, promises."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.functions import Greatest, RowNumber

from batches.flags.models import Flag
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.tower.rules import DayPart, DayTimes, Expectation, Expected
from supplychain.flows.statuses import StageKind
from supplychain.orders.models import PatientOrderQuerySet, StageRun
from supplychain.orders.models.stage_runs import is_counting, is_overtaken
from supplychain.orders.statuses import AT_WORK_STAGE_STATUSES, OrderStatus, StageStatus
from supplychain.pages.viewers import of_orders
from supplychain.transport.models import Shipment
from supplychain.transport.statuses import ShipmentStatus

PROMISED_OR_WANTED = Case(When(confirmed_at=None, then=Value(Expectation.WANTED)), default=Value(Expectation.PROMISE))
# Identity or dose in doubt, unsettled: nothing of the order is begun, whatever is booked.
IN_DOUBT = Flag.objects.filter(cleared_at__isnull=True, severity=Severity.CRITICAL, harm__lte=Harm.IDENTITY)
# All cells were destroyed (batches.flags.rules.rejected.are_cells_lost): nothing of them is fetched, brought or begun.
CELLS_LOST = Flag.objects.filter(
    cleared_at__isnull=True, code=FlagCode.DOSE_REJECTED, evidence__doses__0__number="", order=OuterRef("pk")
)
NOT_BEGUN = (StageStatus.PENDING, StageStatus.READY)


def _has_not_begun(now: datetime) -> Q:
    """Nor has what is on hold before anybody started it, or is reported to start later."""
    never = Q(started_at=None) | Q(started_at__gt=now)
    return Q(status__in=NOT_BEGUN) | Q(status__in=AT_WORK_STAGE_STATUSES) & never


def expected_events(orders: PatientOrderQuerySet, times: DayTimes, most: int) -> list[Expected]:
    """What should have happened of open `orders`, or should until early tomorrow; four queries.

    Not the end of what the cells have left already: it is only not reported; nor what was planned with cells that were
    destroyed. Of each sort and each part of the day the
    `most` nearest come, and with them how many there are: so the cost does not grow with the orders.
    """
    orders, until = orders.open(), times.early_tomorrow
    alive = orders.filter(~Exists(CELLS_LOST))
    found = (_stages(alive, times), *_shipments(alive, times), _promises(orders, until))
    return [expected for rows in found for expected in _nearest(*rows, times, most)]


def _stages(orders: PatientOrderQuerySet, times: DayTimes) -> tuple[QuerySet[Any], str, str]:
    until = times.early_tomorrow
    to_begin = _has_not_begun(times.now)
    starts = to_begin & Q(planned_start_at__lt=until)
    ends = Q(status__in=AT_WORK_STAGE_STATUSES, started_at__lte=times.now, planned_end_at__lt=until)
    runs = of_orders(StageRun.objects.filter(starts | ends, is_counting()), orders)
    # What a transport is planned to do, its shipment knows better.
    runs = (
        runs.exclude(is_overtaken(times.now))
        .exclude(stage__kind=StageKind.TRANSPORT)
        .annotate(
            what=Case(When(to_begin, then=Value(Expectation.START)), default=Value(Expectation.END)),
            moment=Case(When(to_begin, then="planned_start_at"), default="planned_end_at"),
            who=F("site__name"),
        )
    )
    return runs, "order__", "stage__code"


def _shipments(orders: PatientOrderQuerySet, times: DayTimes) -> Iterator[tuple[QuerySet[Any], str, str]]:
    until = times.early_tomorrow
    planned = Q(status=ShipmentStatus.PLANNED)
    shipments = of_orders(Shipment.objects.filter(is_counting("stage_run__")), orders, "stage_run__order")
    shipments = shipments.exclude(is_overtaken(times.now, "stage_run__"))
    under_way = shipments.filter(status=ShipmentStatus.IN_TRANSIT)
    moves = shipments.filter(
        planned & Q(planned_pickup_at__lt=until) | Q(status=ShipmentStatus.IN_TRANSIT, expected_delivery_at__lt=until)
    ).annotate(
        what=Case(When(planned, then=Value(Expectation.PICKUP)), default=Value(Expectation.DELIVERY)),
        moment=Case(When(planned, then="planned_pickup_at"), default="expected_delivery_at"),
        who=Case(When(~Q(courier=""), then="courier"), When(planned, then="from_site__name"), default="to_site__name"),
    )
    colds = under_way.filter(qualified_until__lt=until).annotate(
        what=Value(Expectation.COLD_ENDS),
        moment=F("qualified_until"),
        who=Case(When(~Q(courier=""), then="courier"), default="to_site__name"),
    )
    for found in (moves, colds):
        yield found, "stage_run__order__", "stage_run__stage__code"


def _promises(orders: PatientOrderQuerySet, until: datetime) -> tuple[QuerySet[Any], str, str]:
    # A dose that is reported as ready has kept its promise or broken it; none is awaited of it any more.
    reached = Forecast.objects.filter(order=OuterRef("pk"), superseded_at__isnull=True, evidence__is_reached=True)
    promised = orders.filter(~Exists(reached), promised_at__lt=until).annotate(
        what=PROMISED_OR_WANTED, moment=F("promised_at"), who=F("infusion_site__name"), no_stage=Value("")
    )
    return promised, "", "no_stage"


def _nearest(found: QuerySet[Any], order: str, stage: str, times: DayTimes, most: int) -> Iterator[Expected]:
    overdue = When(moment__lt=times.now, then=Value(DayPart.OVERDUE))
    today = When(moment__lt=times.midnight, then=Value(DayPart.TODAY))
    ranked = (
        found.order_by()
        .annotate(part=Case(overdue, today, default=Value(DayPart.TOMORROW)))
        .annotate(
            place=Window(
                RowNumber(),
                partition_by="part",
                order_by=Greatest(F("moment") - Value(times.now), Value(times.now) - F("moment")).asc(),
            ),
            total=Window(Count("pk"), partition_by="part"),
            stopped=Exists(IN_DOUBT.filter(order=OuterRef(f"{order}pk"))),
            on_hold=Case(When(**{f"{order}status": OrderStatus.ON_HOLD}, then=True), default=False),
        )
        .filter(place__lte=most)
    )
    columns = (
        "moment",
        "what",
        f"{order}pk",
        f"{order}coi",
        f"{order}patient_reference",
        stage,
        "who",
        "stopped",
        "on_hold",
    )
    for part, total, due, what, *rest, stopped, on_hold in ranked.values_list("part", "total", *columns):
        said = {"is_stopped": stopped, "is_on_hold": on_hold}
        yield Expected(due, Expectation(what), *rest, part=DayPart(part), of=total, **said)
