"""Opening and closing bottleneck periods: one open at most per line."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from batches.judgement.queries import COUNTING_SQL
from batches.judgement.rules.predictions import FRESH
from batches.lines.actions.verdicts import SaidOfLine, keep_verdicts
from batches.lines.models import BottleneckPeriod
from batches.lines.queries import TriedLine, tried_lines
from batches.lines.rules.bottlenecks import BottleneckFinding, Root, find_bottleneck
from batches.lines.rules.confidence import OF_ALL_LINES
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.verdicts import verdict_in
from supplychain.orders.actions.store import ORDER_TABLE, RUN_TABLE
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, StageStatus

MOST_TEXT = 300
# From this probability on an order is counted as one that will miss its promise.
LATE_FROM = 0.5
# Orders that will miss their promise with a stage of the period's pool still ahead on the course that sets their
# forecast, by the forecast that is told (batches/forecasts/rules/ready.py). Counted anew only now and then.
COUNTED_FOR = timedelta(minutes=5)
MISSING_SQL = f"""CASE WHEN (batches_bottleneckperiod.evidence ->> 'orders_counted_at')::timestamptz > %s
    THEN (batches_bottleneckperiod.evidence ->> 'orders_missing_promise')::integer
    ELSE (SELECT COUNT(*) FROM {ORDER_TABLE} o
    JOIN batches_forecast plain ON plain.order_id = o.id AND plain.superseded_at IS NULL
    JOIN batches_pool root ON root.id = batches_bottleneckperiod.pool_id
    LEFT JOIN batches_prediction p ON p.order_id = o.id AND p.superseded_at IS NULL
    LEFT JOIN batches_lineforecast f ON f.line_id = p.line_id
    LEFT JOIN batches_calibrationstate c ON c.line_id = p.line_id
    WHERE o.plant_id = batches_bottleneckperiod.line_id AND o.status IN %s
    AND CASE WHEN {COUNTING_SQL} THEN CASE WHEN p.promised_at = o.promised_at AND p.p_late IS NOT NULL
        THEN p.p_late >= %s ELSE o.promised_at < COALESCE(p.ready_median, 'infinity') END ELSE plain.slack_hours < 0 END
    AND EXISTS (SELECT 1 FROM {RUN_TABLE} r JOIN supplychain_stage s ON s.id = r.stage_id
        WHERE r.order_id = o.id AND r.withdrawn_at IS NULL AND r.site_id = o.plant_id AND r.pool = root.code
        AND r.status NOT IN %s
        AND plain.evidence -> 'steps' @> jsonb_build_array(jsonb_build_object('stage', s.code)))) END"""
ENDED = (StageStatus.COMPLETED, StageStatus.SKIPPED, StageStatus.FAILED)
RENEWED = ["ended_at", "ended_why", "ended_evidence", "why", "evidence"]


def orders_missing(lines: Collection[UUID], *, now: datetime) -> dict[UUID, int]:
    """Of the open period of each of these lines, by id, how many orders will miss their promise behind it."""
    if not lines:
        return {}
    values = (now - COUNTED_FOR, tuple(OPEN_ORDER_STATUSES), now - FRESH, LATE_FROM, ENDED)
    standing = BottleneckPeriod.objects.filter(line__in=list(lines), ended_at__isnull=True)
    counted = standing.annotate(missing=RawSQL(MISSING_SQL, values, output_field=IntegerField()))
    return dict(counted.values_list("pk", "missing"))


def name_bottlenecks(
    lines: Mapping[UUID, Mapping[UUID, LinePool]], missing: Mapping[UUID, int], *, now: datetime
) -> set[UUID]:
    """Judge whole lines (plant id → pool id → pool) and keep the outcome; ids of the lines where the root changed.

    Call it with the pool states of these lines locked: that keeps two workers from naming two roots at once; `missing`
    are the orders_missing, counted before. The open period's reason and numbers are those of the newest review.
    """
    if not lines:
        return set()
    open_periods, tried = _open_periods(lines), tried_lines(lines)
    ended, kept, opened = [], [], []
    said: dict[UUID, SaidOfLine] = {}
    for line_id, pools in lines.items():
        period = open_periods.get(line_id)
        finding = _finding(pools, period, tried.get(line_id), now)
        said[line_id] = SaidOfLine(verdict_in(finding), {pool.code: pool_id for pool_id, pool in pools.items()})
        if period and not _goes_on(period, finding, pools):
            ended.append(_end(period, finding, now))
        elif period:
            kept.append(_renew(period, finding, missing, now))
            continue
        opened += [_open(line_id, finding, pools, now)] if finding.pool else []
    if ended or kept:
        BottleneckPeriod.objects.bulk_update([*ended, *kept], RENEWED)
    if opened:
        BottleneckPeriod.objects.bulk_create(opened)
    keep_verdicts(said, now=now)
    return {period.line_id for period in [*ended, *opened]}


def _open_periods(lines: Collection[UUID]) -> dict[UUID, BottleneckPeriod]:
    """The open period of each line, locked."""
    standing = BottleneckPeriod.objects.filter(line__in=list(lines), ended_at__isnull=True)
    return {period.line_id: period for period in standing.select_for_update(of=("self",))}


def _finding(
    pools: Mapping[UUID, LinePool], period: BottleneckPeriod | None, tried: TriedLine | None, now: datetime
) -> BottleneckFinding:
    """What is found of a line, with what its confidence rests on."""
    curve = tried.curve if tried else OF_ALL_LINES
    finding = find_bottleneck(list(pools.values()), _root(period, pools), now, curve)
    finding.evidence["tried"] = tried.outcome.evidence() if tried else None
    return finding


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


def _renew(
    period: BottleneckPeriod, finding: BottleneckFinding, missing: Mapping[UUID, int], now: datetime
) -> BottleneckPeriod:
    counted = period.evidence.get("orders_counted_at", "")
    is_fresh = bool(counted) and datetime.fromisoformat(counted) > now - COUNTED_FOR
    cost = {
        "orders_missing_promise": missing.get(period.pk, 0),
        "orders_counted_at": counted if is_fresh else now.isoformat(),
    }
    period.why, period.evidence = finding.why[:MOST_TEXT], finding.evidence | cost
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
