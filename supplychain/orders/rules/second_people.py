"""Two people at a step, where the product asks for it: one reports it, another confirms it. Pure.

Only a person who signed in confirms; no text says that somebody did. A system may name the second person who signed
with it: that counts, as its word.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.duties import Roles, has_right, holder_words, holders_of
from supplychain.orders.rules.hand_overs import ENDS
from supplychain.orders.rules.states import COLLECTED_EARLIER, Fact
from supplychain.orders.rules.verbs import event_words
from supplychain.orders.rules.withdrawals import event_named
from supplychain.orders.statuses import Holder, OrderEventKind, StageEventKind
from supplychain.systems.statuses import SourceKind
from supplychain.words import listed_words

PERSON = "second_person"
# Who confirms later than this after the report came in remembers, and no longer sees.
LATEST = timedelta(hours=24)
STEP_KINDS = (StageEventKind.STARTED.value, StageEventKind.COMPLETED.value)
# The kinds of reports from which it follows what was confirmed.
CHECK_KINDS = (*STEP_KINDS, OrderEventKind.HANDED_OVER.value, OrderEventKind.WITNESSED.value)
NOT_TYPED = f"payload.{PERSON}: the second person confirms it here under their own name; nobody else types it."


class TwoPersonStep(NamedTuple):
    """What two people are asked at: the start or end of a stage, or a hand-over within the house where it is done."""

    plan: StagePlan
    kind: str

    @property
    def words(self) -> str:
        """“Infusion started”, “Receipt: hand-over”."""
        if self.kind in STEP_KINDS:
            return event_words(self.plan, self.kind)
        return f"{self.plan.name}: hand-over"


class Witness(NamedTuple):
    """Who confirmed a report (id), by which event."""

    by: str
    event: str


class AskedReport(NamedTuple):
    """A report of a step at which two people are asked. `told`: the second person whom a system names; `witnesses`:
    who confirmed it, none of whom reported it. `stage` empty: a hand-over told by itself."""

    event: str
    step: TwoPersonStep
    stage: str
    attempt: int | None
    at: datetime
    told: str
    witnesses: tuple[Witness, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        """Whether two people are known."""
        return bool(self.told or self.witnesses)


def asks_two(flow: FlowPlan) -> bool:
    """Whether the product asks for two people anywhere."""
    return any(plan.two_people for plan in flow.stages.values())


def step_asked(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> TwoPersonStep | None:
    """The step of this report, if two people are asked at it; cells collected before the order came with it."""
    if stage:
        plan = flow.stages.get(stage)
        is_asked = plan is not None and kind in STEP_KINDS and kind in plan.two_people
        return TwoPersonStep(plan, kind) if plan and is_asked and payload.get(COLLECTED_EARLIER) is not True else None
    if kind != OrderEventKind.HANDED_OVER:
        return None
    giver, taker = payload.get("from", ""), payload.get("to", "")
    found = (TwoPersonStep(plan, step) for plan in flow.stages.values() for step in plan.two_people)
    return next((step for step in found if _is_of(step, giver, taker)), None)


def asked_words(flow: FlowPlan, kind: str, stage: str) -> str:
    """At what two people are asked, for who reports this; of a hand-over only its form says between whom it is."""
    if step := step_asked(flow, kind, stage, {}):
        return step.words
    asking = (plan for plan in flow.stages.values() if plan.two_people)
    names = [plan.name for plan in asking if plan.direction or OrderEventKind.HANDED_OVER in plan.two_people]
    return f"a hand-over of {listed_words(names)}" if names and kind == OrderEventKind.HANDED_OVER else ""


def _is_of(step: TwoPersonStep, giver: str, taker: str) -> bool:
    """Whether a hand-over between these is the step: an end of the transport, or within the house or among couriers."""
    first, last = ENDS.get(step.plan.direction, ("", ""))
    if step.kind == StageEventKind.STARTED:
        return giver == first and taker in (Holder.COURIER, last)
    if step.kind == StageEventKind.COMPLETED:
        return taker == last and giver in (Holder.COURIER, first)
    return giver == taker == (Holder.COURIER if step.plan.direction else step.plan.place)


def checks_of(flow: FlowPlan, facts: Iterable[Fact], withdrawn: Iterable[str] = ()) -> list[AskedReport]:
    """The reports at which two people are asked, without those that were withdrawn, and who confirmed each."""
    gone = set(withdrawn)
    standing = {str(one.event_id): one for one in facts if str(one.event_id) not in gone}
    confirmed: dict[str, list[Witness]] = {}
    for fact in sorted(standing.values(), key=lambda one: (one.recorded_at, one.position)):
        named = str(event_named(fact.payload)) if fact.kind == OrderEventKind.WITNESSED else ""
        if named in standing and standing[named].reporter != fact.reporter:
            confirmed.setdefault(named, []).append(Witness(fact.reporter, str(fact.event_id)))
    found = [_check(flow, fact, confirmed.get(event, ())) for event, fact in standing.items()]
    return sorted((check for check in found if check), key=lambda check: (check.at, check.event))


def _check(flow: FlowPlan, fact: Fact, witnesses: Sequence[Witness]) -> AskedReport | None:
    if (step := step_asked(flow, fact.kind, fact.stage, fact.payload)) is None:
        return None
    told = "" if fact.lacked_scope else told_second(fact.payload, fact.resource)
    return AskedReport(str(fact.event_id), step, fact.stage, fact.attempt, fact.occurred_at, told, tuple(witnesses))


def told_second(payload: Mapping[str, Any], resource: str = "") -> str:
    """The second person whom a report names; empty: nobody, or one whom it names already in another part."""
    name = payload.get(PERSON)
    return name if isinstance(name, str) and not is_named(name, payload, resource) else ""


def is_named(name: str, payload: Mapping[str, Any], resource: str = "") -> bool:
    """Whether the report says already that this person gave, took or did it: they are no second one."""
    said = (payload.get("given_by"), payload.get("received_by"), resource)
    return _plain(name) in {_plain(one) for one in said if isinstance(one, str) and one}


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def named_problem(flow: FlowPlan, kind: str, stage: str, payload: Mapping[str, Any]) -> str:
    """Why a person's report may not name the second person where one has to confirm; empty if it does not."""
    return NOT_TYPED if PERSON in payload and step_asked(flow, kind, stage, payload) else ""


