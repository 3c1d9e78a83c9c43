"""What follows from visits as a whole: how long places are held, who has booked one, when work is begun."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from batches.durations.rules.curves import QUANTILES
from batches.durations.rules.start_hours import WAITED, ChancesAhead

DONE, RUNNING, WAITING = 0, 1, 2
ENDS = np.dtype([("again", "f4"), ("failing", "i4")])


# Orders of one flow have the same of these; a process sees few flows.
@lru_cache(maxsize=512)
def followers_of(befores: tuple[tuple[int, ...], ...]) -> tuple[tuple[int, ...], ...]:
    """Of each visit those that wait for it; `befores`: of each visit those that it waits for."""
    every = range(len(befores))
    return tuple(tuple(one for one in every if at in befores[one]) for at in every)


@lru_cache(maxsize=512)
def bits_of(positions: tuple[int, ...]) -> int:
    """Positions as the bits of one number."""
    return sum(1 << one for one in positions)


def refuse_what_is_not_there(visits: Any, standing: Any, orders: Any, curves: int, pools: int) -> None:
    """The compiled engine looks nothing up twice: a number that leads nowhere must not reach it."""
    if np.any(visits["curve"] < 0) or np.any(visits["curve"] >= curves) or np.any(visits["pool"] >= pools):
        raise ValueError("A visit names a curve or a pool that is not there.")
    if np.any(orders["exit"] < orders["first"]) or np.any(orders["exit"] >= orders["last"]):
        raise ValueError("An order has no exit stage.")
    if not np.all(np.isfinite(standing["elapsed"])) or np.any(np.isinf(standing["ready"])):
        raise ValueError("A moment or a duration is not finite.")
    if np.any(np.isnan(orders["promised"])) or np.any(np.isnan(visits["longest"])):
        raise ValueError("A promise or a permitted wait is no number.")


def reckon_stays(visits: Any, standing: Any, curves: Any) -> None:
    """How long a place is usually held: the medians of all that goes on in it."""
    if not visits.size:
        return
    usual = curves[visits["curve"], QUANTILES // 2]
    at_work = np.where(standing["state"] == RUNNING, np.maximum(usual - standing["elapsed"], 0.0), usual)
    left = np.where(standing["state"] == DONE, 0.0, at_work)
    standing["stay"] = np.bincount(visits["head"], weights=usual, minlength=visits.size)
    standing["left"] = np.bincount(visits["head"], weights=left, minlength=visits.size)


def bookings(visits: Any, standing: Any, pools: int) -> tuple[Any, Any]:
    """Which visits have booked a place of a pool to come, by their moments: where each pool begins, and the visits."""
    takes = (visits["head"] == np.arange(visits.size)) & (standing["state"] == WAITING) & (standing["holds"] == 0)
    booked = np.flatnonzero(takes & (visits["pool"] >= 0) & (visits["booked"] > 0))
    of_pool = visits["pool"][booked]
    order = np.lexsort((booked, visits["booked"][booked], of_pool))
    return np.r_[0, np.cumsum(np.bincount(of_pool, minlength=pools))], booked[order]


def ends_of(said: Sequence[tuple[float | None, int]], visits: Any, curves: int) -> Any:
    """Of each visit P(it fails) after a failure and its curve if it fails, as `said` (else as before it, and as it
    stands in `visits`); of none where that changes nothing. Raises ValueError for a curve that is not there."""
    ends = np.zeros(len(said), ENDS)
    again = np.array([np.nan if one is None else one for one, _ in said], np.float32)
    failing = np.array([one for _, one in said], np.int32)
    ends["again"] = np.where(np.isnan(again), visits["fails"], again)
    ends["failing"] = np.where(failing < 0, visits["curve"], failing)
    if np.any(ends["failing"] >= curves):
        raise ValueError("A visit names a curve that is not there.")
    is_plain = np.array_equal(ends["again"], visits["fails"]) and np.array_equal(ends["failing"], visits["curve"])
    return ends[:0] if is_plain else ends


def hours_of(numbers: Sequence[int], hours: Sequence[ChancesAhead]) -> tuple[Any, Any, Any, Any]:
    """Of each visit the number of the hours in which it is begun (of none where all are at once), the chances to begin
    that have passed by each hour (equally many hours each), since when they count, and their factors by wait.

    Raises ValueError for a number that is not there, or a table that is none.
    """
    which = np.array(numbers, np.int64)
    if np.any(which >= len(hours)):
        raise ValueError("A visit names hours that are not there.")
    table = np.array([one.passed for one in hours], np.float64) if hours else np.empty((0, 1))
    since = np.array([one.since for one in hours], np.float64)
    by_wait = np.array([one.by_wait for one in hours], np.float64).reshape(-1, len(WAITED))
    if np.any(np.diff(table, axis=1) < 0) or not np.all(np.isfinite(table)) or np.any(since < 0):
        raise ValueError("Chances to begin must be non-decreasing and finite, and count from before now.")
    if not np.all(np.isfinite(by_wait)) or np.any(by_wait <= 0):
        raise ValueError("Chances to begin must have factors above 0 by wait.")
    return which if np.any(which >= 0) else which[:0], table, since, by_wait


def chains(visits: Sequence[Any]) -> tuple[list[int], set[int]]:
    """Of each visit the one that takes the place it works in; and the visits that give a place back."""
    heads, last_of = [], {}
    newest: dict[int, int] = {}
    for at, visit in enumerate(visits):
        head = newest.get(visit.pool, at) if visit.keeps and visit.pool >= 0 else at
        if visit.pool >= 0:
            newest[visit.pool] = head
        heads.append(head)
        last_of[head] = at
    return heads, set(last_of.values())
