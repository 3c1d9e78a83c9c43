"""Reviewing pools: when one is due, what it looks like now, and who must be told.

A review is a claim, a reading and a write. The claim sets `reviewed_at` (the claim's own mark) and moves
`review_after` ahead as a lease: a worker that dies loses only the lease. Between claim and write no row is locked, so
nobody waits for the arithmetic. One review is at work at a time, on however many machines: it reads much, and two would
take the processors from the judgement. Pool states are locked in the order of their ids.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists

from batches.lines.actions.bottlenecks import name_bottlenecks
from batches.lines.actions.readings import PoolKey, PoolReadings, read_further_back, read_pools
from batches.lines.actions.wakes import wake_before_pools
from batches.lines.models import PoolState
from batches.lines.rules.bottlenecks import named_in
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.long_views import LONGEST_WINDOW_HOURS, needs_longer_view, with_longer_view
from batches.lines.rules.measures import measure_line
from batches.lines.rules.pools import PoolFacts, PoolReview, review_pool
from batches.lines.rules.services import pool_position
from supplychain.leases import free, take
from supplychain.sites.statuses import SiteKind
from supplychain.sql import LOST, Writes, reason_of

logger = logging.getLogger(__name__)

# Longer than any pause, so that a touch during a review is told from the lease; short enough for a dead worker.
LEASE = timedelta(seconds=20)
MOST_DUE = 100

STATE_COLUMNS = (
    "pool_id", "condition", "capacity", "busy", "queue", "arrivals", "completions", "oldest_ready_at",
    "median_wait_hours", "service_hours", "pressed_share", "expected_wait_hours", "window_hours", "reviewed_at",
    "review_after", "lease", "leased_until", "failing_since", "failing_why", "evidence",
)  # fmt: skip
SHOWN = STATE_COLUMNS[1:8]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One pool to review, with what is shown of it so far."""

    pool_id: UUID
    site_id: UUID
    code: str
    name: str
    in_line: bool
    shown: tuple[Any, ...]
    lease: UUID
    failing: bool

    @property
    def key(self) -> PoolKey:
        return self.site_id, self.code


class _Standing(NamedTuple):
    """What the tables say of a pool when its review is written."""

    site_id: UUID
    lease: UUID | None
    review_after: datetime | None


_Standings = dict[UUID, _Standing]
# Plant → pool → the pool.
_Lines = dict[UUID, dict[UUID, LinePool]]


def review_due_pools(*, now: datetime, clock: Callable[[], datetime] | None = None) -> set[UUID]:
    """Review what is due, name the bottleneck of every plant among them; ids of the sites where something changed.

    The pools of a site are reviewed together, since naming the root compares them at one moment. The number of
    statements does not depend on the number of pools. `clock` tells when the reading is done (without it: at `now`).
    """
    clock = clock or (lambda: now)
    claims = _claim(now)
    if not claims:
        return set()
    try:
        return _review(claims, now, clock)
    except LOST:
        raise
    except Exception:
        logger.exception("Pools could not be reviewed together; their sites are reviewed one by one.")
        return _review_by_site(claims, now, clock)


def _review(claims: Sequence[_Claim], now: datetime, clock: Callable[[], datetime]) -> set[UUID]:
    readings = read_pools({claim.key: claim.pool_id for claim in claims}, now=now)
    pools = _with_longer_views(claims, _judged(claims, readings, now), readings, now)
    _renew(claims, clock())
    return _store(claims, pools, now, clock)


def _review_by_site(claims: Sequence[_Claim], now: datetime, clock: Callable[[], datetime]) -> set[UUID]:
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


def _note_failure(claims: Sequence[_Claim], error: Exception, now: datetime) -> bool:
    """Keep since when and why, for the pages and the health check, until a review succeeds; whether it is news."""
    why = reason_of(error)
    held = PoolState.objects.filter(pool__in=[claim.pool_id for claim in claims], lease=claims[0].lease)
    begins = held.filter(failing_since=None).update(failing_since=now, failing_why=why)
    held.exclude(failing_why=why).update(failing_why=why)
    held.update(lease=None, leased_until=None)  # or no other site would be reviewed until then
    return begins > 0


def _renew(claims: Sequence[_Claim], moment: datetime) -> None:
    """Hold what is still ours for as long again: the reading may have taken most of the lease."""
    held = PoolState.objects.filter(pool__in=[claim.pool_id for claim in claims], lease=claims[0].lease)
    held.update(leased_until=moment + LEASE)


def _judged(claims: Sequence[_Claim], readings: PoolReadings, now: datetime) -> dict[UUID, LinePool]:
    """Each pool reviewed; those of a plant measured against each other too."""
    positions = {code: pool_position(readings.stages, code) for code in {claim.code for claim in claims}}
    lines: dict[UUID, dict[str, PoolFacts]] = defaultdict(dict)
    for claim in claims:
        if claim.in_line:
            lines[claim.site_id][claim.code] = readings.facts[claim.key]
    measures = {site_id: measure_line(pools, now) for site_id, pools in lines.items()}
    return {
        claim.pool_id: LinePool(
            claim.code, claim.name, positions[claim.code], review_pool(readings.facts[claim.key], now),
            measures[claim.site_id][claim.code] if claim.in_line else None,
        )
        for claim in claims
    }  # fmt: skip


