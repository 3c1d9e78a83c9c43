"""Identity mismatches of an order, and the two people who resolve each: nobody does it alone. Pure.

A mismatch is a fact: a code was read with the order in hand that is not the order's. It stands until two different
people have said with reasons how it was cleared up, one of them of quality assurance of the plant; who read the code
is neither of them, for nobody makes their own alarm go away.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

# Names in a resolution the mismatches that it is about, by the ids of their events.
MISMATCHES = "mismatches"
# So many people resolve one.
WANTED = 2
READ_YOURSELF = "you read this code yourself: two others resolve the mismatch, one of them of quality assurance."
ASKED_YOURSELF = "you resolved it already: a second person must confirm."
QUALITY_MISSING = "one of the two must be quality assurance of the plant: have them confirm it."


class Resolution(NamedTuple):
    """That a person said how mismatches were cleared up. `by`: id of the person."""

    mismatches: frozenset[str]
    by: str
    name: str
    reason: str
    said_at: datetime


class Mismatch(NamedTuple):
    """What a check found. `by`: id of the person or system that read the code; `check`: id of the IdentityCheck;
    `subject`: what was read, short, the same for the same code; `resolutions`: what was said of it so far."""

    event: str
    by: str
    name: str
    check: str
    subject: str
    read: str
    why: str
    stage: str
    read_at: datetime
    resolutions: tuple[Resolution, ...] = ()

    @property
    def is_resolved(self) -> bool:
        """Whether enough people have said how it was cleared up, none of whom read the code."""
        return len({one.by for one in self.resolutions} - {self.by}) >= WANTED


def standing_mismatches(mismatches: Iterable[Mismatch], resolutions: Iterable[Resolution]) -> list[Mismatch]:
    """The mismatches that are not resolved, each with what was said of it so far; the same in whatever order all of it
    comes."""
    said = sorted(resolutions, key=lambda one: (one.said_at, one.by))
    known = (one._replace(resolutions=tuple(each for each in said if one.event in each.mismatches))
             for one in mismatches)  # fmt: skip
    return sorted((one for one in known if not one.is_resolved), key=lambda one: (one.read_at, one.event))


def mismatch_of(event: UUID, payload: Mapping[str, Any], by: str, name: str, occurred_at: datetime) -> Mismatch:
    """A mismatch as its event tells it."""
    said = [str(payload.get(part, "")) for part in ("check", "subject", "read", "why", "at_stage")]
    return Mismatch(str(event), by, name, *said, occurred_at)


def named_mismatches(payload: Mapping[str, Any]) -> frozenset[str]:
    """Ids, as text, of the mismatches that a resolution is about."""
    named = payload.get(MISMATCHES)
    return frozenset(one for one in named if isinstance(one, str)) if isinstance(named, list) else frozenset()


def resolution_problem(mismatches: Iterable[Mismatch], by: str, quality: Collection[str]) -> str:
    """Why this person is none of the two who resolve these; empty if they are. `quality`: ids of those who decide of
    quality at the plant, among this person and who resolved them before."""
    standing = list(mismatches)
    if any(one.by == by for one in standing):
        return READ_YOURSELF
    before = [{said.by for said in one.resolutions} - {one.by} for one in standing]
    if standing and all(by in people for people in before):
        return ASKED_YOURSELF
    ends = [people | {by} for people in before if people - {by}]
    return QUALITY_MISSING if any(people.isdisjoint(quality) for people in ends) else ""
