"""Readings for ramp-up: a line as scenarios see it, from its own flows, durations, pools and orders."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import isfinite
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from batches.capacity.models import Pool, PoolCapacity
from batches.durations.queries.runs import LearnedCurve, learned_curves
from batches.durations.rules.curves import Curve
from batches.durations.rules.start_hours import StartHours, hours_of
from batches.forecasts.queries.line_states import line_facts
from batches.forecasts.queries.refinements import refinements_of
from batches.forecasts.rules.line_states import Foreseen, LineState, line_state
from batches.lines.rules.pool_facts import capacity_at
from batches.ramp_ups.models import LineCosts, Scenario
from batches.ramp_ups.rules.lines import (
    DAY,
    DEFAULT_ALLOWANCE,
    FEWEST_WEEKS,
    LearnedPattern,
    LineJourney,
    LineStage,
    OpenOrder,
    OpenVisit,
    SimulatedLine,
    SimulatedPool,
    planned_hours,
)
from batches.ramp_ups.rules.seasons import MOST_MONTHS, learned_months, learned_weekdays
from batches.simulation.rules.network import OrderAhead, Visit
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.models import PatientOrder
from supplychain.orders.rules.waits import permitted_hours
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

RATE_WEEKS = 26
PLANNERS = (Role.OPERATIONS, Role.QA, Role.ADMINISTRATOR)
HOUR = timedelta(hours=1)
Ordered = tuple[UUID, UUID, datetime, datetime | None]


def planned_lines(user: User) -> QuerySet[Site]:
    """Plants whose ramp-up the person may plan; all others do not exist for them."""
    return Site.objects.filter(pk__in=user.site_ids(*PLANNERS), kind=SiteKind.PLANT)


def scenarios_of(user: User) -> QuerySet[Scenario]:
    """The person's own scenarios and those shared with the people of their lines."""
    mine = Scenario.objects.filter(line__in=planned_lines(user))
    return mine.filter(owner=user) | mine.filter(is_shared=True)


def costs_of(scenario: Scenario) -> tuple[dict[str, float], str]:
    """Unit costs by name and their currency: the scenario's own, else those of its line; empty where none were said."""
    if scenario.costs:
        return scenario.costs, scenario.currency
    kept = LineCosts.objects.filter(line=scenario.line_id).first()
    return (kept.costs, kept.currency) if kept else ({}, "")


def read_line(plant: Site, *, now: datetime, live: bool = False) -> SimulatedLine:
    """The line as it is; with `live` everything under way too. A constant number of queries (and one a flow, once)."""
    orders = _newest_orders(plant, now)
    flows = list(Flow.objects.filter(is_current=True, product__is_active=True).select_related("product"))
    hours = refinements_of(plant.pk).refined.hours
    journeys = _journeys(plant, flows, orders, now, hours)
    allowance = _allowance(orders, flows, journeys)
    zone = now.astimezone(ZoneInfo(plant.time_zone))
    open_orders, open_curves = open_orders_of(plant, _state(plant, now)) if live else ((), ())
    return SimulatedLine(
        code=plant.code,
        name=plant.name,
        made_at=now.isoformat(),
        journeys=journeys,
        pools=pools_of(plant, at=now, known_by=now),
        allowance=allowance,
        week_hour=round(zone.weekday() * DAY + zone.hour + zone.minute / 60, 2),
        open_orders=open_orders,
        open_curves=open_curves,
        rate_weeks=rate_weeks(orders, now),
        weekdays=_weekdays(orders, zone),
        months=_months(plant, zone),
        hours=hours,
    )


def _newest_orders(plant: Site, now: datetime) -> list[Ordered]:
    since = now - timedelta(weeks=RATE_WEEKS)
    rows = PatientOrder.objects.filter(plant=plant, ordered_at__gt=since, ordered_at__lte=now)
    return list(rows.values_list("product_id", "flow_id", "ordered_at", "promised_at"))