def _with_longer_views(
    claims: Sequence[_Claim], pools: dict[UUID, LinePool], readings: PoolReadings, now: datetime
) -> dict[UUID, LinePool]:
    """The same, with more of the past read for the plants of which the week alone says too little."""
    lines: dict[UUID, list[_Claim]] = defaultdict(list)
    for claim in claims:
        if claim.in_line:
            lines[claim.site_id].append(claim)
    asked = [of for of in lines.values() if needs_longer_view([pools[claim.pool_id] for claim in of])]
    if not asked:
        return pools
    keys = [claim.key for of in asked for claim in of]
    facts = read_further_back(readings, keys, opened=now - timedelta(hours=LONGEST_WINDOW_HOURS))
    found = dict(pools)
    for of in asked:
        seen = with_longer_view(
            [pools[claim.pool_id] for claim in of], {claim.code: facts[claim.key] for claim in of}, now
        )
        found |= {claim.pool_id: pool for claim, pool in zip(of, seen, strict=True)}
    return found


@transaction.atomic
def _claim(now: datetime) -> list[_Claim]:
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


def _claim_of(state: PoolState) -> _Claim:
    pool = state.pool
    shown = (state.expected_wait_hours, state.pressed_share, *(getattr(state, name) for name in SHOWN))
    in_line = pool.site.kind == SiteKind.PLANT
    return _Claim(
        pool.pk, pool.site_id, pool.code, pool.name, in_line, shown, state.lease, state.failing_since is not None
    )  # fmt: skip


@transaction.atomic
def _store(
    claims: Sequence[_Claim], pools: dict[UUID, LinePool], now: datetime, clock: Callable[[], datetime]
) -> set[UUID]:
    """Write the reviews still in hand, wake whom they concern, then judge each line of which all pools are."""
    standing = _lock_states({claim.site_id for claim in claims})
    # Whoever claimed a pool after our lease has its own: then ours is the older reading, and theirs counts.
    mine = [claim for claim in claims if claim.pool_id in standing and standing[claim.pool_id].lease == claim.lease]
    lines = _lines(mine, pools)
    _write_states({claim.pool_id: pools[claim.pool_id] for claim in mine}, _evidence(lines), standing, now)
    other_wait = [claim.key for claim in mine if claim.shown[0] != pools[claim.pool_id].review.expected_wait_hours]
    wake_before_pools(other_wait, now=clock())
    changed = {claim.site_id for claim in mine if claim.failing or claim.shown != _shown(pools[claim.pool_id].review)}
    return changed | name_bottlenecks(_whole(lines, standing), now=now)


def _lines(claims: Sequence[_Claim], pools: dict[UUID, LinePool]) -> _Lines:
    """The pools of plants, by plant."""
    lines: _Lines = defaultdict(dict)
    for claim in claims:
        if claim.in_line:
            lines[claim.site_id][claim.pool_id] = pools[claim.pool_id]
    return lines


def _evidence(lines: _Lines) -> dict[UUID, dict[str, Any]]:
    """What is kept with the state of each measured pool."""
    kept: dict[UUID, dict[str, Any]] = {}
    for pools in lines.values():
        shares = named_in(list(pools.values()))
        for pool_id, pool in pools.items():
            if pool.measures:
                kept[pool_id] = pool.measures.evidence(shares[pool.code]) | {"position": pool.position}
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


def _write_states(
    pools: dict[UUID, LinePool], evidence: dict[UUID, dict[str, Any]], standing: _Standings, now: datetime
) -> None:
    rows = [
        (*_state_row(pool_id, pool.review, standing[pool_id].review_after, now), evidence.get(pool_id, {}))
        for pool_id, pool in pools.items()
    ]
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in STATE_COLUMNS[1:])
    writes = Writes()
    writes.insert("batches_poolstate", STATE_COLUMNS, rows, on_conflict=f"(pool_id) DO UPDATE SET {sets}")
    writes.run()


def _shown(review: PoolReview) -> tuple[Any, ...]:
    values = (getattr(review, name) for name in SHOWN)
    return (review.expected_wait_hours, _stored_share(review), *values)


def _stored_share(review: PoolReview) -> float:
    # In whole per cent a share seldom changes between two reviews, so screens are not woken for nothing.
    return round(review.pressed_share, 2)


def _state_row(pool_id: UUID, review: PoolReview, due: datetime | None, now: datetime) -> tuple[Any, ...]:
    # Touched since the claim: the touch stands, for its facts may have come after our reading.
    touched = due is not None and due != now + LEASE
    review_after = min(due, review.next_at) if touched else review.next_at
    return (
        pool_id, review.condition.value, review.capacity, review.busy, review.queue, review.arrivals,
        review.completions, review.oldest_ready_at, review.median_wait_hours, review.service_hours,
        _stored_share(review), review.expected_wait_hours, review.window_hours, now, review_after,
        None, None, None, "",
    )  # fmt: skip
