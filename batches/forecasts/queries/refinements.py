"""Which refinements are in use for a line."""

from typing import NamedTuple
from uuid import UUID

from batches.durations.rules.slowness import NO_SLOWNESS, Slowness
from batches.forecasts.models import RefinementState
from batches.forecasts.rules.refinements import Refined, refined_by
from batches.forecasts.statuses import Refinement


class InUse(NamedTuple):
    """The refinements of a line that are in use, and what was learned for them."""

    refinements: frozenset[Refinement] = frozenset()
    slowness: Slowness = NO_SLOWNESS

    @property
    def refined(self) -> Refined:
        """What its forecast takes into account."""
        return refined_by(self.refinements, self.slowness)


def refinements_of(line_id: UUID) -> InUse:
    """Those that its past has shown to help; one query."""
    rows = RefinementState.objects.filter(line=line_id, is_used=True).values_list("refinement", "learned")
    used = {Refinement(name): learned for name, learned in rows}
    return InUse(frozenset(used), slowness_from(used.get(Refinement.FRAILTY) or {}))


def slowness_from(learned: dict) -> Slowness:
    """What was learned of slowness, as it is stored; none from an empty row."""
    stages = frozenset((product, stage) for product, stage in learned.get("stages", ()))
    return Slowness(learned.get("variance", 0.0), stages, learned.get("orders", 0))


def slowness_row(slowness: Slowness) -> dict:
    """The same to be stored."""
    return {"variance": slowness.variance, "stages": sorted(slowness.stages), "orders": slowness.orders}
