"""Which refinements are in use for a line."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from batches.durations.rules.paces import Pace, Paces
from batches.durations.rules.slowness import Slowness
from batches.durations.rules.start_hours import StartHours, WeekHours
from batches.forecasts.models import RefinementState
from batches.forecasts.rules.refinements import NOTHING_LEARNED, LearnedOfLine, Refined, refined_by
from batches.forecasts.statuses import Refinement


class InUse(NamedTuple):
    """The refinements of a line that are in use, and what was learned for them."""

    refinements: frozenset[Refinement] = frozenset()
    learned: LearnedOfLine = NOTHING_LEARNED

    @property
    def refined(self) -> Refined:
        """What its forecast takes into account."""
        return refined_by(self.refinements, self.learned)


def refinements_of(line_id: UUID) -> InUse:
    """Those that its past has shown to help; one query."""
    rows = RefinementState.objects.filter(line=line_id, is_used=True).values_list("refinement", "learned")
    used = {Refinement(name): learned for name, learned in rows}
    slowness = slowness_from(used.get(Refinement.FRAILTY) or {})
    hours = hours_from(used.get(Refinement.HOURS) or {})
    return InUse(frozenset(used), LearnedOfLine(slowness, hours, paces_from(used.get(Refinement.RESOURCES) or {})))


def learned_row(refinement: Refinement, learned: LearnedOfLine) -> dict[str, Any]:
    """What a refinement rests on, to be stored."""
    if refinement == Refinement.FRAILTY:
        return slowness_row(learned.slowness)
    if refinement == Refinement.RESOURCES:
        return {"paces": [list(one) for one in learned.paces]}
    return {"hours": [list(one) for one in learned.hours]} if refinement == Refinement.HOURS else {}


def paces_from(learned: Mapping[str, Any]) -> Paces:
    """Which resources differ, as it is stored; none from an empty row."""
    return tuple(Pace(*one) for one in learned.get("paces", ()))


def hours_from(learned: Mapping[str, Any]) -> StartHours:
    """In which hours stages are begun, as it is stored; none from an empty row."""
    return tuple(
        WeekHours(site, stage, zone, *map(tuple, rates)) for site, stage, zone, *rates in learned.get("hours", ())
    )


def slowness_from(learned: dict) -> Slowness:
    """What was learned of slowness, as it is stored; none from an empty row."""
    stages = frozenset((product, stage) for product, stage in learned.get("stages", ()))
    return Slowness(learned.get("variance", 0.0), stages, learned.get("orders", 0))


def slowness_row(slowness: Slowness) -> dict:
    """The same to be stored."""
    return {"variance": slowness.variance, "stages": sorted(slowness.stages), "orders": slowness.orders}
