"""What failures by attempt and time bring in a world of which it is known how often tests hang, and when they fail.

Orders without queues pass the journey of DOMAIN §2, some in their second attempt. A release test that hangs ends by
failing, later than good ones end, and so misses the promise; in a second attempt it hangs at another rate. In the
world without the effect as many fail, at any time and attempt alike. The exact forecaster knows the parameters and
shares no code with the model.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from scipy.special import ndtr, ndtri

from batches.calibration.rules.gate import Paired, judge
from batches.durations.rules.endings import with_ends
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import learn, learned_of_plan
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import FLOW, a_run, an_order, at
from tests.batches.forecasts.line_builders import LINE, SITE, kind
from tests.bench.refinements import PLANS, brier

CODES = [plan.code for plan in PLANS]
PLANNED = np.array([plan.planned_hours for plan in PLANS])
TEST, RESTART = CODES.index("qc_release_tests"), CODES.index(FLOW.restart_stage)
NOISE, PROMISED, SECOND = 0.2, 1.35, 0.2
DRAWS = 4_000
WEEKS = 26


class Hangs(NamedTuple):
    """How often a test fails in a first and in a second attempt, and in how many times its planned hours (from, to);
    None: in the hours of a good one."""

    first: float
    second: float
    late: tuple[float, float] | None


STUCK = Hangs(0.05, 0.3, (1.3, 3.0))
PLAIN = Hangs(0.1, 0.1, None)


class Course(NamedTuple):
    """One attempt of an order: hours of PLANS from the stage on with which it begins; whether its test fails; `seen`:
    hours after its start at which it is forecast."""

    is_second: bool
    hours: np.ndarray
    fails: bool
    seen: float

    @property
    def first(self) -> int:
        """The stage with which the attempt begins."""
        return RESTART if self.is_second else 0

    @property
    def promise(self) -> float:
        """Hours from the start of the attempt."""
        return PROMISED * float(PLANNED[self.first :].sum())

    @property
    def came_late(self) -> bool:
        """Whether no dose was ready by the promise; a new attempt takes too long for it."""
        return self.fails or bool(self.hours[self.first :].sum() > self.promise)


class Forecasts(NamedTuple):
    """P(late) of each order by the plain model, with the refinement, and by who knows the truth; and what came."""

    plain: np.ndarray
    refined: np.ndarray
    exact: np.ndarray
    came: np.ndarray

    def pairs(self) -> list[Paired]:
        """As the gate reads them."""
        rows = zip(self.plain, self.refined, self.came, strict=True)
        return [
            Paired(number, number * WEEKS // len(self.came), float(before), float(after), bool(came))
            for number, (before, after, came) in enumerate(rows)
        ]


def courses(luck: np.random.Generator, number: int, world: Hangs) -> list[Course]:
    """Orders of a world, each seen somewhere between the start of its attempt and its end or promise."""
    found = []
    for _ in range(number):
        is_second = bool(luck.random() < SECOND)
        hours = PLANNED * np.exp(luck.normal(0, NOISE, len(PLANS)))
        fails = bool(luck.random() < (world.second if is_second else world.first))
        if fails and world.late:
            hours[TEST] = PLANNED[TEST] * luck.uniform(*world.late)
        one = Course(is_second, hours, fails, 0.0)
        end = hours[one.first : TEST + 1 if fails else None].sum()
        found.append(one._replace(seen=float(luck.uniform(0.2, 0.98) * min(end, one.promise))))
    return found


def forecasts(seed: int, world: Hangs, *, orders: int = 400, paths: int = 400) -> Forecasts:
    """Learn from so many attempts, forecast as many."""
    luck = np.random.default_rng(seed)
    past, ahead = courses(luck, orders, world), courses(luck, orders, world)
    learned = {("a product", SITE, code): _learned(past, number) for number, code in enumerate(CODES)}
    facts = LineFacts(LINE, [_line_order(number, one) for number, one in enumerate(ahead, 1)], (), {}, learned)
    plain, refined = (_said(replace(facts, refined=Refined(has_ends=used)), paths) for used in (False, True))
    exact = np.array([_exact(luck, one, world) for one in ahead])
    return Forecasts(plain, refined, exact, np.array([one.came_late for one in ahead]))


def _learned(past: list[Course], number: int) -> PlannedCurve:
    """Of the product's runs, all of them at one site."""
    rows = [
        PastRun(
            float(one.hours[number]), End.FAILED if one.fails and number == TEST else End.COMPLETED, 0.0, one.is_second
        )
        for one in past
        if number >= one.first and not (one.fails and number > TEST)
    ]
    base = learned_of_plan(PLANS[number].planned_hours, PLANS[number].worst_hours)
    found = with_ends(learn(Runs.of(rows), base), Runs.of(rows), base)
    return PlannedCurve(found.curve, found.failed_share, 0.0, found.ends)


