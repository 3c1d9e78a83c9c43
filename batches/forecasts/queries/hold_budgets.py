"""The hold-time budgets of orders, read for whoever tells them (batches/forecasts/rules/hold_budgets.py)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import structlog

from batches.forecasts.queries.predictions import told_predictions
from batches.forecasts.rules.hold_budgets import HoldBudget, hold_budgets
from batches.judgement.queries import Readings, orders_named, stage_runs_of
from batches.judgement.rules.facts import OrderRow, RunFacts, Surroundings
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.waits import STORED
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, Ending, StageStatus
from supplychain.sql import read, texts
from supplychain.transport.queries import lanes_of_plants

# Few orders have cells whose time is limited and runs, and were not destroyed: only of these more is read.
LIMITED_SQL = """SELECT DISTINCT r.order_id FROM supplychain_stagerun r
    JOIN supplychain_patientorder o ON o.id = r.order_id
    WHERE r.order_id = ANY(%(ids)s::uuid[]) AND o.status = ANY(%(open)s) AND r.withdrawn_at IS NULL
    AND (SELECT holder FROM supplychain_custodyentry WHERE order_id = o.id AND withdrawn_at IS NULL AND since <= %(now)s
        ORDER BY position DESC LIMIT 1) IS DISTINCT FROM %(destroyed)s
    AND r.status = ANY(%(standing)s) AND (r.details ? 'qualified_until'
        OR (r.wait_until <= %(stored)s AND (r.status = %(ready)s OR r.started_at IS NULL)))"""
log = structlog.get_logger(__name__)
STANDING = [StageStatus.READY.value, StageStatus.RUNNING.value, StageStatus.HELD.value]


def hold_budgets_of(order_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[HoldBudget]]:
    """What is left at `now` of the limits that run for the cells of each of these orders, the first to end first; one
    query, three more where any has such a limit, four where a shipper under way does. None of an order that cannot be
    read."""
    ids = texts(order_ids)
    named = {"open": list(OPEN_ORDER_STATUSES), "standing": STANDING, "ready": StageStatus.READY.value}
    named |= {"stored": now + STORED, "now": now, "destroyed": Ending.DESTROYED.value}
    rows = read(LIMITED_SQL, ids=ids, **named) if ids else ()
    limited = [order_id for (order_id,) in rows]
    if not limited:
        return {}
    ids = texts(limited)
    rows, runs = orders_named(limited), stage_runs_of(ids)
    plants = {row.places[StagePlace.PLANT] for row in rows if any(map(_may_hang_on_lane, runs[row.id]))}
    around = Surroundings({}, {}, lanes_of_plants(plants) if plants else {})
    known = Readings(runs, {}, around, told_predictions(ids))
    found = {row.id: _budgets_of(row, known, now) for row in rows}
    return {order_id: budgets for order_id, budgets in found.items() if budgets}


def _may_hang_on_lane(run: RunFacts) -> bool:
    """Whether it is a shipment under way; which stages are transports its flow knows."""
    return run.status == StageStatus.RUNNING and run.qualified_until is not None


def _budgets_of(row: OrderRow, known: Readings, now: datetime) -> list[HoldBudget]:
    """Of one order; what makes it unreadable stays with it, and the judgement flags it."""
    try:
        return hold_budgets(known.facts_of(row), now)
    except Exception:
        log.exception("hold-time budget could not be told", order=str(row.id))
        return []
