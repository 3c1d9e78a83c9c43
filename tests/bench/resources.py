"""What curves of single resources bring in worlds of which it is known whether one suite is slower than the others.

Orders without queues pass the journey of DOMAIN §2; hours of work are log-normal. Each order is made in one of four
suites, by turns of chance. In one world the first suite takes 1.5 times as long over everything, in the other all are
alike. The suite stands on record from the start of its first stage on, and is booked for the stages after it. Half of
the world is the past from which the model learns, of the other half it says P(late), each order at some moment of its
course. The exact forecaster knows the parameters, draws the rest of each course and shares no code with the model.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from scipy.special import ndtr, ndtri

from batches.calibration.rules.gate import judge
from batches.durations.rules.paces import learn_paces
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import learn, learned_of_plan
from batches.durations.rules.slowness import OrderRun
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import a_run, an_order, at
from tests.batches.forecasts.line_builders import LINE, SITE, kind
from tests.bench.refinements import PLANS, brier
from tests.bench.stuck_tests import CODES, PLANNED, Forecasts

IN_SUITE = np.array([plan.pool == "suite" for plan in PLANS])
FIRST_IN_SUITE = int(np.flatnonzero(IN_SUITE)[0])
SUITES = 4
NOISE, PROMISED, DRAWS = 0.2, 1.15, 4_000


class Course(NamedTuple):
    """One order: its suite, the hours of its stages, and how many hours after its start it is forecast."""

    suite: int
    hours: np.ndarray
    seen: float


def usual(suite: np.ndarray | int, slower: float) -> np.ndarray:
    """The median hours of the stages of an order in a suite; the first is so many times as slow."""
    return PLANNED * np.where(IN_SUITE & (np.asarray(suite)[..., None] == 0), slower, 1.0)


def promise() -> float:
    """Hours from the start of an order."""
    return PROMISED * float(PLANNED.sum())


def courses(luck: np.random.Generator, number: int, slower: float) -> list[Course]:
    """Orders of a world."""
    found = []
    for _ in range(number):
        suite = int(luck.integers(SUITES))
        hours = usual(suite, slower) * np.exp(luck.normal(0, NOISE, len(PLANS)))
        found.append(Course(suite, hours, float(luck.uniform(0.1, 0.9) * min(hours.sum(), promise()))))
    return found


def forecasts(seed: int, slower: float, *, orders: int = 300, paths: int = 300) -> Forecasts:
    """Learn from so many orders, forecast as many."""
    luck = np.random.default_rng(seed)
    past, ahead = courses(luck, orders, slower), courses(luck, orders, slower)
    learned = {("a product", SITE, code): _learned(past, number) for number, code in enumerate(CODES)}
    paces = learn_paces(
        OrderRun(number, "a product", SITE, code, float(hours), f"Suite {one.suite + 1}" if is_in_suite else "")
        for number, one in enumerate(past)
        for code, hours, is_in_suite in zip(CODES, one.hours, IN_SUITE, strict=True)
    )
    facts = LineFacts(LINE, [_line_order(number, one) for number, one in enumerate(ahead, 1)], (), {}, learned)
    plain, refined = (_said(replace(facts, refined=Refined(paces=used)), paths) for used in ((), paces))
    exact = np.array([_exact(luck, one, slower) for one in ahead])
    return Forecasts(plain, refined, exact, np.array([bool(one.hours.sum() > promise()) for one in ahead]))


def _learned(past: list[Course], number: int) -> PlannedCurve:
    runs = Runs.of(PastRun(float(one.hours[number]), End.COMPLETED) for one in past)
    return PlannedCurve(learn(runs, learned_of_plan(PLANS[number].planned_hours, PLANS[number].worst_hours)).curve)


def _line_order(number: int, one: Course) -> LineOrder:
    ends = np.cumsum(one.hours) - one.seen
    begins, runs = ends - one.hours, []
    is_known = begins[FIRST_IN_SUITE] < 0
    for code, begun, ended, is_in_suite in zip(CODES, begins.tolist(), ends.tolist(), IN_SUITE, strict=True):
        moments: dict[str, Any] = {"ready": begun, "started": begun} if begun < 0 else {}
        moments |= {"completed": ended} if ended <= 0 else {}
        at_work = StageStatus.RUNNING if begun < 0 else StageStatus.PENDING
        run = a_run(code, StageStatus.COMPLETED if ended <= 0 else at_work, **moments)
        runs.append(run._replace(resource=f"Suite {one.suite + 1}" if is_in_suite and is_known else ""))
    return LineOrder(kind(), replace(an_order(*runs, promised=promise() - one.seen), id=UUID(int=number)))


def _said(facts: LineFacts, paths: int) -> np.ndarray:
    found = summaries(simulated(line_state(facts, at(0)), paths=paths))
    by_number = {one.order.int: one.late.share for one in found if one.late}
    return np.array([by_number[one.facts.id.int] for one in facts.orders])


def _exact(luck: np.random.Generator, one: Course, slower: float) -> float:
    """P(late) of who knows the world: the suite drawn until it is known, then the rest of the course."""
    ends = np.cumsum(one.hours)
    working = int((ends <= one.seen).sum())
    is_known = ends[FIRST_IN_SUITE - 1] < one.seen
    medians = usual(np.full(DRAWS, one.suite) if is_known else luck.integers(SUITES, size=DRAWS), slower)
    elapsed = one.seen - float(one.hours[:working].sum())
    gone = ndtr(np.log(elapsed / medians[:, working]) / NOISE)
    rest = medians[:, working] * np.exp(NOISE * ndtri(gone + (1 - gone) * luck.random(DRAWS))) - elapsed
    ahead = medians[:, working + 1 :]
    rest += (ahead * np.exp(luck.normal(0, NOISE, ahead.shape))).sum(axis=1)
    return float((one.seen + rest > promise()).mean())


def table(worlds: int) -> Iterator[str]:
    """The rows of docs/judgement/forecast.md."""
    for slower in (1.5, 1.2, 1.0):
        found = [forecasts(seed, slower) for seed in range(worlds)]
        scores = (np.mean([brier(getattr(one, name), one.came) for one in found]) for name in Forecasts._fields[:3])
        entered = sum(judge(one.pairs(), was_used=False).is_used for one in found)
        yield f"| {slower} | {' | '.join(f'{score:.3f}' for score in scores)} | {entered} of {worlds} |"


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else 8):
        print(row, flush=True)
