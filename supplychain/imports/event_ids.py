"""Ids of event rows that have none of their own: the same meaning is the same event, however it is spelled."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from supplychain.imports.rows import derived_id
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.known import known_events
from supplychain.orders.actions.references import led_to
from supplychain.orders.actions.store import as_uuid
from supplychain.orders.rules.events import EventReport, Reference
from supplychain.orders.rules.meaning import spelled
from supplychain.orders.rules.reading import Unreadable, read_report

PREFIX = "row"


def id_of_cells(row: Mapping[str, Any]) -> str:
    """An id made of the cells as they are written: under this one older versions stored the row."""
    said = {name: value for name, value in row.items() if name != "source_event_id"}
    return derived_id(PREFIX, said | {"occurred_at": row["occurred_at"].astimezone(UTC)})


def _is_of_cells(row: Mapping[str, Any]) -> bool:
    return row["source_event_id"].startswith(PREFIX) and row["source_event_id"] == id_of_cells(row)


def ids_by_meaning(rows: Sequence[dict[str, Any]], by: Reporter) -> list[dict[str, Any]]:
    """The rows, those with an id of their cells under one of their meaning, unless they are stored already under it."""
    of_cells = {row["source_event_id"] for row in rows if _is_of_cells(row)}
    bare = of_cells - known_events(by, sorted(of_cells)).keys() if of_cells else of_cells
    reports = {row["source_event_id"]: report for row in rows if row["source_event_id"] in bare
               if (report := _read(row))}  # fmt: skip
    orders = _orders_named({report.reference for report in reports.values()}, by)
    ids = {name: _id_of_meaning(report, orders[report.reference]) for name, report in reports.items()}
    return [row | {"source_event_id": ids.get(row["source_event_id"], row["source_event_id"])} for row in rows]


def _read(row: Mapping[str, Any]) -> EventReport | None:
    try:
        return read_report(row)
    except Unreadable:
        return None  # it is refused under whatever id


def _orders_named(references: set[Reference], by: Reporter) -> dict[Reference, str]:
    """What each reference names: an order's id, where it leads to one; else as it was written, in one spelling."""
    found = led_to(references, by.site_ids) if references else {}
    return {one: _named(one, found[one].orders) for one in references}


def _named(reference: Reference, orders: set[UUID]) -> str:
    if len(orders) == 1:
        return str(next(iter(orders)))
    return str(as_uuid(reference.key) or reference.key)


def _id_of_meaning(report: EventReport, order: str) -> str:
    said = [order, report.attempt, report.kind, report.stage, report.occurred_at, report.resource, report.payload]
    return derived_id(PREFIX, {"said": spelled(said).decode()})
