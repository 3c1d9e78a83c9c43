"""What a treatment centre asks of the plant (hold, postpone, cancel, go on), and what became of it.

A request stands until the plant answers it or the centre takes it back or asks for something else. It is worked out
from all facts at once, since request and answer are told by two clocks: the answer names its request.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind
from supplychain.moments import CLOCK_TOLERANCE
from supplychain.orders.rules.duties import NEW_ATTEMPT
from supplychain.orders.rules.states import ChangeRequest, Fact, OrderState
from supplychain.orders.statuses import (
    OPEN_ORDER_STATUSES,
    ChangeCause,
    ChangeOutcome,
    ChangeWish,
    OrderEventKind,
    StageEventKind,
)
from supplychain.reasons import is_no_reason
from supplychain.sentences import day_mark

REQUEST_KINDS = frozenset({OrderEventKind.CHANGE_ASKED, OrderEventKind.TAKEN_BACK, OrderEventKind.ANSWERED})
ANSWERS = (ChangeOutcome.AGREED, ChangeOutcome.DECLINED)
# What the plant says when it does what it was asked.
DEEDS: Mapping[str, OrderEventKind] = {
    ChangeWish.HOLD: OrderEventKind.HELD,
    ChangeWish.POSTPONE: OrderEventKind.PROMISED,
    ChangeWish.CANCEL: OrderEventKind.CANCELLED,
    ChangeWish.RESUME: OrderEventKind.RESUMED,
}
WISH_WORDS: Mapping[str, str] = {
    ChangeWish.HOLD: "to hold the order",
    ChangeWish.POSTPONE: "to postpone the order",
    ChangeWish.CANCEL: "to cancel the order",
    ChangeWish.RESUME: "to go on with the order",
}
# On what a date holds that is told while such a request waits for its answer; by wish. Of a postponement the date tells
# whether what the centre wants can be kept.
IF_DECLINED: Mapping[str, str] = {
    ChangeWish.HOLD: "if the request to hold is declined",
    ChangeWish.CANCEL: "if the request to cancel is declined",
}
NONE_STANDS = "No such request stands: it was answered, taken back or replaced meanwhile. Look at the order again."
NOT_LATER = "this is not later than the date that stands now: choose a later one."
# The patient or their only cells: nobody takes back that one of these began.
FOR_GOOD = (StageKind.COLLECTION, StageKind.INFUSION)


def change_requests_of(facts: Iterable[Fact]) -> list[ChangeRequest]:
    """All that was asked, the last one last, of all `facts` that count; the same in whatever order and number they
    come. Of one that was replaced `outcome_at` is when.

    A sender without the right is heard where nobody else asks, but it neither replaces a request nor answers one.
    """
    said = sorted({fact.event_id: fact for fact in facts if fact.kind in REQUEST_KINDS}.values(), key=_by_moment)
    ends = {str(fact.payload.get("request")): fact for fact in reversed(said) if _ends(fact)}
    asked: list[ChangeRequest] = []
    for fact in said:
        standing = asked[-1] if asked else None
        stood = standing and (standing.outcome_at is None or fact.occurred_at < standing.outcome_at)
        is_heard = not (fact.lacked_scope and stood)
        if fact.kind == OrderEventKind.CHANGE_ASKED and is_heard:
            if standing and standing.is_open:
                asked[-1] = replace(standing, outcome_at=fact.occurred_at)
            asked.append(_asked(fact, standing, ends.get(str(fact.event_id))))
    return asked


def _by_moment(fact: Fact) -> tuple[datetime, datetime, str, str]:
    return (fact.occurred_at, fact.recorded_at, fact.reporter, fact.source_event_id)


def _ends(fact: Fact) -> bool:
    return fact.kind != OrderEventKind.CHANGE_ASKED and not fact.lacked_scope


def _asked(fact: Fact, before: ChangeRequest | None, end: Fact | None) -> ChangeRequest:
    payload, wanted = fact.payload, fact.payload.get("wanted_at")
    outcome = "" if end is None else end.payload.get("answer", ChangeOutcome.TAKEN_BACK.value)
    return ChangeRequest(
        str(fact.event_id),
        payload["wish"],
        payload["cause"],
        payload.get("reason", ""),
        fact.occurred_at,
        datetime.fromisoformat(wanted) if wanted else None,
        before.wish if before and before.is_open else "",
        outcome,
        str(end.event_id) if end else "",
        end.payload.get("reason", "") if end else "",
        end.occurred_at if end else None,
        before.cause if before and before.is_open else "",
    )


def wish_words(change: ChangeRequest) -> str:
    """“to postpone the order to 14 Dec”; the day stands in the zone of the reader (sentences.py)."""
    until = f" to {day_mark(change.wanted_at)}" if change.wanted_at and change.wish == ChangeWish.POSTPONE else ""
    return WISH_WORDS[change.wish] + until


# How the reason of what was agreed on begins.
ASKED_FOR = "The centre asked for it: "


def cause_words(change: ChangeRequest) -> str:
    """“Patient too ill: fever since the night”."""
    label, reason = ChangeCause(change.cause).label, " ".join(change.reason.split()).rstrip(".")
    return f"{label}: {reason}" if reason else label


def said_words(kind: str, payload: Mapping[str, Any]) -> str:
    """What an event of such a kind says: “Hold the order. Patient too ill: fever”; empty for other kinds."""
    if kind not in REQUEST_KINDS:
        return ""
    labels = [*ChangeWish.choices, *ChangeCause.choices, *ChangeOutcome.choices]
    said = [label for name in ("wish", "cause", "answer") for value, label in labels if payload.get(name) == value]
    return ". ".join(filter(None, [*said, payload.get("reason", "")]))


def wording_problems(kind: str, payload: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with what a request or answer says, by the field of its payload."""
    if kind == OrderEventKind.CHANGE_ASKED:
        return _request_wording(payload)
    if kind == OrderEventKind.ANSWERED:
        return _answer_wording(payload)
    return {}


