"""Taking back a report: the event stays, and the state is worked out without it.

A withdrawal is a fact of its own. Where it matters (cells taken, dose released or given, a number that identifies, a
failure, what puts cells in doubt as they are packed and unpacked, what plant and centre agreed on) it counts once two
have said it: nobody alone makes a failure undone, a release never given or a hold of the whole order never put on.
Whoever wants to end such a hold says so (resumed). Where the second person finds the report right and settles its flag,
what was said against it is rejected.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.packing import puts_in_doubt
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import ASKS_SECOND, LABEL_KINDS, MATERIAL_KINDS, Doubt, OrderEventKind, StageEventKind

WITHDRAWN = StageEventKind.WITHDRAWN.value
PLAN = StageEventKind.SCHEDULED
# What an order began with is cancelled, a withdrawal that was wrong is followed by the report anew, and a request is
# taken back or asked anew. On an excursion is decided anew: the newest decision counts. What a check found was found:
# two people resolve it (rules.mismatches).
NOT_WITHDRAWN = frozenset(
    {
        WITHDRAWN, OrderEventKind.ORDERED.value, OrderEventKind.CHANGE_ASKED.value, OrderEventKind.TAKEN_BACK.value,
        OrderEventKind.EXCURSION_DECIDED.value, OrderEventKind.MISMATCH.value,
    }
)  # fmt: skip
GRAVE_STAGES = frozenset({StageKind.COLLECTION, StageKind.RELEASE, StageKind.INFUSION})
DECIDED_STAGES = frozenset({StageKind.RELEASE, StageKind.INFUSION})
# What went wrong, and what was found where cells arrived.
GRAVE_STAGE_KINDS = frozenset({StageEventKind.FAILED, StageEventKind.SHIPMENT_UNPACKED})
GRAVE_KINDS = frozenset(
    {
        OrderEventKind.HELD.value,
        OrderEventKind.CANCELLED.value,
        OrderEventKind.CLOSED.value,
        OrderEventKind.SETTLED.value,
        OrderEventKind.RESOLVED.value,
        OrderEventKind.ANSWERED.value,
        *(kind.value for kind in MATERIAL_KINDS | LABEL_KINDS),
    }
)
# Names the request of a centre in the report of what was done because the plant agreed to it.
AGREED_ON = "request"
# Of a report that decides: somebody said that it is wrong, and a second person is asked (rules.surprises).
REASON_WITHDRAWAL_ASKED = "withdrawal_asked"
# A report that was taken back: whoever relied on it must know.
REASON_WITHDRAWN = "withdrawn"
# What had failed was begun again (rules.surprises): its failed result stands until somebody else decides on it.
REASON_TESTED_AGAIN = "tested_again"
# Names in a settlement the withdrawals that it finds wrong, by their own ids.
REJECTS = "rejects"
# What the two parties are told: nobody makes their own alarm go away, nor calls their own report right.
SETTLED_BY_ANOTHER = "somebody else of quality assurance confirms that it is wrong, or settles the flag."
ASKED_YOURSELF = f"you said yourself that the report is wrong: {SETTLED_BY_ANOTHER}"
REPORTED_YOURSELF = f"you made this report yourself: {SETTLED_BY_ANOTHER}"
TESTED_AGAIN_BY_YOU = (
    "you began yourself again what had failed: somebody else of quality assurance decides on the failed result, and "
    "settles its flag."
)
IDENTIFYING = ("donation_number", "batch_number")


class Withdrawal(NamedTuple):
    """What was said against one event and not rejected, in the order of saying; `counts`: enough have said it."""

    event: Fact
    said: tuple[Fact, ...]
    counts: bool


class SaidWrong(NamedTuple):
    """That somebody said of an event that it is wrong; `user`: id of the person, None for a system.

    `rejected_by`: who found the event right all the same, and settled its flag; empty: nobody did.
    """

    by: str
    reason: str
    said_at: datetime
    user: UUID | None = None
    rejected_by: str = ""
    rejected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventWithdrawal:
    """What was said against an event; `counts`: it was taken back, otherwise a second person must confirm."""

    counts: bool
    said: tuple[SaidWrong, ...]

    @property
    def standing(self) -> tuple[SaidWrong, ...]:
        """What was said against it and not rejected."""
        return tuple(one for one in self.said if not one.rejected_by)


def needs_second_person(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> bool:
    """Whether two must say that this report is wrong; of a plan, of which nothing was done yet, only if it names
    a number."""
    plan = flow.stages.get(stage)
    is_agreed = plan is None and AGREED_ON in payload
    is_doubt = plan is not None and puts_in_doubt(plan, kind, payload)
    return is_grave(plan, kind) or is_doubt or is_agreed or any(name in payload for name in IDENTIFYING)


def is_grave(plan: StagePlan | None, kind: str) -> bool:
    """Whether two must say that such a report of the stage (None: of the whole order) is wrong, whatever it names."""
    if plan is None:
        return kind in GRAVE_KINDS
    return kind != PLAN and (plan.kind in GRAVE_STAGES or kind in GRAVE_STAGE_KINDS)


def needs_quality(plan: StagePlan | None, kind: str) -> bool:
    """Whether one of the two must be quality assurance: no failure is undone without them, nor what was said of the
    release or of the dose that was given."""
    return plan is not None and kind != PLAN and (kind == StageEventKind.FAILED or plan.kind in DECIDED_STAGES)


def is_about_cells(plan: StagePlan | None, event: Fact) -> bool:
    """Whether it says that cells were taken, or by which number they are known: until it is sure, whose they are is
    not."""
    return is_taken(plan, event.kind) or any(name in event.payload for name in IDENTIFYING)


def is_taken(plan: StagePlan | None, kind: str) -> bool:
    """Whether such a report of the stage says that cells were taken: that they are being taken is corrected often."""
    return plan is not None and plan.kind == StageKind.COLLECTION and kind == StageEventKind.COMPLETED


def withdrawals_of(flow: FlowPlan, facts: Iterable[Fact]) -> dict[UUID, Withdrawal]:
    """By event id, what was said against it; the same however often and in whatever order the facts come."""
    known = {fact.event_id: fact for fact in facts}
    against: dict[UUID, list[Fact]] = {}
    for fact in known.values():
        event = known.get(event_named(fact.payload)) if fact.kind == WITHDRAWN else None
        if event and event.kind not in NOT_WITHDRAWN:
            against.setdefault(event.event_id, []).append(fact)
    found = {event_id: _withdrawal(flow, known[event_id], said) for event_id, said in against.items()}
    settled = [fact for fact in known.values() if fact.kind == OrderEventKind.SETTLED]
    standing = [fact for fact in settled if not (fact.event_id in found and found[fact.event_id].counts)]
    rejected = {event_id for fact in standing for event_id in rejected_by(fact.payload)}
    if not rejected:
        return found
    return {
        event_id: _withdrawal(flow, one.event, (fact for fact in one.said if str(fact.event_id) not in rejected))
        for event_id, one in found.items()
    }


def rejected_by(payload: Mapping[str, Any]) -> list[str]:
    """Ids, as text, of the withdrawals that a settlement finds wrong."""
    named = payload.get(REJECTS)
    return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []


def is_asked_of_second(surprise: Mapping[str, Any]) -> bool:
    """Whether one person said that what was decided is wrong, and a second one is asked."""
    return surprise["reason"] == REASON_WITHDRAWAL_ASKED and bool(surprise.get("decided"))


def asked_of_second(surprises: Iterable[Mapping[str, Any]], stage: str) -> list[str]:
    """Ids, as text, of the withdrawals of this stage of which a second person is asked."""
    return sorted(one["event"] for one in surprises if one["stage"] == stage and is_asked_of_second(one))


def cancellation_doubt(surprises: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first word that the order's cancellation is wrong, of which a second person is asked; None: there is none."""
    cancelled = OrderEventKind.CANCELLED.value
    return next((one for one in surprises if is_asked_of_second(one) and one["decided"] == cancelled), None)


