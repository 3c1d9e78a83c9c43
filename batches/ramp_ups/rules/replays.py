"""Does the model repeat the last weeks? Its futures of them beside what really happened (docs/judgement/ramp-up.md).

The line is put back to how it stood when the weeks began, gets the orders that really came, with their promises, and
the places that were recorded, on the hours that were to be learned by then; only the luck is drawn. If the model is
right, what really happened is one more draw of it.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from batches.outcomes.rules import FEW
from batches.ramp_ups.rules.lines import DAY, WEEK, SimulatedLine
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.replications import Replication, replicate
from batches.simulation.rules.moments import is_by

REPLAYED_WEEKS = 8
REPLAY_REPLICATIONS = 400
# So many of the model's futures lie inside the ranges with every figure at once: what is outside is no chance of one.
TOGETHER = 0.9
FINISHED, ON_TIME, MEDIAN, P90, WAITED = "finished", "on_time", "days_median", "days_p90", "waited:"
REPEATS, DIFFERS, UNKNOWN = "repeats", "differs", "unknown"
FIGURE_WORDS = {
    FINISHED: ("Doses ready", ""),
    ON_TIME: ("On time", "%"),
    MEDIAN: ("Order to release, median", "days"),
    P90: ("Order to release, nine in ten", "days"),
}


class PastWeeks(msgspec.Struct, frozen=True):
    """What the weeks from `opened` to `closed` (ISO 8601) came to, and what the model needs besides the line.

    `figures`: by name, None: not known; `placed`: of each open order of the line, when it was ordered (hours after
    `opened`), `was_ready`: whether its dose was by then; `early`: doses promised for the weeks and ready before them;
    `left_out`: orders that cannot be simulated; `unknown`: why nothing can be told, empty: it can.
    """

    opened: str
    closed: str
    figures: dict[str, float | None]
    placed: tuple[float, ...]
    was_ready: tuple[bool, ...]
    early: int = 0
    left_out: int = 0
    unknown: str = ""


class ReplayRow(msgspec.Struct, frozen=True):
    """One figure: what really happened, what the model says on the mean, and the range of its futures."""

    key: str
    name: str
    unit: str
    actual: float | None
    mean: float | None
    low: float | None
    high: float | None
    is_inside: bool


class ReplayFound(msgspec.Struct, frozen=True):
    """The answer. `verdict`: REPEATS, DIFFERS or UNKNOWN; `words`: the same as a sentence."""

    verdict: str
    words: str
    opened: str
    closed: str
    rows: tuple[ReplayRow, ...]
    replications: int
    left_out: int

    @property
    def repeats(self) -> bool:
        """Whether every figure lies in the range."""
        return self.verdict == REPEATS

    @property
    def differs(self) -> bool:
        """Whether some figure lies outside of its range."""
        return self.verdict == DIFFERS

    @property
    def differences(self) -> list[str]:
        """Each figure outside of its range, as a sentence."""
        return [_outside_words(row) for row in self.rows if not row.is_inside]


def too_little(finished: int, *, has_earlier_orders: bool) -> str:
    """Why so little history says nothing of the model; empty: it is enough."""
    if not has_earlier_orders:
        return "no order was placed before these weeks"
    if finished < FEW:
        doses = "dose was" if finished == 1 else "doses were"
        return f"{finished or 'no'} {doses} ready in these weeks, at least {FEW} are needed"
    return ""


def replay(line: SimulatedLine, past: PastWeeks, numbers: Sequence[int]) -> list[dict[str, float | None]]:
    """The figures of these futures of the past weeks."""
    plan = plan_of(line, (), horizon=REPLAYED_WEEKS * WEEK)
    return [_figures(one, line, past) for one in replicate(plan, numbers, opened=0.0, horizon=REPLAYED_WEEKS * WEEK)]


def _figures(one: Replication, line: SimulatedLine, past: PastWeeks) -> dict[str, float | None]:
    closed = REPLAYED_WEEKS * WEEK
    ready, released = one.futures.ready[:, 0].astype(float), one.futures.collected[:, 0].astype(float)
    promised = one.net.orders["promised"]
    open_then = ~np.array(past.was_ready, bool)
    due = open_then & (promised > 0) & (promised <= closed) & ~np.isnan(ready)
    in_time = int(np.count_nonzero(due & is_by(ready, promised))) + past.early
    all_due = int(np.count_nonzero(due)) + past.early
    let_go = (released > 0) & (released <= closed)
    days = (released - np.array(past.placed, float))[let_go] / DAY
    found: dict[str, float | None] = {
        FINISHED: float(np.count_nonzero(open_then & (ready > 0) & (ready <= closed))),
        ON_TIME: 100 * in_time / all_due if all_due else None,
        MEDIAN: float(np.median(days)) if days.size else None,
        P90: float(np.quantile(days, 0.9)) if days.size else None,
    }
    waited = {WAITED + pool.code: float(one.futures.queue[at, 0]) / DAY for at, pool in enumerate(line.pools)}
    return found | waited


def joint_ranges(rows: Sequence[Mapping[str, float | None]], keys: Sequence[str]) -> dict[str, tuple[float, float]]:
    """The narrowest ranges, of equal rank for every figure, that hold TOGETHER of the rows with all figures at once.

    A global envelope by ranks (Myllymäki et al., J. R. Stat. Soc. B 79 (2017) 381): one more draw of the same model
    lies inside with about that probability, however the figures hang together. One rank wider than what holds the rows
    themselves: each of them is counted among its own neighbours, what really happened is not.
    """
    table = np.array([[row[key] for key in keys] for row in rows], float)
    ordered, count = np.sort(table, axis=0), len(table)
    for depth in range((count - 1) // 2, -1, -1):
        low, high = ordered[depth], ordered[count - 1 - depth]
        inside = np.all((table >= low) & (table <= high), axis=1)
        if inside.sum() >= TOGETHER * count:
            break
    low, high = ordered[max(depth - 1, 0)], ordered[count - 1 - max(depth - 1, 0)]
    return {key: (float(low[at]), float(high[at])) for at, key in enumerate(keys)}


def judge(rows: Sequence[Mapping[str, float | None]], past: PastWeeks, pools: Mapping[str, str]) -> ReplayFound:
    """What the futures `rows` say beside the past; `pools`: code → name."""
    if past.unknown or not rows:
        words = f"Not known: too little history ({past.unknown or 'nothing was simulated'})."
        return ReplayFound(UNKNOWN, words, past.opened, past.closed, (), 0, past.left_out)
    known = [
        key for key in past.figures
        if past.figures[key] is not None and all(row.get(key) is not None for row in rows)
    ]  # fmt: skip
    ranges = joint_ranges(rows, known)
    told = tuple(_row(key, past.figures[key], rows, ranges.get(key), pools) for key in past.figures)
    outside, count = [row for row in told if not row.is_inside], len(known)
    words = (
        f"Does not repeat: {len(outside)} of {count} figures lie outside the model's range."
        if outside
        else f"Repeats: all {count} figures lie in the model's range."
    )
    verdict = DIFFERS if outside else REPEATS
    return ReplayFound(verdict, words, past.opened, past.closed, told, len(rows), past.left_out)


def _row(
    key: str,
    actual: float | None,
    rows: Sequence[Mapping[str, float | None]],
    ends: tuple[float, float] | None,
    pools: Mapping[str, str],
) -> ReplayRow:
    code = key.removeprefix(WAITED)
    name, unit = FIGURE_WORDS.get(key) or (f"Waited for {pools.get(code, code)}", "days, all orders together")
    if ends is None or actual is None:
        return ReplayRow(key, name, unit, actual, None, None, None, is_inside=True)
    mean = float(np.mean([row[key] for row in rows]))
    # The same sums in another order may differ in the last digits.
    inside = ends[0] - 1e-6 <= actual <= ends[1] + 1e-6
    return ReplayRow(key, name, unit, actual, mean, *ends, is_inside=inside)


def _outside_words(row: ReplayRow) -> str:
    is_more = row.actual > row.high
    if row.key == ON_TIME:
        what = "More doses were on time" if is_more else "Fewer doses were on time"
    elif row.key == FINISHED:
        what = "More doses were ready" if is_more else "Fewer doses were ready"
    else:
        what = f"{row.name}: {'longer' if is_more else 'shorter'}"
    actual, _, ends = row_words(row)
    return f"{what} than in the model ({actual}; model: {ends})."


def row_words(row: ReplayRow) -> tuple[str, str, str]:
    """What happened, the model's mean and its range, with the unit."""
    decimals = 0 if row.key == FINISHED else 1
    unit = f" {row.unit}" if row.unit else ""
    actual = "not known" if row.actual is None else f"{row.actual:.{decimals}f}{unit}"
    if row.low is None:
        return actual, "not known", "not known"
    return actual, f"{row.mean:.1f}", _ends_words(row, decimals)


def _ends_words(row: ReplayRow, decimals: int) -> str:
    """From where to where the futures go; where all of them say the same, that, and in words where it is nothing."""
    low, high = (f"{end:.{decimals}f}" for end in (row.low, row.high))
    if low != high:
        return f"{low} to {high}"
    if float(low):
        return f"always {low}"
    return f"{'no wait' if row.key.startswith(WAITED) else 'none'} in any simulation"
