"""The predictions that stand, as the rules read them."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from batches.forecasts.models import RiskThreshold
from batches.forecasts.rules.thresholds import ActingCosts, Thresholds
from batches.judgement.queries import CONFIRMED_SQL
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.sql import from_json

STANDING_SQL = f"""SELECT p.order_id, p.id, p.made_at, {CONFIRMED_SQL},
    COALESCE(c.is_used, true), p.promised_at, p.ready_low, p.ready_median, p.ready_high, p.p_late, p.p_wait_expires,
    p.p_no_dose, p.evidence::text
    FROM batches_prediction p LEFT JOIN batches_lineforecast f ON f.line_id = p.line_id
    LEFT JOIN batches_calibrationstate c ON c.line_id = p.line_id
    WHERE p.superseded_at IS NULL AND p.order_id = ANY(%s::uuid[])"""


def standing_predictions(order_ids: Collection[str]) -> dict[UUID, StandingPrediction]:
    """What is said of each of these orders (ids as text), if anything; one query."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING_SQL, [list(order_ids)])
        return {
            order_id: StandingPrediction(*rest, from_json(evidence)) for order_id, *rest, evidence in cursor.fetchall()
        }


def thresholds_of_products() -> dict[str, Thresholds]:
    """The thresholds of each product (id as text) that has its own; one query. Others have the usual ones."""
    rows = RiskThreshold.objects.values_list("product", *Thresholds._fields)
    return {str(product): Thresholds(*rest) for product, *rest in rows}


def costs_of_products() -> dict[str, ActingCosts]:
    """What acting and being late cost, of each product (id as text) whose people said it; one query."""
    rows = RiskThreshold.objects.filter(acting_cost__isnull=False)
    columns = ("product", "acting_cost", "late_cost", "avoided_by_acting")
    return {str(product): ActingCosts(*rest) for product, *rest in rows.values_list(*columns)}
