"""Whether what is in hand may still be used, although it is the right patient's. Pure."""

from datetime import datetime
from typing import NamedTuple

from supplychain.flows.statuses import StageKind
from supplychain.materials.rules.tracing import is_given
from supplychain.orders.rules.materials import DOSES
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import MaterialKind, MaterialStatus, StageStatus

MADE = DOSES | {MaterialKind.INTERMEDIATE}
# What fails here leaves nothing to give.
MAKING = frozenset({StageKind.MANUFACTURING, StageKind.QUALITY_CONTROL, StageKind.RELEASE})
ENDED = {
    MaterialStatus.REJECTED: "It was rejected",
    MaterialStatus.INFUSED: "It was reported infused already",
    MaterialStatus.DESTROYED: "It was reported destroyed",
}
EXPIRED = "Its expiry has passed."
# What became of a dose that can be given no more, and never was.
LOST = (MaterialStatus.REJECTED, MaterialStatus.DESTROYED)
GIVEN = "The order’s dose was given already."


class DoseSaid(NamedTuple):
    """A dose (final bag, vial or cassette) of an order as it was reported last; `number` empty: all of its cells."""

    number: str
    made_at: datetime | None
    status: str
    status_at: datetime | None
    reason: str


class GivenMaterial(NamedTuple):
    """What is said to be infused and is no dose: its number, its kind (MaterialKind), and when."""

    number: str
    kind: str
    at: datetime

    @property
    def kind_words(self) -> str:
        """“Collection bag”."""
        return str(MaterialKind(self.kind).label)


class InHand(NamedTuple):
    """What was reported of a material."""

    kind: str
    stage: str
    made_at: datetime | None
    expires_at: datetime | None
    status: str
    status_reason: str


def why_unfit(state: OrderState, one: InHand, now: datetime) -> str:
    """Why this material of the order is not to be used, in a sentence; empty if nothing is known against it."""
    if one.status in ENDED:
        reason = f" ({one.status_reason})" if one.status_reason else ""
        return f"{ENDED[MaterialStatus(one.status)]}{reason}."
    if one.expires_at and one.expires_at <= now:
        return EXPIRED
    if one.kind not in MADE:
        return ""
    if one.kind in DOSES and any(is_given(at, now) for at in _infusions(state)):
        return GIVEN
    return why_of_attempt(state, _attempt_that_made(state, one.stage, one.made_at)) if one.made_at else ""


def why_of_batch(state: OrderState, batch_number: str) -> str:
    """The same of a batch of the order, by its number as it stands there."""
    of_batch = [run.attempt for run in state.runs.values() if run.details.get("batch_number") == batch_number]
    return why_of_attempt(state, max(of_batch, default=0))


def why_of_attempt(state: OrderState, attempt: int) -> str:
    """Why nothing that this attempt (0: none) made is to be used: another took its place, or making it failed."""
    if 0 < attempt < state.attempt:
        return f"It is of attempt {attempt}; attempt {state.attempt} took its place."
    runs = [run for run in state.runs.values() if run.attempt == attempt]
    failed = next((run.stage for run in runs if _is_lost(state, run)), "")
    return f"{state.flow.stages[failed].name} failed." if failed else ""


def _attempt_that_made(state: OrderState, stage: str, made_at: datetime) -> int:
    """The newest attempt that had begun (this stage, where one is said) when the material was made; 0: none had."""
    begun = [run for run in state.runs.values() if run.started_at and run.started_at <= made_at]
    of_stage = [run.attempt for run in begun if run.stage == stage]
    return max(of_stage or [run.attempt for run in begun], default=0)


def _infusions(state: OrderState) -> list[datetime | None]:
    """When a dose of the order was reported infused, in any attempt; of an old import nobody says so."""
    ends = (run for run in state.runs.values() if run.stage == state.flow.exit)
    return [run.completed_at for run in ends if run.status == StageStatus.COMPLETED]


def _is_lost(state: OrderState, run: RunState) -> bool:
    return run.status == StageStatus.FAILED and state.flow.stages[run.stage].kind in MAKING
