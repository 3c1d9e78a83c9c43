"""Which one pool holds up a line: the root, with its evidence, how sure that is, and with hysteresis.

Pure: facts and `now` in, finding out. A line is one plant. Judged on a share of a window, never on one sample, and
only the root is named (DOMAIN §7). Queues that another pool's queue feeds are seen in the evidence, not named.
Candidates are found by their queues; between those for which about as much was waited the active periods decide
(docs/adr/0010).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from batches.lines.rules.confidence import OF_ALL_LINES, Candidacy, Limits, LineCurve, naming_shares
from batches.lines.rules.line_pools import LinePool, in_flow_order
from batches.lines.rules.measures import RECENT_DAYS, PoolMeasures
from batches.lines.rules.pools import WINDOW_HOURS, PoolReview
from batches.lines.rules.relief import PoolFlow, Relief, relieve
from batches.lines.rules.sureness import how_sure, not_told_apart
from batches.lines.statuses import PoolCondition
from supplychain.words import span_words, with_verb

# A pool becomes a candidate when it was full with a queue for this share of the window, and stays one down to the
# other: between the two a wavering pool neither comes nor goes.
ENTER_SHARE = 0.5
LEAVE_SHARE = 0.3
# Another candidate takes over only when this many times as many order-hours were waited for it.
DISPLACE_RATIO = 1.25
# Who leads the pool named by active periods or use on each of the last days takes over, whatever was waited before;
# after that nobody leads it away for a day, so that a name that three pools contest does not go round.
LEADS_FROM_SHARE = 0.5
HELD_FOR = timedelta(days=1)
DAY_HOURS = 24.0
# Less than this, in hours or in shares, is rounding.
LEAST_LEAD = 1e-6


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


def find_bottleneck(
    pools: Sequence[LinePool], incumbent: Root | None, now: datetime, curve: LineCurve = OF_ALL_LINES
) -> BottleneckFinding:
    """Name the candidate for which most order-hours were waited in the window.

    Of those for which about as much was waited it is the one that was longest the bottleneck by its active periods,
    and of these the one most downstream. A pool that nobody who needs it gets through (`is_shut`) comes before all
    others, with or without a queue. The order of `pools` does not matter. `curve`: what such names were worth on
    this line; it changes how sure the verdict is, and never which pool is named.
    """
    named = {pool.code: pool for pool in pools}
    before = named.get(incumbent.pool) if incumbent else None
    candidates = _shut(pools) or [pool for pool in pools if _is_candidate(pool, is_incumbent=pool is before)]
    if before and incumbent and before in candidates:
        may_lead = now - incumbent.since >= HELD_FOR
        root = choose([pool for pool in candidates if _takes_over(pool, before, may_lead)]) or before
    else:
        root = choose(candidates)
    kept = incumbent is not None and root is not None and root is before
    rivals = not_told_apart(root, pools, curve) if root else []
    doubt = f"; not told apart from {' or '.join(one.name for one in rivals)}" if rivals else ""
    return BottleneckFinding(
        pool=root.code if root else "",
        since=incumbent.since if kept else now if root else None,
        why=why_named(root, now) + doubt if root else "",
        evidence=_evidence(pools, root, (rivals, curve), now),
        ended_why="" if kept or incumbent is None else _why_ended(before, root),
    )


def why_named(pool: LinePool, now: datetime) -> str:
    """The reason in one plain line, for people."""
    review = pool.review
    if pool.is_shut and not review.queue:
        orders = f"{pool.needed} open order{'' if pool.needed == 1 else 's'}"
        return f"{pool.name}: no place open and no date set for one, needed by {orders}"
    places = f"{review.busy} of {review.capacity} busy" if review.capacity else "no place open"
    oldest = f" (oldest {span_words(now - review.oldest_ready_at)})" if review.oldest_ready_at else ""
    stuck = "nothing moves, " if review.condition == PoolCondition.STUCK else ""
    return f"{pool.name}: {places}, {review.queue} waiting{oldest}, {stuck}{_pressed(review)}"


def candidates_of(pools: Sequence[LinePool]) -> list[LinePool]:
    """The pools that come into question, with none named before."""
    return [pool for pool in pools if _is_candidate(pool, is_incumbent=False)]


def _shut(pools: Sequence[LinePool]) -> list[LinePool]:
    return [pool for pool in pools if pool.is_shut]


def _is_clear(review: PoolReview) -> bool:
    """Whether nobody waits for it who does not soon get a place."""
    return review.condition in (PoolCondition.CLEAR, PoolCondition.CLOSED)


def _is_candidate(pool: LinePool, *, is_incumbent: bool) -> bool:
    review = pool.review
    if _must_be_candidate(pool) or (is_incumbent and review.pressed_share >= LEAVE_SHARE):
        return True
    return not _is_clear(review) and review.pressed_share >= ENTER_SHARE


def choose(candidates: Sequence[LinePool]) -> LinePool | None:
    """The root of several candidates with none named before; None of none. `confidence` has it for many at once."""
    most = max(candidates, key=lambda pool: pool.waited_hours, default=None)
    near = [pool for pool in candidates if most and not _displaces(most, pool)]
    return max(near, key=_standing, default=None)


def _standing(pool: LinePool) -> tuple[float, float, int, str]:
    return pool.limiting_share, pool.waited_hours, pool.position, pool.code


def _displaces(challenger: LinePool, incumbent: LinePool) -> bool:
    mine, theirs = challenger.waited_hours, incumbent.waited_hours
    return mine > theirs and mine >= DISPLACE_RATIO * theirs


def _takes_over(challenger: LinePool, incumbent: LinePool, may_lead: bool) -> bool:
    """Whether it is named instead: it leads on each of the last days, or clearly more was waited for it."""
    if _leads(challenger, incumbent):
        return may_lead
    return _displaces(challenger, incumbent) and not _leads(incumbent, challenger)


def _leads(one: LinePool, other: LinePool) -> bool:
    """Whether it was the bottleneck for longer on each of the last days, or used more and the other not that."""
    if not _is_pressed_lately(one) or one.measures is None or other.measures is None:
        return False
    mine, theirs = one.measures.recent, other.measures.recent
    by_periods = _is_more(mine.limiting, theirs.limiting)
    return by_periods or (_is_more(mine.used, theirs.used) and not _is_more(theirs.limiting, mine.limiting))


def _is_more(mine: Sequence[float], theirs: Sequence[float]) -> bool:
    return all(one > other + LEAST_LEAD for one, other in zip(mine, theirs, strict=True))


def _must_be_candidate(pool: LinePool) -> bool:
    """Whether it is one whatever the whole window says."""
    return pool.review.condition == PoolCondition.STUCK or _is_pressed_lately(pool)


def _is_pressed_lately(pool: LinePool) -> bool:
    """Whether it was full with a queue for half of each of the last days, and is not clear now."""
    if pool.measures is None or _is_clear(pool.review):
        return False
    return all(hours >= LEADS_FROM_SHARE * DAY_HOURS for hours in pool.measures.recent.pressed)


def _why_ended(before: LinePool | None, root: LinePool | None) -> str:
    if before is None:
        return "The pool is no longer part of the line"
    if root is None:
        return f"{before.name}: {_pressed(before.review)}, less than {LEAVE_SHARE * 100:.0f} %"
    if not _displaces(root, before) and _leads(root, before):
        return with_verb(root.name, f"has limited the line more than {before.name} for {RECENT_DAYS} days running")
    mine, theirs = root.waited_hours / 24, before.waited_hours / 24
    days = root.window_hours / 24
    within = f" in the last {days:.0f} days" if root.longer else ""
    more = f"holds up more: {mine:.1f} days waited by all orders{within}, {theirs:.1f} for {before.name}"
    return with_verb(root.name, more)


def _pressed(review: PoolReview) -> str:
    days = review.window_hours / 24
    return f"full with a queue for {review.stored_share * 100:.0f} % of the last {days:g} days"


def named_in(pools: Sequence[LinePool]) -> dict[str, float]:
    """By pool, the share (0–1) of resamples of the window's days that name it; empty without measures."""
    ordered = in_flow_order(pools)
    measured = [(pool, pool.measures) for pool in ordered if pool.measures]
    if len(measured) < len(ordered) or not ordered:
        return {}
    if shut := choose(_shut(ordered)):
        return {pool.code: float(pool is shut) for pool in ordered}
    cases = [_candidacy(pool, of) for pool, of in measured]
    shares = naming_shares(cases, ordered[0].review.window_hours, Limits(ENTER_SHARE, DISPLACE_RATIO))
    return {pool.code: share for pool, share in zip(ordered, shares, strict=True)}


