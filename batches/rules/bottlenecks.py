"""Which one pool holds up a line: the root, with its evidence, and with hysteresis.

Pure: facts and `now` in, finding out. A line is one plant. Judged on a share of a window, never on one sample, and
only the root is named (DOMAIN §7). Queues that another pool's queue feeds are seen in the evidence, not named.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from batches.rules.pools import PoolReview
from batches.statuses import PoolCondition

# A pool becomes a candidate when it was full with a queue for this share of the window, and stays one down to the
# other: between the two a wavering pool neither comes nor goes.
ENTER_SHARE = 0.5
LEAVE_SHARE = 0.3
# Another candidate takes over only when this many times as many order-hours were waited for it.
DISPLACE_RATIO = 1.25


@dataclass(frozen=True, slots=True)
class LinePool:
    """One pool of a line; `position` is that of the first stage that needs it."""

    code: str
    name: str
    position: int
    review: PoolReview


@dataclass(frozen=True, slots=True)
class Root:
    """The pool named until now, and since when."""

    pool: str
    since: datetime


@dataclass(frozen=True, slots=True)
class BottleneckFinding:
    """The root bottleneck of a line; `pool` empty: there is none. `ended_why`: why the one before was given up."""

    pool: str
    since: datetime | None
    why: str
    evidence: dict[str, Any]
    ended_why: str


def find_bottleneck(pools: Sequence[LinePool], incumbent: Root | None, now: datetime) -> BottleneckFinding:
    """Name the candidate for which most order-hours were waited in the window; on a tie the one most downstream.

    The order of `pools` does not matter.
    """
    named = {pool.code: pool for pool in pools}
    before = named.get(incumbent.pool) if incumbent else None
    candidates = [pool for pool in pools if _is_candidate(pool, is_incumbent=pool is before)]
    root = max(candidates, key=_load, default=None)
    if root and before in candidates and not _displaces(root, before):
        root = before
    kept = incumbent is not None and root is not None and root is before
    return BottleneckFinding(
        pool=root.code if root else "",
        since=incumbent.since if kept else now if root else None,
        why=why_named(root, now) if root else "",
        evidence=_evidence(pools, root, now),
        ended_why="" if kept or incumbent is None else _why_ended(before, root),
    )


def why_named(pool: LinePool, now: datetime) -> str:
    """The reason in one plain line, for people."""
    review = pool.review
    places = f"{review.busy} of {review.capacity} busy" if review.capacity else "no place open"
    oldest = f" (oldest {_hours_since(review.oldest_ready_at, now):.0f} h)" if review.oldest_ready_at else ""
    stuck = "nothing moves, " if review.condition == PoolCondition.STUCK else ""
    return f"{pool.name}: {places}, {review.queue} waiting{oldest}, {stuck}{_pressed(review)}"


def _is_candidate(pool: LinePool, *, is_incumbent: bool) -> bool:
    review = pool.review
    if review.condition == PoolCondition.STUCK or (is_incumbent and review.pressed_share >= LEAVE_SHARE):
        return True
    return review.condition != PoolCondition.CLEAR and review.pressed_share >= ENTER_SHARE


def _load(pool: LinePool) -> tuple[float, int, str]:
    return pool.review.waiting_hours, pool.position, pool.code


def _displaces(challenger: LinePool, incumbent: LinePool) -> bool:
    mine, theirs = challenger.review.waiting_hours, incumbent.review.waiting_hours
    return mine > theirs and mine >= DISPLACE_RATIO * theirs


def _why_ended(before: LinePool | None, root: LinePool | None) -> str:
    if before is None:
        return "The pool is no longer part of the line"
    if root is None:
        return f"{before.name}: {_pressed(before.review)}, less than {LEAVE_SHARE * 100:.0f} %"
    mine, theirs = root.review.waiting_hours / 24, before.review.waiting_hours / 24
    return f"{root.name} holds up more: {mine:.1f} order-days waited there, {theirs:.1f} for {before.name}"


def _pressed(review: PoolReview) -> str:
    days = review.window_hours / 24
    return f"full with a queue for {review.pressed_share * 100:.0f} % of the last {days:g} days"


def _evidence(pools: Sequence[LinePool], root: LinePool | None, now: datetime) -> dict[str, Any]:
    """The numbers of every pool in flow order, JSON-ready, and what the root costs."""
    ordered = sorted(pools, key=lambda pool: (pool.position, pool.code))
    return {
        "reviewed_at": now.isoformat(),
        "limits": {"enter_share": ENTER_SHARE, "leave_share": LEAVE_SHARE, "displace_ratio": DISPLACE_RATIO},
        "order_days_waited": round(root.review.waiting_hours / 24, 2) if root else 0.0,
        "pools": [_numbers(pool, now) for pool in ordered],
    }


def _numbers(pool: LinePool, now: datetime) -> dict[str, Any]:
    numbers = asdict(pool.review)
    oldest = numbers.pop("oldest_ready_at")
    del numbers["next_at"]
    rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in numbers.items()}
    oldest_hours = round(_hours_since(oldest, now), 1) if oldest else None
    return {
        "pool": pool.code,
        "name": pool.name,
        "position": pool.position,
        "oldest_wait_hours": oldest_hours,
        **rounded,
        "condition": pool.review.condition.value,
    }


def _hours_since(moment: datetime, now: datetime) -> float:
    return (now - moment) / timedelta(hours=1)
