"""Standing forecasts, and the outlook of an order not yet placed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from batches.forecasts.models import Forecast
from batches.forecasts.rules.forecasts import ForecastFinding, StandingForecast
from batches.forecasts.rules.outlooks import order_to_come, outlook
from batches.judgement.queries import surroundings_of
from supplychain.flows.queries import flow_plan


def standing_forecasts(order_ids: Iterable[UUID]) -> dict[UUID, StandingForecast]:
    """The forecast that stands for each of these orders, if there is one."""
    rows = Forecast.objects.filter(order__in=list(order_ids), superseded_at=None)
    columns = ("order_id", "id", "made_at", "ready_at", "slack_hours", "evidence__promised_at")
    return {order_id: StandingForecast(*rest) for order_id, *rest in rows.values_list(*columns)}


def ready_outlook(flow_id: UUID, product_id: UUID, sites: Mapping[str, UUID], now: datetime) -> ForecastFinding | None:
    """When a dose ordered now at these sites (by place) would be ready; two queries."""
    flow = flow_plan(flow_id)
    around = surroundings_of([order_to_come(flow, product_id, sites, now)])
    return outlook(flow, product_id, sites, around, now)
