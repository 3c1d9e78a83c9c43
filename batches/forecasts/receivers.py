"""What the forecast does when a line's capacity changed, and what it answers when a date is to be promised."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from batches.capacity.models import Pool
from batches.capacity.signals import capacity_changed
from batches.forecasts.actions.predictions import mark_lines_touched
from batches.forecasts.queries.ready import ready_forecasts
from supplychain.orders.rules.promises import ExpectedDose
from supplychain.orders.signals import expected_doses_asked
from supplychain.sentences import day_mark
from supplychain.sites.statuses import SiteKind


@receiver(capacity_changed)
def forecast_line_again(pool: Pool, now: datetime, **_: Any) -> None:
    """A plant's line is forecast with its new capacity at once; a centre's lines are within the hour."""
    if pool.site.kind == SiteKind.PLANT:
        mark_lines_touched({pool.site_id}, now=now)


@receiver(expected_doses_asked)
def say_when_doses_are_expected(order_ids: Sequence[UUID], now: datetime, **_: Any) -> list[ExpectedDose]:
    """When the doses that are still awaited are expected: what every page says of them."""
    found = ready_forecasts(order_ids, now).items()
    return [
        ExpectedDose(order_id, first, f"{ready.when_said(now, day_mark)} ({ready.how_known(now)})")
        for order_id, ready in found
        if not ready.is_fact and (first := ready.ready_from or ready.ready_at)
    ]
