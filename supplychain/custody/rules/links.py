"""For which hand-overs a driver may get a link, who gives it out, and what it says. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from supplychain.custody.rules.transfers import ENDS, LONGEST_GAP
from supplychain.custody.rules.whereabouts import LastHolder
from supplychain.custody.statuses import LinkEnd, LinkState
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.duties import Roles, has_right, holders_of
from supplychain.orders.rules.interlocks import Stop, binding_stops
from supplychain.orders.rules.standing import release_ahead
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import Holder, Packaging, Seal, StageEventKind, StageStatus
from supplychain.sentences import moment_mark

LASTS = timedelta(hours=48)
SHOWN_CHARACTERS = 5  # of a chain of identity, where there is no tracking number
KIND_OF_END = {LinkEnd.PICKUP: StageEventKind.STARTED, LinkEnd.DELIVERY: StageEventKind.COMPLETED}
STATE_WORDS = {
    LinkState.USED: "This link was used: the hand-over is recorded.",
    LinkState.REVOKED: "This link was taken back. Ask who sent it to you for another one.",
    LinkState.EXPIRED: "This link has expired: nothing was recorded with it. Ask who sent it to you for another one.",
}
STOPPED = "Do not take this shipment over. Stay where you are. Call {call}."
KNOWN_ALREADY = (
    "This hand-over is known already: nothing more is recorded with this link. If you have the shipment, or something "
    "is wrong with it, call {call}."
)


class LinkOffer(NamedTuple):
    """A hand-over for which a link may be made: “Transport to the plant: pickup”."""

    plan: StagePlan
    attempt: int
    end: LinkEnd

    @property
    def words(self) -> str:
        """For the button."""
        return f"{self.plan.name}: {self.end.label.lower()}"

    @property
    def value(self) -> str:
        """For the form."""
        return f"{self.plan.code}:{self.end.value}"


def link_offers(flow: FlowPlan, state: OrderState, roles: Roles) -> list[LinkOffer]:
    """Every hand-over of a transport still to come that a person with these roles may report themselves."""
    plans = [plan for plan in flow.stages.values() if plan.kind == StageKind.TRANSPORT]
    return [
        LinkOffer(plan, run.attempt, end)
        for plan, run in ((plan, state.run_of(plan.code)) for plan in plans)
        for end in _to_come(run)
        if has_right(holders_of(plan, KIND_OF_END[end]), roles)
    ]


def _to_come(run: RunState) -> Iterator[LinkEnd]:
    if run.is_done or run.status in (StageStatus.PENDING, StageStatus.FAILED):
        return
    if run.started_at is None:
        yield LinkEnd.PICKUP
    yield LinkEnd.DELIVERY


def is_known_already(state: OrderState, plan: StagePlan, attempt: int, end: str, now: datetime) -> bool:
    """Whether the journey has gone past the hand-over of a link: told again so late it would move the cells back. As
    long as two reports of one hand-over may lie apart, the link adds to what the stage was told."""
    run = state.run_of(plan.code, attempt)
    if run.status == StageStatus.FAILED or state.run_of(plan.code).attempt != run.attempt:
        return True
    if end == LinkEnd.PICKUP and run.is_done:
        return True
    told_at = run.started_at if end == LinkEnd.PICKUP else run.completed_at
    return told_at is not None and now - told_at > LONGEST_GAP


def why_stopped(
    flow: FlowPlan, state: OrderState, stops: Iterable[Stop], plan: StagePlan, end: str, now: datetime,
    last: LastHolder | None,
) -> str:  # fmt: skip
    """Why cells must not go on the way now; empty: they may, or they are on it. `stops`: the order's critical flags;
    `last`: who has the cells."""
    if last and last.is_destroyed:
        return "The cells were destroyed."
    is_under_way = end != LinkEnd.PICKUP and state.run_of(plan.code).started_at is not None
    if (state.cancelled_at or state.closed_at) and not is_under_way:
        return "The order has ended."
    if end != LinkEnd.PICKUP:
        return ""
    if state.held_at:
        return "The order is on hold."
    if state.change and state.change.stops:
        return "The treatment centre asks to hold or cancel the order: answer it first."
    if ahead := release_ahead(flow, plan.code, {one: state.run_of(one).completed_at for one in flow.stages}, now):
        return f"{ahead[0].name} is reported only for {moment_mark(ahead[1])}, still to come: the dose is not released."
    binding = binding_stops(flow, stops, KIND_OF_END[LinkEnd.PICKUP], plan)
    return f"Stopped by a critical flag: {binding[0].why}" if binding else ""


def found_amiss(said: Mapping[str, Any], *, is_grave: bool, call: str) -> str:
    """What whoever stands by the cells must do after this hand-over (its payload), before anybody can call; empty:
    nothing. `is_grave`: whether it does not fit the chain of custody (GRAVE_GAPS); `call`: the plant's telephone."""
    what = ""
    if said.get("seal") == Seal.BROKEN:
        what = "The seal is broken"
    elif said.get("packaging") == Packaging.DAMAGED:
        what = "The packaging is damaged"
    elif is_grave:
        what = "Nobody can vouch for the cells"
    return f"{what}: do not use the cells, put them aside, call {call}." if what else ""


def parties(plan: StagePlan, end: str) -> tuple[Holder, Holder]:
    """Who gives and who takes."""
    giver, taker = ENDS[plan.direction]
    return (giver, Holder.COURIER) if end == LinkEnd.PICKUP else (Holder.COURIER, taker)


def shown_number(coi: str, tracking_number: str) -> str:
    """By what a driver knows the shipment, without the order's chain of identity."""
    return tracking_number or f"…{coi[-SHOWN_CHARACTERS:]}"


def stage_rows(run: RunState, end: str) -> Iterable[StageEventKind]:
    """What the stage has still to be told with the hand-over: nothing that was reported already."""
    if end == LinkEnd.PICKUP:
        return () if run.started_at or run.is_done else (StageEventKind.STARTED,)
    return () if run.is_done or run.status == StageStatus.FAILED else (StageEventKind.COMPLETED,)
