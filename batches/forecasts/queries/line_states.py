"""Everything that the forecast of one line reads: a constant number of statements, however many orders it has."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from batches.capacity.models import PoolCapacity
from batches.durations.queries.runs import learned_curves
from batches.forecasts.queries.refinements import refinements_of
from batches.forecasts.rules.demand import RATE_WINDOW
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, OrderKind, PoolKey
from batches.judgement.queries import Readings, readings_to_forecast
from batches.judgement.rules.facts import OrderRow
from batches.judgement.statuses import PLACES
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, OPEN_ORDER_STATUSES, OrderStatus
from supplychain.sql import LOST, reason_of
from supplychain.transport.queries import lanes_of_plants

# Open orders, and infused ones of which a test still holds a place. Read with each site on its own.
ORDERS_SQL = """SELECT o.id, o.flow_id, o.product_id, o.ordering_site_id, o.collection_site_id, o.infusion_site_id,
    o.plant_id, o.status, o.attempt, o.ordered_at, o.promised_at, o.held_at, o.last_recorded_at, o.priority
    FROM supplychain_patientorder o WHERE o.plant_id = %(line)s AND o.status = ANY(%(open)s)
    UNION ALL SELECT o.id, o.flow_id, o.product_id, o.ordering_site_id, o.collection_site_id, o.infusion_site_id,
    o.plant_id, o.status, o.attempt, o.ordered_at, o.promised_at, o.held_at, o.last_recorded_at, o.priority
    FROM supplychain_patientorder o WHERE o.status = %(infused)s AND o.plant_id = %(line)s AND o.id IN (
        SELECT r.order_id FROM supplychain_stagerun r WHERE r.site_id = %(line)s AND r.pool <> ''
        AND r.withdrawn_at IS NULL AND r.status = ANY(%(active)s))"""


def line_facts(line_id: UUID, now: datetime) -> LineFacts:
    """The facts of the line as recorded by now: eleven statements, and one for each flow that this process meets first.

    An order whose rows cannot be read is named in `unreadable`.
    """
    rows, kinds, unreadable = _orders(line_id)
    recent = recent_kinds(line_id, now)
    offered = offered_kinds(recent)
    every = (*kinds.values(), *recent, *offered)
    sites = {site for kind in every for site in kind.sites.values()} | {str(line_id)}
    lanes = lanes_of_plants([str(line_id)])
    orders = _readable(rows, kinds, readings_to_forecast(rows, lanes), unreadable)
    return LineFacts(
        line=str(line_id),
        orders=orders,
        recent=recent,
        offered=offered,
        pools=pool_steps(sites),
        curves=learned_curves({kind.product for kind in every}, sites),
        unreadable=unreadable,
        refined=refinements_of(line_id).refined,
        lanes=lanes,
    )


def _orders(line_id: UUID) -> tuple[list[OrderRow], dict[UUID, OrderKind], dict[str, str]]:
    parameters: dict[str, Any] = {
        "line": line_id,
        "open": [status.value for status in OPEN_ORDER_STATUSES],
        "infused": OrderStatus.INFUSED.value,
        "active": [status.value for status in ACTIVE_STAGE_STATUSES],
    }
    with connection.cursor() as cursor:
        cursor.execute(ORDERS_SQL, parameters)
        found = cursor.fetchall()
    rows, kinds, unreadable = [], {}, {}
    for order_id, flow_id, product_id, *rest in found:
        sites, (status, attempt, ordered_at, promised_at, held_at, last_at, priority) = rest[:4], rest[4:]
        try:
            kinds[order_id] = order_kind(flow_id, product_id, sites, priority)
        except LOST:
            raise
        except Exception as error:  # noqa: BLE001 - a flow that cannot be read stays with its orders
            unreadable[str(order_id)] = reason_of(error)
            continue
        rows.append(
            OrderRow(order_id, flow_id, product_id, frozenset(sites), status, attempt, ordered_at, promised_at,
                     held_at, last_at, plant_id=line_id, places=kinds[order_id].sites)
        )  # fmt: skip
    return rows, kinds, unreadable


def recent_kinds(line_id: UUID, now: datetime) -> list[OrderKind]:
    """The orders that the line got lately, oldest first."""
    placed = PatientOrder.objects.filter(plant=line_id, ordered_at__gt=now - RATE_WINDOW, ordered_at__lte=now)
    placed = placed.exclude(status=OrderStatus.CANCELLED)
    columns = ("flow_id", "product_id", *(f"{place}_id" for place in PLACES), "priority")
    kinds = []
    for row in placed.order_by("ordered_at", "id").values_list(*columns):
        with suppress(ValueError, LookupError, TypeError, AttributeError):  # its open orders are `unreadable`
            kinds.append(order_kind(row[0], row[1], row[2:6], row[6]))
    return kinds


def offered_kinds(recent: Sequence[OrderKind]) -> list[OrderKind]:
    """Flows that may be ordered and that the line did not get lately, as if from the sites of its newest order, of the
    same product if there is one; none of a line that got no orders."""
    flows = Flow.objects.filter(is_current=True, product__is_active=True).order_by("product__code", "code")
    got, newest = {kind.flow.id for kind in recent}, {kind.product: kind for kind in recent}
    kinds = []
    for flow_id, product_id in flows.values_list("pk", "product_id") if recent else ():
        with suppress(ValueError, LookupError, TypeError, AttributeError):  # a flow that cannot be read has no orders
            like = newest.get(_text(product_id), recent[-1])
            if flow_id not in got:
                kinds.append(like._replace(flow=flow_plan(flow_id), product=_text(product_id)))
    return kinds


def order_kind(flow_id: UUID, product_id: UUID, sites: Iterable[UUID], priority: str) -> OrderKind:
    """What decides the way of an order; `sites` in the order of PLACES."""
    places = dict(zip((place.value for place in PLACES), map(_text, sites), strict=True))
    return OrderKind(flow_plan(flow_id), _text(product_id), places, priority)


@cache
def _text(one: UUID) -> str:
    return str(one)


def _readable(
    rows: list[OrderRow], kinds: dict[UUID, OrderKind], readings: Readings, unreadable: dict[str, str]
) -> list[LineOrder]:
    """The orders that can be read; the others are added to `unreadable`."""
    orders = []
    for row in rows:
        try:
            orders.append(LineOrder(kinds[row.id], readings.facts_of(row)))
        except Exception as error:  # noqa: BLE001 - whatever one order's rows raise stays with it
            unreadable[str(row.id)] = reason_of(error)
    return orders


def pool_steps(sites: Iterable[str]) -> dict[PoolKey, list[tuple[datetime, int]]]:
    """Capacity steps by (site, code); a pool without any is not in it."""
    steps: dict[PoolKey, list[tuple[datetime, int]]] = defaultdict(list)
    rows = PoolCapacity.objects.filter(pool__site__in=list(sites)).order_by("starts_at")
    for site, code, starts_at, places in rows.values_list("pool__site", "pool__code", "starts_at", "places"):
        steps[str(site), code].append((starts_at, places))
    return dict(steps)
