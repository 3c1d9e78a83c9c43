"""Collections and shipments as projections of the stage runs that just changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from supplychain.flows.rules.plans import StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.ids import new_id
from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.hand_overs import ENDS
from supplychain.orders.rules.states import RunState
from supplychain.sql import Writes
from supplychain.transport.rules.collections import CollectionFacts, collection_of
from supplychain.transport.rules.shipments import ShipmentFacts, shipment_of

COLLECTION_COLUMNS = ("id", "stage_run_id", "site_id", *CollectionFacts._fields)
SHIPMENT_COLUMNS = ("id", "stage_run_id", "direction", "from_site_id", "to_site_id", *ShipmentFacts._fields)


def project_collections_and_shipments(writes: Writes, orders: Sequence[LockedOrder], *, now: datetime) -> None:
    """Have the collection and shipment rows of every touched run written; at most four statements."""
    collections, shipments, withdrawn = [], [], []
    for order in orders:
        withdrawn += [order.run_ids[key] for key in order.vanished]
        for run, plan in _touched_runs(order):
            run_id = order.run_ids[run.attempt, run.stage]
            if plan.kind == StageKind.COLLECTION and (facts := collection_of(plan, run)):
                collections.append((new_id(), run_id, order.sites[plan.place], *facts))
            elif plan.kind == StageKind.TRANSPORT and (facts := shipment_of(plan, run)):
                ends = (order.sites[holder] for holder in ENDS[plan.direction])
                shipments.append((new_id(), run_id, plan.direction, *ends, *facts))
            elif _was_spoken_of(order, run):
                withdrawn.append(run_id)
    for table in ("supplychain_collection", "supplychain_shipment"):
        writes.withdraw(table, "stage_run_id", withdrawn, at=now)
    _upsert(writes, "supplychain_collection", COLLECTION_COLUMNS, collections)
    _upsert(writes, "supplychain_shipment", SHIPMENT_COLUMNS, shipments)


def _was_spoken_of(order: LockedOrder, run: RunState) -> bool:
    """Whether the stored run had a collection or shipment that the new one has not: it was skipped or moved away."""
    key = (run.attempt, run.stage)
    plan = order.flow.stages[run.stage]
    if plan.kind not in (StageKind.COLLECTION, StageKind.TRANSPORT):
        return False
    stored = order.stored_values(key)
    return stored is not None and collection_of(plan, RunState(*key, *stored)) is not None


def _touched_runs(order: LockedOrder) -> Iterator[tuple[RunState, StagePlan]]:
    for key in order.state.touched:
        yield order.state.runs[key], order.flow.stages[key[1]]


def _upsert(writes: Writes, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in (*columns[2:], "withdrawn_at"))
    writes.insert(table, columns, rows, on_conflict=f"(stage_run_id) DO UPDATE SET {sets}")
