"""Trace: from a lot or material forward to all that was made from it, and backward to where it came from. Pure.

Nothing is left out because a report was vague: a lot of which only the stage was said may be in all that this stage or
a later one made, and is shown so.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from supplychain.materials.statuses import TracePart
from supplychain.orders.rules.collections import last_day
from supplychain.orders.rules.materials import DOSES, GONE
from supplychain.orders.statuses import LotKind, MaterialKind, MaterialStatus

OF_THE_ORDER = "Reported as the infusion of the order, which has only this dose."


class Used(NamedTuple):
    """One use of a lot in an order; `material` None: only the stage is known."""

    order_id: str
    material: str | None
    stage: str
    kind: str
    product: str
    number: str
    expires_at: datetime | None
    used_at: datetime

    @property
    def words(self) -> str:
        """“Lenti CD19 LV-7”."""
        return f"{self.product} {self.number}"

    @property
    def is_kit(self) -> bool:
        """Whether it is of the kit with which the cells were collected."""
        return self.kind == LotKind.KIT

    @property
    def last_day(self) -> str:
        """“10 Dec 2027”: of a kit, whose expiry is a day, not a moment; empty of other lots."""
        day = last_day(self.expires_at) if self.is_kit and self.expires_at else None
        return f"{day.day} {day:%b %Y}" if day else ""

    @property
    def was_expired(self) -> bool:
        """Whether it was used after its expiry, as the same report says it."""
        return self.expires_at is not None and self.expires_at < self.used_at


class Piece(NamedTuple):
    """One material as it is traced; `stage` empty: nobody said which stage made it; `lacks_release`: it was said to be
    released, and no release of its order is on record; `has_failed_test`: it was, or was shipped, and a test of the
    order’s attempt stands as failed."""

    order_id: str
    id: str
    number: str
    kind: str
    component: str
    stage: str
    storage: str
    volume_ml: float | None
    cells: int | None
    expires_at: datetime | None
    made_at: datetime | None
    status: str
    status_at: datetime | None
    status_reason: str
    doubts: list[str]
    key: str
    is_elsewhere: bool
    lacks_release: bool
    has_failed_test: bool

    @property
    def kind_words(self) -> str:
        """“Final bag”; of one that was only named that nobody has recorded it."""
        return MaterialKind(self.kind).label if self.kind else "not recorded yet"

    @property
    def status_words(self) -> str:
        """“Released”."""
        return MaterialStatus(self.status).label if self.status else ""

    @property
    def cells_words(self) -> str:
        """“55 million”; small numbers in full."""
        million, rest = (self.cells or 0) / 1_000_000, self.cells or 0
        return f"{million:,.0f} million" if rest >= 10_000_000 else f"{rest:,}"


@dataclass(frozen=True, slots=True)
class Links:
    """From which material each came, both ways."""

    parents: Mapping[str, Sequence[str]]
    children: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Links":
        """From pairs of child and parent."""
        parents: dict[str, list[str]] = defaultdict(list)
        children: dict[str, list[str]] = defaultdict(list)
        for child, parent in pairs:
            parents[child].append(parent)
            children[parent].append(child)
        return cls(parents, children)


def reached(start: Iterable[str], ways: Mapping[str, Sequence[str]]) -> set[str]:
    """All that these lead to, without themselves unless they lead there; a cycle ends the way."""
    found: set[str] = set()
    ahead = [one for first in start for one in ways.get(first, ())]
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += ways.get(one, ())
    return found


def parts_of_lot(
    pieces: Collection[Piece], links: Links, uses: Collection[Used], later: Mapping[str, Collection[str]]
) -> dict[str, TracePart]:
    """What the lot has to do with one order's materials. `later`: by stage those that follow it, and itself."""
    parts: dict[str, TracePart] = {}
    for stage in {use.stage for use in uses if use.material is None}:
        behind = later.get(stage, ())
        parts |= {one.id: TracePart.PERHAPS for one in pieces if not one.stage or one.stage in behind or not behind}
    direct = {use.material for use in uses if use.material}
    parts |= dict.fromkeys(reached(direct, links.children), TracePart.MADE_FROM)
    return parts | dict.fromkeys(direct, TracePart.WENT_INTO)


def parts_of_material(asked: Collection[str], links: Links) -> dict[str, TracePart]:
    """What one order's materials have to do with those asked for: where they came from, and what was made of them."""
    parts = dict.fromkeys(reached(asked, links.parents), TracePart.ORIGIN)
    parts |= dict.fromkeys(reached(asked, links.children), TracePart.MADE_FROM)
    return parts | dict.fromkeys(asked, TracePart.ASKED)


def lots_in(asked: Collection[str], links: Links, uses: Iterable[Used]) -> list[Used]:
    """The lots that went into these or into what they came from; those of which only a stage is known may have."""
    whole = {*asked, *reached(asked, links.parents)}
    return [use for use in uses if use.material is None or use.material in whole]


def in_time(one: Piece) -> tuple[Any, ...]:
    """Sorts materials by when they were made; those that were only named last."""
    return (one.made_at is None, one.made_at, one.key)


def is_given(infused_at: datetime | None, now: datetime) -> bool:
    """Whether the dose was given: an infusion that is reported for a moment to come is foreseen."""
    return infused_at is not None and infused_at <= now


def with_infusion(pieces: Sequence[Piece], infused_at: datetime | None, now: datetime) -> list[Piece]:
    """The pieces; where the order's dose was given and only one material can have been it, that one is infused. Of
    several nobody knows which until it is said."""
    doses = [one for one in pieces if one.kind in DOSES and one.status not in GONE]
    if not is_given(infused_at, now) or len(doses) != 1 or doses[0].status == MaterialStatus.INFUSED:
        return list(pieces)
    given = {"status": MaterialStatus.INFUSED, "status_at": infused_at, "status_reason": OF_THE_ORDER}
    return [one._replace(**given) if one is doses[0] else one for one in pieces]


class Branch(NamedTuple):
    """One line of an order's tree of materials, `depth` steps from what it came from."""

    piece: Piece
    depth: int
    is_repeated: bool


def branches(pieces: Iterable[Piece], links: Links) -> list[Branch]:
    """The tree in lines: each material below what it came from, once in full, and named again where it has another
    parent; what leads back to itself stands at the end, so that nothing is lost."""
    by_id = {one.id: one for one in sorted(pieces, key=in_time)}
    place = {one: position for position, one in enumerate(by_id)}
    found: list[Branch] = []
    seen: set[str] = set()
    roots = [one for one in by_id if not links.parents.get(one)]
    for root in (*roots, *by_id):
        ahead = [(root, 0)] if root not in seen else []
        while ahead:
            one, depth = ahead.pop()
            found.append(Branch(by_id[one], depth, one in seen))
            if one not in seen:
                seen.add(one)
                below = sorted(
                    (child for child in links.children.get(one, ()) if child in by_id), key=place.__getitem__
                )
                ahead += [(child, depth + 1) for child in reversed(below)]
    return found
