"""Judging everything at a moment, as the workers would have done."""

from datetime import datetime

from batches.actions.durations import refresh_typical_durations
from batches.actions.evaluation import evaluate_due_orders
from batches.actions.pools import mark_pools_touched, review_due_pools
from batches.models import Pool

CLAIM = 1_000
# Pools are judged by their orders and orders by their pools: twice around and nothing moves any more.
ROUNDS = 2


def judge_all(*, now: datetime, fresh_durations: bool = True) -> None:
    """Refresh the usual durations, review every pool and judge every due order, until all agree."""
    if fresh_durations:
        refresh_typical_durations(now=now)
    for _ in range(ROUNDS):
        review_all_pools(now=now)
        while evaluate_due_orders(now=now, limit=CLAIM).claimed:
            pass


def review_all_pools(*, now: datetime) -> None:
    """Review every pool and name the bottleneck of every line, without judging any order."""
    mark_pools_touched(set(Pool.objects.values_list("site_id", "code")), now=now)
    review_due_pools(now=now)
