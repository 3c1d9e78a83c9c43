"""What the cards of a treatment centre are made from: plain facts of one order (gathered by queries/cards.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.flags.rules.centre_words import asks_second
from batches.flags.rules.harm import STOP_FIRST
from batches.forecasts.rules.ready import ReadyForecast
from batches.judgement.statuses import FlagCode, Harm
from supplychain.custody.rules.whereabouts import LastHolder, is_elsewhere
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.orders.rules.interlocks import Settlement, Stop
from supplychain.orders.rules.overtaken import overtaken
from supplychain.orders.rules.promises import PROMISED, DoseDate
from supplychain.orders.rules.states import ChangeRequest, RunState
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, OPEN_ORDER_STATUSES, OrderStatus, StageStatus
from supplychain.transport.rules.arrivals import Arrival, expected_arrival
from supplychain.transport.rules.lanes import Lane


class FlagFacts(NamedTuple):
    """A raised flag. `due`: when its slack is used up; `subject`: which label it is about, if it is about one; `harm`
    and `act_by`: what lists sort by; `settlement`: what quality assurance decided of it;
    `reason`: why the order or stage is on hold; `next_step`: whom it asks for what; `why`: its sentence; `seen_by`,
    `seen_at`, `comment`: who acknowledged it, when and with what words."""

    id: UUID
    code: str
    stage: str
    severity: str
    due: datetime | None
    is_acknowledged: bool
    subject: str = ""
    harm: int = Harm.UNCLEAR
    act_by: datetime | None = None
    settlement: Settlement | None = None
    reason: str = ""
    next_step: str = ""
    why: str = ""
    seen_by: str = ""
    seen_at: datetime | None = None
    comment: str = ""

    @property
    def stops(self) -> str:
        """What stops the harm of a dose or an identity in doubt, whoever reads it; empty: nothing, or it is settled."""
        return STOP_FIRST.get(Harm(self.harm), "") if self.settlement is None else ""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """One order as a centre's card needs it.

    `own`: the places (StagePlace) of the order that are centres of the person, `roles` the person's roles there;
    `centres`: name of the site of each place; `ready`: what is said of when the dose is ready; `date`: whether
    `promised_at` is a promise; `stops`: its critical flags, which may keep people from reporting; `plant`, `telephone`:
    who makes it, and its number; `change`: what a centre asked of the plant last;
    `last`: who has the cells; `holds_cells`: that this is one of the person's centres; `lanes`: by their stage, of the
    transports of which nobody said when they arrive.
    """

    flow: FlowPlan
    status: str
    current_stage: str
    runs: Mapping[str, RunState]
    ordered_at: datetime
    own: frozenset[str] = frozenset()
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    centres: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    promised_at: datetime | None = None
    date: DoseDate = PROMISED
    ready: ReadyForecast | None = None
    held_at: datetime | None = None
    infused_at: datetime | None = None
    ended_at: datetime | None = None
    flags: tuple[FlagFacts, ...] = ()
    stops: Sequence[Stop] = ()
    plant: str = ""
    telephone: str = ""
    change: ChangeRequest | None = None
    last: LastHolder | None = None
    holds_cells: bool = False
    lanes: Mapping[str, Lane] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether the patient still waits."""
        return self.status in OPEN_ORDER_STATUSES

    @property
    def current(self) -> RunState | None:
        """The run at which the order stands."""
        return self.runs.get(self.current_stage)

    def still_asks(self, flag: FlagFacts) -> bool:
        """Whether a flag asks anybody for anything: of an order that has ended only a dose or an identity in doubt; of
        one that was infused also whether that was reported rightly."""
        is_watched = self.is_open or (self.status == OrderStatus.INFUSED and asks_second(flag.next_step))
        return flag.settlement is None and (is_watched or bool(flag.stops))

    def overtaken(self, now: datetime) -> frozenset[str]:
        """Codes of the active stages that the cells have left by `now`: only reports of theirs are missing."""
        return overtaken(self.flow, self.runs, now)

    def is_elsewhere(self, now: datetime) -> bool:
        """Whether a dose that nobody has begun to give is with somebody else than the reports of its stages say."""
        given = self.runs.get(self.flow.exit)
        is_begun = given is not None and given.started_at is not None and given.started_at <= now
        return not is_begun and is_elsewhere(self.flow, self.runs, self.last, now)

    @property
    def are_destroyed(self) -> bool:
        """Whether the cells were destroyed as a whole, and nothing has begun in their place."""
        is_told = any(flag.code == FlagCode.DOSE_REJECTED for flag in self.flags)
        return is_told and self.last is not None and self.last.is_destroyed

    def arrival_of(self, plan: StagePlan, now: datetime) -> Arrival | None:
        """When a transport is expected to arrive."""
        run = self.runs.get(plan.code)
        return expected_arrival(plan, run, self.lanes.get(plan.code), now) if run else None

    def status_of(self, code: str) -> str:
        """The status of a stage; pending where nothing is stored."""
        run = self.runs.get(code)
        return run.status if run else StageStatus.PENDING.value

    def stages_of(self, kind: StageKind, direction: Direction | None = None) -> list[StagePlan]:
        """The flow's stages of one kind, transports of one direction."""
        stages = self.flow.stages.values()
        return [one for one in stages if one.kind == kind and (direction is None or one.direction == direction)]


def awaits_pool(facts: CardFacts, pool: str, site_place: str) -> bool:
    """Whether the order still has to get a place of this pool: at work it has one, and later stages may keep it."""
    waiting = (StageStatus.PENDING, *ACTIVE_STAGE_STATUSES)
    return facts.is_open and any(
        plan.pool == pool and plan.place == site_place and not plan.keeps_pool
        and facts.status_of(plan.code) in waiting and not _has_begun(facts.runs.get(plan.code))
        for plan in facts.flow.stages.values()
    )  # fmt: skip


def _has_begun(run: RunState | None) -> bool:
    return run is not None and run.started_at is not None
