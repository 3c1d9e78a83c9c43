"""Readings for the judgement: a constant number of statements however many orders are judged.

Rows are read as tuples and ids mostly as text: this is the hot path of the worker.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from batches.models import Flag, Forecast
from batches.queries.predictions import standing_predictions
from batches.rules.facts import (
    FEWEST_RUNS_FOR_MEDIAN,
    OrderFacts,
    OrderRow,
    RunFacts,
    SharedIdentifier,
    Surroundings,
    Usual,
    order_facts,
)
from batches.rules.flag_changes import KnownFlag
from batches.rules.forecasts import ForecastFinding, StandingForecast
from batches.rules.outlooks import order_to_come, outlook
from batches.rules.predictions.said import StandingPrediction
from supplychain.queries import flow_plan
from supplychain.sql import from_json, read, texts
from supplychain.statuses import UNSHARED_IDENTIFIER_KINDS, IdentifierKind, OrderStatus

ORDERS_SQL = """SELECT id::text, flow_id::text, product_id::text,
    ordering_site_id::text, collection_site_id::text, infusion_site_id::text, plant_id::text,
    status, attempt, ordered_at, promised_at, held_at, last_recorded_at, evaluate_after, surprises::text,
    CASE status WHEN 'cancelled' THEN cancelled_at WHEN 'closed' THEN closed_at END,
    CASE status WHEN 'closed' THEN (SELECT min(e.recorded_at) FROM supplychain_statusevent e
        WHERE e.order_id = supplychain_patientorder.id AND e.stage = '' AND e.kind = 'closed') END,
    plant_id
    FROM supplychain_patientorder"""
# Any number of workers may claim at once: each takes what no other has, and leaves an order alone into which an event
# is being recorded (that makes it due again).
CLAIM_SQL = f"""{ORDERS_SQL} WHERE evaluate_after <= %(now)s ORDER BY evaluate_after LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED"""
NAMED_SQL = f"{ORDERS_SQL} WHERE id = ANY(%(ids)s::uuid[])"
RUNS_SQL = """SELECT r.order_id::text, s.code, r.attempt, r.site_id::text, r.pool, r.status,
    r.ready_at, r.started_at, r.completed_at, r.failed_at, r.held_at, r.planned_start_at, r.planned_end_at,
    r.details ->> 'planned_pickup_at', r.details ->> 'planned_delivery_at', r.details ->> 'qualified_until',
    CASE WHEN r.status = 'failed' AND s.may_end_after_release THEN (SELECT max(e.recorded_at)
        FROM supplychain_statusevent e WHERE e.order_id = r.order_id AND e.stage = s.code AND e.kind = 'failed') END
    FROM supplychain_stagerun r JOIN supplychain_stage s ON s.id = r.stage_id
    WHERE r.order_id = ANY(%(ids)s::uuid[])"""
# Identifiers are never taken back, so a wrong number stands until its order says another one: a donation or batch
# number counts while some stage run still says it, or if none says any. A chain of identity always counts.
STANDS_SQL = """(COALESCE((SELECT bool_or(r.details ->> said.detail = {0}.value)
    FROM supplychain_stagerun r, (SELECT CASE {0}.kind WHEN %(donation)s THEN 'donation_number'
        WHEN %(batch)s THEN 'batch_number' END AS detail) said
    WHERE r.order_id = {0}.order_id AND r.details ->> said.detail IS NOT NULL), true))"""
# Batch numbers are the plants' own, so only within one plant do two equal ones mean one batch. One value under two
# kinds is a label that was read into the wrong field.
SHARED_SQL = f"""SELECT mine.order_id, mine.kind, mine.value, theirs.order_id, other.coi,
    other.patient_reference = this.patient_reference AND other.ordering_site_id = this.ordering_site_id,
    GREATEST(mine.recorded_at, theirs.recorded_at), theirs.kind,
    {STANDS_SQL.format("mine")} AND {STANDS_SQL.format("theirs")},
    other.status = %(cancelled)s,
    ARRAY[other.ordering_site_id, other.collection_site_id, other.infusion_site_id, other.plant_id]
        @> ARRAY[this.ordering_site_id, this.collection_site_id, this.infusion_site_id, this.plant_id]
    FROM supplychain_identifier mine
    JOIN supplychain_identifier theirs
        ON theirs.value = mine.value AND theirs.kind = ANY(%(kinds)s) AND theirs.order_id <> mine.order_id
    JOIN supplychain_patientorder this ON this.id = mine.order_id
    JOIN supplychain_patientorder other ON other.id = theirs.order_id
    WHERE mine.order_id = ANY(%(ids)s::uuid[]) AND mine.kind = ANY(%(kinds)s)
    AND (mine.kind <> %(batch)s OR theirs.kind <> %(batch)s OR other.plant_id = this.plant_id)
    ORDER BY mine.kind, mine.value, other.coi, theirs.kind"""
QUEUES_SQL = """SELECT p.site_id::text, p.code, s.expected_wait_hours FROM batches_poolstate s
    JOIN batches_pool p ON p.id = s.pool_id WHERE p.site_id = ANY(%(sites)s::uuid[])"""
USUAL_SQL = """SELECT site_id::text, product_id::text, stage, median_hours, runs FROM batches_typicalduration
    WHERE site_id = ANY(%(sites)s::uuid[]) AND product_id = ANY(%(products)s::uuid[]) AND runs >= %(fewest)s"""
UNFLAGGED_SQL = """SELECT o.id FROM supplychain_patientorder o WHERE o.id = ANY(%(ids)s::uuid[])
    AND NOT o.status = ANY(%(ended)s) AND NOT EXISTS (
        SELECT 1 FROM batches_flag f WHERE f.order_id = o.id AND f.code = %(code)s AND f.cleared_at IS NULL)"""
KNOWN_COLUMNS = tuple("evidence__gist" if name == "gist" else name for name in KnownFlag._fields)
ENDED = [OrderStatus.CANCELLED.value, OrderStatus.CLOSED.value]


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read for some orders, ready to be put together order by order.

    `shared`: what they share or once shared with other orders.
    """

    runs: Mapping[UUID, list[RunFacts]]
    shared: Mapping[UUID, tuple[SharedIdentifier, ...]]
    around: Surroundings
    predictions: Mapping[UUID, StandingPrediction] = field(default_factory=dict)

    def facts_of(self, row: OrderRow) -> OrderFacts:
        """The facts of one order. Raises whatever unreadable rows make the rules raise."""
        return order_facts(
            row,
            flow_plan(row.flow_id),
            self.runs.get(row.id, ()),
            self.around,
            from_json(row.surprises),
            tuple(one for one in self.shared.get(row.id, ()) if one.stands),
            self.predictions.get(row.id),
        )


