"""A flow as the rules see it: plain, frozen, without a database behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from supplychain.flows.rules.checklists import CheckItem

# How a stage may stand, for what a treatment centre reads of it: it waits without an appointment, has one, has one that
# passed without news, is at work, is held, or has failed.
PHASES = ("waiting", "booked", "overdue", "running", "held", "failed")


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage of a flow. Durations in hours; `longest_wait_hours` None: any wait is permitted.

    `words`: what a treatment centre reads of it, by phase, where the flow's file says more than its kind does;
    `storage`: at which temperature the cells are kept meanwhile (storage.storage_condition); empty: not said.
    Of a collection: `checklist`, what is asked of it; `frozen_for_hours`, how long frozen cells may be kept, and so how
    long before the order they may have been collected (None: the order comes first).
    Of a transport: `packing`, `unpacking`, what is asked when its shipper is packed and unpacked.
    `two_people`: at which of its reports two people check the identity and sign (statuses.ASKS_TWO).
    """

    id: UUID
    code: str
    name: str
    kind: str
    position: int
    after: tuple[str, ...]
    planned_hours: float
    worst_hours: float
    longest_wait_hours: float | None
    pool: str
    keeps_pool: bool
    place: str
    direction: str
    may_end_after_release: bool
    words: Mapping[str, str] = field(default_factory=dict, compare=False)
    storage: Mapping[str, Any] = field(default_factory=dict, compare=False)
    checklist: tuple[CheckItem, ...] = field(default=(), compare=False)
    frozen_for_hours: float | None = field(default=None, compare=False)
    packing: tuple[CheckItem, ...] = field(default=(), compare=False)
    unpacking: tuple[CheckItem, ...] = field(default=(), compare=False)
    two_people: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class FlowPlan:
    """A checked flow: stages in board order, by code; the exit is the stage that ends the patient's wait.

    `signed_acts`: under which decisions of people it asks for a signature (audit.statuses.SignedAct).
    """

    id: UUID
    code: str
    version: int
    restart_stage: str
    stages: dict[str, StagePlan]
    signed_acts: tuple[str, ...] = field(default=(), compare=False)
    exit: str = field(init=False)
    followers: dict[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        awaited = {code for stage in self.stages.values() for code in stage.after}
        exits = [s.code for s in self.stages.values() if s.code not in awaited and not s.may_end_after_release]
        object.__setattr__(self, "exit", exits[-1] if exits else "")
        object.__setattr__(self, "followers", {code: self._closure(code) for code in self.stages})

    def _closure(self, start: str) -> frozenset[str]:
        """`start` and every stage that waits for it, directly or not (stages come in board order)."""
        reached = {start}
        for stage in self.stages.values():
            if reached.intersection(stage.after):
                reached.add(stage.code)
        return frozenset(reached)


def in_board_order(stages: Iterable[StagePlan]) -> dict[str, StagePlan]:
    """Stages by code, sorted by position."""
    return {stage.code: stage for stage in sorted(stages, key=lambda stage: stage.position)}