def _request_wording(payload: Mapping[str, Any]) -> dict[str, str]:
    problems = {}
    for name, choices in (("wish", ChangeWish), ("cause", ChangeCause)):
        if payload.get(name) not in choices.values:
            problems[name] = f"payload.{name}: use one of {', '.join(choices.values)}."
    if payload.get("wish") == ChangeWish.POSTPONE and "wanted_at" not in payload:
        problems["wanted_at"] = "payload.wanted_at: say to when it is to be postponed: the day and time."
    if payload.get("cause") == ChangeCause.OTHER and _explains_nothing(payload):
        problems["reason"] = "payload.reason: say which reason."
    return problems


def _answer_wording(payload: Mapping[str, Any]) -> dict[str, str]:
    if payload.get("answer") not in ANSWERS:
        return {"answer": f"payload.answer: use one of {', '.join(ANSWERS)}."}
    if payload["answer"] == ChangeOutcome.DECLINED and _explains_nothing(payload):
        return {"reason": "payload.reason: say why it is declined; the centre is told."}
    return {}


def _explains_nothing(payload: Mapping[str, Any]) -> bool:
    return is_no_reason(str(payload.get("reason", "")))


def request_problems(
    state: OrderState, kind: str, payload: Mapping[str, Any], occurred_at: datetime, now: datetime
) -> list[str]:
    """All for which a request, its end or its answer is not taken.

    A request is no report of what happened: after the end nothing can follow from it, so its sender must know.
    """
    if kind == OrderEventKind.CHANGE_ASKED:
        if ended := ended_problem(state):
            return [ended]
        found = (_needless(state, payload), wanted_problem(state, payload, now), _unheard(state, occurred_at, now))
        return [problem for problem in found if problem]
    change = state.change
    if change is None or not change.is_open or payload["request"] != change.event:
        return [f"payload.request: {NONE_STANDS}"]
    agrees = kind == OrderEventKind.ANSWERED and payload["answer"] == ChangeOutcome.AGREED
    if agrees and (deed := deed_missing(state, change)):
        return [f"payload.answer: do what was asked first: report the order {deed.value}, then agree."]
    return []


def ended_problem(state: OrderState) -> str:
    """Why nothing can be asked of this order any more; empty if it can."""
    if state.status in OPEN_ORDER_STATUSES:
        return ""
    ended = state.status.label.lower()
    return f"This order is {ended}: nothing can be held, postponed or cancelled any more. Call the plant."


def wanted_problem(state: OrderState, payload: Mapping[str, Any], now: datetime) -> str:
    """Why it cannot be postponed to the moment that is wanted; empty if it can."""
    if payload.get("wish") != ChangeWish.POSTPONE or not payload.get("wanted_at"):
        return ""
    wanted_at = datetime.fromisoformat(payload["wanted_at"])
    if wanted_at <= now:
        return "payload.wanted_at: this moment is past: say to when it is to be postponed."
    if state.promised_at and wanted_at <= state.promised_at:
        return f"payload.wanted_at: {NOT_LATER} An earlier date is no postponement: ask operations of the plant for it."
    return ""


