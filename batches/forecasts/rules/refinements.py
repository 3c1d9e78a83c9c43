"""Which refinements a forecast is made with, and what they rest on."""

from collections.abc import Iterable
from typing import NamedTuple

from batches.durations.rules.slowness import NO_SLOWNESS, Slowness
from batches.forecasts.statuses import Refinement

MODEL = "mc-1"


class Refined(NamedTuple):
    """What a forecast takes into account beyond the plain model: what stages of an order share, whether orders to come
    arrive at random, and whether failing hangs on attempt and time. `model`: its version, as predictions have it."""

    slowness: Slowness = NO_SLOWNESS
    has_random_arrivals: bool = False
    has_ends: bool = False
    model: str = MODEL


UNREFINED = Refined()


def refined_by(refinements: Iterable[Refinement], slowness: Slowness) -> Refined:
    """These of them, with what was learned of slowness. A model with another refinement is another version: it is
    scored by itself."""
    used = set(refinements)
    initials = "".join(sorted(one.value[0] for one in used))
    return Refined(
        slowness if Refinement.FRAILTY in used else NO_SLOWNESS,
        Refinement.ARRIVALS in used,
        Refinement.ENDINGS in used,
        f"{MODEL}+{initials}" if initials else MODEL,
    )
