"""What the plan of the demo consists of."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, NamedTuple

from cellops.demo.engine import Clock, DemoPool
from cellops.demo.sites import DemoSite, Journey
from supplychain.flows.rules.checks import FlowDefinition, StageDefinition


class DemoEvent(NamedTuple):
    """One report: what its sender will say, and when we hear of it. `order`: index in the plan."""

    order: int
    source: str
    kind: str
    stage: str
    attempt: int | None
    occurred_at: datetime
    heard_at: datetime
    resource: str
    payload: dict[str, Any]


@dataclass(slots=True)
class DemoOrder:
    """One order of the plan. `promised_at` is decided when it is known how long such orders take."""

    index: int
    coi: str
    patient_reference: str
    hospital_order_number: str
    journey: Journey
    centre: DemoSite
    urgent: bool
    ordered_at: datetime
    promised_at: datetime | None = None


class Stall(NamedTuple):
    """Where an order comes to a stop for good: before a stage has begun (but after it was planned) or while it runs."""

    stage: str
    begun: bool


@dataclass(frozen=True, slots=True)
class FlowPath:
    """A flow as a patient walks it: the stages one after the other, and the tests that run beside."""

    stages: tuple[StageDefinition, ...]
    beside: dict[str, tuple[StageDefinition, ...]]
    restart: int
    reopened: frozenset[str]

    @classmethod
    def of(cls, flow: FlowDefinition) -> "FlowPath":
        """The path through a flow whose stages wait for one another in one line but for the tests beside."""
        stages = tuple(stage for stage in flow.stages if not stage.may_end_after_release)
        beside: dict[str, tuple[StageDefinition, ...]] = {}
        for stage in flow.stages:
            if stage.may_end_after_release:
                beside[stage.after[0]] = (*beside.get(stage.after[0], ()), stage)
        restart = next(index for index, stage in enumerate(stages) if stage.code == flow.restart_stage)
        tests = [stage for started in beside.values() for stage in started]
        return cls(stages, beside, restart, frozenset(stage.code for stage in (*stages[restart:], *tests)))

    @property
    def exit(self) -> str:
        """The stage that ends the patient's wait."""
        return self.stages[-1].code


@dataclass(slots=True)
class World:
    """Everything that the orders share while the past is made up."""

    seed: int
    clock: Clock
    pools: dict[tuple[str, str], DemoPool]
    flows: dict[str, FlowPath]
    stalls: dict[int, Stall] = field(default_factory=dict)
    # Whether people have nights and weekends.
    has_shifts: bool = True
    # Whether packing and unpacking are reported on the way; of the past that is told later (packing.packings_told).
    packs: bool = False
    # Chance that nobody says a word of a stage for weeks once it has begun.
    forgetting: float = 0.0
    events: list[DemoEvent] = field(default_factory=list)

    def random_of(self, *what: Any) -> Random:
        """A stream of chance of its own, so that one order's fate does not hang on another's."""
        return Random(f"{self.seed}:{':'.join(map(str, what))}")