def _unheard(state: OrderState, asked_at: datetime, now: datetime) -> str:
    """Why the request would never stand, although it is the newest that we hear: the newest by its moment does."""
    if asked_at > now + CLOCK_TOLERANCE:
        return "occurred_at: this moment has not come yet; nothing asked until then would be heard. Check the clock."
    if state.change and asked_at < state.change.asked_at:
        return "occurred_at: something was asked later than this: look at the order again, then ask anew."
    return ""


def _needless(state: OrderState, payload: Mapping[str, Any]) -> str:
    if payload["wish"] == ChangeWish.HOLD and state.held_at:
        return "payload.wish: the order is on hold already."
    if payload["wish"] == ChangeWish.RESUME and not state.held_at:
        return "payload.wish: the order is not on hold."
    return ""


def deed_missing(state: OrderState, change: ChangeRequest) -> OrderEventKind | None:
    """What the plant has still to say so that what was asked is done; None: it is done already."""
    is_done = {
        ChangeWish.HOLD: bool(state.held_at),
        ChangeWish.POSTPONE: bool(state.promised_at and not is_too_early(change, state.promised_at)),
        ChangeWish.CANCEL: bool(state.cancelled_at),
        ChangeWish.RESUME: not state.held_at,
    }
    return None if is_done[ChangeWish(change.wish)] else DEEDS[change.wish]


def new_promise_problem(state: OrderState, given: str) -> str:
    """Why the date that an answer promises postpones nothing, or less than the centre wants; empty if it does."""
    if not given:
        return "Say which date you promise instead."
    promised_at = datetime.fromisoformat(given)
    if state.change and is_too_early(state.change, promised_at):
        return "The centre wants a later date than this: promise that, or decline and say which date is possible."
    if state.promised_at and promised_at < state.promised_at.replace(second=0, microsecond=0):
        return (
            "This is earlier than the date that stands now, which is no postponement: promise a later date, or "
            "decline, and report “Date promised” if the dose can be ready earlier."
        )
    return ""


def is_too_early(change: ChangeRequest, promised_at: datetime) -> bool:
    """Whether this date is no answer to a centre that wants a later one; forms know minutes only."""
    return change.wanted_at is None or promised_at < change.wanted_at.replace(second=0, microsecond=0)


def was_unanswered(change: ChangeRequest, moment: datetime) -> bool:
    """Whether the request to stop stood at `moment`."""
    if change.wish == ChangeWish.RESUME:
        return False
    return change.asked_at <= moment and (change.outcome_at is None or moment < change.outcome_at)


def begins_for_good(flow: FlowPlan, plan: StagePlan, kind: str, started_at: datetime | None) -> bool:
    """Whether this begins what cannot be undone: a collection, making, the way to the patient, the infusion."""
    begins = kind == StageEventKind.STARTED or (kind == StageEventKind.COMPLETED and started_at is None)
    return begins and is_for_good(flow, plan)


def is_for_good(flow: FlowPlan, plan: StagePlan) -> bool:
    """Whether nobody can undo that this stage began."""
    return plan.kind in FOR_GOOD or plan.direction == Direction.OUTBOUND or plan.code == flow.restart_stage


def unanswered_problem(state: OrderState, plan: StagePlan, kind: str) -> str:
    """Why a person does not say `kind` of the stage while a request to stop waits for its answer; empty if they may."""
    if state.status not in OPEN_ORDER_STATUSES:
        return ""
    return waits_for_answer(state.change, state.flow, plan, kind, state.run_of(plan.code).started_at)


def waits_for_answer(
    change: ChangeRequest | None, flow: FlowPlan, plan: StagePlan, kind: str, started_at: datetime | None
) -> str:
    """The same of an open order, from what was asked and when the stage started."""
    if change is None or not change.stops:
        return ""
    if kind != NEW_ATTEMPT and not begins_for_good(flow, plan, kind, started_at):
        return ""
    asked = f"The centre asks {wish_words(change)} ({ChangeCause(change.cause).label.lower()})"
    return f"{asked}: operations of the plant answer first, or the centre takes it back."
