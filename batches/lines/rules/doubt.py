"""When a line is measured and its bottleneck named: once a minute, and at once when its queues put that in doubt. Pure.

What is waited in a week or four moves little in a minute; who comes into question is told by the queues themselves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from batches.lines.rules.bottlenecks import ENTER_SHARE, LEAVE_SHARE
from batches.lines.rules.pools import PoolReview

MEASURED_FOR = timedelta(minutes=1)


class PoolBefore(NamedTuple):
    """What is shown of a pool until now. `measured_at` None: its line never was."""

    condition: str
    capacity: int
    pressed_share: float
    measured_at: datetime | None


def must_be_measured(line: Sequence[tuple[PoolBefore, PoolReview]], now: datetime) -> bool:
    """Whether the line of these pools is measured and judged at this review."""
    return any(_is_old(before.measured_at, now) or _casts_doubt(before, review) for before, review in line)


def _is_old(measured_at: datetime | None, now: datetime) -> bool:
    return measured_at is None or now - measured_at >= MEASURED_FOR


def _casts_doubt(before: PoolBefore, review: PoolReview) -> bool:
    """Whether the pool may have become a candidate or ceased to be one, or has other places than it had."""
    if (review.condition, review.capacity) != (before.condition, before.capacity):
        return True
    return _reached(review.stored_share) != _reached(before.pressed_share)


def _reached(share: float) -> int:
    return sum(share >= limit for limit in (ENTER_SHARE, LEAVE_SHARE))
