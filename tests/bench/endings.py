"""Bringing orders to their end, so that history grows and few are open."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from supplychain.orders.statuses import OrderEventKind
from tests.bench.journeys import Journey, chunks
from tests.bench.stage import Stage


def end_orders(stage: Stage, left_open: int) -> None:
    """All but the first `left_open` of the many orders are treated and closed; judges what that makes due."""
    stage.journeys, ending = stage.journeys[:left_open], stage.journeys[left_open:]
    now = datetime.now(UTC)
    for rows in chunks(_endings(ending, now)):
        stage.many.do("record_lists", [rows])
    stage.many.do("judge_all")


def _endings(journeys: Iterable[Journey], now: datetime) -> Iterator[dict[str, Any]]:
    for journey in journeys:
        yield from journey.fresh(journey.left, now)
        closed_at = now + timedelta(minutes=1)
        yield {
            "source_event_id": f"{journey.order_id}-closed", "order": journey.order_id,
            "kind": OrderEventKind.CLOSED.value, "occurred_at": closed_at.isoformat(),
        }  # fmt: skip
