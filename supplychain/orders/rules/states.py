"""What the fold reads and what it makes: one fact, one stage run, one order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from uuid import UUID

import msgspec

from supplychain.flows.rules.plans import FlowPlan
from supplychain.moments import written
from supplychain.orders.rules.agreed_ends import AGREED_END, AGREED_TIMES, UNKNOWN_SINCE, AgreedEnd
from supplychain.orders.rules.overtaken import is_left
from supplychain.orders.statuses import (
    BEGUN_STAGE_STATUSES,
    DONE_STAGE_STATUSES,
    ChangeCause,
    ChangeOutcome,
    ChangeWish,
    OrderStatus,
    StageStatus,
)

DETAIL_MOMENTS = ("planned_start_at", "planned_end_at", "planned_pickup_at", "planned_delivery_at", "qualified_until")
PAYLOAD_MOMENTS = (*DETAIL_MOMENTS, "promised_at", "wanted_at")
DETAIL_NUMBERS = ("donation_number", "batch_number", "tracking_number", "shipper_number")
DETAIL_TEXTS = (*DETAIL_NUMBERS, "courier", "suite", "reason", "release_reference")
# Why a collection was reported completed although its record or checklist was open.
OPEN_REASON = "open_reason"
# With the end of a collection: that it happened before the order, so that its frozen cells are at hand (true).
COLLECTED_EARLIER = "collected_earlier"
# … and how many bags of them are stored.
STORED_BAGS = "stored_bags"
DETAILS = frozenset((*DETAIL_MOMENTS, *DETAIL_TEXTS, OPEN_REASON, COLLECTED_EARLIER, STORED_BAGS))
# Of a collection: the newest answer to each item of its record and checklist, by code.
ANSWERS = "answers"
# … and the ids of the reports that gave them, in the order in which they count.
ANSWER_EVENTS = "answer_events"
# Who said the identifying numbers that stand, by name (rules.numbers).
NUMBERS_SAID = "numbers_said"
# What the closing of a cancelled order says of its cells (payload `cells`): what becomes of them is decided.
CELLS_DECIDED = "decided"


class Fact(NamedTuple):
    """One stored event, as the fold reads it. `attempt` None: the sender did not say.

    `lacked_scope`: the right that its sender did not have (rules.entitlements); empty for those who had it.
    `position`: the how manieth of its order's events it is, as they were recorded; `is_of_system`: a system said it,
    no person.
    """

    event_id: UUID
    kind: str
    stage: str
    attempt: int | None
    occurred_at: datetime
    recorded_at: datetime
    resource: str
    payload: dict[str, Any]
    reporter: str
    source_event_id: str
    lacked_scope: str = ""
    position: int = 0
    is_of_system: bool = False


READY = StageStatus.READY.value  # asked of every run: looking it up there would take longer than comparing


class RunState(msgspec.Struct, gc=False):
    """One stage in one attempt; `wait_until`, `wait_limit`, `wait_expires_at`: its permitted wait (waits.py).

    A list of reports reads ten thousands of them: a Struct is made in a fifth of the time of a dataclass.
    """

    attempt: int
    stage: str
    status: str = StageStatus.PENDING.value
    ready_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    failed_at: datetime | None = None
    held_at: datetime | None = None
    planned_start_at: datetime | None = None
    planned_end_at: datetime | None = None
    resource: str = ""
    wait_until: datetime | None = None
    wait_limit: str = ""
    wait_expires_at: datetime | None = None
    details: dict[str, Any] = {}

    @property
    def expected_start(self) -> datetime | None:
        """When it was planned to start: the appointment, slot or pickup."""
        return self.planned_start_at or self.said("planned_pickup_at")

    @property
    def courier(self) -> str:
        """Who carries a transport, as far as it was said."""
        return self.details.get("courier") or self.resource

    @property
    def is_arrival_unknown(self) -> bool:
        """Whether it was said of a transport that nobody knows when it arrives."""
        return UNKNOWN_SINCE in self.details

    @property
    def expected_end(self) -> datetime | None:
        """When it is to end: as agreed while it ran, else as planned: the appointment's end or the delivery. None also
        where it was said that nobody knows."""
        if self.is_arrival_unknown:
            return None
        if agreed := self.agreed:
            return agreed.until
        return self.planned_end_at or self.said("planned_delivery_at")

    @property
    def agreed(self) -> AgreedEnd | None:
        """Until when it may take, where it takes longer than planned and that was said."""
        return AgreedEnd.of(self.details.get(AGREED_END), self.details.get(AGREED_TIMES))

    @property
    def cold_until(self) -> datetime | None:
        """To when the shipper's cold is guaranteed."""
        return self.said("qualified_until")

    def said(self, name: str) -> datetime | None:
        """A moment among the details, which are kept in ISO 8601."""
        text = self.details.get(name)
        return datetime.fromisoformat(text) if text else None

    @property
    def is_done(self) -> bool:
        """Whether the stages that wait for this one may go on."""
        return self.status in DONE_STAGE_STATUSES


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """What a treatment centre asked of the plant last, and what became of it (change_requests.py).

    `event`: id of the asking event; `wish`, `cause`, `outcome` (empty: not answered yet): ChangeWish, ChangeCause,
    ChangeOutcome; `wanted_at`: to when it is to be postponed; `replaces`: the wish that still stood when it was asked,
    and `replaces_cause` why.
    """

    event: str
    wish: str
    cause: str
    reason: str
    asked_at: datetime
    wanted_at: datetime | None = None
    replaces: str = ""
    outcome: str = ""
    outcome_event: str = ""
    outcome_reason: str = ""
    outcome_at: datetime | None = None
    replaces_cause: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered it or taken it back."""
        return not self.outcome

    def holds_since(self, held_at: datetime | None) -> bool:
        """Whether the hold that was put on then is the one that its centre asked for: the centre knows when the order
        can go on. One from before, or put on anew after it was lifted, is the plant's."""
        if self.wish != ChangeWish.HOLD or self.outcome != ChangeOutcome.AGREED or held_at is None:
            return False
        return self.outcome_at is None or self.asked_at <= held_at <= self.outcome_at

    @property
    def has_died(self) -> bool:
        """Whether the centre asked for it because the patient has died: then the order is to be cancelled."""
        return self.cause == ChangeCause.DIED

    @property
    def stops(self) -> bool:
        """Whether what cannot be undone waits for its answer."""
        return self.is_open and self.wish != ChangeWish.RESUME

    def as_row(self) -> dict[str, str]:
        """As the order keeps it; moments in UTC, as all that are stored, whatever offset their sender used."""
        said = {name: value for name in self.__slots__ if (value := getattr(self, name))}
        return {
            name: written(value.astimezone(UTC)) if isinstance(value, datetime) else value
            for name, value in said.items()
        }

    @classmethod
    def from_row(cls, row: Mapping[str, str] | None) -> Self | None:
        """The request that an order keeps, its moments in UTC; None for none."""
        if not row:
            return None
        kept = {name: datetime.fromisoformat(text) for name, text in row.items() if name.endswith("_at")}
        moments = {name: moment.astimezone(UTC) for name, moment in kept.items()}
        return cls(**{"reason": "", **row, **moments})


