"""Alarms of lines: the pools under which flags hang, what hangs there, and what stands alone (rules/causes.py)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from batches.flags.models import Flag
from batches.flags.rules.causes import HANGING, LEAST_ORDERS, CauseCount, LineAlarm, LineCause, Places, line_causes
from batches.judgement.statuses import FlagCode, Remedy
from batches.lines.models import PoolState
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet
from supplychain.pages.viewers import of_orders
from supplychain.sites.models import Site

# Of all that hang under the pools so many are shown; the list of orders has all.
MOST_HANGING = 120
# What is told of an order that hangs under a cause (_line_alarm.html): there may be many of them.
SHOWN_OF_HANGING = ("cause", "code", "next_step", "probability", "acknowledged_at", "owner", "order__coi",
                    "order__promised_at", "order__confirmed_at", "plant_id", "order__ordering_site__name",
                    "owner__first_name", "owner__last_name", "owner__username")  # fmt: skip


def causes_behind(flags: QuerySet[Flag]) -> list[LineCause]:
    """The pools under which these flags hang, where enough of them do; one query.

    The first date is looked for among the open orders of the plant, which an index has in the order of their dates:
    nobody waits for the others', and most of the first hang.
    """
    rows = flags.filter(cleared_at__isnull=True, remedy=Remedy.LINE, code__in=HANGING).order_by()
    hanging = rows.filter(plant=OuterRef("plant"), cause=OuterRef(OuterRef("cause")), order=OuterRef("pk"))
    # COALESCE keeps PostgreSQL from reading all that hang before it looks at the first order.
    promised = (
        PatientOrder.objects.open()
        .annotate(hangs=Coalesce(Exists(hanging), False))
        .filter(hangs=True, plant=OuterRef("plant"))
        .order_by("promised_at")
    )
    plant, of = Site.objects.filter(pk=OuterRef("plant")), partial(Count, "order", distinct=True)
    groups = (
        rows.values("plant", "cause")
        .annotate(
            orders=of(),
            unseen=of(filter=Q(acknowledged_at__isnull=True)),
            doses=of(filter=Q(code=FlagCode.DOSE_AT_RISK)),
            flags=Count("pk"),
        )
        .filter(orders__gte=LEAST_ORDERS)
        .annotate(
            plant_code=Subquery(plant.values("code")),
            plant_name=Subquery(plant.values("name")),
            first=Subquery(promised.values("promised_at")[:1]),
        )
        .values_list("plant", "plant_code", "plant_name", "cause", "orders", "first", "unseen", "doses", "flags")
    )
    return line_causes(CauseCount(*row) for row in groups)


def as_they_stand(causes: Sequence[LineCause], orders: PatientOrderQuerySet) -> list[LineCause]:
    """The same causes with all that hangs under them of the reader's `orders`, whichever flags led to them: one alarm
    counts the same in every list, for its reader; one query or none."""
    if not causes:
        return []
    standing = {cause.key: cause for cause in causes_behind(of_orders(Flag.objects.all(), orders))}
    return [standing.get(cause.key, cause) for cause in causes]


def hang_under(causes: Iterable[LineCause]) -> Q:
    """Flags that hang under one of these causes."""
    found = Q(pk__in=())
    for cause in causes:
        found |= Q(plant=cause.plant, cause=cause.pool, remedy=Remedy.LINE, code__in=HANGING)
    return found


def stand_alone(causes: Iterable[LineCause]) -> Q:
    """Flags that are an alarm of their own: they hang under no cause, and something can still be changed."""
    return ~hang_under(causes) & ~Q(remedy=Remedy.TELL)


def line_alarms(
    causes: Sequence[LineCause], flags: QuerySet[Flag], own_sites: Collection[UUID], most: int = MOST_HANGING
) -> list[LineAlarm]:
    """The causes with their names and the `most` first of `flags` that hang under any; two queries or none.

    How full a pool is, is told of `own_sites` only.
    """
    if not causes:
        return []
    codes = {cause.pool for cause in causes}
    pools = PoolState.objects.filter(pool__site__in={cause.plant for cause in causes}, pool__code__in=codes)
    states = {(state.pool.site_id, state.pool.code): state for state in pools.select_related("pool")}
    hanging = nearest_promised(flags.filter(hang_under(causes), cleared_at__isnull=True), most)
    shown = hanging.select_related("order__ordering_site", "owner").only(*SHOWN_OF_HANGING)
    found: dict[tuple[UUID, str], dict[UUID, Flag]] = {}
    for flag in shown:  # of an order that hangs twice its dose is shown, which asks for more than a new date
        of_place = found.setdefault((flag.plant_id, flag.cause), {})
        if flag.order_id not in of_place or flag.code == FlagCode.DOSE_AT_RISK:
            of_place[flag.order_id] = flag
    return [
        _line_alarm(cause, states.get(place), list(found.get(place, {}).values()), own_sites)
        for cause in causes
        if (place := (cause.plant, cause.pool))
    ]


def nearest_promised(flags: QuerySet[Flag], most: int) -> QuerySet[Flag]:
    """The `most` of these whose orders are promised first; whole rows are read of these alone, not of all that must be
    sorted."""
    # An expression, lest PostgreSQL walk the index of all orders that were ever promised until it finds so many.
    promised = ExpressionWrapper(F("order__promised_at") + Value(timedelta()), output_field=DateTimeField())
    nearest = flags.order_by(promised.asc(), "order_id").values("pk")[:most]
    return Flag.objects.filter(pk__in=nearest).order_by("order__promised_at", "order_id")


def _line_alarm(
    cause: LineCause, state: PoolState | None, flags: Sequence[Flag], own_sites: Collection[UUID]
) -> LineAlarm:
    places = Places(state.busy, state.capacity, state.queue) if state and cause.plant in own_sites else None
    return LineAlarm(cause, state.pool.name if state else cause.pool, places, flags)
