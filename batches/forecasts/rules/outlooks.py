"""When a dose would be ready if the order were placed now: the same forecast that the order itself would get."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from batches.forecasts.rules.forecasts import ForecastFinding, forecast
from batches.judgement.rules.facts import OrderRow, RunFacts, Surroundings, order_facts
from supplychain.flows.rules.plans import FlowPlan
from supplychain.orders.statuses import OrderStatus, StageStatus

NOBODY = UUID(int=0)


def order_to_come(flow: FlowPlan, product_id: UUID, sites: Mapping[str, UUID], now: datetime) -> OrderRow:
    """The row of an order of `product_id` placed now at `sites` (by place), of which nothing has been said."""
    status = OrderStatus.ORDERED.value
    return OrderRow(NOBODY, flow.id, product_id, frozenset(sites.values()), status, 1, now, None, None, None)


def outlook(
    flow: FlowPlan, product_id: UUID, sites: Mapping[str, UUID], around: Surroundings, now: datetime
) -> ForecastFinding | None:
    """The forecast for such an order: usual durations at these sites, and the queues as they are now."""
    runs = [
        RunFacts(
            code, 1, str(sites[plan.place]), plan.pool,
            StageStatus.PENDING.value if plan.after else StageStatus.READY.value,
            None if plan.after else now, *[None] * 6,
        )
        for code, plan in flow.stages.items()
    ]  # fmt: skip
    return forecast(order_facts(order_to_come(flow, product_id, sites, now), flow, runs, around, []), now)
