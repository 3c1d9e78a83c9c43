"""What working hours bring in worlds of which it is known in which hours stages are begun.

Orders without queues pass the journey of DOMAIN §2; hours of work are log-normal. In one world all stages are begun on
working days from 7 to 19, in one only release and shipment wait for office hours, in one an apheresis is agreed for a
morning three to seven days ahead, in one all are begun at any hour.
What is usual in a world is promised: half of its orders keep it. Half of the world is the past from which the model
learns, of the other half it says P(late), each order at some moment of its course. The exact forecaster knows hours
and parameters, draws the rest of each course and shares no code with the model.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from scipy.special import ndtr, ndtri

from batches.calibration.rules.gate import judge
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import learn, learned_of_plan
from batches.durations.rules.start_hours import Started, learn_start_hours
from batches.forecasts.rules.line_facts import LineFacts, LineOrder, PlannedCurve
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import a_run, an_order, at
from tests.batches.forecasts.line_builders import LINE, SITE, kind
from tests.bench.refinements import PLANS, brier
from tests.bench.stuck_tests import CODES, PLANNED, WEEKS, Forecasts

ZONE = "Europe/Oslo"
NOISE, DRAWS = 0.2, 2_000
# Moments at which orders are forecast: every so many hours, so that they fall on other days and hours.
MOMENTS, APART = 8, 7 * 168 / 2 + 29


class Shift:
    """From which to which hour work is begun on working days, of which stages; at all others at any hour."""

    def __init__(self, name: str, opens: int, closes: int, stages: frozenset[str]) -> None:
        self.name, self.opens, self.closes, self.stages = name, opens, closes, stages

    @cached_property
    def next_open(self) -> np.ndarray:
        """Of each hour from `at(0)` on the next one, itself or later, in which work is begun."""
        hours = 24 * 7 * 120
        local = (at(hour).astimezone(ZoneInfo(ZONE)) for hour in range(hours))
        is_open = np.array([one.weekday() < 5 and self.opens <= one.hour < self.closes for one in local])
        numbers = np.where(is_open, np.arange(hours), hours)
        return np.minimum.accumulate(numbers[::-1])[::-1]

    def begins(self, stage: str, could: np.ndarray, luck: np.random.Generator, now: float = -np.inf) -> np.ndarray:
        """When a stage is begun that could be at a moment (hours) and is not yet `now`."""
        at_least = np.maximum(could, now)
        return at_least if stage not in self.stages else np.maximum(at_least, self.next_open[at_least.astype(int)])


class Agreed(Shift):
    """The stages are begun in a shift so many hours ahead, as often each."""

    first, last = 72.0, 168.0

    def begins(self, stage: str, could: np.ndarray, luck: np.random.Generator, now: float = -np.inf) -> np.ndarray:
        """The shift in which an agreed moment falls; of those whose shift has not come."""
        if stage not in self.stages:
            return super().begins(stage, could, luck, now)
        drawn = could + luck.uniform(self.first, self.last, np.shape(could))
        opened = np.maximum(drawn, self.next_open[drawn.astype(int)])
        if now == -np.inf:
            return opened
        still = opened[opened > now]
        return luck.choice(still, could.size) if still.size else super().begins(stage, could, luck, now)


NONE = Shift("begin at any hour", 0, 24, frozenset())
RELEASE = Shift("release and shipment begin Mon–Fri 9–16", 9, 16, frozenset({"disposition", "outbound"}))
APPOINTED = Agreed("an apheresis is begun Mon–Fri 8–13, agreed 3 to 7 days ahead", 8, 13, frozenset({"collection"}))
PLANT = Shift("all stages begin Mon–Fri 7–19", 7, 19, frozenset(CODES))


class Course(NamedTuple):
    """One order: when it was placed, and of each stage when it could begin, was begun and ended (hours)."""

    placed: float
    could: np.ndarray
    begun: np.ndarray
    ended: np.ndarray


def course(luck: np.random.Generator, shift: Shift, placed: float) -> Course:
    """One order of the world."""
    could, begun, ended, now = [], [], [], np.array(placed)
    for code, planned in zip(CODES, PLANNED, strict=True):
        could.append(float(now))
        begun.append(float(shift.begins(code, now, luck)))
        now = np.array(begun[-1] + planned * np.exp(luck.normal(0, NOISE)))
        ended.append(float(now))
    return Course(placed, np.array(could), np.array(begun), np.array(ended))


def forecasts(seed: int, shift: Shift, *, orders: int = 300, paths: int = 300) -> Forecasts:
    """Learn from so many orders of half a year, forecast about as many."""
    luck = np.random.default_rng(seed)
    past = [course(luck, shift, float(placed)) for placed in luck.uniform(0, WEEKS * 168, orders)]
    usual = float(np.median([one.ended[-1] - one.placed for one in past]))
    learned = {("a product", SITE, code): _learned(past, number) for number, code in enumerate(CODES)}
    hours = learn_start_hours(
        Started(SITE, ZONE, code, at(one.could[number]), at(one.begun[number]))
        for one in past
        for number, code in enumerate(CODES)
    )
    told = []
    for moment in (WEEKS * 168 + 1000 + APART * number for number in range(MOMENTS)):
        ahead = [
            course(luck, shift, float(moment - gone)) for gone in luck.uniform(0.1, 0.95, orders // MOMENTS) * usual
        ]
        ahead = [one for one in ahead if one.ended[-1] > moment]
        made = [_line_order(number, one, moment, one.placed + usual) for number, one in enumerate(ahead, 1)]
        facts = LineFacts(LINE, made, (), {}, learned)
        plain, refined = (_said(replace(facts, refined=Refined(hours=used)), moment, paths) for used in ((), hours))
        exact = [_exact(luck, shift, one, moment, one.placed + usual) for one in ahead]
        told.append((plain, refined, exact, [one.ended[-1] > one.placed + usual for one in ahead]))
    return Forecasts(*(np.concatenate(parts) for parts in zip(*told, strict=True)))


def _learned(past: list[Course], number: int) -> PlannedCurve:
    runs = Runs.of(PastRun(float(one.ended[number] - one.begun[number]), End.COMPLETED) for one in past)
    return PlannedCurve(learn(runs, learned_of_plan(PLANS[number].planned_hours, PLANS[number].worst_hours)).curve)


def _line_order(number: int, one: Course, moment: float, promised: float) -> LineOrder:
    runs = []
    for code, could, begun, ended in zip(CODES, one.could, one.begun, one.ended, strict=True):
        if could > moment:
            break
        moments: dict[str, Any] = {"ready": could} | ({"started": begun} if begun <= moment else {})
        moments |= {"completed": ended} if ended <= moment else {}
        is_begun = StageStatus.RUNNING if begun <= moment else StageStatus.READY
        runs.append(a_run(code, StageStatus.COMPLETED if ended <= moment else is_begun, **moments))
    return LineOrder(kind(), replace(an_order(*runs, promised=promised), id=UUID(int=number)))


def _said(facts: LineFacts, moment: float, paths: int) -> list[float]:
    found = summaries(simulated(line_state(facts, at(0) + timedelta(hours=moment)), paths=paths))
    by_number = {one.order.int: one.late.share for one in found if one.late}
    return [by_number[one.facts.id.int] for one in facts.orders]


def _exact(luck: np.random.Generator, shift: Shift, one: Course, moment: float, promised: float) -> float:
    """P(late) of who knows the world: the stage at work truncated at what it has lasted, then the rest drawn."""
    working = int((one.ended <= moment).sum())
    begun = np.full(DRAWS, one.begun[working])
    if one.begun[working] > moment:
        begun = shift.begins(CODES[working], np.full(DRAWS, one.could[working]), luck, float(moment))
    elapsed = max(moment - float(one.begun[working]), 0.0)
    gone = ndtr(np.log(elapsed / PLANNED[working]) / NOISE) if elapsed else 0.0
    now = begun + PLANNED[working] * np.exp(NOISE * ndtri(gone + (1 - gone) * luck.random(DRAWS)))
    for code, planned in zip(CODES[working + 1 :], PLANNED[working + 1 :], strict=True):
        now = shift.begins(code, now, luck) + planned * np.exp(luck.normal(0, NOISE, DRAWS))
    return float((now > promised).mean())


def table(worlds: int) -> Iterator[str]:
    """The rows of docs/judgement/forecast.md."""
    for shift in (PLANT, RELEASE, APPOINTED, NONE):
        found = [forecasts(seed, shift) for seed in range(worlds)]
        scores = (np.mean([brier(getattr(one, name), one.came) for one in found]) for name in Forecasts._fields[:3])
        entered = sum(judge(one.pairs(), was_used=False).is_used for one in found)
        yield f"| {shift.name} | {' | '.join(f'{score:.3f}' for score in scores)} | {entered} of {worlds} |"


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else 8):
        print(row, flush=True)
