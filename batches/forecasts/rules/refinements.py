"""Which refinements a forecast is made with, and what they rest on."""

from collections.abc import Iterable
from typing import NamedTuple

from batches.durations.rules.paces import Paces
from batches.durations.rules.slowness import NO_SLOWNESS, Slowness
from batches.durations.rules.start_hours import StartHours
from batches.forecasts.statuses import Refinement

MODEL = "mc-1"


class LearnedOfLine(NamedTuple):
    """What was learned of a line for refinements: what its orders share, in which hours its stages are begun, and which
    of its resources differ."""

    slowness: Slowness = NO_SLOWNESS
    hours: StartHours = ()
    paces: Paces = ()


NOTHING_LEARNED = LearnedOfLine()


class Refined(NamedTuple):
    """What a forecast takes into account beyond the plain model: what stages of an order share, whether orders to come
    arrive at random, whether failing hangs on attempt and time, in which hours stages are begun, and how long they take
    in which resource. `model`: its version, as predictions have it."""

    slowness: Slowness = NO_SLOWNESS
    has_random_arrivals: bool = False
    has_ends: bool = False
    hours: StartHours = ()
    paces: Paces = ()
    model: str = MODEL


UNREFINED = Refined()


def refined_by(refinements: Iterable[Refinement], learned: LearnedOfLine) -> Refined:
    """These of them, with what was learned. A model with another refinement is another version: it is
    scored by itself."""
    used = set(refinements)
    initials = "".join(sorted(one.value[0] for one in used))
    return Refined(
        learned.slowness if Refinement.FRAILTY in used else NO_SLOWNESS,
        Refinement.ARRIVALS in used,
        Refinement.ENDINGS in used,
        learned.hours if Refinement.HOURS in used else (),
        learned.paces if Refinement.RESOURCES in used else (),
        f"{MODEL}+{initials}" if initials else MODEL,
    )
