"""A line of which all is known: who comes when, how long each stage takes, and who waits for whom.

Orders, one in five of them urgent, come at random (Poisson) or evenly and pass the journey of DOMAIN §2 to the dose.
They wait for a suite, kept from selection to harvest, and for the one reviewer of the release; urgent ones go first,
then who has been ready for longer. Hours are log-normal. A few lines of its own, so that it shares no mistake with
the product's simulation; who knows the truth draws the rest of each course with the same lines.
"""

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri

from tests.bench.refinements import PLANS

NOISE, URGENT = 0.3, 0.2
CODES = [plan.code for plan in PLANS]
PLANNED = np.array([plan.planned_hours for plan in PLANS])
# From its first to its last stage.
CHAINS = {"suite": ("selection", "harvest"), "qa_reviewer": ("disposition", "disposition")}
HEADS = {CODES.index(first): (pool, CODES.index(last) + 1) for pool, (first, last) in CHAINS.items()}
WEEK = 168.0
# Who is not there yet and comes later than this is in nobody's way.
COMING = 9 * WEEK


class Line(NamedTuple):
    """What is true of a line; `load`: of its suites (0–1)."""

    is_random: bool
    load: float
    suites: int

    @property
    def places(self) -> dict[str, int]:
        """Of each pool."""
        return {"suite": self.suites, "qa_reviewer": 1}

    @property
    def gap(self) -> float:
        """Mean hours between two orders."""
        first, last = (CODES.index(code) for code in CHAINS["suite"])
        return float(PLANNED[first : last + 1].sum() * np.exp(NOISE**2 / 2) / (self.load * self.suites))


class Courses(NamedTuple):
    """Orders n of a line: when each came, whether it is urgent (-1, else 0), and when each stage (n × stages) could
    begin, was begun and ended."""

    came: np.ndarray
    rank: np.ndarray
    could: np.ndarray
    begun: np.ndarray
    ended: np.ndarray

    @property
    def ready(self) -> np.ndarray:
        """When each dose is ready to be given."""
        return self.ended[:, -1]

    def of(self, chosen: np.ndarray) -> "Courses":
        """Those of which it is true."""
        return Courses(*(column[chosen] for column in self))


def world(luck: np.random.Generator, line: Line, hours: float) -> Courses:
    """All orders of so many hours, from an empty line on."""
    came = _coming(luck, line, 0.0, hours)
    nobody = np.full((came.size, len(CODES)), np.nan)
    return _passed(line, came, _ranks(luck, came.size), _hours(luck, came.size), nobody, 0.0)


def futures(luck: np.random.Generator, line: Line, seen: Courses, now: float, draws: int) -> np.ndarray:
    """When the doses of these orders, placed by `now`, are ready, as who knows the truth draws it (draws × orders)."""
    begun = np.where(seen.begun <= now, seen.begun, np.nan)
    lasted = np.nan_to_num(np.minimum(seen.ended, now) - begun)
    least = np.log(np.maximum(lasted, 1e-9) / PLANNED) / NOISE
    since = now if line.is_random else float(seen.came[-1])
    found = []
    for _ in range(draws):
        came = _coming(luck, line, since, now + COMING)
        left = np.where(seen.ended <= now, lasted, PLANNED * np.exp(NOISE * _beyond(luck, least)))
        hours = np.concatenate([left, _hours(luck, came.size)])
        rank = np.concatenate([seen.rank, _ranks(luck, came.size)])
        known = np.concatenate([begun, np.full((came.size, len(CODES)), np.nan)])
        made = _passed(line, np.concatenate([seen.came, came]), rank, hours, known, now)
        found.append(made.ready[: seen.came.size])
    return np.array(found)


def _coming(luck: np.random.Generator, line: Line, since: float, until: float) -> np.ndarray:
    if not line.is_random:
        return np.arange(since + line.gap, until, line.gap)
    return np.sort(luck.uniform(since, until, luck.poisson((until - since) / line.gap)))


def _ranks(luck: np.random.Generator, number: int) -> np.ndarray:
    return -(luck.random(number) < URGENT).astype(int)


def _hours(luck: np.random.Generator, number: int) -> np.ndarray:
    return PLANNED * np.exp(luck.normal(0, NOISE, (number, len(CODES))))


def _beyond(luck: np.random.Generator, least: np.ndarray) -> np.ndarray:
    """Normal deviates that are known to be above `least`."""
    over = ndtr(-least)
    return -ndtri(over * luck.uniform(1e-12, 1, least.shape))


def _passed(
    line: Line, came: np.ndarray, rank: np.ndarray, hours: np.ndarray, known: np.ndarray, now: float
) -> Courses:  # fmt: skip
    """The orders through all stages; `known`: what was begun by `now`, NaN: not yet."""
    could, begun, ended, at = np.empty_like(hours), np.empty_like(hours), np.empty_like(hours), came
    for stage in range(len(CODES)):
        could[:, stage] = begun[:, stage] = at
        if stage in HEADS:
            pool, beyond = HEADS[stage]
            stays = hours[:, stage:beyond].sum(axis=1)
            begun[:, stage] = _served(at, rank, stays, known[:, stage], line.places[pool], now)
        ended[:, stage] = at = begun[:, stage] + hours[:, stage]
    return Courses(came, rank, could, begun, ended)


def _served(
    ready: np.ndarray, rank: np.ndarray, stays: np.ndarray, known: np.ndarray, places: int, now: float
) -> np.ndarray:  # fmt: skip
    """When each gets a place: whoever is there when one is free, by rank, then by when it was ready."""
    start, is_new = known.copy(), np.isnan(known)
    held = (known + stays)[~is_new]
    free = [now] * (places - int((held > now).sum())) + held[held > now].tolist()
    heapify(free)
    ahead = np.flatnonzero(is_new)[np.argsort(ready[is_new], kind="stable")]
    coming, waiting = [(float(ready[n]), int(rank[n]), int(n)) for n in ahead][::-1], list[tuple[int, float, int]]()
    while coming or waiting:
        moment = heappop(free)
        if not waiting:
            moment = max(moment, coming[-1][0])
        while coming and coming[-1][0] <= moment:
            since, first, n = coming.pop()
            heappush(waiting, (first, since, n))
        n = heappop(waiting)[2]
        start[n] = moment
        heappush(free, moment + float(stays[n]))
    return start
