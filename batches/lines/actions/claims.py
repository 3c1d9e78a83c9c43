"""Taking the pools that are due for a review in hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists

from batches.lines.actions.readings import PoolKey
from batches.lines.models import PoolState
from supplychain.leases import free, take
from supplychain.sites.statuses import SiteKind

# Longer than any pause, so that a touch during a review is told from the lease; short enough for a dead worker.
LEASE = timedelta(seconds=20)
MOST_DUE = 100
SHOWN = ("condition", "capacity", "busy", "queue", "arrivals", "completions", "oldest_ready_at")


@dataclass(frozen=True, slots=True)
class Claim:
    """One pool to review, with what is shown of it so far.

    `measured_at`: when the line was last measured and its bottleneck named; None: never, or it is no line's pool.
    """

    pool_id: UUID
    site_id: UUID
    code: str
    name: str
    in_line: bool
    condition: str
    capacity: int
    pressed_share: float
    shown: tuple[Any, ...]
    measured_at: datetime | None
    lease: UUID
    failing: bool

    @property
    def key(self) -> PoolKey:
        """By site and code, as stages name it."""
        return self.site_id, self.code


@transaction.atomic
def claim_due_pools(now: datetime) -> list[Claim]:
    """Take all pools of the sites where one is due, unless somebody is at work on any pool."""
    if not _is_alone():
        return []
    at_work = PoolState.objects.filter(leased_until__gt=now)
    due = PoolState.objects.filter(free(now), ~Exists(at_work), review_after__lte=now)
    due_sites = due.order_by("review_after").values("pool__site")[:MOST_DUE]
    states = PoolState.objects.filter(pool__site__in=due_sites).select_related("pool__site").order_by("pool_id")
    # Pushed to the end of the lease: whatever touches a pool meanwhile makes it due before that.
    return [_claim_of(state) for state in take(states, now=now, lasts=LEASE, reviewed_at=now, review_after=now + LEASE)]


def _is_alone() -> bool:
    """Whether nobody else is claiming; who comes second then sees the first one's lease."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('batches.lines.review_pools'))")
        return bool(cursor.fetchone()[0])


def _claim_of(state: PoolState) -> Claim:
    pool = state.pool
    return Claim(
        pool.pk,
        pool.site_id,
        pool.code,
        pool.name,
        in_line=pool.site.kind == SiteKind.PLANT,
        condition=state.condition,
        capacity=state.capacity,
        pressed_share=state.pressed_share,
        shown=(state.expected_wait_hours, state.pressed_share, *(getattr(state, name) for name in SHOWN)),
        measured_at=state.measured_at,
        lease=state.lease,
        failing=state.failing_since is not None,
    )
