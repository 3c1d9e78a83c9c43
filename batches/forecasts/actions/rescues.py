"""What would help the most urgent orders of a line, and what newcomers may expect.

Of a small line both are simulated before its forecast is written. A larger one would keep its news waiting for seconds:
its rescues have turns of their own while no line is due, order by order, and a turn that is cut short goes on where it
stopped.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from batches.forecasts.actions.made import Known, Made, newly_said
from batches.forecasts.rules.line_states import LineState
from batches.forecasts.rules.rescues import Asked, Rescue, evidence, most_urgent, rescues_for
from batches.forecasts.rules.summaries import Summary, newcomers

RESCUE_PAUSE = timedelta(minutes=10)
# Lines of more open orders have their rescues looked for apart.
APART = 150
# So long a turn of rescues may take before it begins with another order.
RESCUE_SECONDS = 20.0

log = structlog.get_logger(__name__)


def always() -> bool:
    """Nothing else waits."""
    return True


@dataclass(frozen=True, slots=True)
class Round:
    """A round of rescues in turns of its own: orders (id as text) that had theirs, and whether it may go on."""

    looked_at: frozenset[str] = frozenset()
    goes_on: Callable[[], bool] = always


def extras(
    state: LineState, told: Mapping[UUID, Summary], known: Known, made: Made, of_round: Round
) -> dict[UUID, dict[str, Any]]:
    """What would help the most urgent orders, and what newcomers may expect, which ends the round; if that fails the
    forecast stands, and it is tried again in the next round."""
    began = time.monotonic()
    made.rescued, made.looked_at, found = True, [], {}
    try:
        found = _rescues(state, told, known, made, of_round)
        if made.rescued:
            kinds = newcomers(state, known.limits, paths=made.paths)
            made.limits["newcomers"] = {"made_at": made.now.isoformat(), "kinds": kinds}
    except Exception:
        log.exception("rescues or newcomers could not be simulated", line=str(made.line_id))
        return {}
    if len(state.foreseen) > APART:
        made.aside_seconds = time.monotonic() - began
    return {state.foreseen[index].facts.id: evidence(tried, made.paths) for index, tried in found.items()}


def _rescues(
    state: LineState, told: Mapping[UUID, Summary], known: Known, made: Made, of_round: Round
) -> dict[int, list[Rescue]]:
    """What would help the most urgent orders that had no turn in this round; notes whether it may end."""
    urgent = most_urgent(state, _asked(state, told, known, made))
    names = {one.index: str(state.foreseen[one.index].facts.id) for one in urgent}
    to_help = [one for one in urgent if names[one.index] not in of_round.looked_at]
    found = rescues_for(state, to_help, paths=made.paths, goes_on=of_round.goes_on)
    if len(found) < len(to_help) or (found and not of_round.goes_on()):
        made.rescued, made.looked_at = False, sorted({names[at] for at in found} | of_round.looked_at)
    return found


def _asked(state: LineState, told: Mapping[UUID, Summary], known: Known, made: Made) -> list[Asked]:
    """The orders that stand out."""
    asked = []
    for index, one in enumerate(state.foreseen):
        if one.baseline is None or one.baseline.is_reached or one.facts.id not in told:
            continue
        with suppress(Exception):  # an order of which nothing can be said is named where that is said
            new = newly_said(one, told[one.facts.id], state, known)
            if new.evidence["severities"]:
                asked.append(Asked(index, told[one.facts.id], known.limits_of(one)))
    return asked
