"""What a report says of cells that went from one holder to another: its words, and what is wrong with them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from supplychain.flows.statuses import Direction
from supplychain.identifiers.rules.characters import canonical, hidden_problem
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import Ending, Holder, OrderEventKind, Packaging, Seal, StageEventKind
from supplychain.reasons import MOST_REPORTED, says_nothing

MOST_SAID = 80  # characters of a place or a person's name
# Who gives and who takes, at the two ends of a transport.
ENDS: Mapping[str, tuple[Holder, Holder]] = {
    Direction.INBOUND: (Holder.COLLECTION_SITE, Holder.PLANT),
    Direction.OUTBOUND: (Holder.PLANT, Holder.INFUSION_SITE),
}
# To whom cells may go: to a holder, or out of every hand. That a dose was given is said of the infusion itself.
TAKERS = (*Holder, Ending.DESTROYED)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "from": tuple(Holder.values),
    "to": tuple(one.value for one in TAKERS),
    "seal": tuple(Seal.values),
    "packaging": tuple(Packaging.values),
}
REQUIRED = ("from", "to")
NAMES = ("place", "from_place", "given_by", "received_by", "second_person")


class ToldHandOver(NamedTuple):
    """One hand-over as it was reported. `place`, `from_place`: where within the holder's house (“ward 4”);
    `second_person`: who witnessed it; `reporter`: id of the person or system."""

    event: str
    at: datetime
    giver: str
    taker: str
    courier: str = ""
    place: str = ""
    from_place: str = ""
    given_by: str = ""
    received_by: str = ""
    second_person: str = ""
    seal: str = ""
    packaging: str = ""
    number: str = ""
    remark: str = ""
    reporter: str = ""

    @classmethod
    def of(cls, event: Any, at: datetime, said: Mapping[str, Any], reporter: str) -> Self:
        """As an event says it, whatever its sender left out."""
        names = ("courier", *NAMES, "seal", "packaging")
        texts = {name: str(said.get(name, "")) for name in names}
        number = str(said.get("tracking_number", ""))
        return cls(str(event), at, str(said["from"]), str(said["to"]), **texts, number=number,
                   remark=str(said.get("remark", "")), reporter=reporter)  # fmt: skip


def hand_overs_of(facts: Iterable[Fact]) -> list[ToldHandOver]:
    """All hand-overs among the facts that count, in the order of their moments, whatever order they came in."""
    said = {fact.event_id: fact for fact in facts if fact.kind == OrderEventKind.HANDED_OVER}
    found = [ToldHandOver.of(one.event_id, one.occurred_at, one.payload, one.reporter) for one in said.values()]
    return sorted(found, key=lambda one: (one.at, one.event))


def hand_over_problems(payload: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with what a hand-over says, by the field of its payload."""
    most = dict.fromkeys(NAMES, MOST_SAID) | {"remark": MOST_REPORTED}
    said = ((name, _name_problem(name, payload[name], most[name])) for name in most if name in payload)
    problems = {name: problem for name, problem in said if problem}
    for name, choices in CHOICES.items():
        if (name in payload or name in REQUIRED) and payload.get(name) not in choices:
            problems[name] = f"payload.{name}: use one of {', '.join(choices)}."
    if not problems.keys() & {"from", "to", "place"} and (problem := _place_missing(payload)):
        problems["place"] = f"payload.place: {problem}"
    return problems


def _place_missing(payload: Mapping[str, Any]) -> str:
    """Why it must be said where the cells are now; empty if it is said, or need not be."""
    giver, taker = payload["from"], payload["to"]
    if "place" in payload or (giver == taker == Holder.COURIER):
        return ""
    if taker == Holder.OTHER:
        return "say who holds the cells now, such as “tissue bank of the hospital”."
    if giver == taker and "received_by" not in payload:
        return "giver and taker are the same: say where the cells went within the house."
    return ""


def second_problem(kind: str, payload: Mapping[str, Any]) -> str:
    """What is wrong with the second person whom a stage's report names."""
    if kind not in (StageEventKind.STARTED, StageEventKind.COMPLETED) or "second_person" not in payload:
        return ""
    return _name_problem("second_person", payload["second_person"], MOST_SAID)


def _name_problem(name: str, value: Any, most: int) -> str:
    if not isinstance(value, str) or says_nothing(value) or len(value) > most:
        return f"payload.{name}: must be a text of 1 to {most} characters."
    problem = hidden_problem(canonical(value)) if name in NAMES else ""
    return f"payload.{name}: {problem}" if problem else ""
