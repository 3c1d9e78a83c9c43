"""A line's forecast while it is made: what stands, and what will be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from batches.forecasts.actions.ledger import Said
from batches.forecasts.rules.line_states import Foreseen, LineState
from batches.forecasts.rules.refinements import MODEL
from batches.forecasts.rules.standing import NewPrediction, new_prediction
from batches.forecasts.rules.summaries import Summary
from batches.forecasts.rules.thresholds import Thresholds
from batches.judgement.rules.predictions import StandingPrediction


@dataclass(slots=True)
class Made:
    """A line's forecast before it is written.

    `rescued`: rescues were looked for, for all who were to be helped; `looked_at`: for these orders (id as text) in
    this round, None: as before; `aside_seconds`: what that took in a turn of its own, for which no news has to pause.
    `first`: of orders of which a first word was said over fewer futures, to be said over all, what stood before.
    """

    line_id: UUID
    now: datetime
    model: str = MODEL
    orders: int = 0
    paths: int = 0
    said: list[Said] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    unknown_demand: list[str] = field(default_factory=list)
    flagged: set[UUID] = field(default_factory=set)
    limits: dict[str, Any] = field(default_factory=dict)
    rescued: bool = False
    looked_at: list[str] | None = None
    first: dict[UUID, StandingPrediction] = field(default_factory=dict)
    aside_seconds: float = 0.0


class Known(NamedTuple):
    """What is said so far, and thresholds by product. `before`: what stood before a first word, by which its order is
    judged: that word holds up no flag."""

    standing: Mapping[UUID, StandingPrediction]
    limits: Mapping[str, Thresholds]
    before: Mapping[UUID, StandingPrediction]

    def limits_of(self, one: Foreseen) -> Thresholds:
        """Those of the order's product."""
        return self.limits.get(one.kind.product, Thresholds())


def newly_said(
    one: Foreseen, summary: Summary, state: LineState, known: Known, rescue: Mapping[str, Any] | None = None
) -> NewPrediction:
    """What is to be said of the order, whose futures come to `summary`."""
    order_id = one.facts.id
    return new_prediction(
        summary, now=state.now, promised_at=one.facts.promised_at,
        baseline_ready_at=one.baseline.ready_at if one.baseline else None, corrections=state.corrections,
        limits=known.limits_of(one), standing=known.before.get(order_id) or known.standing.get(order_id), rescue=rescue,
    )  # fmt: skip


def as_said(one: Foreseen, new: NewPrediction, known: Known) -> Said:
    """The same with whom it concerns and what it takes the place of."""
    sites = frozenset(map(UUID, one.kind.sites.values()))
    return Said(one.facts.id, sites, new, known.standing.get(one.facts.id))
