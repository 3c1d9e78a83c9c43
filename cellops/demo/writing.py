"""Bringing the demo's past in, day by day, through the same actions as everybody else."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from batches.capacity.actions import create_pool, create_suite, set_capacity
from batches.outcomes.actions import refresh_outcomes
from batches.ramp_ups.actions.runs import start_outlooks, start_replays
from cellops.demo.checks import write_checks
from cellops.demo.delays import write_lanes
from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.flows import checked_flows, shipped_flows, write_requirements
from cellops.demo.inboxes import read_old_messages, tell_all
from cellops.demo.judging import forecast_all_lines, judge_all, judge_due_orders, learn_all, review_all_pools
from cellops.demo.packing import write_shippers
from cellops.demo.people import write_flag_work, write_people
from cellops.demo.plan import DemoPlan, make_plan
from cellops.demo.readings import write_readings
from cellops.demo.sites import COURIER, HOSPITALS, SITES, SOURCES, DemoSite
from supplychain.flows.actions import load_flow
from supplychain.orders.actions.changes import KEPT_FOR, forget_changes
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.actions.placing import PlacedOrder, place_orders
from supplychain.orders.statuses import Priority, ReportOutcome
from supplychain.sites.actions import create_site
from supplychain.sites.models import Site
from supplychain.systems.actions import SourceCredentials, create_source

# How long before `now` which stretch of time is brought in at once: the newer, the finer, so that what was recorded
# lately was recorded soon after it happened.
WINDOWS = (
    (timedelta(days=2), timedelta(hours=2)),
    (timedelta(days=10), timedelta(hours=12)),
    (timedelta(days=30), timedelta(days=1)),
)
USUAL_WINDOW = timedelta(days=3)
# Before the first order everything is set up already.
LEAD_TIME = timedelta(days=1)
# Flags and forecasts are kept as they would have been for this last part of the past, judged once a day.
JUDGED = timedelta(days=7)
# In the last day with every window: what nobody acknowledged has been escalated by then, and does not fill the inboxes
# half an hour after the start.
FOLLOWED = timedelta(days=1)
# Before that, lines are forecast once a week, so that there is something to score the forecasts by. In the last part of
# it orders are judged at those moments, so that there are flags of which it is known what came; oftener takes too long.
FORECAST_EVERY = timedelta(days=7)
WATCHED = timedelta(weeks=17)


class DemoBroken(Exception):
    """The demo's own data were refused: a defect of the demo, not of its user."""


@dataclass(slots=True)
class _Writer:
    plan: DemoPlan
    reporters: Mapping[str, Reporter]
    order_ids: dict[int, UUID] = field(default_factory=dict)
    told: int = 0
    last_rows: dict[str, dict[str, Any]] = field(default_factory=dict)


@transaction.atomic
def write_demo(
    *, seed: int, orders: int, now: datetime, told: Callable[[float], None] = lambda share: None
) -> tuple[DemoPlan, list[SourceCredentials]]:
    """Make the demo up and bring it in, all or nothing; `told` hears the share (0–1) that is done.

    Returns the plan and what each source signs in with.
    """
    plan = make_plan(seed=seed, orders=orders, now=now, flows=checked_flows())
    set_up_at = plan.start - LEAD_TIME
    for text in shipped_flows().values():
        load_flow(text, by=None, now=set_up_at)
    write_requirements()
    sites = _write_sites(plan.now)
    credentials = [
        create_source(
            code=source.code, name=source.name, kind=source.kind, sites=[site.code for site in source.sites], by=None
        )
        for source in SOURCES
    ]
    _write_pools(plan, sites, set_up_at)
    people = write_people()
    writer = _Writer(plan, {one.source.code: Reporter.of_source(one.source) for one in credentials})
    for done in _write_history(writer):
        told(0.9 * done)
    _write_conflict(writer)
    write_checks(people, {order.coi for risk in plan.risks for order in risk.orders}, plan.now)
    write_readings(people["qa"], writer.reporters[COURIER.code], plan.now)
    learn_all(now=plan.now)
    judge_all(now=plan.now, paths=None)
    start_replays(now=plan.now)
    start_outlooks(now=plan.now)
    while refresh_outcomes():
        pass
    write_flag_work(people, plan.now)
    tell_all(now=plan.now)
    read_old_messages(people.values(), now=plan.now)
    _count_rows()
    told(1.0)
    return plan, credentials