def _candidacy(pool: LinePool, of: PoolMeasures) -> Candidacy:
    """What the resamples of its blocks are judged by; in a longer view the candidates stand."""
    if pool.longer:
        stands = _is_candidate(pool, is_incumbent=False)
        longer = pool.longer.measures
        return Candidacy(of.pressed_hours, longer.waited_hours, longer.limiting_hours, always=stands, never=not stands)
    return Candidacy(
        of.pressed_hours, of.waited_hours, of.limiting_hours,
        always=_must_be_candidate(pool), never=_is_clear(pool.review),
    )  # fmt: skip


def _evidence(
    pools: Sequence[LinePool], root: LinePool | None, doubt: tuple[Sequence[LinePool], LineCurve], now: datetime
) -> dict[str, Any]:
    """The numbers of every pool in flow order, JSON-ready, what the root costs, and what would relieve it."""
    shares, (rivals, curve) = named_in(pools), doubt
    evidence: dict[str, Any] = {
        "reviewed_at": now.isoformat(),
        "limits": {"enter_share": ENTER_SHARE, "leave_share": LEAVE_SHARE, "displace_ratio": DISPLACE_RATIO},
        "order_days_waited": round(root.review.waiting_hours / 24, 2) if root else 0.0,
        "window_hours": round(_window_hours(pools), 1),
        "pools": [pool.numbers(now, shares.get(pool.code)) for pool in in_flow_order(pools)],
    }
    if shares:
        # That nobody gets through a pool without a place is no matter of chance.
        if not (root and root.is_shut):
            evidence |= how_sure(root, pools, shares, curve)
        evidence["not_told_apart"] = [pool.code for pool in rivals]
        evidence["relief"] = _relief(root, pools).evidence() if root else None
    return evidence


def _window_hours(pools: Sequence[LinePool]) -> float:
    """From how much of the past the root is chosen."""
    return max((pool.window_hours for pool in pools), default=WINDOW_HOURS)


def _relief(root: LinePool, pools: Sequence[LinePool]) -> Relief:
    flows = {pool.code: _flow(pool, pool.measures) for pool in pools if pool.measures}
    return relieve(flows.pop(root.code), list(flows.values()))


def _flow(pool: LinePool, measures: PoolMeasures) -> PoolFlow:
    review = pool.review
    return PoolFlow(
        pool.code, pool.name, review.capacity, review.busy, review.arrivals, review.queue, review.window_hours,
        measures.mean_service_hours, measures.variation_arrivals, measures.variation_service,
        measures.usage.utilisation or 0.0, measures.services,
    )  # fmt: skip
