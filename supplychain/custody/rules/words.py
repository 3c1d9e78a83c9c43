"""Who holds cells, and what is amiss, in words. Pure."""

from collections.abc import Mapping
from typing import Any

from supplychain.custody.rules.holdings import Holding
from supplychain.custody.statuses import GapKind
from supplychain.orders.rules.hand_overs import ToldHandOver
from supplychain.orders.statuses import Ending, Holder
from supplychain.sentences import moment_mark
from supplychain.words import MINUTE, listed_words, span_words

WORDS: Mapping[str, str] = {
    Holder.COLLECTION_SITE: "the collection site",
    Holder.COURIER: "the courier",
    Holder.PLANT: "the plant",
    Holder.INFUSION_SITE: "the infusion site",
    Holder.OTHER: "somebody else",
    Ending.INFUSED: "the patient",
    Ending.DESTROYED: "destruction",
}


# What was found amiss at a hand-over beside another gap: by which name it is kept with that, and its words.
TOO: Mapping[GapKind, tuple[str, str]] = {
    GapKind.BROKEN_SEAL: ("is_seal_broken", "The seal was found broken, too."),
    GapKind.DAMAGED: ("is_damaged", "The packaging was found damaged, too."),
}


def holder_words(holder: str, name: str = "", place: str = "") -> str:
    """“the courier Nord”, “the infusion site (Ward 4)”."""
    words = f"{WORDS.get(holder, holder)} {name}".strip()
    return f"{words} ({place})" if place else words


def told_words(told: ToldHandOver) -> str:
    """“Given by A. Berg. Taken by M. Lie. Seal: broken.”: what was said of a hand-over; empty where nothing was."""
    ways = (("Given by ", told.given_by), ("Taken by ", told.received_by), ("Seen by ", told.second_person),
            ("Seal: ", told.seal), ("Packaging: ", told.packaging), ("Tracking number ", told.number))  # fmt: skip
    remark = told.remark and f"“{told.remark}”"
    return " ".join(filter(None, (*(f"{how}{what}." for how, what in ways if what), remark)))


def gap_words(gap: str, taker: str, since: Any, said: Mapping[str, Any]) -> str:
    """What is amiss with the hand-over to `taker`: a sentence, and what of seal or packaging was amiss besides."""
    lacking = [lacking_words(said)] if gap != GapKind.UNWITNESSED and said.get("lacks") else []
    return " ".join([_amiss(gap, taker, since, said), *lacking, *(TOO[harm][1] for harm in harms_too(said))])


def harms_too(said: Mapping[str, Any]) -> list[GapKind]:
    """What was found amiss with what the cells were in, beside the gap that this is said of."""
    return [harm for harm, (name, _) in TOO.items() if said.get(name)]


def lacking_words(said: Mapping[str, Any]) -> str:
    """“Infusion started (2 Mar 10:00): two people check here, and only one is known.”"""
    steps = listed_words([f"{one['step']} ({one['at']})" for one in said.get("lacks", ())])
    return f"{steps}: two people check here, and only one is known."


def _amiss(gap: str, taker: str, since: Any, said: Mapping[str, Any]) -> str:
    expected = holder_words(said.get("expected", ""), said.get("name", ""), said.get("place", ""))
    giver = holder_words(said.get("giver", "")) or "somebody"
    to = f"to {taker} on {moment_mark(since)}"
    match gap:
        case GapKind.UNKNOWN_GIVER:
            return f"The cells were handed over by {giver} {to}, but {expected} was the last known to hold them."
        case GapKind.UNREPORTED:
            return f"The cells were handed over by {giver} {to}; nobody reported how they came there from {expected}."
        case GapKind.OTHER_COURIER:
            return f"Another courier than {expected}, who took the cells, handed them over {to}."
        case GapKind.OTHER_PLACE:
            return f"The cells were handed over {to} from another place than they were put: {expected}."
        case GapKind.NOBODY:
            span = span_words(said.get("minutes", 0) * MINUTE)
            return f"For {span} nobody is known to have held the cells: two reports of the hand-over {to} differ."
        case GapKind.TWICE:
            return f"Two people are said to have taken the cells over {to}; one is {said.get('name')}."
        case GapKind.BACKWARDS:
            return f"The cells went back {to}, who had given them to {expected} before."
        case GapKind.AFTER_END:
            end = "given to the patient" if said.get("expected") == Ending.INFUSED else "destroyed"
            return f"Cells were handed over {to}, although they had been {end} before."
        case GapKind.LEFT_SITE:
            return f"The dose left the infusion site again: it was handed over {to}."
        case GapKind.UNCOLLECTED:
            return f"The cells were handed over by {giver} {to}, but no collection of this order was reported."
        case GapKind.STEP_SILENT:
            step = said.get("name", "the transport")
            end = "started" if said.get("giver") != Holder.COURIER else "was completed"
            return f"The cells were handed over by {giver} {to}, but nobody reported that {step} {end}."
        case GapKind.UNWITNESSED:
            return lacking_words(said)
        case GapKind.BROKEN_SEAL:
            return f"The seal was found broken when the cells were handed over {to}."
        case GapKind.DAMAGED:
            return f"The packaging was found damaged when the cells were handed over {to}."
    return f"The hand-over {to} does not fit the one before it."


def gap_said(one: Holding) -> dict[str, Any]:
    """What is amiss where an entry begins, as it is kept for its flag and words; empty: nothing."""
    gap = one.gap
    if gap is None:
        return {}
    said: dict[str, Any] = {"expected": gap.expected, "name": gap.name, "place": gap.place, "minutes": gap.minutes}
    said |= {"stage": gap.stage}
    too = {name: True for harm, (name, _) in TOO.items() if harm in one.harms - {gap.kind}}
    is_grave = gap.is_grave or bool(one.harms)
    said["lacks"] = [{"step": lack.words, "at": moment_mark(lack.at)} for lack in one.lacks]
    return {name: part for name, part in said.items() if part} | {"is_grave": is_grave, "giver": one.giver} | too
