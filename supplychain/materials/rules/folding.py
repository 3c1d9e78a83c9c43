"""What the reports of an order say of its materials: a fold over the facts in the order in which things happened. Pure.

Whatever is named exists as a row: a parent that nobody has recorded yet is a material without a kind. The newest word
counts for each field; of a status that is final, the first, until it is withdrawn.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.flows.rules.checklists import KIT_EXPIRES, KIT_LOT
from supplychain.identifiers.rules.characters import canonical, lookup_key
from supplychain.materials.rules.ids import named_id
from supplychain.materials.statuses import MaterialDoubt
from supplychain.orders.rules.collections import answers_kept, answers_of, good_until, is_of_collections
from supplychain.orders.rules.materials import DOSES, warns
from supplychain.orders.rules.states import Fact, OrderState, RunState
from supplychain.orders.statuses import MATERIAL_KINDS, LotKind, MaterialStatus, OrderEventKind, StageEventKind

MOST_REASON = 500
KIT = "Collection kit"  # the product of a kit's lot: the collection's record names no other
FIELDS = ("kind", "component", "stage", "storage", "volume_ml", "cells")
# After these nothing else becomes of a material, but that what was rejected is destroyed.
FINAL = frozenset({MaterialStatus.REJECTED, MaterialStatus.INFUSED, MaterialStatus.DESTROYED})
# What is not in hand any more, and what says whether it may go: the newest of them counts.
AWAY = frozenset({MaterialStatus.SHIPPED, MaterialStatus.INFUSED})
DECISIONS = frozenset({MaterialStatus.QUARANTINE, MaterialStatus.RELEASED})
AFTER_FINAL = frozenset({(MaterialStatus.REJECTED, MaterialStatus.DESTROYED)})


@dataclass(slots=True)
class MaterialState:
    """One material as the reports have it; `parents`: keys of those that it came from; `said`: every status that was
    reported of it, `decision`: the newest of DECISIONS."""

    number: str
    kind: str = ""
    component: str = ""
    stage: str = ""
    storage: str = ""
    volume_ml: float | None = None
    cells: int | None = None
    expires_at: datetime | None = None
    made_at: datetime | None = None
    status: str = ""
    status_at: datetime | None = None
    status_reason: str = ""
    parents: tuple[str, ...] = ()
    doubts: set[MaterialDoubt] = field(default_factory=set)
    said: set[str] = field(default_factory=set)
    decision: str = ""


@dataclass(frozen=True, slots=True)
class LotSaid:
    """That a lot was used; `material`: key of the one it went into, empty: the stage alone was said. `id`: of the
    report; of a kit, of its collection."""

    id: UUID
    kind: str
    product: str
    number: str
    material: str
    stage: str
    expires_at: datetime | None
    used_at: datetime


@dataclass(slots=True)
class Materials:
    """All that is said of one order's materials, by key."""

    by_key: dict[str, MaterialState] = field(default_factory=dict)
    lots: list[LotSaid] = field(default_factory=list)


def is_of_materials(fact: Fact) -> bool:
    """Whether the fact may change what is known of the order's materials: one of theirs, or a word against a report."""
    said_against = fact.kind in (OrderEventKind.WITHDRAWN, OrderEventKind.SETTLED) and not fact.stage
    return fact.kind in MATERIAL_KINDS or said_against


def is_of_kits(state: OrderState, fact: Fact) -> bool:
    """Whether the fact may change which kit a collection used, or when."""
    if not is_of_collections(state.flow.stages.get(fact.stage)):
        return False
    said = (StageEventKind.COLLECTION_CHECKED, OrderEventKind.WITHDRAWN, OrderEventKind.SETTLED)
    return fact.kind in said or any(_kit_lot(run) for run in state.runs.values())


def kits_of(order_id: UUID, state: OrderState, facts: Collection[Fact]) -> list[LotSaid]:
    """The lots of the kits with which the order's cells were collected, attempt by attempt: the newest answer of each
    collection's record (`facts`: its reports among others). Of a collection without moments a kit counts as used when
    its lot was first answered."""
    found = []
    for (attempt, stage), run in sorted(state.runs.items()):
        if lot := _kit_lot(run):
            moment = run.started_at or run.completed_at or run.failed_at or _answered_at(run, lot, facts)
            moment = moment or state.last_occurred_at
            expires_at = good_until(answers_kept(run).get(KIT_EXPIRES))
            one = named_id("kit", order_id, attempt, stage)
            found.append(LotSaid(one, LotKind.KIT.value, KIT, lot, "", stage, expires_at, moment))
    return found


