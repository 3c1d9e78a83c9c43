"""Materials, their parents and lots as projections of the events of orders of which something new was said."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.materials.rules.folding import (
    LotSaid,
    Materials,
    MaterialState,
    is_of_kits,
    is_of_materials,
    kits_of,
    materials_of,
)  # fmt: skip
from supplychain.materials.rules.ids import named_id
from supplychain.orders.actions.store import LockedOrder, load_facts
from supplychain.orders.rules.states import Fact
from supplychain.orders.statuses import MATERIAL_KINDS, StageEventKind
from supplychain.sql import Writes

# What says something of materials, and of the kits with which cells were collected.
READ_KINDS = {*MATERIAL_KINDS, StageEventKind.COLLECTION_CHECKED}
MATERIAL_COLUMNS = ("id", "order_id", "key", "number", "kind", "component", "stage", "storage", "volume_ml", "cells",
                    "expires_at", "made_at", "status", "status_at", "status_reason", "doubts")  # fmt: skip
PARENT_COLUMNS = ("id", "order_id", "child_id", "parent_id")
LOT_COLUMNS = ("id", "kind", "product", "number", "key")
USE_COLUMNS = ("id", "order_id", "lot_id", "material_id", "stage", "expires_at", "used_at")
PROJECTIONS = ("supplychain_lotuse", "supplychain_materialparent", "supplychain_material")


def project_materials(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], *, now: datetime
) -> None:
    """Have the rows of every order written of which `facts` say something new; none else costs a query."""
    concerned = [order for order in orders if _is_concerned(order, facts.get(order.id, ()))]
    if not concerned:
        return
    stored = load_facts([order.id for order in concerned], kinds=READ_KINDS)
    told = {one.id: [*stored[one.id], *facts[one.id]] for one in concerned}
    said = {one.id: materials_of(told[one.id], set(one.state.withdrawn)) for one in concerned}
    for one in concerned:
        said[one.id].lots += kits_of(one.id, one.state, told[one.id])
    # What is no longer said is withdrawn: everything first, and what stands comes back in the same transaction.
    for table in PROJECTIONS:
        writes.withdraw(table, "order_id", said, at=now)
    _write(writes, said)


def _is_concerned(order: LockedOrder, facts: Sequence[Fact]) -> bool:
    return any(is_of_materials(fact) or is_of_kits(order.state, fact) for fact in facts)


def _write(writes: Writes, said: Mapping[UUID, Materials]) -> None:
    materials = [_material(order, key, one) for order, all_ in said.items() for key, one in all_.by_key.items()]
    parents = [
        _parent(order, key, parent)
        for order, all_ in said.items()
        for key, one in all_.by_key.items()
        for parent in one.parents
    ]
    lots = {lot_id(one): one for all_ in said.values() for one in all_.lots}
    uses = [_use(order, one) for order, all_ in said.items() for one in all_.lots]
    _upsert(writes, "supplychain_material", MATERIAL_COLUMNS, materials)
    _upsert(writes, "supplychain_materialparent", PARENT_COLUMNS, parents)
    named = [(key, one.kind, one.product, one.number, lookup_key(one.number)) for key, one in sorted(lots.items())]
    writes.insert("supplychain_lot", LOT_COLUMNS, named, on_conflict="(id) DO NOTHING")
    _upsert(writes, "supplychain_lotuse", USE_COLUMNS, uses)


def material_id(order_id: UUID, key: str) -> UUID:
    """The id of an order's material of that number."""
    return named_id("material", order_id, key)


def lot_id(one: LotSaid) -> UUID:
    """The id of a lot: the same kind, product and number, in whatever capitals, is the same lot."""
    return named_id("lot", one.kind, lookup_key(one.product), lookup_key(one.number))


def _material(order_id: UUID, key: str, one: MaterialState) -> tuple[Any, ...]:
    what = (one.number, one.kind, one.component, one.stage, one.storage, one.volume_ml, one.cells, one.expires_at)
    then = (one.made_at, one.status, one.status_at, one.status_reason, sorted(one.doubts))
    return (material_id(order_id, key), order_id, key, *what, *then)


def _parent(order_id: UUID, key: str, parent: str) -> tuple[Any, ...]:
    ends = (material_id(order_id, key), material_id(order_id, parent))
    return (named_id("parent", *ends), order_id, *ends)


def _use(order_id: UUID, one: LotSaid) -> tuple[Any, ...]:
    material = material_id(order_id, one.material) if one.material else None
    return (one.id, order_id, lot_id(one), material, one.stage, one.expires_at, one.used_at)


def _upsert(writes: Writes, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in (*columns[2:], "withdrawn_at"))
    writes.insert(table, columns, rows, on_conflict=f"(id) DO UPDATE SET {sets}")
