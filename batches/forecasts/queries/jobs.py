"""How the forecasts of lines went: when they were made, what they had to leave out."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from batches.forecasts.models import ForecastJob
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OPEN_ORDER_STATUSES


class LineForecast(NamedTuple):
    """The newest forecast of a line. `left_out`: order id (text) and why it could not be forecast; `failed`: why the
    newest attempt made none; `unknown_demand`: why orders still to come could not be simulated; `has_orders`: it has
    open ones."""

    made_at: datetime | None
    left_out: Mapping[str, str]
    failed: str
    unknown_demand: Collection[str]
    has_orders: bool


def line_forecasts(line_ids: Collection[UUID]) -> dict[UUID, LineForecast]:
    """Of those of these lines that are forecast; one query."""
    opened = PatientOrder.objects.filter(plant=OuterRef("line"), status__in=OPEN_ORDER_STATUSES)
    jobs = ForecastJob.objects.filter(line__in=line_ids).annotate(has_orders=Exists(opened))
    return {
        line_id: LineForecast(
            made_at, said.get("left_out") or {}, said.get("failed", ""), said.get("unknown_demand") or (), has_orders
        )
        for line_id, made_at, said, has_orders in jobs.values_list("line_id", "made_at", "evidence", "has_orders")
    }