def with_confirmed(words: Mapping[UUID, str], events: Iterable[Any]) -> dict[UUID, str]:
    """The words of events by id; those of a confirmation also say what it confirms, where that is among them."""
    named = {one.pk: event_named(one.payload) for one in events if one.kind == OrderEventKind.WITNESSED}
    more = {pk: f"{words[pk]}: {words[event]}" for pk, event in named.items() if event in words}
    return {**words, **more}


class Asking(NamedTuple):
    """Who wants to confirm a report: their id and name, and their roles at the order's places."""

    key: str
    name: str
    roles: Roles


def _is_first(asking: Asking, event: Any) -> bool:
    """Whether a system's report names this person as who did it. Whom a courier names is its other side."""
    is_of_courier = event.source is not None and event.source.kind == SourceKind.COURIER
    return not is_of_courier and is_named(asking.name, event.payload, event.resource)


def witness_problem(flow: FlowPlan, event: Any, asking: Asking, withdrawn: Iterable[str], now: datetime) -> str:
    """Why this person does not confirm this report (a stored event) as its second person; empty if they do."""
    step = step_asked(flow, event.kind, event.stage, event.payload)
    if step is None:
        return "The product asks for no second person at this report."
    if str(event.pk) in withdrawn:
        return "This report was withdrawn: the one that is made instead is confirmed."
    if str(event.user_id) == asking.key or _is_first(asking, event):
        return "You are the first person of this report: another one confirms it."
    if now - event.recorded_at > LATEST:
        return "It is too late to confirm it: quality assurance says in a note on its flag what is known."
    holders = holders_of(step.plan, step.kind)
    return "" if has_right(holders, asking.roles) else f"The second person here is {holder_words(holders)}."