def claim_due_orders(*, now: datetime, limit: int) -> list[OrderRow]:
    """Lock at most `limit` orders that are due for judgement, longest due first."""
    return _orders(CLAIM_SQL, now=now, limit=limit)


def orders_named(order_ids: Iterable[UUID]) -> list[OrderRow]:
    """These orders, without a lock."""
    return _orders(NAMED_SQL, ids=texts(order_ids))


def readings_for(rows: Sequence[OrderRow]) -> Readings:
    """Everything that the rules need to know of these orders."""
    order_ids = texts(row.id for row in rows)
    return Readings(
        stage_runs_of(order_ids),
        identifiers_shared_by(order_ids),
        surroundings_of(rows),
        standing_predictions(order_ids),
    )


def readings_to_forecast(rows: Sequence[OrderRow]) -> Readings:
    """What the forecast of these orders needs to know: three statements."""
    return Readings(stage_runs_of(texts(row.id for row in rows)), {}, surroundings_of(rows))


def known_flags(order_ids: Iterable[UUID]) -> dict[UUID, list[KnownFlag]]:
    """All flags of these orders, raised now or cleared before."""
    flags: dict[UUID, list[KnownFlag]] = {}
    rows = Flag.objects.filter(order__in=list(order_ids)).values_list(*KNOWN_COLUMNS)
    for flag in map(KnownFlag._make, rows):
        flags.setdefault(flag.order_id, []).append(flag)
    return flags


def standing_forecasts(order_ids: Iterable[UUID]) -> dict[UUID, StandingForecast]:
    """The forecast that stands for each of these orders, if there is one."""
    rows = Forecast.objects.filter(order__in=list(order_ids), superseded_at=None)
    columns = ("order_id", "id", "made_at", "ready_at", "slack_hours", "evidence__promised_at")
    return {order_id: StandingForecast(*rest) for order_id, *rest in rows.values_list(*columns)}


def unflagged_orders(order_ids: Collection[UUID], code: str) -> list[UUID]:
    """Which of these orders, if they have not ended, have no raised flag of this code."""
    rows = read(UNFLAGGED_SQL, ids=texts(order_ids), ended=ENDED, code=code)
    return [order_id for (order_id,) in rows]


def ready_outlook(flow_id: UUID, product_id: UUID, sites: Mapping[str, UUID], now: datetime) -> ForecastFinding | None:
    """When a dose ordered now at these sites (by place) would be ready; two queries."""
    flow = flow_plan(flow_id)
    around = surroundings_of([order_to_come(flow, product_id, sites, now)])
    return outlook(flow, product_id, sites, around, now)


def _orders(sql: str, **parameters: Any) -> list[OrderRow]:
    uuid = cache(UUID)  # few flows, products and sites stand in many rows
    return [
        OrderRow(UUID(row[0]), uuid(row[1]), uuid(row[2]), frozenset(map(uuid, row[3:7])), *row[7:])
        for row in read(sql, **parameters)
    ]


def stage_runs_of(order_ids: list[str]) -> dict[UUID, list[RunFacts]]:
    """The stage runs of each of these orders (ids as text); one query."""
    runs: dict[str, list[RunFacts]] = {order_id: [] for order_id in order_ids}
    for order_id, *run in read(RUNS_SQL, ids=order_ids):
        runs[order_id].append(RunFacts._make(run))
    return {UUID(order_id): of_order for order_id, of_order in runs.items()}


def identifiers_shared_by(order_ids: list[str]) -> dict[UUID, tuple[SharedIdentifier, ...]]:
    """What each of these orders (ids as text) shares with others; one query."""
    shared: dict[UUID, tuple[SharedIdentifier, ...]] = {}
    codes = {
        "kinds": [kind.value for kind in UNSHARED_IDENTIFIER_KINDS],
        "batch": IdentifierKind.BATCH.value,
        "donation": IdentifierKind.DONATION.value,
        "cancelled": OrderStatus.CANCELLED.value,
    }
    for order_id, *rest in read(SHARED_SQL, ids=order_ids, **codes):
        shared[order_id] = (*shared.get(order_id, ()), SharedIdentifier(*rest))
    return shared


def surroundings_of(rows: Sequence[OrderRow]) -> Surroundings:
    """The queues and usual durations at the sites of these orders; two queries."""
    sites = texts({site for row in rows for site in row.sites})
    products = texts({row.product_id for row in rows})
    queues = {(site, code): wait for site, code, wait in read(QUEUES_SQL, sites=sites)}
    usual = read(USUAL_SQL, sites=sites, products=products, fewest=FEWEST_RUNS_FOR_MEDIAN)
    return Surroundings(queues, {tuple(key): Usual(hours, runs) for *key, hours, runs in usual})
