"""Reviewing pools: when one is due, what it looks like now, and who must be told.

A review is a claim, a reading and a write. The claim sets `reviewed_at` (the claim's own mark) and moves
`review_after` ahead as a lease: a worker that dies loses only the lease. Between claim and write no row is locked, so
nobody waits for the arithmetic. One review is at work at a time, on however many machines: it reads much, and two would
take the processors from the judgement. Pool states are locked in the order of their ids.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from batches.capacity.queries import needs_of
from batches.lines.actions.bottlenecks import name_bottlenecks, orders_missing
from batches.lines.actions.claims import LEASE, SHOWN, Claim, claim_due_pools
from batches.lines.actions.measuring import with_measures
from batches.lines.actions.readings import PoolReadings, read_pools
from batches.lines.actions.wakes import wake_beyond_limits
from batches.lines.models import PoolState
from batches.lines.rules.bottlenecks import named_in
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.pools import PoolReview, review_pool
from batches.lines.rules.services import pool_position
from batches.lines.rules.sureness import used_of
from supplychain.sql import LOST, Writes, reason_of

logger = logging.getLogger(__name__)

STATE_COLUMNS = (
    "pool_id", "condition", "capacity", "busy", "queue", "arrivals", "completions", "oldest_ready_at",
    "median_wait_hours", "service_hours", "pressed_share", "expected_wait_hours", "window_hours", "reviewed_at",
    "review_after", "lease", "leased_until", "failing_since", "failing_why", "measured_at", "evidence",
)  # fmt: skip
# Of a line that was not measured at this review the last two stay as they are.
RENEWED, MEASURED = STATE_COLUMNS[1:-2], STATE_COLUMNS[1:]


class _Standing(NamedTuple):
    """What the tables say of a pool when its review is written."""

    site_id: UUID
    lease: UUID | None
    review_after: datetime | None


# When, and the evidence.
_Measured = tuple[datetime | None, dict[str, Any]]
NOT_MEASURED: _Measured = None, {}
_Standings = dict[UUID, _Standing]
_Pools = Mapping[UUID, LinePool]
# Plant → pool → the pool.
_Lines = dict[UUID, dict[UUID, LinePool]]


def review_due_pools(*, now: datetime, clock: Callable[[], datetime] | None = None) -> set[UUID]:
    """Review what is due, name the bottleneck of every plant among them; ids of the sites where something changed.

    The pools of a site are reviewed together, since naming the root compares them at one moment. The number of
    statements does not depend on the number of pools. Then whoever is concerned by a wait is woken. `clock` tells when
    the reading is done (without it: at `now`).
    """
    clock = clock or (lambda: now)
    changed = _review_claims(claim_due_pools(now), now, clock)
    wake_beyond_limits(now=clock())
    return changed


def _review_claims(claims: Sequence[Claim], now: datetime, clock: Callable[[], datetime]) -> set[UUID]:
    if not claims:
        return set()
    try:
        return _review(claims, now, clock)
    except LOST:
        raise
    except Exception:
        logger.exception("Pools could not be reviewed together; their sites are reviewed one by one.")
        return _review_by_site(claims, now, clock)


def _review(claims: Sequence[Claim], now: datetime, clock: Callable[[], datetime]) -> set[UUID]:
    readings = read_pools({claim.key: claim.pool_id for claim in claims}, now=now)
    pools = with_measures(claims, _reviewed(claims, readings, now), readings, now=now)
    _renew(claims, clock())
    return _store(claims, pools, now)


def _review_by_site(claims: Sequence[Claim], now: datetime, clock: Callable[[], datetime]) -> set[UUID]:
    """What one site's facts make the rules raise stays with that site and is said of it; it is tried again when its
    lease would have ended."""
    changed: set[UUID] = set()
    for site_id in dict.fromkeys(claim.site_id for claim in claims):
        of_site = [claim for claim in claims if claim.site_id == site_id]
        try:
            changed |= _review(of_site, now, clock)
        except LOST:
            raise
        except Exception as error:
            logger.exception("The pools of site %s could not be reviewed.", site_id)
            if _note_failure(of_site, error, now):
                changed.add(site_id)
    return changed


def _note_failure(claims: Sequence[Claim], error: Exception, now: datetime) -> bool:
    """Keep since when and why, for the pages and the health check, until a review succeeds; whether it is news."""
    why = reason_of(error)
    held = PoolState.objects.filter(pool__in=[claim.pool_id for claim in claims], lease=claims[0].lease)
    begins = held.filter(failing_since=None).update(failing_since=now, failing_why=why)
    held.exclude(failing_why=why).update(failing_why=why)
    held.update(lease=None, leased_until=None)  # or no other site would be reviewed until then
    return begins > 0


def _renew(claims: Sequence[Claim], moment: datetime) -> None:
    """Hold what is still ours for as long again: the reading may have taken most of the lease."""
    held = PoolState.objects.filter(pool__in=[claim.pool_id for claim in claims], lease=claims[0].lease)
    held.update(leased_until=moment + LEASE)


def _reviewed(claims: Sequence[Claim], readings: PoolReadings, now: datetime) -> _Pools:
    """Each pool reviewed by its queue."""
    positions = {code: pool_position(readings.stages, code) for code in {claim.code for claim in claims}}
    reviews = {claim.key: review_pool(readings.facts[claim.key], now) for claim in claims}
    shut = [key for key, review in reviews.items() if review.has_no_opening]
    needs = needs_of(shut) if shut else {}
    return {
        claim.pool_id: LinePool(
            claim.code, claim.name, positions[claim.code], reviews[claim.key],
            needed=needs[claim.key].ahead if claim.key in needs else 0,
        )
        for claim in claims
    }  # fmt: skip


@transaction.atomic
def _store(claims: Sequence[Claim], pools: _Pools, now: datetime) -> set[UUID]:
    """Write the reviews still in hand, then judge each line of which all pools are.

    Every judgement of news ends by touching pools: it waits for their rows, and its flags with it. So all that takes
    long comes before the lock.
    """
    missing = orders_missing(_measured_lines(claims, pools), now=now)
    standing = _lock_states({claim.site_id for claim in claims})
    # Whoever claimed a pool after our lease has its own: then ours is the older reading, and theirs counts.
    mine = [claim for claim in claims if claim.pool_id in standing and standing[claim.pool_id].lease == claim.lease]
    lines = _measured_lines(mine, pools)
    whole = _whole(lines, standing)
    _write_states({claim.pool_id: pools[claim.pool_id] for claim in mine}, _measured(lines, whole, now), standing, now)
    changed = {claim.site_id for claim in mine if claim.failing or claim.shown != _shown(pools[claim.pool_id].review)}
    return changed | name_bottlenecks(whole, missing, now=now)


def _measured_lines(claims: Sequence[Claim], pools: _Pools) -> _Lines:
    """The pools of plants that were measured at this review, by plant."""
    lines: _Lines = defaultdict(dict)
    for claim in claims:
        if pools[claim.pool_id].measures:
            lines[claim.site_id][claim.pool_id] = pools[claim.pool_id]
    return lines


def _measured(lines: _Lines, whole: Collection[UUID], now: datetime) -> dict[UUID, _Measured]:
    """What is kept with the state of each measured pool; a line of which a pool is missing is measured again soon."""
    kept: dict[UUID, _Measured] = {}
    for site_id, pools in lines.items():
        shares, at = named_in(list(pools.values())), now if site_id in whole else None
        for pool_id, pool in pools.items():
            if pool.measures:
                told = {"position": pool.position, "used": used_of(pool)}
                kept[pool_id] = at, pool.measures.evidence(shares[pool.code]) | told
    return kept


def _whole(lines: _Lines, standing: _Standings) -> _Lines:
    """The plants of which every pool was reviewed just now; the others come due again by themselves."""
    sizes = Counter(state.site_id for state in standing.values())
    return {site_id: pools for site_id, pools in lines.items() if len(pools) == sizes[site_id]}


def _lock_states(site_ids: set[UUID]) -> _Standings:
    """All pool states of the sites, locked in one order."""
    states = PoolState.objects.filter(pool__site__in=site_ids).order_by("pool_id").select_for_update(of=("self",))
    rows = states.values_list("pool_id", "pool__site_id", "lease", "review_after")
    return {pool_id: _Standing(*rest) for pool_id, *rest in rows}


def _write_states(pools: _Pools, measured: Mapping[UUID, _Measured], standing: _Standings, now: datetime) -> None:
    rows = {
        pool_id: _state_row(pool_id, pool.review, standing[pool_id].review_after, now)
        for pool_id, pool in pools.items()
    }
    writes = Writes()
    for columns, chosen in ((RENEWED, rows.keys() - measured.keys()), (MEASURED, measured.keys())):
        sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in columns)
        of_pools = [(*rows[pool_id], *measured.get(pool_id, NOT_MEASURED)) for pool_id in chosen]
        writes.insert("batches_poolstate", STATE_COLUMNS, of_pools, on_conflict=f"(pool_id) DO UPDATE SET {sets}")
    writes.run()


def _shown(review: PoolReview) -> tuple[Any, ...]:
    values = (getattr(review, name) for name in SHOWN)
    return (review.expected_wait_hours, review.stored_share, *values)


def _state_row(pool_id: UUID, review: PoolReview, due: datetime | None, now: datetime) -> tuple[Any, ...]:
    # Touched since the claim: the touch stands, for its facts may have come after our reading.
    touched = due is not None and due != now + LEASE
    review_after = min(due, review.next_at) if touched else review.next_at
    return (
        pool_id, review.condition.value, review.capacity, review.busy, review.queue, review.arrivals,
        review.completions, review.oldest_ready_at, review.median_wait_hours, review.service_hours,
        review.stored_share, review.expected_wait_hours, review.window_hours, now, review_after,
        None, None, None, "",
    )  # fmt: skip
