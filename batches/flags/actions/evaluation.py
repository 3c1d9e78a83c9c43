"""Judging the orders that are due: claim, read, judge, write what changed, say when to look again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from batches.flags.actions.judgements import OrderJudgement, set_aside, store_judgements
from batches.flags.queries import known_flags, readings_for, unflagged_orders
from batches.flags.rules.changes import KnownFlag, flag_steps
from batches.flags.rules.judging import judge
from batches.forecasts.actions.predictions import mark_lines_touched
from batches.forecasts.queries.outlooks import standing_forecasts
from batches.forecasts.rules.forecasts import StandingForecast, has_moved
from batches.judgement.queries import Readings, claim_due_orders
from batches.judgement.rules.facts import OrderRow, RunFacts
from batches.judgement.statuses import FlagCode
from batches.lines.actions.touched_pools import mark_pools_touched
from supplychain.orders.actions.due import make_due_unless_locked
from supplychain.orders.statuses import StageStatus
from supplychain.sql import LOST

# An order that shares an identifier with one not yet flagged looks again, until that one is flagged too.
PARTNER_RETRY = timedelta(minutes=1)
# Whoever was heard of this lately may have moved in a pool; later evaluations come from time passing alone.
RECENT_NEWS = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one claim did: how many orders it judged; `orders` of which there is something new to see, each with its
    sites; (site, pool code) of the pools in which they may have moved."""

    claimed: int = 0
    orders: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    pools: set[tuple[UUID, str]] = field(default_factory=set)

    @property
    def sites(self) -> set[UUID]:
        """Every site that takes part in a changed order."""
        return {site for sites in self.orders.values() for site in sites}


def evaluate_due_orders(*, now: datetime, limit: int = 300) -> Evaluation:
    """Judge at most `limit` due orders, write what changed and touch their pools, in a constant number of statements.

    Any number of workers may run this at once: the row locks share the work out. An order that cannot be judged gets
    the flag `evaluation_failed` and is tried again later; the others go on.
    """
    try:
        return _evaluate_together(now, limit)
    except LOST:
        raise
    except Exception:
        log.exception("a claim could not be judged together; its orders are judged one by one")
        return _evaluate_one_by_one(now, limit)


@transaction.atomic
def _evaluate_together(now: datetime, limit: int) -> Evaluation:
    rows = claim_due_orders(now=now, limit=limit)
    return _evaluate(rows, now) if rows else Evaluation()


@transaction.atomic
def _evaluate_one_by_one(now: datetime, limit: int) -> Evaluation:
    """Slow and safe: rows that cannot even be read beside others are found, and set aside."""
    done = [_evaluate_alone(row, now) for row in claim_due_orders(now=now, limit=limit)]
    changed = {order: sites for one in done for order, sites in one.orders.items()}
    return Evaluation(len(done), changed, {pool for one in done for pool in one.pools})


def _evaluate_alone(row: OrderRow, now: datetime) -> Evaluation:
    try:
        with transaction.atomic():
            return _evaluate([row], now)
    except LOST:
        raise
    except Exception as error:
        log.exception("order could not be judged", order=str(row.id))
        with transaction.atomic():
            store_judgements([set_aside(row, known_flags([row.id]).get(row.id, []), error, now)], now=now)
        return Evaluation(1, {row.id: row.sites})


def _evaluate(rows: list[OrderRow], now: datetime) -> Evaluation:
    """Judge these locked orders."""
    readings = readings_for(rows)
    retries = _wake_partners(rows, readings, now)
    order_ids = [row.id for row in rows]
    flags, forecasts = known_flags(order_ids), standing_forecasts(order_ids)
    judged = [
        _judged(row, readings, flags.get(row.id, []), forecasts.get(row.id), retries.get(row.id), now) for row in rows
    ]
    stored = store_judgements(judged, now=now)
    changed = {one.row.id: one.row.sites for one in stored if one.steps or one.forecast or _has_news(one.row, now)}
    moved_in = {pool for row in rows for pool in _pools_moved_in(row, readings.runs.get(row.id, ()), now)}
    pools = {(UUID(site), code) for site, code in moved_in}
    # In this transaction, so that no crash loses it; last, because pools are always locked after orders.
    mark_pools_touched(pools, now=now)
    # Lines last of all. An order that is due because of its line's forecast is no news, or they would go on for ever.
    mark_lines_touched({row.plant_id for row in rows if row.plant_id and _is_told(row)}, now=now)
    return Evaluation(len(rows), changed, pools)


def _judged(
    row: OrderRow,
    readings: Readings,
    known: list[KnownFlag],
    standing: StandingForecast | None,
    retry_at: datetime | None,
    now: datetime,
) -> OrderJudgement:
    """What judging one order comes to; whatever the rules raise stays with this order."""
    try:
        verdict = judge(readings.facts_of(row), now)
        made = verdict.forecast
        return OrderJudgement(
            row=row,
            known=known,
            steps=flag_steps(known, verdict.findings),
            forecast=made if made and has_moved(standing, made, row.last_recorded_at) else None,
            superseded=standing.id if standing else None,
            next_at=min((at for at in (verdict.next_at, retry_at) if at), default=None),
        )
    except Exception as error:
        log.exception("order could not be judged", order=str(row.id))
        return set_aside(row, known, error, now)


def _has_news(row: OrderRow, now: datetime) -> bool:
    """Whether something was heard of the order since it was judged last; false if only time has passed."""
    return _is_told(row) or bool(row.last_recorded_at and row.last_recorded_at >= now - RECENT_NEWS)


def _is_told(row: OrderRow) -> bool:
    """Whether the order is due because of what was heard of it."""
    if row.last_recorded_at is None or row.evaluate_after is None:
        return False
    return row.evaluate_after <= row.last_recorded_at


def _pools_moved_in(row: OrderRow, runs: Iterable[RunFacts], now: datetime) -> set[tuple[str, str]]:
    """Pools in which the order may have moved since it was judged last; none if only time has passed."""
    if not _has_news(row, now):
        return set()
    return {(run.site, run.pool) for run in runs if run.pool and run.status != StageStatus.PENDING}


def _wake_partners(rows: list[OrderRow], readings: Readings, now: datetime) -> dict[UUID, datetime]:
    """Make due the orders that share an identifier with these and are not flagged yet; when each is to look again.

    An order under lock is left out (waiting for it could end in a circle), hence the second look. Those that
    are flagged look again on news, too; one of them left out looks again by itself (FRESH_WORDS).
    """
    claimed = {row.id for row in rows}
    standing = {one.other_id for ones in readings.shared.values() for one in ones if one.stands} - claimed
    unflagged = set(unflagged_orders(standing, FlagCode.IDENTITY_SHARED.value)) if standing else set()
    woken = unflagged | (_partners_of_news(rows, readings) - claimed)
    if not woken:
        return {}
    make_due_unless_locked(woken, now=now)
    return {
        order_id: now + PARTNER_RETRY
        for order_id, ones in readings.shared.items()
        if any(shared.stands and shared.other_id in unflagged for shared in ones)
    }


def _partners_of_news(rows: list[OrderRow], readings: Readings) -> set[UUID]:
    """Orders that share or shared an identifier with one of these of which something was heard.

    It may bear the identifier no longer, be cancelled, or have joined two others. Only after news: two orders must
    not wake each other for ever.
    """
    return {shared.other_id for row in rows if _is_told(row) for shared in readings.shared.get(row.id, ())}
