"""How many futures a line has, and what may be said after the first of a large one while the others are simulated."""

from collections.abc import Callable
from typing import Any

from batches.forecasts.rules.standing import NewPrediction
from batches.forecasts.rules.summaries import Summary

# Futures of a line. Beyond so many open orders there are fewer as there are more of them, so that no forecast outlasts
# its lease; of how many each figure was counted is kept and told with it.
USUAL_PATHS, FEWEST_PATHS, MOST_ORDERS = 500, 100, 2_500
# So many futures come first where a line has more open orders than this; all of them take seconds there.
FIRST_PATHS, LARGE = 100, 1_000


def paths_for(orders: int, usual: int = USUAL_PATHS) -> int:
    """How many futures a line of so many open orders has."""
    return max(min(usual, FEWEST_PATHS), usual * MOST_ORDERS // max(orders, MOST_ORDERS))


def is_sure(summary: Summary, said: Callable[[Summary], NewPrediction]) -> bool:
    """Whether its verdicts hang on no luck of few futures: they are the same at both ends of the 95 % intervals of its
    chances, whatever is `said` of a summary."""
    found = [_verdicts(said(one)) for one in (summary, _at_end(summary, "low"), _at_end(summary, "high"))]
    return found[0] == found[1] == found[2]


def _at_end(summary: Summary, end: str) -> Summary:
    chances = {name: getattr(summary, name) for name in ("late", "wait_expires", "no_dose")}
    moved = {name: one and one._replace(share=getattr(one, end)) for name, one in chances.items()}
    return summary._replace(**moved)


def _verdicts(said: NewPrediction) -> tuple[Any, ...]:
    return tuple(said.evidence.get(name) for name in ("severities", "dose_severities"))
