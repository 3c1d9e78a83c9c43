"""What refinements of the forecast bring in worlds of which it is known what is in them.

Orders without queues pass the journey of DOMAIN §2. Hours are log-normal; what orders share (frailty) is planted or
not. Half of the world is the past from which the model learns, of the other half it says P(late), each order at some
moment of its course. The exact forecaster knows the parameters and integrates the posterior numerically; it shares no
code with the model.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from scipy.special import log_ndtr
from scipy.stats import truncnorm

from batches.calibration.rules.gate import Paired, judge
from batches.durations.rules.curves import SHARES, Curve
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import learn, learned_of_plan
from batches.durations.rules.slowness import NO_SLOWNESS, OrderRun, Slowness, learn_slowness
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import FLOW, a_run, an_order, at
from tests.batches.forecasts.line_builders import LINE, SITE, kind

PLANS = [plan for code, plan in FLOW.stages.items() if code not in ("sterility_final", FLOW.exit)]
NOISE = 0.25
# Of the planned time: so much is promised.
PROMISED = 1.15
DRAWS = 4_000


class Course(NamedTuple):
    """One order: hours of each stage of PLANS, one after the other; `seen`: hours after its start at which it is
    forecast."""

    hours: np.ndarray
    seen: float

    @property
    def came_late(self) -> bool:
        """Whether the dose was ready after the promise."""
        return bool(self.hours.sum() > promise())


class Forecasts(NamedTuple):
    """P(late) of each order by the plain model, with frailty and by who knows the truth; what came and was learned."""

    plain: np.ndarray
    refined: np.ndarray
    exact: np.ndarray
    came: np.ndarray
    slowness: Slowness


def promise() -> float:
    """Hours from the start of an order."""
    return PROMISED * sum(plan.planned_hours for plan in PLANS)


def courses(luck: np.random.Generator, number: int, frailty: float) -> list[Course]:
    """Orders of a world; `frailty`: standard deviation of what the log hours of one order share."""
    found = []
    for _ in range(number):
        own = luck.normal(0, NOISE, len(PLANS)) + luck.normal(0, frailty)
        hours = np.array([plan.planned_hours for plan in PLANS]) * np.exp(own)
        found.append(Course(hours, float(luck.uniform(0.1, 0.8) * min(hours.sum(), promise()))))
    return found


def forecasts(seed: int, frailty: float, *, orders: int = 300, paths: int = 500) -> Forecasts:
    """Learn from so many orders, forecast as many."""
    luck = np.random.default_rng(seed)
    past, ahead = courses(luck, orders, frailty), courses(luck, orders, frailty)
    learned = {("a product", SITE, plan.code): _learned(past, at_) for at_, plan in enumerate(PLANS)}
    slowness = learn_slowness(
        OrderRun(number, "a product", SITE, plan.code, float(hours))
        for number, one in enumerate(past)
        for plan, hours in zip(PLANS, one.hours, strict=True)
    )
    facts = LineFacts(LINE, [_line_order(number, one) for number, one in enumerate(ahead, 1)], (), {}, learned)
    plain, refined = (_said(replace(facts, refined=Refined(found)), paths) for found in (NO_SLOWNESS, slowness))
    exact = np.array([_exact(luck, one, frailty) for one in ahead])
    return Forecasts(plain, refined, exact, np.array([one.came_late for one in ahead]), slowness)


def _learned(past: list[Course], number: int) -> PlannedCurve:
    plan = PLANS[number]
    runs = Runs.of(PastRun(float(one.hours[number]), End.COMPLETED) for one in past)
    return PlannedCurve(learn(runs, learned_of_plan(plan.planned_hours, plan.worst_hours)).curve)


def _line_order(number: int, one: Course) -> LineOrder:
    begins, runs = -one.seen, []
    for plan, hours in zip(PLANS, one.hours, strict=True):
        if begins >= 0:
            break
        moments: dict[str, Any] = {"ready": begins, "started": begins}
        ends = begins + float(hours)
        if ends <= 0:
            moments["completed"] = ends
        status = StageStatus.COMPLETED if ends <= 0 else StageStatus.RUNNING
        runs.append(a_run(plan.code, status, **moments))
        begins = ends
    facts = an_order(*runs, promised=promise() - one.seen)
    return LineOrder(kind(), replace(facts, id=UUID(int=number)))


def _said(facts: LineFacts, paths: int) -> np.ndarray:
    found = summaries(simulated(line_state(facts, at(0)), paths=paths))
    by_number = {one.order.int: one.late.share for one in found if one.late}
    return np.array([by_number[one.facts.id.int] for one in facts.orders])


def _exact(luck: np.random.Generator, one: Course, frailty: float) -> float:
    """P(late) of who knows the world: the posterior of the slowness on a grid, then the rest of the course drawn."""
    grid = np.linspace(-6, 6, 401) * max(frailty, 1e-9)
    weight = -((grid / max(frailty, 1e-9)) ** 2) / 2
    planned = np.array([plan.planned_hours for plan in PLANS])
    ends = np.cumsum(one.hours)
    over = ends <= one.seen
    for done, hours, plan in zip(over, one.hours, planned, strict=True):
        if done:
            weight -= ((log(hours / plan) - grid) / NOISE) ** 2 / 2
    working = int(over.sum())
    elapsed = one.seen - (ends[working - 1] if working else 0.0)
    weight += log_ndtr((grid - log(elapsed / planned[working])) / NOISE)
    share = np.exp(weight - weight.max())
    slow = luck.choice(grid, DRAWS, p=share / share.sum())
    rest = _truncated(luck, slow, elapsed / planned[working]) * planned[working] - elapsed
    for plan in planned[working + 1 :]:
        rest += plan * np.exp(slow + luck.normal(0, NOISE, DRAWS))
    return float((one.seen + rest > promise()).mean())


def _truncated(luck: np.random.Generator, slow: np.ndarray, least: float) -> np.ndarray:
    """Hours in units of the plan, known to be above `least`."""
    low = (log(least) - slow) / NOISE
    return np.exp(slow + NOISE * truncnorm.rvs(low, np.inf, random_state=luck))


def log_normal_curve(median: float, spread: float) -> Curve:
    """The table of log-normal hours."""
    normal = NormalDist(log(median), spread)
    return tuple(exp(normal.inv_cdf(min(max(share, 1 / 512), 511 / 512))) for share in SHARES)


def brier(said: np.ndarray, came: np.ndarray) -> float:
    """Mean squared error."""
    return float(((said - came) ** 2).mean())


def pairs(found: Forecasts, weeks: int = 20) -> list[Paired]:
    """As the gate reads them."""
    return [
        Paired(number, number * weeks // len(found.came), float(before), float(after), bool(came))
        for number, (before, after, came) in enumerate(zip(found.plain, found.refined, found.came, strict=True))
    ]


def table(worlds: int) -> Iterator[str]:
    """The rows of docs/judgement/forecast.md."""
    for frailty in (0.0, 0.1, 0.2, 0.4):
        found = [forecasts(seed, frailty) for seed in range(worlds)]
        scores = (
            np.mean([brier(getattr(one, name), one.came) for one in found]) for name in ("plain", "refined", "exact")
        )
        learned = np.mean([sqrt(one.slowness.variance) for one in found])
        entered = sum(judge(pairs(one), was_used=False).is_used for one in found)
        figures = " | ".join(f"{score:.3f}" for score in scores)
        yield f"| {frailty} | {learned:.2f} | {figures} | {entered} of {worlds} |"


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
        print(row, flush=True)