def _count_rows() -> None:
    """Tell PostgreSQL how much there is now.

    Nobody else sees the rows of this transaction: pages would be planned on the statistics of an empty database, by
    which the control tower joins every row with every other (sixty orders: more than a minute).
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _write_sites(now: datetime) -> dict[str, Site]:
    """The sites by code, with the lanes between them and their shippers."""
    sites = {site.code: _write_site(site) for site in SITES}
    write_lanes(sites)
    write_shippers(sites, now)
    return sites


def _write_site(site: DemoSite) -> Site:
    own = {
        "code": site.code,
        "name": site.name,
        "kind": site.kind,
        "time_zone": site.time_zone,
        "telephone": site.telephone,
    }
    return create_site(facilities=[site.facility] if site.facility else [], by=None, **own)


def _write_pools(plan: DemoPlan, sites: Mapping[str, Site], set_up_at: datetime) -> None:
    for pool in plan.pools:
        (_, places), *later = pool.steps
        stored = create_pool(
            site=sites[pool.site], code=pool.code, name=pool.name, places=places, starts_at=set_up_at, by=None,
            now=set_up_at,
        )  # fmt: skip
        for starts_at, more in later:
            set_capacity(stored, places=more, starts_at=starts_at, by=None, now=set_up_at)
        if pool.code == "suite":
            for place in range(1, pool.most_places + 1):
                create_suite(stored, code=pool.place_name(place), by=None)


def _write_history(writer: _Writer) -> Iterator[float]:
    """Bring the past in; yields the share (0–1) that is done."""
    plan = writer.plan
    orders = sorted(plan.orders, key=lambda order: order.ordered_at)
    placed = told = 0
    first_judged = judged = plan.now - JUDGED
    forecast = plan.start + FORECAST_EVERY
    for end in _window_ends(plan.start, plan.now):
        first_order, first_event = placed, told
        while placed < len(orders) and orders[placed].ordered_at <= end:
            placed += 1
        while told < len(plan.told) and plan.told[told].heard_at <= end:
            told += 1
        _place(writer, orders[first_order:placed], end)
        _tell(writer, plan.told[first_event:told], end)
        if end < first_judged:
            review_all_pools(now=end)  # so that there is a history of bottlenecks to look back on
            # All is one transaction, of which each review would read every change again.
            forget_changes(now=timezone.now() + KEPT_FOR)
        if end >= forecast:
            learn_all(now=end)
            if end < first_judged:
                _look_back_on(end, is_watched=end >= plan.now - WATCHED)
            forecast = end + FORECAST_EVERY
        if judged <= end < plan.now:
            judge_all(now=end, fresh_durations=judged == first_judged)
            tell_all(now=end)
            judged = end + timedelta(days=1)
        elif plan.now - FOLLOWED <= end < plan.now:
            judge_due_orders(now=end)
            tell_all(now=end)
        yield told / max(len(plan.told), 1)


def _look_back_on(moment: datetime, *, is_watched: bool) -> None:
    """Forecast every line with what was recorded by then, and judge what was due then, as the workers would have."""
    forecast_all_lines(now=moment)
    if is_watched:
        judge_due_orders(now=moment)
        tell_all(now=moment)


def _window_ends(start: datetime, now: datetime) -> Iterator[datetime]:
    end = start
    while end < now:
        widths = (width for before, width in WINDOWS if end >= now - before)
        end = min(end + next(widths, USUAL_WINDOW), now)
        yield end


def _place(writer: _Writer, orders: Sequence[DemoOrder], now: datetime) -> None:
    if not orders:
        return
    answers = place_orders([_request(order) for order in orders], by=writer.reporters[HOSPITALS.code], now=now)
    for order, answer in zip(orders, answers, strict=True):
        if not isinstance(answer, PlacedOrder):
            raise DemoBroken(f"{order}: {answer}")
        writer.order_ids[order.index] = answer.order_id


def _request(order: DemoOrder) -> dict[str, Any]:
    return {
        "product": order.journey.product,
        "flow": order.journey.flow,
        "patient_reference": order.patient_reference,
        "ordering_site": order.centre.code,
        "plant": order.journey.plant.code,
        "coi": order.coi,
        "hospital_order_number": order.hospital_order_number,
        "ordered_at": order.ordered_at,
        "promised_at": order.promised_at,
        "priority": Priority.URGENT if order.urgent else Priority.ROUTINE,
        "source_event_id": f"order-{order.hospital_order_number}",
    }


def _tell(writer: _Writer, events: Sequence[DemoEvent], now: datetime) -> None:
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        writer.told += 1
        rows[event.source].append(_row(event, writer.order_ids[event.order], writer.told))
    for source, said in rows.items():
        results = record_events(said, by=writer.reporters[source], now=now)
        refused = [result for result in results if result.outcome != ReportOutcome.CREATED]
        if refused:
            raise DemoBroken(str(refused[0]))
        writer.last_rows[source] = said[-1]


def _row(event: DemoEvent, order_id: UUID, number: int) -> dict[str, Any]:
    row = {
        "source_event_id": f"{event.source}-{number:06d}",
        "order": str(order_id),
        "kind": event.kind,
        "stage": event.stage,
        "occurred_at": event.occurred_at.isoformat(),
        "resource": event.resource,
        "payload": event.payload,
    }
    return row if event.attempt is None else row | {"attempt": event.attempt}


def _write_conflict(writer: _Writer) -> None:
    """One system says something else under an id that it has used: kept, and refused as a fact."""
    row = writer.last_rows[HOSPITALS.code]
    earlier = datetime.fromisoformat(row["occurred_at"]) - timedelta(hours=2)
    changed = row | {"occurred_at": earlier.isoformat()}
    record_events([changed], by=writer.reporters[HOSPITALS.code], now=writer.plan.now)