def _line_order(number: int, one: Course) -> LineOrder:
    runs, begins, attempt = [], -one.seen, 2 if one.is_second else 1
    for at_, (code, hours) in enumerate(zip(CODES, one.hours, strict=True)):
        if at_ < one.first:
            runs.append(a_run(code, StageStatus.COMPLETED, started=begins - 1, completed=begins - 1))
            continue
        if begins >= 0:
            break
        ends = begins + float(hours)
        moments: dict[str, Any] = {"ready": begins, "started": begins} | ({"completed": ends} if ends <= 0 else {})
        runs.append(a_run(code, StageStatus.COMPLETED if ends <= 0 else StageStatus.RUNNING, attempt, **moments))
        begins = ends
    facts = an_order(*runs, promised=one.promise - one.seen, attempt=attempt)
    return LineOrder(kind(), replace(facts, id=UUID(int=number)))


def _said(facts: LineFacts, paths: int) -> np.ndarray:
    found = summaries(simulated(line_state(facts, at(0)), paths=paths))
    by_number = {one.order.int: one.late.share for one in found if one.late}
    return np.array([by_number[one.facts.id.int] for one in facts.orders])


def _exact(luck: np.random.Generator, one: Course, world: Hangs) -> float:
    """P(late) of who knows the world: P(the test fails | how long it has lasted), then the rest of the course drawn."""
    ends = np.cumsum(one.hours[one.first :])
    working = one.first + int((ends <= one.seen).sum())
    elapsed = one.seen - float(one.hours[one.first : working].sum())
    fails = _failing(one, world, elapsed if working == TEST else 0.0) if working <= TEST else 0.0
    gone = ndtr(np.log(elapsed / PLANNED[working]) / NOISE) if elapsed > 0 else 0.0
    rest = PLANNED[working] * np.exp(NOISE * ndtri(gone + (1 - gone) * luck.random(DRAWS))) - elapsed
    for planned in PLANNED[working + 1 :]:
        rest += planned * np.exp(luck.normal(0, NOISE, DRAWS))
    return fails + (1 - fails) * float((one.seen + rest > one.promise).mean())


def _failing(one: Course, world: Hangs, elapsed: float) -> float:
    share = world.second if one.is_second else world.first
    if world.late is None or elapsed <= 0:
        return share
    units, (low, high) = elapsed / PLANNED[TEST], world.late
    hangs = share * float(np.clip((high - units) / (high - low), 0, 1))
    return hangs / (hangs + (1 - share) * (1 - float(ndtr(np.log(units) / NOISE))))


def table(worlds: int) -> Iterator[str]:
    """The rows of docs/judgement/forecast.md."""
    for name, world in (("5 % hang, 30 % after a failure", STUCK), ("10 % fail, at any time and attempt", PLAIN)):
        found = [forecasts(seed, world) for seed in range(worlds)]
        scores = (np.mean([brier(getattr(one, kind_), one.came) for one in found]) for kind_ in Forecasts._fields[:3])
        entered = sum(judge(one.pairs(), was_used=False).is_used for one in found)
        yield f"| {name} | {' | '.join(f'{score:.3f}' for score in scores)} | {entered} of {worlds} |"


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else 8):
        print(row, flush=True)