def rate_weeks(orders: list[Ordered], now: datetime) -> float:
    """The weeks in which the orders of the line's rate are counted."""
    since = min((ordered_at for _, _, ordered_at, _ in orders), default=now)
    return min(max((now - since) / timedelta(weeks=1), FEWEST_WEEKS), RATE_WEEKS)


def _weekdays(orders: list[Ordered], here: datetime) -> LearnedPattern:
    """What the orders of the last whole weeks say of weekdays; `here`: now in the line's zone."""
    weeks = int(rate_weeks(orders, here)) if orders else 0
    counts = [0] * 7
    for _, _, ordered_at, _ in orders:
        if ordered_at > here - timedelta(weeks=weeks):
            counts[ordered_at.astimezone(here.tzinfo).weekday()] += 1
    return learned_weekdays(counts, weeks)


def _months(plant: Site, here: datetime) -> LearnedPattern:
    """What the orders of the last whole months say of months, none of them from before the line's first whole one."""
    month = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    since = _month(month.date(), -MOST_MONTHS - 1)
    mine = PatientOrder.objects.filter(plant=plant, ordered_at__gte=month.replace(year=since.year, month=since.month))
    by_month = mine.filter(ordered_at__lt=month).annotate(month=TruncMonth("ordered_at", tzinfo=here.tzinfo))
    counts = {one.date(): n for one, n in by_month.values_list("month").annotate(n=Count("pk")).order_by("month")}
    if not counts:
        return learned_months([])
    # The first month with orders need not be whole.
    first, months = _month(min(counts), 1), []
    while first < month.date():
        months.append((first, counts.get(first, 0)))
        first = _month(first, 1)
    return learned_months(months)


