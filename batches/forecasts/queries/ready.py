"""The one forecast of when an order's dose is ready, read for whoever tells it (batches/forecasts/rules/ready.py)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import FloatField
from django.db.models.expressions import RawSQL

from batches.forecasts.queries.predictions import JOINS, SAID_COLUMNS
from batches.forecasts.rules.conditions import (
    BEFORE_NEWS,
    FROM_STORED,
    REPEATED_THEN,
    RESTARTED_THEN,
    PlainForecast,
)
from batches.forecasts.rules.ready import ReadyForecast, ready_forecast
from batches.judgement.queries import CONFIRMED_SQL, COUNTING_SQL
from batches.judgement.rules.predictions import FRESH, StandingPrediction
from supplychain.orders.rules.promises import dose_date
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus, StageStatus
from supplychain.sql import read, texts

PLAIN_SQL = "LEFT JOIN batches_forecast plain ON plain.order_id = o.id AND plain.superseded_at IS NULL"
# The plain forecast that stood when the futures were last confirmed, where more was reported since: it tells whether
# they rest on a new attempt that had not begun. A moment's work, for only such orders are looked up.
THEN_SQL = f"""LEFT JOIN LATERAL (
        SELECT t.evidence ->> 'assumes_restart_from' AS restarts_from, t.evidence ->> 'assumes_repeated' AS repeats,
            (t.evidence ->> 'assumes_stored_cells')::boolean AS is_from_stored
        FROM batches_forecast t
        WHERE t.order_id = o.id AND t.made_at <= {CONFIRMED_SQL} AND o.last_recorded_at > {CONFIRMED_SQL}
        ORDER BY t.made_at DESC LIMIT 1) was_then ON true"""
# The same as supplychain/orders/rules/standing.py says of an order and the runs that count for it.
ON_HOLD_SQL = """o.status = %(on_hold)s OR EXISTS (SELECT 1 FROM supplychain_stagerun r WHERE r.order_id = o.id
        AND r.status = %(held)s AND r.attempt <= o.attempt AND r.withdrawn_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM supplychain_stagerun n WHERE n.order_id = o.id AND n.stage_id = r.stage_id
            AND n.attempt > r.attempt AND n.attempt <= o.attempt AND n.withdrawn_at IS NULL))"""
READY_SQL = f"""SELECT o.id, o.promised_at, o.confirmed_at, {ON_HOLD_SQL},
    plain.ready_at, plain.made_at, COALESCE((plain.evidence ->> 'is_reached')::boolean, false),
    COALESCE(plain.evidence ->> 'assumes_restart_from', ''), COALESCE(plain.evidence ->> 'assumes_ended', ''),
    COALESCE(plain.evidence ->> 'assumes_cleared', ''), COALESCE(plain.evidence ->> 'assumes_booked', ''),
    COALESCE(plain.evidence ->> 'assumes_repeated', ''),
    COALESCE((plain.evidence ->> 'assumes_stored_cells')::boolean, false),
    {SAID_COLUMNS},
    CASE WHEN p.id IS NULL THEN o.version > 1 ELSE o.last_recorded_at > {CONFIRMED_SQL} END,
    COALESCE(was_then.restarts_from, '') <> '', COALESCE(was_then.repeats, ''),
    COALESCE(was_then.is_from_stored, false),
    CASE WHEN o.change_request ->> 'outcome' IS NULL THEN o.change_request ->> 'wish' END
    FROM supplychain_patientorder o {PLAIN_SQL} {JOINS} {THEN_SQL}
    WHERE o.id = ANY(%(ids)s::uuid[]) AND o.status = ANY(%(open)s)"""
# The slack of the same forecast, to sort by; what no future can foresee is later than anything else.
SLACK_COLUMNS = ("id", "promised_at", "plant_id", "flow_id", "priority", "status", "ordered_at")
SLACK_SQL = f"""(SELECT EXTRACT(EPOCH FROM o.promised_at - CASE
        WHEN COALESCE((plain.evidence ->> 'is_reached')::boolean, false) THEN plain.ready_at
        WHEN {COUNTING_SQL} THEN COALESCE(p.ready_median, p.made_at + interval '400 days')
        WHEN was_told.made_at > %s AND COALESCE(c.is_used, true) THEN was_told.ready_median
        ELSE plain.ready_at END)::float8 / 3600
    FROM (SELECT {", ".join(f"supplychain_patientorder.{name}" for name in SLACK_COLUMNS)}) o {PLAIN_SQL} {JOINS})"""


def ready_forecasts(order_ids: Iterable[UUID], now: datetime) -> dict[UUID, ReadyForecast]:
    """What is said at `now` of each of these orders that is open, if anything; one query."""
    held, on_hold = StageStatus.HELD.value, OrderStatus.ON_HOLD.value
    rows = read(READY_SQL, ids=texts(order_ids), open=list(OPEN_ORDER_STATUSES), held=held, on_hold=on_hold)
    found = {}
    for order_id, promised_at, confirmed_at, is_held, *rest, wish in rows:
        plain, said, was = rest[:9], rest[9:-4], rest[-4:]
        ready = ready_forecast(
            PlainForecast(*plain) if plain[0] else None,
            StandingPrediction(*said, {}) if said[1] else None,
            promised_at=promised_at, is_held=is_held, now=now, date=dose_date(confirmed_at),
            news=_news(*was), wish=wish or "",
        )  # fmt: skip
        if ready:
            found[order_id] = ready
    return found


def _news(is_before: bool, was_restart: bool, was_repeated: str, was_from_stored: bool) -> str:
    """On what futures rested that were made before what was reported last; empty: they were not."""
    if not is_before:
        return ""
    if was_repeated:
        return REPEATED_THEN.format(was_repeated)
    return RESTARTED_THEN + (FROM_STORED if was_from_stored else "") if was_restart else BEFORE_NEWS


def slack_of_orders(now: datetime) -> RawSQL:
    """Hours from the forecast to the promise of each order of a query, for sorting; NULL without one of them."""
    return RawSQL(SLACK_SQL, (now - FRESH, now - FRESH), output_field=FloatField())
