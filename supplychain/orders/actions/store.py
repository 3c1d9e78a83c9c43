"""Orders under lock: reading their state from the rows and writing it back, in few statements for many orders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.plans import FlowPlan
from supplychain.ids import new_id
from supplychain.orders.queries import OF_SITES, ORDER_TABLE
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import ChangeRequest, Fact, OrderState, RunState
from supplychain.sql import Writes, from_json, read, texts

RUN_TABLE = "supplychain_stagerun"
# To a person whose form was shown before something else came in.
CHANGED_MEANWHILE = "The order changed meanwhile: look again at what is known now, then record it."

STATE_COLUMNS = ("id", "status", "current_stage", "attempt", "promised_at", "confirmed_at", "held_at", "cancelled_at",
                 "closed_at", "infused_at", "surprises", "withdrawn_events", "change_request", "version",
                 "last_occurred_at", "last_recorded_at", "seal")  # fmt: skip
RUN_STATE_COLUMNS = ("id", "status", "ready_at", "started_at", "completed_at", "failed_at", "held_at",
                     "planned_start_at", "planned_end_at", "resource", "wait_until", "wait_limit", "wait_expires_at",
                     "details")  # fmt: skip
# A run that is written stands (again), whatever was thought of it before.
RUN_WRITTEN = (*RUN_STATE_COLUMNS, "withdrawn_at")
RUN_COLUMNS = (*RUN_STATE_COLUMNS, "order_id", "attempt", "stage_id", "site_id", "pool")


@dataclass(slots=True)
class LockedOrder:
    """An order whose row this transaction has locked."""

    id: UUID
    flow: FlowPlan
    sites: dict[str, UUID]
    ordered_at: datetime
    version: int
    seal: str
    state: OrderState
    run_ids: dict[tuple[int, str], UUID | str] = field(default_factory=dict)
    stored_runs: dict[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)
    last_recorded_at: datetime | None = None
    vanished: set[tuple[int, str]] = field(default_factory=set)
    refolded: bool = False

    def stored_values(self, key: tuple[int, str]) -> tuple[Any, ...] | None:
        """A run's columns as they are stored (as run_values gives them); None for one that is not."""
        row = self.stored_runs.get(key)
        return row and (*row[5:-1], from_json(row[-1]))


def as_uuid(reference: str) -> UUID | None:
    """`reference` as an order id; None if it is written otherwise."""
    if len(reference) not in (32, 36):
        return None
    try:
        return UUID(reference)
    except ValueError:
        return None


def lock_orders(order_ids: Iterable[UUID], site_ids: Collection[UUID]) -> dict[UUID, LockedOrder]:
    """Lock the orders that belong to these sites, always in the order of their ids (no deadlock), with their state."""
    ids = {str(order_id): order_id for order_id in order_ids}
    sql = f"""SELECT o.id::text, o.flow_id::text, o.ordering_site_id::text, o.collection_site_id::text,
        o.infusion_site_id::text, o.plant_id::text,
        o.ordered_at, o.version, o.seal, o.attempt, o.promised_at, o.confirmed_at, o.held_at, o.cancelled_at,
        o.closed_at, o.last_occurred_at, o.surprises::text, o.withdrawn_events::text, o.change_request::text
        FROM {ORDER_TABLE} o WHERE o.id = ANY(%(ids)s::uuid[]) AND {OF_SITES} ORDER BY o.id FOR NO KEY UPDATE"""
    rows = read(sql, ids=list(ids), sites=texts(site_ids))
    # Of many orders' sites and flows there are few; making an object of each text anew would take longer than the rest.
    places = {text: UUID(text) for text in {text for row in rows for text in row[1:6]}}
    locked = {ids[row[0]]: _locked_order((ids[row[0]], *map(places.__getitem__, row[1:6]), *row[6:])) for row in rows}
    _load_runs(locked)
    return locked


def _locked_order(row: Sequence[Any]) -> LockedOrder:
    flow = flow_plan(row[1])
    names = ("ordering_site", "collection_site", "infusion_site", "plant")
    state = OrderState(flow, *row[9:16], surprises=from_json(row[16]), withdrawn=from_json(row[17]))
    state.change = ChangeRequest.from_row(from_json(row[18])) if row[18] else None
    return LockedOrder(row[0], flow, dict(zip(names, row[2:6], strict=True)), *row[6:9], state)


