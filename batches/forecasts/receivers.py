"""What the forecast does when a line's capacity changed."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from batches.capacity.models import Pool
from batches.capacity.signals import capacity_changed
from batches.forecasts.actions.predictions import mark_lines_touched
from supplychain.sites.statuses import SiteKind


@receiver(capacity_changed)
def forecast_line_again(pool: Pool, now: datetime, **_: Any) -> None:
    """A plant's line is forecast with its new capacity at once; a centre's lines are within the hour."""
    if pool.site.kind == SiteKind.PLANT:
        mark_lines_touched({pool.site_id}, now=now)
