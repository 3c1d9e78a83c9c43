"""The flag about a code that was read with an order in hand and is not that order's. Pure.

It stands until two people have said how it was cleared up (supplychain/orders/rules/mismatches.py), also on an order
that has ended: whatever was in hand then is somebody's.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.mismatches import MISMATCHES, WANTED, Mismatch
from supplychain.words import listed_words

# Member of the evidence: ids of those who are none of the two.
NOT_BY = "not_by"
FIRST = (
    "QA: put the material aside, find this order’s own, and check what lies in its place. Two people, one of QA and "
    "neither of them who read the code, then say with reasons how it was cleared up: “Resolve” at this flag."
)


def may_resolve(evidence: Mapping[str, Any], person: str) -> bool:
    """Whether this person (an id) may still be one of the two who resolve it, as far as its evidence says."""
    return person not in evidence.get(NOT_BY, ())


def identity_mismatched(facts: OrderFacts, now: datetime) -> Found:
    """What was read is one flag, however often it was read; another code is another flag. Critical, without an end."""
    if not facts.mismatches:
        return NOTHING
    by_subject: dict[str, list[Mismatch]] = {}
    for one in facts.mismatches:
        by_subject.setdefault(one.subject, []).append(one)
    return Found([_finding(facts, subject, ones) for subject, ones in by_subject.items()], None)


def _finding(facts: OrderFacts, subject: str, ones: Sequence[Mismatch]) -> Finding:
    first = ones[0]
    names = list(dict.fromkeys(said.name for one in ones for said in one.resolutions))
    return Finding(
        FlagCode.IDENTITY_MISMATCH,
        "",
        Severity.CRITICAL,
        first.read_at,
        None,
        _why(facts, ones),
        _second(ones) if all(one.resolutions for one in ones) else FIRST,
        {
            MISMATCHES: [one.event for one in ones],
            "read": first.read,
            "resolved_by": names,
            "wanted": WANTED,
            NOT_BY: _not_by(ones),
        },
        gist=gist_of("checks", (one.event for one in ones)),
        subject=subject,
    )


def _not_by(ones: Sequence[Mismatch]) -> list[str]:
    """Ids of those who resolve it no more: who read the code, and who has resolved all of it already."""
    said = [{each.by for each in one.resolutions} for one in ones]
    return sorted({one.by for one in ones} | set.intersection(*said))


def _why(facts: OrderFacts, ones: Sequence[Mismatch]) -> str:
    first = ones[0]
    stages = [facts.flow.stages[one.stage].name for one in ones if one.stage in facts.flow.stages]
    where = f" at {listed_words(dict.fromkeys(stages))}" if stages else ""
    often = f", {len(ones)} times" if len(ones) > 1 else ""
    what = first.why.partition(" Stop:")[0]
    return f"A code was read{where}{often} (by {first.name}) that does not belong to this order. {what}"


def _second(ones: Sequence[Mismatch]) -> str:
    """Whom it waits for once one person has resolved it."""
    said = ones[0].resolutions[0]
    return (
        "QA, Operations or Site coordinator: a second person must confirm with “Resolve” at this flag; unless "
        f"{said.name} is of QA of the plant, that is QA. {said.name} says: “{said.reason}”"
    )
