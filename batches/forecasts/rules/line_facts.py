"""What a forecast of a line reads: its orders, their kinds, pools and learned curves. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from batches.durations.rules.competing import Ends
from batches.durations.rules.curves import Curve
from batches.forecasts.rules.refinements import UNREFINED, Refined
from batches.judgement.rules.facts import OrderFacts
from supplychain.flows.rules.plans import FlowPlan
from supplychain.transport.rules.lanes import Lanes

PoolKey = tuple[str, str]
CurveKey = tuple[str, str, str]


class StageCurve(Protocol):
    """How long a stage takes (hours) and how often it ends otherwise (0–1); `ends`: by attempt and time."""

    @property
    def curve(self) -> Curve: ...

    @property
    def failed_share(self) -> float: ...

    @property
    def withdrawn_share(self) -> float: ...

    @property
    def ends(self) -> Ends | None: ...


class PlannedCurve(NamedTuple):
    """A stage of which nothing was learned: as planned, and it always ends well."""

    curve: Curve
    failed_share: float = 0.0
    withdrawn_share: float = 0.0
    ends: Ends | None = None


class OrderKind(NamedTuple):
    """What decides the way of an order: its flow, product, sites (id as text, by place) and priority."""

    flow: FlowPlan
    product: str
    sites: Mapping[str, str]
    priority: str


class LineOrder(NamedTuple):
    """One order of the line with its facts."""

    kind: OrderKind
    facts: OrderFacts


@dataclass(frozen=True, slots=True)
class LineFacts:
    """All that a line's forecast reads. Site ids are text.

    `unreadable`: orders (id as text) whose rows cannot be read, and why; `recent`: the orders of the last RATE_WINDOW,
    oldest first; `offered`: of flows that may be ordered and were not lately; `pools`: capacity steps by (site, code);
    `curves`: by (product, site, stage); `refined`: what is taken into account beyond them; `lanes`: of transports.
    """

    line: str
    orders: Sequence[LineOrder]
    recent: Sequence[OrderKind]
    pools: Mapping[PoolKey, Sequence[tuple[datetime, int]]]
    curves: Mapping[CurveKey, StageCurve]
    unreadable: Mapping[str, str] = field(default_factory=dict)
    refined: Refined = UNREFINED
    offered: Sequence[OrderKind] = ()
    lanes: Lanes = field(default_factory=dict)
