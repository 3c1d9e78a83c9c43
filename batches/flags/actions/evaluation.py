"""Judging the orders that are due: claim, read, judge, write what changed, say when to look again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from batches.flags.actions.judgements import OrderJudgement, set_aside, store_judgements
from batches.flags.actions.limits import JudgedReach, StandingLimits, standing_limits
from batches.flags.queries.flags import known_flags, readings_for, unflagged_orders
from batches.flags.rules.changes import KnownFlag, flag_steps
from batches.flags.rules.judging import judge
from batches.flags.rules.record import withdrawn_at
from batches.forecasts.actions.predictions import mark_lines_touched
from batches.forecasts.queries.outlooks import standing_forecasts
from batches.forecasts.rules.ledger import StandingForecast, has_moved
from batches.judgement.queries import Readings, is_as_read, orders_named
from batches.judgement.rules.facts import OrderRow, RunFacts
from batches.judgement.statuses import FlagCode
from batches.lines.actions.touched_pools import mark_pools_touched
from supplychain.orders.actions.due import claim_due, make_due
from supplychain.orders.statuses import StageStatus
from supplychain.sql import LOST

# An unflagged partner of an order that only time made due waits so long: two that cannot be judged must not wake each
# other without end.
PARTNER_RETRY = timedelta(minutes=1)
# Events that come while orders are read have them read again, so often at most: an order of which something is heard
# every few milliseconds is judged all the same, and its news have it judged again.
MOST_READINGS = 3
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


def claim_due_orders(*, now: datetime, limit: int | None = None) -> list[OrderRow]:
    """Claim orders that are due until this transaction ends, what was heard of first (`claim_due`)."""
    claimed = claim_due(now=now, limit=limit)
    told = {order_id for order_id, is_told in claimed.items() if is_told}
    return orders_named(claimed, told=told) if claimed else []


def evaluate_due_orders(*, now: datetime, limit: int | None = None) -> Evaluation:
    """Judge one claim of due orders, write what changed and touch their pools, in a constant number of statements.

    Any number of workers may run this at once: the claims share the work out, and no report waits for them. `limit`:
    of `claim_due`. An order that cannot be judged gets the flag `evaluation_failed` and is tried again later; the
    others go on.
    """
    try:
        return _evaluate_together(now, limit)
    except LOST:
        raise
    except Exception:
        log.exception("a claim could not be judged together; its orders are judged one by one")
        return _evaluate_one_by_one(now, limit)


@transaction.atomic
def _evaluate_together(now: datetime, limit: int | None) -> Evaluation:
    rows = claim_due_orders(now=now, limit=limit)
    return _evaluate(rows, now) if rows else Evaluation()


@transaction.atomic
def _evaluate_one_by_one(now: datetime, limit: int | None) -> Evaluation:
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
    """Judge these claimed orders."""
    rows, readings = _read(rows)
    _wake_partners(rows, readings, now)
    order_ids = [row.id for row in rows]
    flags, forecasts, limits = known_flags(order_ids), standing_forecasts(order_ids), standing_limits(order_ids)
    judged = [_judged(row, readings, flags.get(row.id, []), forecasts.get(row.id), limits[row.id], now) for row in rows]
    stored = store_judgements(judged, now=now)
    changed = {one.row.id: one.row.sites for one in stored if one.steps or one.forecast or _has_news(one.row, now)}
    moved_in = {pool for row in rows for pool in _pools_moved_in(row, readings.runs.get(row.id, ()), now)}
    pools = {(UUID(site), code) for site, code in moved_in}
    # In this transaction, so that no crash loses it; last, because pools are always locked after orders.
    mark_pools_touched(pools, now=now)
    # Lines last of all. An order that is due because of its line's forecast is no news, or they would go on for ever.
    mark_lines_touched({row.plant_id for row in rows if row.plant_id and row.is_told}, now=now)
    return Evaluation(len(rows), changed, pools)


def _read(rows: list[OrderRow]) -> tuple[list[OrderRow], Readings]:
    """What the rules need to know of these orders, with their rows, all of one moment.

    Reports do not wait for the judgement: an event may come between two of its statements.
    """
    told = {row.id for row in rows if row.is_told}
    for _ in range(MOST_READINGS - 1):
        readings = readings_for(rows)
        if is_as_read(rows):
            return rows, readings
        rows = orders_named([row.id for row in rows], told=told)
    return rows, readings_for(rows)


def _judged(
    row: OrderRow,
    readings: Readings,
    known: list[KnownFlag],
    standing: StandingForecast | None,
    limits: StandingLimits,
    now: datetime,
) -> OrderJudgement:
    """What judging one order comes to; whatever the rules raise stays with this order."""
    try:
        facts = readings.facts_of(row)
        verdict = judge(facts, now)
        made = verdict.forecast
        return OrderJudgement(
            row=row,
            known=known,
            steps=flag_steps(known, verdict.findings, withdrawn_at(facts)),
            forecast=made if made and has_moved(standing, made, row.last_recorded_at) else None,
            superseded=standing.id if standing else None,
            next_at=verdict.next_at,
            reached=JudgedReach(row.id, verdict.reach, limits),
        )
    except Exception as error:
        log.exception("order could not be judged", order=str(row.id))
        return set_aside(row, known, error, now)


def _has_news(row: OrderRow, now: datetime) -> bool:
    """Whether something was heard of the order since it was judged last; false if only time has passed."""
    return row.is_told or bool(row.last_recorded_at and row.last_recorded_at >= now - RECENT_NEWS)


def _pools_moved_in(row: OrderRow, runs: Iterable[RunFacts], now: datetime) -> set[tuple[str, str]]:
    """Pools in which the order may have moved since it was judged last; none if only time has passed."""
    if not _has_news(row, now):
        return set()
    return {(run.site, run.pool) for run in runs if run.pool and run.status != StageStatus.PENDING}


def _wake_partners(rows: list[OrderRow], readings: Readings, now: datetime) -> None:
    """Make due the orders that share an identifier with these and are not flagged yet; those that are, on news.

    Of news also whoever once shared one: it may bear the identifier no longer, be cancelled, or have joined two others.
    """
    claimed, told = {row.id for row in rows}, {row.id for row in rows if row.is_told}
    partners = {one.other_id for ones in readings.shared.values() for one in ones if one.stands} - claimed
    unflagged = set(unflagged_orders(partners, FlagCode.IDENTITY_SHARED.value)) if partners else set()
    heard = {one.other_id for order_id in told for one in readings.shared.get(order_id, ())} - claimed
    make_due(heard, now=now)
    make_due(unflagged - heard, now=now + PARTNER_RETRY)