def _load_runs(orders: dict[UUID, LockedOrder]) -> None:
    """Read the runs of all orders; ids as text, since making UUID objects would take most of the time."""
    if not orders:
        return
    by_text = {str(order_id): order for order_id, order in orders.items()}
    flows = {order.flow.id: order.flow for order in orders.values()}
    codes = {str(stage.id): code for flow in flows.values() for code, stage in flow.stages.items()}
    columns = ", ".join(f"{name}::text" if name in ("id", "details") else name for name in RUN_STATE_COLUMNS)
    sql = f"""SELECT withdrawn_at, order_id::text, attempt, stage_id::text, {columns}
        FROM {RUN_TABLE} WHERE order_id = ANY(%(ids)s::uuid[])"""
    for row in read(sql, ids=list(by_text)):
        order, stage = by_text[row[1]], codes[row[3]]
        key = (row[2], stage)
        order.run_ids[key] = row[4]
        if row[0]:
            continue  # withdrawn; should it come back, it is the same row that stands again
        order.stored_runs[key] = row
        order.state.runs[key] = RunState(row[2], stage, *row[5:-1], from_json(row[-1]))


def refold(order: LockedOrder, facts: Iterable[Fact]) -> None:
    """Replace the state of `order` by the fold of all its facts; runs that it has no more are `vanished`.

    A late fact can show that an attempt was opened elsewhere. What hangs on such a run stays: it is withdrawn.
    """
    order.state = fold(order.flow, order.ordered_at, facts)
    order.refolded = True
    order.vanished = order.stored_runs.keys() - order.state.runs.keys()


def load_facts(order_ids: Iterable[UUID], kinds: Collection[str] | None = None) -> dict[UUID, list[Fact]]:
    """All stored events of the orders (of these kinds alone), as the fold reads them."""
    facts: dict[UUID, list[Fact]] = {order_id: [] for order_id in order_ids}
    sql = """SELECT order_id, id, kind, stage, attempt, occurred_at, recorded_at, resource, payload::text,
        COALESCE(source_id, user_id)::text, source_event_id, lacked_scope, position,
        source_id IS NOT NULL FROM supplychain_statusevent WHERE order_id = ANY(%(ids)s::uuid[])"""
    of_kinds = "" if kinds is None else " AND kind = ANY(%(kinds)s)"
    for order_id, *values in read(sql + of_kinds, ids=texts(facts), kinds=[str(one) for one in kinds or ()]):
        values[7] = from_json(values[7])
        facts[order_id].append(Fact(*values))
    return facts


def run_values(run: RunState) -> tuple[Any, ...]:
    """A run's columns in the order of RUN_STATE_COLUMNS, without the id."""
    return (
        run.status, run.ready_at, run.started_at, run.completed_at, run.failed_at, run.held_at,
        run.planned_start_at, run.planned_end_at, run.resource, run.wait_until, run.wait_limit, run.wait_expires_at,
        run.details,
    )  # fmt: skip


def save_states(writes: Writes, orders: Sequence[LockedOrder], *, now: datetime) -> None:
    """Have written back what changed of the orders and their runs."""
    changed, new = [], []
    for order in orders:
        for key in order.state.touched:
            values = run_values(order.state.runs[key])
            if key not in order.run_ids:
                order.run_ids[key] = new_id()
                new.append(new_run_row(order, key, values))
            elif values != order.stored_values(key):
                changed.append((order.run_ids[key], *values, None))
    gone = [order.run_ids[key] for order in orders for key in order.vanished]
    writes.withdraw(RUN_TABLE, "id", gone, at=now)
    writes.update(RUN_TABLE, RUN_WRITTEN, changed)
    writes.insert(RUN_TABLE, RUN_COLUMNS, new)
    writes.update(ORDER_TABLE, STATE_COLUMNS, [(order.id, *state_values(order)) for order in orders])


def new_run_row(order: LockedOrder, key: tuple[int, str], values: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of RUN_COLUMNS for a run that is not stored yet."""
    plan = order.flow.stages[key[1]]
    return (order.run_ids[key], *values, order.id, key[0], plan.id, order.sites[plan.place], plan.pool)


def state_values(order: LockedOrder) -> tuple[Any, ...]:
    """An order's projected columns in the order of STATE_COLUMNS, without the id."""
    state = order.state
    return (
        state.status.value, state.current_stage, state.attempt, state.promised_at, state.confirmed_at, state.held_at,
        state.cancelled_at, state.closed_at, state.infused_at, state.surprises, state.withdrawn,
        state.change and state.change.as_row(), order.version, state.last_occurred_at, order.last_recorded_at,
        order.seal,
    )  # fmt: skip
