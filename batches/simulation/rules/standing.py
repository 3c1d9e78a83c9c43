"""What follows from visits as a whole: how long places are held, who has booked one, whether ends hang on time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from batches.durations.rules.curves import QUANTILES

DONE, RUNNING, WAITING = 0, 1, 2
ENDS = np.dtype([("again", "f4"), ("failing", "i4")])


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