def _answered_at(run: RunState, lot: str, facts: Collection[Fact]) -> datetime | None:
    answers = answers_of(facts, run).get(KIT_LOT, ())
    return min((one.at for one in answers if canonical(str(one.value)) == lot), default=None)


def _kit_lot(run: RunState) -> str:
    return canonical(str(answers_kept(run).get(KIT_LOT, "")))


def materials_of(facts: Iterable[Fact], withdrawn: Collection[str]) -> Materials:
    """What the facts say, given in any order and however often; without those that were taken back or do not count."""
    found = Materials()
    known = {fact.event_id: fact for fact in facts if fact.kind in MATERIAL_KINDS}
    counting = [fact for fact in known.values() if str(fact.event_id) not in withdrawn and _counts(fact)]
    for fact in sorted(counting, key=_key):
        match fact.kind:
            case OrderEventKind.MATERIAL:
                _record(found, fact)
            case OrderEventKind.MATERIAL_IS:
                _set_status(_named(found, fact.payload["number"]), fact)
            case OrderEventKind.LOT_USED:
                _use_lot(found, fact)
    _note_doubts(found.by_key)
    return found


def _counts(fact: Fact) -> bool:
    return not fact.lacked_scope or warns(fact.kind, fact.payload)


def _key(fact: Fact) -> tuple[Any, ...]:
    # At one moment a material is there before something becomes of it.
    return (fact.occurred_at, fact.kind != OrderEventKind.MATERIAL, fact.position, fact.reporter, fact.source_event_id)


def _named(found: Materials, number: str) -> MaterialState:
    return found.by_key.setdefault(lookup_key(number), MaterialState(number))


def _record(found: Materials, fact: Fact) -> None:
    said, one = fact.payload, _named(found, fact.payload["number"])
    parents = tuple(dict.fromkeys(map(lookup_key, said["parents"]))) if "parents" in said else one.parents
    if one.kind and (one.kind != said["kind"] or (one.parents and set(parents) != set(one.parents))):
        one.doubts.add(MaterialDoubt.SAID_OTHERWISE)
    for number in said.get("parents", ()):
        _named(found, number)
    one.parents = parents
    one.number, one.made_at = said["number"], one.made_at or fact.occurred_at
    for name in FIELDS:
        setattr(one, name, said.get(name, getattr(one, name)))
    one.expires_at = _moment(said) or one.expires_at


def _set_status(one: MaterialState, fact: Fact) -> None:
    new = str(fact.payload["status"])
    one.said.add(new)
    if MaterialStatus.REJECTED in one.said and one.said & AWAY:  # whoever has it must know, whichever came first
        one.doubts.add(MaterialDoubt.REJECTED_AWAY)
    if one.status in FINAL and (one.status, new) not in AFTER_FINAL:
        if one.status != new:
            one.doubts.add(MaterialDoubt.WENT_BACK)
        return
    if new == MaterialStatus.INFUSED and one.decision == MaterialStatus.QUARANTINE:
        one.doubts.add(MaterialDoubt.FROM_QUARANTINE)
    one.decision = new if new in DECISIONS else one.decision
    one.status, one.status_at = new, fact.occurred_at
    one.status_reason = str(fact.payload.get("reason", ""))[:MOST_REASON]


def _use_lot(found: Materials, fact: Fact) -> None:
    said = fact.payload
    if number := said.get("number", ""):
        _named(found, number)
    lot = (said["kind"], said["product"], said["lot"], lookup_key(number), said.get("stage", ""), _moment(said))
    found.lots.append(LotSaid(fact.event_id, *lot, fact.occurred_at))


def _moment(said: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(said["expires_at"]) if said.get("expires_at") else None


def _note_doubts(by_key: Mapping[str, MaterialState]) -> None:
    for key, one in by_key.items():
        if not one.kind:
            one.doubts.add(MaterialDoubt.UNRECORDED)
        elif one.status == MaterialStatus.INFUSED and one.kind not in DOSES:
            one.doubts.add(MaterialDoubt.NOT_A_DOSE)
        if key in ancestors(by_key, key):
            one.doubts.add(MaterialDoubt.CYCLE)


def ancestors(by_key: Mapping[str, MaterialState], key: str) -> set[str]:
    """Keys of all that a material came from; itself, too, where its origin leads back to it."""
    reached: set[str] = set()
    ahead = list(by_key[key].parents)
    while ahead:
        one = ahead.pop()
        if one not in reached:
            reached.add(one)
            ahead += by_key[one].parents
    return reached
