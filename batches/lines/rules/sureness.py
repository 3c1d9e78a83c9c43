"""How sure the verdict on a line is: of a pool that is named, of none, and which others may as well limit it. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from batches.lines.rules.confidence import (
    LIKELY,
    OF_ALL_LINES,
    USE_OF_LIKELY,
    LineCurve,
    PoolUse,
    clear_confidence,
    separation,
)
from batches.lines.rules.line_pools import LinePool, in_flow_order

# Below this confidence against another pool, if that one was pressed for so much of the window, both are named.
TOLD_APART, NEAR_SHARE = LIKELY, 0.1
# Of so few runs of a pool that none limits the line is never firm: measured in docs/judgement/bottleneck.md.
FEWEST_RUNS = 5


def how_sure(
    root: LinePool | None, pools: Sequence[LinePool], shares: Mapping[str, float], curve: LineCurve
) -> dict[str, float]:
    """Confidence and the share of resamples that say the same, 0–1. `shares`: of resamples that name each pool."""
    share = round(min(max(shares[root.code] if root else 1 - sum(shares.values()), 0.0), 1.0), 3)
    if root is None:
        return {"confidence": sure_of_none(map(used_of, pools)), "resampled_share": share}
    if len(pools) == 1:  # calibrated with several pools: only the resamples speak
        return {"confidence": share}
    confidence = curve.confidence_at(nearest_separation(root, pools))
    return {"confidence": round(confidence, 3), "resampled_share": share}


def sure_of_none(used: Iterable[float]) -> float:
    """How sure it is (0–1) that none of the pools limits the line, by how much of each was taken (`used_of`)."""
    return round(clear_confidence(max(used)), 3)


def used_of(pool: LinePool) -> float:
    """How much of its place-hours it had taken in the window that decides, as it is kept with its state. Where too few
    runs ended to go by, it counts as at least so full that none is likely at most."""
    use = _use(pool)
    return round(max(use.used, USE_OF_LIKELY) if use.used and use.services < FEWEST_RUNS else use.used, 3)


def nearest_separation(root: LinePool, pools: Sequence[LinePool]) -> float:
    """By how many standard errors more of the root was used than of the pool that comes nearest; there must be one."""
    return min(separation(_use(root), _use(one)) for one in pools if one is not root)


def not_told_apart(root: LinePool, pools: Sequence[LinePool], curve: LineCurve = OF_ALL_LINES) -> list[LinePool]:
    """The other pools that may as well limit the line: pressed at times, and not clearly used less."""
    if root.measures is None or root.is_shut:
        return []
    near = [pool for pool in pools if pool is not root and pool.review.pressed_share >= NEAR_SHARE]
    apart = {pool.code: curve.confidence_at(separation(_use(root), _use(pool))) >= TOLD_APART for pool in near}
    return [pool for pool in in_flow_order(near) if not apart[pool.code]]


def _use(pool: LinePool) -> PoolUse:
    of = pool.longer.measures if pool.longer else pool.measures
    # Where no place was open all that was asked for could not be had.
    used = of.usage.utilisation if of else 0.0
    used = pool.review.pressed_share if used is None else used
    return PoolUse(used, of.services, of.variation_service) if of else PoolUse(0.0, 0, 0.0)