def is_cancellation_gone(surprise: Mapping[str, Any]) -> bool:
    """Whether it says that the order's cancellation was withdrawn."""
    return surprise["reason"] == REASON_WITHDRAWN and surprise.get("kind") == OrderEventKind.CANCELLED


def own_part(surprises: Iterable[Mapping[str, Any]], doubt: str, stage: str, reporter: str, attempt: int) -> str:
    """Why who says so is no second person about this doubt at this stage: they said that a report is wrong, or made
    it, or began again what had failed in this attempt of the order; else empty. `reporter`: id of the person."""
    own = [one for one in surprises if one["stage"] == stage]
    if doubt == Doubt.FAILURE:
        again = [one for one in own if one["reason"] == REASON_TESTED_AGAIN and one["attempt"] >= attempt]
        return TESTED_AGAIN_BY_YOU if any(one.get("by") == reporter for one in again) else ""
    asked = [one for one in own if is_asked_of_second(one)] if doubt in ASKS_SECOND else []
    if any(one.get("by") == reporter for one in asked):
        return ASKED_YOURSELF
    return REPORTED_YOURSELF if any(one.get("reported_by") == reporter for one in asked) else ""


def waits_for_another(surprises: Iterable[Mapping[str, Any]], stage: str, reporter: str) -> bool:
    """Whether all that does not fit at this stage is what this person said to be wrong, and a second one is asked."""
    own = [one for one in surprises if one["stage"] == stage]
    return bool(own) and all(is_asked_of_second(one) and one.get("by") == reporter for one in own)


def event_named(payload: Mapping[str, Any]) -> UUID | None:
    """The event that a withdrawal speaks of; None if it is no id."""
    return id_named(payload, "event")


def id_named(payload: Mapping[str, Any], name: str) -> UUID | None:
    """The id under this name, however it is written (capitals, no dashes, braces); None if it is none."""
    try:
        return UUID(payload.get(name, ""))
    except (ValueError, TypeError, AttributeError):
        return None


def _withdrawal(flow: FlowPlan, event: Fact, said: Iterable[Fact]) -> Withdrawal:
    in_order = tuple(sorted(said, key=lambda fact: (fact.occurred_at, fact.reporter, fact.source_event_id)))
    wanted = 2 if needs_second_person(flow, event.kind, event.stage, event.payload) else 1
    return Withdrawal(event, in_order, len({fact.reporter for fact in in_order}) >= wanted)
