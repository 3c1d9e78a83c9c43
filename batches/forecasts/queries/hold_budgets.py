"""The hold-time budgets of orders, read for whoever tells them (batches/forecasts/rules/hold_budgets.py)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from batches.forecasts.queries.predictions import told_predictions
from batches.forecasts.rules.hold_budgets import HoldBudget, hold_budgets
from batches.judgement.queries import Readings, orders_named, stage_runs_of
from batches.judgement.rules.facts import Surroundings
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus
from supplychain.sql import read, texts

# Few orders have cells whose time is limited and runs: only of these more is read.
LIMITED_SQL = """SELECT DISTINCT r.order_id FROM supplychain_stagerun r
    JOIN supplychain_patientorder o ON o.id = r.order_id
    WHERE r.order_id = ANY(%(ids)s::uuid[]) AND o.status = ANY(%(open)s) AND r.withdrawn_at IS NULL
    AND r.status = ANY(%(standing)s) AND (r.wait_until IS NOT NULL OR r.details ? 'qualified_until')"""
STANDING = [StageStatus.READY.value, StageStatus.RUNNING.value, StageStatus.HELD.value]


def hold_budgets_of(order_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[HoldBudget]]:
    """What is left at `now` of the limits that run for the cells of each of these orders, the first to end first; one
    query, and three more where any has such a limit."""
    rows = read(LIMITED_SQL, ids=texts(order_ids), open=list(OPEN_ORDER_STATUSES), standing=STANDING)
    limited = [order_id for (order_id,) in rows]
    if not limited:
        return {}
    named = texts(limited)
    known = Readings(stage_runs_of(named), {}, Surroundings({}, {}), told_predictions(named))
    found = {row.id: hold_budgets(known.facts_of(row), now) for row in orders_named(limited)}
    return {order_id: budgets for order_id, budgets in found.items() if budgets}
