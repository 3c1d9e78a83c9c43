"""The orders of a person's treatment centres, as cards. A fixed number of queries, however many orders there are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from batches.flags.models import Flag
from batches.flags.rules.harm import STOP_FIRST
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.ready import ReadyForecast
from batches.lines.models import BottleneckPeriod
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.centre.rules.cards import Card, CardGroup, card_of, urgency
from dashboards.centre.rules.facts import CardFacts, FlagFacts, awaits_pool
from supplychain.custody.queries import last_holders
from supplychain.custody.rules.whereabouts import LastHolder
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StagePlace
from supplychain.orders.models import PatientOrder, PatientOrderQuerySet, StageRun
from supplychain.orders.queries import RUN_FIELDS, change_of, open_stops, said_by
from supplychain.orders.rules.duties import roles_at
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.promises import dose_date
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.transport.queries import lanes_of_orders
from supplychain.transport.rules.lanes import Lane

# Ended orders with nothing in doubt stay on the page this long; a search finds older ones too.
DONE_WITHIN = timedelta(days=30)
MOST_ORDERS = 500
PLACES = tuple(place.value for place in StagePlace)
RUN_COLUMNS = ("attempt", "stage__code", *RUN_FIELDS)


@dataclass(frozen=True, slots=True)
class OrderCard:
    """One card with the order behind it."""

    order: PatientOrder
    facts: CardFacts
    card: Card


@dataclass(frozen=True, slots=True)
class HeldUpLine:
    """A production line that is held up, and how many of the centre's orders still have to pass there."""

    plant: str
    pool: str
    since: datetime
    orders: int


@dataclass(frozen=True, slots=True)
class SitePage:
    """What the page shows. `counts`: orders by group; `to_read`: of those that need the centre, how many have only a
    warning to be read; `is_cut`: there are more open orders than are looked at;
    `said_by`: who asked the plant for something and who answered, by event id."""

    lines: list[OrderCard]
    counts: dict[CardGroup, int]
    to_read: int
    has_more: bool
    is_cut: bool
    held_up: list[HeldUpLine] = field(default_factory=list)
    said_by: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Orders in all groups."""
        return sum(self.counts.values())


def site_page(centres: Centres, chosen: SiteFilter, now: datetime) -> SitePage:
    """The chosen cards, those that need the centre first; nine queries at most (two
    more for each flow met for the first time).

    The words are made anew for every open order: whether one needs the centre follows from them.
    """
    orders = list(_orders(centres, chosen, now))
    lines = _lines(orders[:MOST_ORDERS], centres, now)
    groups = list(CardGroup)
    lines.sort(key=lambda line: (groups.index(line.card.group), urgency(line.card, line.facts, now)))
    shown = [line for line in lines if chosen.show in ("", line.card.group)]
    first = (chosen.page - 1) * chosen.size
    return SitePage(
        lines=shown[first : first + chosen.size],
        counts={group: sum(line.card.group == group for line in lines) for group in groups},
        to_read=sum(any(need.is_reading for need in line.card.needs) for line in lines),
        has_more=len(shown) > first + chosen.size,
        is_cut=len(orders) > MOST_ORDERS,
        held_up=_held_up(lines),
        said_by=said_by(line.order for line in lines),
    )


def _orders(centres: Centres, chosen: SiteFilter, now: datetime) -> PatientOrderQuerySet:
    sites = centres.chosen_ids(chosen)
    at_centre = Q(ordering_site__in=sites) | Q(collection_site__in=sites) | Q(infusion_site__in=sites)
    orders = PatientOrder.objects.filter(at_centre)
    if chosen.text:
        orders = orders.filter(Q(patient_reference__icontains=chosen.text) | Q(coi__icontains=chosen.text))
    else:
        orders = orders.filter(pk__in=_current(now))
    if chosen.product:
        orders = orders.filter(product__code=chosen.product)
    return orders.select_related("product", *PLACES).order_by("-ordered_at", "-pk")[: MOST_ORDERS + 1]


def _current(now: datetime) -> QuerySet:
    """The open orders of anybody, and those that ended lately; each part by an index, whatever ended before. What was
    said to have ended lately was recorded lately."""
    since, orders = now - DONE_WITHIN, PatientOrder.objects.order_by()
    ended = Q(closed_at__gte=since) | Q(cancelled_at__gte=since)
    # A dose in doubt stays until it is settled, however long ago it was given.
    in_doubt = Flag.objects.filter(cleared_at__isnull=True, harm__in=STOP_FIRST).order_by().values("order")
    parts = (
        orders.open(),
        orders.filter(infused_at__gte=since),
        orders.filter(ended, last_recorded_at__gte=since),
    )
    return in_doubt.union(*(part.values("pk") for part in parts))


def _lines(orders: Iterable[PatientOrder], centres: Centres, now: datetime) -> list[OrderCard]:
    """The orders with their cards; five queries, six where a critical flag stands, one more where nobody said of a
    transport when it arrives.

    Of an ended order no stage is spoken of any more.
    """
    orders, zone = list(orders), timezone.get_current_timezone()
    ids = [order.pk for order in orders]
    stops = open_stops(ids, now=now)
    runs, flags = _runs([order for order in orders if order.is_open]), _flags(ids, stops)
    said, holders = ready_forecasts(ids, now), last_holders(ids, now)
    lanes = lanes_of_orders([(order, _under_way(runs.get(order.pk, {}))) for order in orders], now)
    lines = []
    for order in orders:
        own = (runs.get(order.pk, {}), flags.get(order.pk, []), stops.get(order.pk, []), said.get(order.pk))
        found = _Found(*own, last=holders.get(order.pk), lanes=lanes.get(order.pk, {}))
        facts = _facts(order, found, centres)
        lines.append(OrderCard(order, facts, card_of(facts, now, zone)))
    return lines


def _under_way(runs: Mapping[str, RunState]) -> list[RunState]:
    return [run for run in runs.values() if run.status == StageStatus.RUNNING]


def _runs(orders: list[PatientOrder]) -> dict[UUID, dict[str, RunState]]:
    """By order, the run of each stage that counts: that of the newest attempt, no later than the order's own."""
    attempts = {order.pk: order.attempt for order in orders}
    rows = StageRun.objects.filter(order__in=list(attempts)).order_by("attempt")
    runs: dict[UUID, dict[str, RunState]] = {}
    for order_id, *values in rows.values_list("order_id", *RUN_COLUMNS):
        run = RunState(*values)
        if run.attempt <= attempts[order_id]:
            runs.setdefault(order_id, {})[run.stage] = run
    return runs


