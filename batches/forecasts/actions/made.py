"""A line's forecast while it is made: what stands, and what will be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from batches.forecasts.actions.ledger import Said
from batches.forecasts.rules.line_states import Foreseen
from batches.forecasts.rules.refinements import MODEL
from batches.forecasts.rules.thresholds import Thresholds
from batches.judgement.rules.predictions import StandingPrediction


@dataclass(slots=True)
class Made:
    """A line's forecast before it is written.

    `rescued`: rescues were looked for, for all who were to be helped; `looked_at`: for these orders (id as text) in
    this round, None: as before; `aside_seconds`: what that took in a turn of its own, for which no news has to pause.
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
    aside_seconds: float = 0.0


class Known(NamedTuple):
    """What is said so far, and thresholds by product."""

    standing: Mapping[UUID, StandingPrediction]
    limits: Mapping[str, Thresholds]

    def limits_of(self, one: Foreseen) -> Thresholds:
        """Those of the order's product."""
        return self.limits.get(one.kind.product, Thresholds())
