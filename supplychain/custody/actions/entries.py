"""Custody entries as projections of what the orders' stages and hand-overs say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from supplychain.custody.queries import hand_overs_told
from supplychain.custody.rules.holdings import Holding, custody_of
from supplychain.custody.rules.witnesses import asked_steps, with_lacks
from supplychain.custody.rules.words import gap_said
from supplychain.flows.statuses import StageKind
from supplychain.orders.actions.store import LockedOrder, load_facts, run_values
from supplychain.orders.rules.second_people import CHECK_KINDS, AskedReport, asks_two, checks_of
from supplychain.orders.rules.states import Fact
from supplychain.sql import Writes

TABLE = "supplychain_custodyentry"
COLUMNS = ("id", "order_id", "position", "holder", "site_id", "name", "place", "since", "until", "stage", "attempt",
           "kind", "event_id", "gap", "gap_said")  # fmt: skip
CHANGING = (*COLUMNS[2:], "withdrawn_at")
MOVES_CELLS = (StageKind.COLLECTION, StageKind.TRANSPORT, StageKind.INFUSION)


def project_custody(
    writes: Writes, orders: Sequence[LockedOrder], facts: Mapping[UUID, Sequence[Fact]], *, now: datetime
) -> None:
    """Have the entries of every order written of which news may move its cells; one reading, two writes, and another
    reading where a product asks for two people. `facts`: the news by order, not in the table yet."""
    moved = [order for order in orders if _is_moved(order, facts.get(order.id, ()))]
    if not moved:
        return
    unread = [order.id for order in moved if order.state.hand_overs is None]
    told = hand_overs_told(unread) if unread else {}
    checks, rows = _checks(moved, facts), []
    for order in moved:
        said = told.get(order.id, ()) if order.state.hand_overs is None else order.state.hand_overs
        runs = order.state.runs.values()
        chain = custody_of(order.flow, runs, order.sites, said)
        if order.id in checks:
            chain = with_lacks(chain, asked_steps(order.flow, runs, chain, checks[order.id]))
        rows += [_row(order, position, one) for position, one in enumerate(chain, 1)]
    writes.withdraw(TABLE, "order_id", [order.id for order in moved], at=now, but=[row[0] for row in rows])
    _upsert(writes, rows)


def _is_moved(order: LockedOrder, news: Iterable[Fact]) -> bool:
    if order.refolded or any(map(order_moves(order), order.state.touched)):
        return True
    if not asks_two(order.flow):
        return False
    is_step = any(order.flow.stages[stage].two_people for _, stage in order.state.touched)
    return is_step or any(fact.kind in CHECK_KINDS for fact in news)


def _checks(orders: Iterable[LockedOrder], facts: Mapping[UUID, Sequence[Fact]]) -> dict[UUID, list[AskedReport]]:
    """By order, the reports at which two people are asked, of those whose product asks."""
    asking = {order.id: order for order in orders if asks_two(order.flow)}
    stored = load_facts(asking, CHECK_KINDS) if asking else {}
    return {
        order_id: checks_of(order.flow, [*stored[order_id], *facts.get(order_id, ())], order.state.withdrawn)
        for order_id, order in asking.items()
    }


def order_moves(order: LockedOrder) -> Any:
    """Whether a run's news may move the cells of this order."""

    def moves(key: tuple[int, str]) -> bool:
        plan, stored = order.flow.stages[key[1]], order.stored_values(key)
        if plan.kind not in MOVES_CELLS and not (plan.code == order.flow.restart_stage and key[0] > 1):
            return False
        return stored is None or _said(stored) != _said(run_values(order.state.runs[key]))

    return moves


def _said(values: Sequence[Any]) -> tuple[Any, ...]:
    """What of a stored run says who has the cells."""
    status, _, started_at, completed_at, *_, resource, _, _, _, details = values
    return status, started_at, completed_at, resource, details.get("courier")


def _row(order: LockedOrder, position: int, one: Holding) -> tuple[Any, ...]:
    gap, told = one.gap, one.told
    return (entry_id(order.id, one.key), order.id, position, one.holder.holder, one.holder.site or None,
            one.holder.name[:80], one.place, one.since, one.until, one.stage, one.attempt, one.kind,
            told and told.event, gap.kind.value if gap else "", gap_said(one))  # fmt: skip


def entry_id(order_id: UUID, key: str) -> UUID:
    """The same id for the same entry, however often it is worked out."""
    return uuid5(order_id, key)


def _upsert(writes: Writes, rows: Iterable[Sequence[Any]]) -> None:
    """Write what changed; an entry that stands as it did is left alone."""
    sets = ", ".join(f"{column} = EXCLUDED.{column}" for column in CHANGING)
    old, new = (", ".join(f"{whose}.{column}" for column in CHANGING) for whose in (TABLE, "EXCLUDED"))
    writes.insert(
        TABLE, COLUMNS, list(rows), on_conflict=f"(id) DO UPDATE SET {sets} WHERE ({old}) IS DISTINCT FROM ({new})"
    )