def _month(first: date, ahead: int) -> date:
    """The first day of the month so many months on."""
    at = first.year * 12 + first.month - 1 + ahead
    return date(at // 12, at % 12 + 1, 1)


def _journeys(
    plant: Site, flows: list[Flow], orders: list[Ordered], now: datetime, hours: StartHours
) -> tuple[LineJourney, ...]:  # fmt: skip
    """The current flows of every product that was ordered here, with the orders a week of each."""
    codes = dict(Flow.objects.filter(pk__in={flow for _, flow, *_ in orders}).values_list("pk", "code"))
    weeks = rate_weeks(orders, now)
    rates: dict[tuple[UUID, str], float] = defaultdict(float)
    for product, flow, *_ in orders:
        rates[product, codes[flow]] += 1 / weeks
    products = {product for product, _ in rates}
    curves = learned_curves([str(product) for product in products], [str(plant.pk)])
    begun = {(one.site, one.stage): at for at, one in enumerate(hours)}
    mine = sorted((flow for flow in flows if flow.product_id in products), key=lambda one: (one.product.code, one.code))
    return tuple(_journey(plant, flow, rates.get((flow.product_id, flow.code), 0.0), curves, begun) for flow in mine)


def _journey(
    plant: Site,
    flow: Flow,
    per_week: float,
    curves: dict[tuple[str, str, str], LearnedCurve],
    begun: dict[tuple[str, str], int],
) -> LineJourney:
    plan = flow_plan(flow.pk)
    stages = tuple(
        LineStage(
            code=stage.code, name=stage.name, kind=str(stage.kind), curve=learned.curve, after=stage.after,
            pool=stage.pool if stage.place == StagePlace.PLANT else "", keeps=stage.keeps_pool,
            fails=learned.failed_share, withdrawn=learned.withdrawn_share, longest_wait=permitted_hours(stage),
            planned=stage.planned_hours,
            hours=hours_of(begun, str(plant.pk) if stage.place == StagePlace.PLANT else "", stage.code),
        )
        for stage in plan.stages.values()
        for learned in [curves[str(flow.product_id), str(plant.pk), stage.code]]
    )  # fmt: skip
    return LineJourney(
        product=flow.product.code, flow=flow.code, name=f"{flow.product.name}, {flow.name}", stages=stages,
        exit=plan.exit, restart=plan.restart_stage, per_week=round(per_week, 6),
        promise=planned_hours(stages, plan.exit),
    )  # fmt: skip


def pools_of(plant: Site, *, at: datetime, known_by: datetime) -> tuple[SimulatedPool, ...]:
    """The plant's pools with the places they have at a moment and are to have after it, as recorded by `known_by`.

    A pool yet to open has none until then; one of which no places are recorded limits nothing, as in the forecast.
    """
    rows: dict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    recorded = PoolCapacity.objects.filter(pool__site=plant).order_by("starts_at")
    for pool_id, starts_at, places in recorded.values_list("pool_id", "starts_at", "places"):
        rows[pool_id].append((starts_at, places))
    pools = [pool for pool in Pool.objects.filter(site=plant).order_by("code") if pool.pk in rows]
    return tuple(
        SimulatedPool(pool.code, pool.name, ((0.0, capacity_at(rows[pool.pk], at, known_by)), *later))
        for pool in pools
        for later in [[(round((starts - at) / HOUR, 3), places) for starts, places in rows[pool.pk] if starts > at]]
    )


def _allowance(orders: Iterable[Ordered], flows: list[Flow], journeys: tuple[LineJourney, ...]) -> float:
    """Promised time as a multiple of the planned: the median of the newest orders with a promise."""
    codes = {flow.pk: f"{flow.product.code}/{flow.code}" for flow in flows}
    planned = {journey.key: journey.promise for journey in journeys}
    shares = [
        (promised - ordered) / HOUR / planned[codes[flow]]
        for _, flow, ordered, promised in orders
        if promised and planned.get(codes.get(flow, ""))
    ]
    return round(median(shares), 4) if shares else DEFAULT_ALLOWANCE


def _state(plant: Site, now: datetime) -> LineState:
    return line_state(line_facts(plant.pk, now), now)


def open_orders_of(plant: Site, state: LineState) -> tuple[tuple[OpenOrder, ...], tuple[Curve, ...]]:
    """Everything under way on a line, from its state; pools of other sites are taken as not limited."""
    codes = {at: code for at, (site, code) in enumerate(state.pool_keys) if site == str(plant.pk)}
    under_way = zip(state.foreseen, state.orders[: len(state.foreseen)], strict=True)
    return tuple(_open_order(one, ahead, codes, state.now) for one, ahead in under_way), tuple(state.curves)


def _open_order(one: Foreseen, ahead: OrderAhead, codes: dict[int, str], now: datetime) -> OpenOrder:
    stages = list(one.facts.stages.values())
    taken = [at for at, stage in enumerate(stages) if stage.plan.kind == StageKind.COLLECTION]
    ended = stages[taken[-1]].run.completed_at if taken else None
    return OpenOrder(
        key=ahead.key,
        visits=tuple(_open_visit(visit, codes) for visit in ahead.visits),
        exit=ahead.exit,
        collection=taken[-1] if taken and ended is None else -1,
        collected_at=None if ended is None else round((ended - now) / HOUR, 3),
        promised_at=ahead.promised_at if isfinite(ahead.promised_at) else None,
        rank=ahead.rank,
        attempts_left=ahead.attempts_left,
        begins_at=ahead.begins_at,
    )


def _open_visit(visit: Visit, codes: dict[int, str]) -> OpenVisit:
    return OpenVisit(
        stage=visit.stage, curve=visit.curve, after=visit.after, pool=codes.get(visit.pool, ""), keeps=visit.keeps,
        state=visit.state, ready_at=visit.ready_at, elapsed=visit.elapsed, booked_at=visit.booked_at,
        longest_wait=visit.longest_wait if isfinite(visit.longest_wait) else None, fails=visit.fails,
        withdrawn=visit.withdrawn, reopens=visit.reopens, hours=visit.hours,
    )  # fmt: skip
