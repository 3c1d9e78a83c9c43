"""Whether the pools of a site are reviewed at all: figures that stand still must not look like calm ones."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, Protocol


class Reviewed(Protocol):
    """A pool's state, as far as it says whether its reviews go well."""

    failing_since: datetime | None
    failing_why: str


class FailingReview(NamedTuple):
    """Since when some pools could not be reviewed, and why the newest review failed. What is shown of them is older."""

    since: datetime
    why: str


def failing_review(states: Iterable[Reviewed]) -> FailingReview | None:
    """The one that has failed for longest; None: all go well."""
    failing = [FailingReview(state.failing_since, state.failing_why) for state in states if state.failing_since]
    return min(failing, default=None)