def _flags(order_ids: list[UUID], stops: Mapping[UUID, Sequence[Stop]]) -> dict[UUID, list[FlagFacts]]:
    decided = {stop.flag_id: stop.settlement for of_order in stops.values() for stop in of_order}
    raised = Flag.objects.filter(order__in=order_ids, cleared_at__isnull=True)
    flags: dict[UUID, list[FlagFacts]] = {}
    columns = ("order_id", "acknowledged_at", "subject", "id", "code", "stage", "severity", "due", "harm", "act_by",
               "evidence__reason", "next_step", "why", "acknowledged_by", "comment")  # fmt: skip
    for order_id, seen_at, subject, *values, harm, act_by, reason, asks, why, by, said in raised.values_list(*columns):
        own = (*values, seen_at is not None, subject, harm, act_by, decided.get(values[0]), reason or "", asks, why)
        flag = FlagFacts(*own, seen_by=by, seen_at=seen_at, comment=said)
        flags.setdefault(order_id, []).append(flag)
    return flags


class _Found(NamedTuple):
    """What was read of one order."""

    runs: dict[str, RunState]
    flags: list[FlagFacts]
    stops: Sequence[Stop]
    ready: ReadyForecast | None
    last: LastHolder | None
    lanes: Mapping[str, Lane]


def _facts(order: PatientOrder, found: _Found, centres: Centres) -> CardFacts:
    sites = {place: getattr(order, f"{place}_id") for place in PLACES}
    return CardFacts(
        flow=flow_plan(order.flow_id),
        status=order.status,
        current_stage=order.current_stage,
        runs=found.runs,
        ordered_at=order.ordered_at,
        own=frozenset(place for place, site in sites.items() if site in centres.ids),
        roles=roles_at(sites, centres.rights),
        centres={place: getattr(order, place).name for place in PLACES if place != StagePlace.PLANT},
        attempt=order.attempt,
        promised_at=order.promised_at,
        date=dose_date(order.confirmed_at),
        ready=found.ready,
        held_at=order.held_at,
        infused_at=order.infused_at,
        ended_at=order.cancelled_at or order.closed_at,
        flags=tuple(found.flags),
        stops=found.stops,
        plant=order.plant.name,
        telephone=order.plant.telephone,
        change=change_of(order),
        last=found.last,
        lanes=found.lanes,
        holds_cells=found.last is not None and found.last.site in centres.ids,
    )


def _held_up(lines: list[OrderCard]) -> list[HeldUpLine]:
    """Lines of these orders that are held up where some of the orders still have to pass; one query. It tells nothing
    of other centres' orders: neither how many wait nor whose."""
    plants = {line.order.plant_id for line in lines if line.facts.is_open}
    periods = BottleneckPeriod.objects.filter(line__in=plants, ended_at__isnull=True).select_related("pool", "line")
    found = []
    for period in periods:
        waiting = sum(
            line.order.plant_id == period.line_id and awaits_pool(line.facts, period.pool.code, StagePlace.PLANT)
            for line in lines
        )
        if waiting:
            found.append(HeldUpLine(period.line.name, period.pool.name, period.started_at, waiting))
    return found