@dataclass(slots=True)
class OrderState:
    """Where one order stands: a projection of its facts. `withdrawn`: ids of the events that were taken back; `change`:
    what the treatment centre asked of the plant last; `asked`, `hand_overs` (rules.hand_overs): all of them, where
    everything was folded."""

    flow: FlowPlan
    attempt: int = 1
    promised_at: datetime | None = None
    confirmed_at: datetime | None = None
    held_at: datetime | None = None
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    last_occurred_at: datetime | None = None
    surprises: list[dict[str, Any]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    change: ChangeRequest | None = None
    asked: list[ChangeRequest] = field(default_factory=list, compare=False, repr=False)
    hand_overs: list[Any] | None = field(default=None, compare=False, repr=False)
    runs: dict[tuple[int, str], RunState] = field(default_factory=dict)
    touched: set[tuple[int, str]] = field(default_factory=set)

    def run_of(self, stage: str, attempt: int | None = None) -> RunState:
        """The run that counts for `stage` in `attempt` (the current one): the newest not after it."""
        newest = attempt or self.attempt
        if run := self.runs.get((newest, stage)):
            return run
        for number in range(newest - 1, 0, -1):
            if run := self.runs.get((number, stage)):
                return run
        raise KeyError(stage)

    @property
    def infused_at(self) -> datetime | None:
        """When the stage that ends the patient's wait was completed; skipping it infuses nobody."""
        run = self.run_of(self.flow.exit)
        return run.completed_at if run.status == StageStatus.COMPLETED else None

    @property
    def status(self) -> OrderStatus:
        """The order as a whole."""
        if self.cancelled_at:
            return OrderStatus.CANCELLED
        if self.closed_at:
            return OrderStatus.CLOSED
        if self.infused_at:
            return OrderStatus.INFUSED
        if self.held_at:
            return OrderStatus.ON_HOLD
        if any(run.started_at or run.completed_at or run.failed_at for run in self.runs.values()):
            return OrderStatus.IN_PROGRESS
        return OrderStatus.CONFIRMED if self.confirmed_at else OrderStatus.ORDERED

    @property
    def current_stage(self) -> str:
        """The furthest stage at work on the patient's path, else the first one that could start, else empty."""
        counting = {code: self.run_of(code) for code in self.flow.stages}
        awaited = [counting[code] for code, plan in self.flow.stages.items() if not plan.may_end_after_release]
        at_work = [run.stage for run in awaited if run.status in BEGUN_STAGE_STATUSES]
        ready = [run.stage for run in awaited if run.status == READY]
        return next((code for code in [*reversed(at_work), *ready] if not is_left(self.flow, code, counting)), "")
