"""The predictions that stand, as the rules read them."""

from collections.abc import Collection
from uuid import UUID

from batches.forecasts.models import RiskThreshold
from batches.forecasts.rules.thresholds import ActingCosts, Thresholds
from batches.judgement.queries import CONFIRMED_SQL
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.orders.statuses import OrderStatus
from supplychain.sql import from_json, read

NEW = f"('{OrderStatus.ORDERED.value}', '{OrderStatus.CONFIRMED.value}')"
# Of an order o and its standing prediction p: what its plant's line said of such an order before this one was placed,
# which the form for it told (queries/outlooks.py). It speaks until the line is forecast with the order in it.
# Of which orders it is asked stands innermost, so that what lines say is read for those alone.
FIRST_SQL = f"""LEFT JOIN LATERAL (
        SELECT n.made_at, o.ordered_at + interval '1 hour' * (n.kind ->> 'low_hours')::float8 AS ready_low,
            o.ordered_at + interval '1 hour' * (n.kind ->> 'median_hours')::float8 AS ready_median,
            o.ordered_at + interval '1 hour' * (n.kind ->> 'high_hours')::float8 AS ready_high
        FROM (SELECT (l.evidence #>> '{{newcomers,made_at}}')::timestamptz AS made_at,
                jsonb_array_elements(l.evidence #> '{{newcomers,kinds}}') AS kind
            FROM batches_lineforecast l WHERE l.line_id = o.plant_id AND p.id IS NULL AND o.status IN {NEW}) n
        WHERE n.kind ->> 'flow' = o.flow_id::text AND n.kind ->> 'priority' = o.priority
        AND n.made_at <= o.ordered_at) was_told ON true"""
# From an order o to what futures say of it, and to whether that is used.
JOINS = f"""LEFT JOIN batches_prediction p ON p.order_id = o.id AND p.superseded_at IS NULL
    LEFT JOIN batches_lineforecast f ON f.line_id = p.line_id
    LEFT JOIN batches_calibrationstate c ON c.line_id = o.plant_id {FIRST_SQL}"""
# The fields of StandingPrediction in their order, but for the evidence.
SAID_COLUMNS = f"""p.id, COALESCE(p.made_at, was_told.made_at),
    CASE WHEN p.id IS NULL THEN was_told.made_at ELSE {CONFIRMED_SQL} END, COALESCE(c.is_used, true), p.promised_at,
    CASE WHEN p.id IS NULL THEN was_told.ready_low ELSE p.ready_low END,
    CASE WHEN p.id IS NULL THEN was_told.ready_median ELSE p.ready_median END,
    CASE WHEN p.id IS NULL THEN was_told.ready_high ELSE p.ready_high END,
    p.p_late, COALESCE(p.p_wait_expires, 0), COALESCE(p.p_no_dose, 0)"""
TOLD_SQL = f"""SELECT o.id, {SAID_COLUMNS}, COALESCE(p.evidence, '{{}}')::text FROM supplychain_patientorder o {JOINS}
    WHERE o.id = ANY(%(ids)s::uuid[]) AND COALESCE(p.made_at, was_told.made_at) IS NOT NULL"""


def told_predictions(order_ids: Collection[str]) -> dict[UUID, StandingPrediction]:
    """What futures say of each of these orders (ids as text), if anything: of a new one, what was said before it was
    placed; one query."""
    rows = read(TOLD_SQL, ids=list(order_ids))
    return {order_id: StandingPrediction(*rest, from_json(evidence)) for order_id, *rest, evidence in rows}


def standing_predictions(order_ids: Collection[str]) -> dict[UUID, StandingPrediction]:
    """Those that are kept in the ledger."""
    return {order_id: said for order_id, said in told_predictions(order_ids).items() if said.id}


def thresholds_of_products() -> dict[str, Thresholds]:
    """The thresholds of each product (id as text) that has its own; one query. Others have the usual ones."""
    rows = RiskThreshold.objects.values_list("product", *Thresholds._fields)
    return {str(product): Thresholds(*rest) for product, *rest in rows}


def costs_of_products() -> dict[str, ActingCosts]:
    """What acting and being late cost, of each product (id as text) whose people said it; one query."""
    rows = RiskThreshold.objects.filter(acting_cost__isnull=False)
    columns = ("product", "acting_cost", "late_cost", "avoided_by_acting")
    return {str(product): ActingCosts(*rest) for product, *rest in rows.values_list(*columns)}
