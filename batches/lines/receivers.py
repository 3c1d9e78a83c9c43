"""What lines do when their capacity changed."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from batches.capacity.models import Pool
from batches.capacity.signals import capacity_changed
from batches.lines.actions.touched_pools import mark_pools_touched


@receiver(capacity_changed)
def review_pool(pool: Pool, now: datetime, **_: Any) -> None:
    """Have the pool reviewed at once."""
    mark_pools_touched({(pool.site_id, pool.code)}, now=now)
