"""Pools whose work changed are due for a review."""

import logging
from datetime import datetime

from django.db import connection

from batches.capacity.models import Pool
from batches.lines.actions.readings import PoolKey
from batches.lines.rules.pools import WINDOW_HOURS
from batches.lines.statuses import PoolCondition
from supplychain.sql import texts

logger = logging.getLogger(__name__)

# A touched pool is reviewed at once, but the next time only after a pause: 5 s and longer for those with much load,
# so that reviewing stays a small and bounded part of the work however many orders there are.
PAUSE_SECONDS, PAUSE_SECONDS_PER_ORDER, PAUSE_MOST_SECONDS = 5, 0.005, 15
TOUCH_SQL = """
    INSERT INTO batches_poolstate AS known (pool_id, condition, capacity, busy, queue, arrivals, completions,
        service_hours, pressed_share, expected_wait_hours, window_hours, review_after, evidence, failing_why)
    SELECT pool.id, %(clear)s, 0, 0, 0, 0, 0, 0, 0, 0, %(window)s, %(now)s, '{}', '' FROM batches_pool pool
        JOIN unnest(%(sites)s::uuid[], %(codes)s::text[]) AS touched(site_id, code) USING (site_id, code)
        ORDER BY pool.id
    ON CONFLICT (pool_id) DO UPDATE SET review_after = LEAST(known.review_after, GREATEST(%(now)s,
        known.reviewed_at + make_interval(secs =>
            LEAST(%(pause)s + %(pause_per_order)s * (known.busy + known.queue), %(pause_most)s))))
    RETURNING pool_id"""
# Pools that stages need and nobody has set up, as far as this process has already said so.
_missing_told: set[PoolKey] = set()


def mark_pools_touched(pools: set[PoolKey], *, now: datetime) -> None:
    """Make the pools of these (site, pool code) due for review, in one statement.

    A pool that a stage names but that nobody has set up has no capacity to judge: it is left out, and told once per
    process in the log. May be called in a transaction that holds orders, never in one that will lock orders later.
    """
    if not pools:
        return
    parameters = {
        "clear": PoolCondition.CLEAR.value, "window": WINDOW_HOURS, "now": now, "pause": PAUSE_SECONDS,
        "pause_per_order": PAUSE_SECONDS_PER_ORDER, "pause_most": PAUSE_MOST_SECONDS,
        "sites": texts(site_id for site_id, _ in pools), "codes": [code for _, code in pools],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(TOUCH_SQL, parameters)
        marked = cursor.rowcount
    if marked < len(pools - _missing_told):
        _tell_missing(pools)


def _tell_missing(pools: set[PoolKey]) -> None:
    of_sites = Pool.objects.filter(site__in={site_id for site_id, _ in pools})
    missing = pools - set(of_sites.values_list("site_id", "code"))
    for site_id, code in sorted(missing - _missing_told):
        logger.warning("Stages need the pool “%s” at site %s, which is not set up: it is not judged.", code, site_id)
    _missing_told.update(missing)
