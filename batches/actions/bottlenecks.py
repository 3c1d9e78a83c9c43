"""Opening and closing bottleneck periods: one open at most per line."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from batches.models import BottleneckPeriod
from batches.rules.bottlenecks import BottleneckFinding, LinePool, Root, find_bottleneck

MOST_TEXT = 300
RENEWED = ["ended_at", "ended_why", "ended_evidence", "why", "evidence"]


def name_bottlenecks(lines: Mapping[UUID, Mapping[UUID, LinePool]], *, now: datetime) -> set[UUID]:
    """Judge whole lines (plant id → pool id → pool) and keep the outcome; ids of the lines where the root changed.

    Call it with the pool states of these lines locked: that keeps two workers from naming two roots at once. The
    open period's reason and numbers are those of the newest review.
    """
    if not lines:
        return set()
    standing = BottleneckPeriod.objects.filter(line__in=list(lines), ended_at__isnull=True)
    open_periods = {period.line_id: period for period in standing.select_for_update()}
    ended, kept, opened = [], [], []
    for line_id, pools in lines.items():
        period = open_periods.get(line_id)
        finding = find_bottleneck(list(pools.values()), _root(period, pools), now)
        if period and not _goes_on(period, finding, pools):
            ended.append(_end(period, finding, now))
        elif period:
            kept.append(_renew(period, finding))
            continue
        opened += [_open(line_id, finding, pools, now)] if finding.pool else []
    if ended or kept:
        BottleneckPeriod.objects.bulk_update([*ended, *kept], RENEWED)
    if opened:
        BottleneckPeriod.objects.bulk_create(opened)
    return {period.line_id for period in [*ended, *opened]}


def _root(period: BottleneckPeriod | None, pools: Mapping[UUID, LinePool]) -> Root | None:
    if period is None:
        return None
    pool = pools.get(period.pool_id)
    return Root(pool.code if pool else "", period.started_at)


def _goes_on(period: BottleneckPeriod, finding: BottleneckFinding, pools: Mapping[UUID, LinePool]) -> bool:
    return period.pool_id in pools and pools[period.pool_id].code == finding.pool


def _end(period: BottleneckPeriod, finding: BottleneckFinding, now: datetime) -> BottleneckPeriod:
    # Another machine's clock may have opened it a moment ahead of ours.
    period.ended_at = max(now, period.started_at)
    period.ended_why, period.ended_evidence = finding.ended_why[:MOST_TEXT], finding.evidence
    return period


def _renew(period: BottleneckPeriod, finding: BottleneckFinding) -> BottleneckPeriod:
    period.why, period.evidence = finding.why[:MOST_TEXT], finding.evidence
    return period


def _open(line_id: UUID, finding: BottleneckFinding, pools: Mapping[UUID, LinePool], now: datetime) -> BottleneckPeriod:
    pool_id = next(pool_id for pool_id, pool in pools.items() if pool.code == finding.pool)
    return BottleneckPeriod(
        line_id=line_id,
        pool_id=pool_id,
        started_at=now,
        why=finding.why[:MOST_TEXT],
        evidence=finding.evidence,
        opened_why=finding.why[:MOST_TEXT],
        opened_evidence=finding.evidence,
    )
