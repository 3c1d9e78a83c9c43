"""Whether the 80 % interval of the forecast holds where orders come at random and where they come evenly.

Lines of two, four and eight suites (queueing.py) are lived through for two years. The forecaster reads what a site
knows: hours of stages that were over or at work by then, the orders of the last eight weeks, the pools. Every four
weeks of the second year it says of each open order when its dose is ready and P(late), with orders to come spread
evenly and with the refinement of random arrivals. Two thirds of the orders of the first year kept what is promised.
Who knows the truth says the same. A line is one cluster: its orders share their queues.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np

from batches.calibration.rules.arrivals import Placed, judge_arrivals, past_weeks
from batches.calibration.rules.coverage import Coverage, IssuedInterval, coverage
from batches.calibration.rules.gate import Paired
from batches.calibration.rules.scores import mean_difference, squared_errors
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import learn, learned_of_plan
from batches.forecasts.rules.demand import RATE_WINDOW
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from supplychain.orders.statuses import Priority, StageStatus
from tests.batches.builders import a_run, an_order, at
from tests.batches.forecasts.line_builders import LINE, SITE, kind
from tests.bench.queueing import CODES, WEEK, Courses, Line, futures, world
from tests.bench.refinements import PLANS, brier

LOADS, SUITES = (0.7, 0.9), (2, 4, 8)
FIRST, APART, MOMENTS, END = 52 * WEEK, 4 * WEEK, 12, 120 * WEEK
FORECASTERS = ("evenly", "at random", "who knows the truth")
LOW, HIGH, KEPT = 0.1, 0.9, 2 / 3
# The gate asks of promises that pass so long after the forecast (docs/judgement/calibration.md).
ASKED = (WEEK, 3 * WEEK)


class Said(NamedTuple):
    """What one forecaster said of an order (hours, 0–1)."""

    low: float
    high: float
    late: float


class Told(NamedTuple):
    """An order of a line (`world`) at a moment (hours), what each of FORECASTERS said of it, and what came.
    `has_begun`: it has got its suite by then."""

    world: int
    number: int
    now: float
    has_begun: bool
    said: tuple[Said, ...]
    ready: float
    promised: float

    @property
    def is_late(self) -> bool:
        """Whether the dose was ready after the promise."""
        return self.ready > self.promised


def told(seed: int, line: Line, *, moments: int = MOMENTS, paths: int = 300, draws: int = 200) -> list[Told]:
    """What was said of the open orders of one line."""
    luck = np.random.default_rng(seed)
    lived = world(luck, line, END)
    usual = float(np.quantile((lived.ready - lived.came)[lived.ready <= FIRST], KEPT))
    found = []
    for now in (FIRST + APART * number for number in range(moments)):
        placed = lived.of(lived.came <= now)
        facts = _facts(line, placed, now, usual)
        plain, refined = (
            _said(replace(facts, refined=Refined(has_random_arrivals=one)), now, paths) for one in (False, True)
        )
        truth = _truth(futures(luck, line, placed, now, draws), placed.came + usual)
        for n in np.flatnonzero(placed.ready > now).tolist():
            has_begun = bool(placed.begun[n, CODES.index("selection")] <= now)
            said = (plain[n], refined[n], truth[n])
            found.append(Told(seed, n, now, has_begun, said, float(placed.ready[n]), float(placed.came[n]) + usual))
    return found


def _truth(drawn: np.ndarray, promised: np.ndarray) -> list[Said]:
    low, high = np.quantile(drawn, (LOW, HIGH), axis=0, method="inverted_cdf")
    return [Said(*map(float, one)) for one in zip(low, high, (drawn > promised).mean(axis=0), strict=True)]


def _facts(line: Line, placed: Courses, now: float, usual: float) -> LineFacts:
    """All that the product reads of the line."""
    learned = {("a product", SITE, code): _learned(placed, stage, now) for stage, code in enumerate(CODES)}
    window = RATE_WINDOW.total_seconds() / 3600
    recent = [_kind(rank) for came, rank in zip(placed.came, placed.rank, strict=True) if came > now - window]
    pools = {(SITE, code): [(at(0), places)] for code, places in line.places.items()}
    orders = [_line_order(n, placed, now, usual) for n in np.flatnonzero(placed.ready > now)]
    return LineFacts(LINE, orders, recent, pools, learned)


def _kind(rank: float) -> Any:
    return kind(Priority.URGENT if rank < 0 else Priority.ROUTINE)


def _learned(placed: Courses, stage: int, now: float) -> PlannedCurve:
    begun, ended = placed.begun[:, stage], placed.ended[:, stage]
    runs = Runs.of(
        PastRun(min(end, now) - start, End.COMPLETED if end <= now else End.CENSORED, min(end, now))
        for start, end in zip(begun.tolist(), ended.tolist(), strict=True)
        if start < now
    )
    return PlannedCurve(learn(runs, learned_of_plan(PLANS[stage].planned_hours, PLANS[stage].worst_hours)).curve)


def _line_order(n: Any, placed: Courses, now: float, usual: float) -> LineOrder:
    runs = []
    for code, could, begun, ended in zip(CODES, placed.could[n], placed.begun[n], placed.ended[n], strict=True):
        if could > now:
            break
        moments: dict[str, Any] = {"ready": could} | ({"started": begun} if begun <= now else {})
        moments |= {"completed": ended} if ended <= now else {}
        is_begun = StageStatus.RUNNING if begun <= now else StageStatus.READY
        runs.append(a_run(code, StageStatus.COMPLETED if ended <= now else is_begun, **moments))
    facts = an_order(*runs, promised=placed.came[n] + usual)
    return LineOrder(_kind(placed.rank[n]), replace(facts, id=UUID(int=int(n))))


def _said(facts: LineFacts, now: float, paths: int) -> dict[int, Said]:
    made = simulated(line_state(facts, at(now)), paths=paths)
    return {
        one.order.int: Said(now + one.ready_low, now + one.ready_high, one.late.share)
        for one in summaries(made)
        if one.ready_low is not None and one.ready_high is not None and one.late
    }


def held(rows: Sequence[Told], forecaster: int) -> Coverage:
    """How often the intervals of a forecaster held; by line."""
    found = coverage([
        IssuedInterval((one.world, one.number), *one.said[forecaster][:2], one.ready, week=one.world) for one in rows
    ])  # fmt: skip
    if found is None:
        raise ValueError("no order was open")
    return found


def brier_of(rows: Sequence[Told], forecaster: int) -> float:
    """Of P(late)."""
    return brier(np.array([one.said[forecaster].late for one in rows]), np.array([one.is_late for one in rows]))


def comes_into_use(seed: int, line: Line, rows: Sequence[Told]) -> bool:
    """Whether the gate lets random arrivals in at one line, at the end of what was told."""
    asked = [one for one in rows if ASKED[0] <= one.promised - one.now <= ASKED[1]]
    pairs = [Paired(one.number, one.promised // WEEK, one.said[0].late, one.said[1].late, one.is_late) for one in asked]
    now = max(one.now for one in rows) + ASKED[1]
    lived = world(np.random.default_rng(seed), line, END)
    placed = [Placed(at(float(came)), bool(rank < 0)) for came, rank in zip(*lived[:2], strict=True) if came <= now]
    return judge_arrivals(past_weeks(placed, at(now)), pairs, was_used=False).is_used


def table(lines: int, moments: int = MOMENTS) -> Iterator[str]:
    """The rows of docs/judgement/forecast.md."""
    for is_random, load in product((True, False), LOADS):
        some = [Line(is_random, load, SUITES[seed % len(SUITES)]) for seed in range(lines)]
        found = [told(seed, line, moments=moments) for seed, line in enumerate(some)]
        rows = [row for one in found for row in one]
        comes = f"{'at random' if is_random else 'evenly'}, {load}"
        for whose, told_of in (("all open", rows), ("no suite yet", [one for one in rows if not one.has_begun])):
            for number, name in enumerate(FORECASTERS):
                yield f"| {comes} | {whose} | {name} | {_figures(told_of, number)} |"
        enters = [comes_into_use(seed, *one) for seed, one in enumerate(zip(some, found, strict=True))]
        yield f"{comes}: comes into use at {sum(enters)} of {lines} lines; {_gain(rows)}"


def _gain(rows: Sequence[Told]) -> str:
    came = [one.is_late for one in rows]
    without, refined = (squared_errors([one.said[number].late for one in rows], came) for number in (0, 1))
    gain = mean_difference(without - refined, [one.world for one in rows])
    sure = "" if gain.low is None else f" ({gain.low:.4f} to {gain.high:.4f})"
    return f"all lines together gain {gain.value:.4f} Brier points{sure}"


def _figures(rows: Sequence[Told], forecaster: int) -> str:
    found = held(rows, forecaster)
    early, late = found.too_early / len(rows), found.too_late / len(rows)
    share = f"{found.share:.3f} ({found.low:.3f}–{found.high:.3f})"
    width = f"{found.mean_width_days:.1f}"
    return f"{len(rows)} | {share} | {early:.3f} | {late:.3f} | {width} | {brier_of(rows, forecaster):.4f}"


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else 36):
        print(row, flush=True)
