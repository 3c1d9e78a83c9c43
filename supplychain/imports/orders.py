"""Rows of an order file as place_orders takes them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.imports.columns import Columns
from supplychain.imports.rows import RowProblems, derived_id
from supplychain.imports.running import RowAnswer
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.known import known_events
from supplychain.orders.actions.placing import PlacedOrder, place_orders
from supplychain.orders.rules.placing import MOMENTS, OrderRefused
from supplychain.orders.statuses import ReportOutcome

ORDER_COLUMNS = Columns(
    required=("product", "patient_reference", "ordering_site", "plant", "ordered_at"),
    optional=("collection_site", "infusion_site", "flow", "coi", "coi_issuer", "hospital_order_number", "promised_at",
              "priority", "twin_reason", "source_event_id"),
)  # fmt: skip


def order_row(cells: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, Any]:
    """The request in a row's cells (those that are not empty), by column. Raises RowRefused."""
    problems, row = RowProblems(), dict[str, Any](cells)
    if empty := [name for name in ORDER_COLUMNS.required if name not in cells]:
        problems.add(f"{', '.join(empty)}: empty; fill it in.")
    for name in MOMENTS:
        if name in row:
            row[name] = problems.moment(name, row[name], zone)
    problems.check()
    if "source_event_id" not in row:
        row["source_event_id"] = _derived_id(row)
    return row


def _derived_id(row: Mapping[str, Any], form: Callable[[str], str] = str) -> str:
    """The id of an order without one: from its own number, so that an edited row is never a second order.

    `form`: in which its number goes in; as it is written, as in older versions, or as it is looked up.
    """
    if number := row.get("hospital_order_number"):
        return derived_id("order", {"ordering_site": row["ordering_site"], "hospital_order_number": form(number)})
    if coi := row.get("coi"):
        return derived_id("order", {"coi_issuer": row.get("coi_issuer", ""), "coi": form(coi)})
    moments = {name: row[name].astimezone(UTC) for name in MOMENTS if name in row}
    return derived_id("order", {**row, **moments})


def _with_ids(rows: Sequence[dict[str, Any]], by: Reporter) -> list[dict[str, Any]]:
    """The rows, those with an id of their own making under that of their number in whatever letters, unless they are
    stored already under the one of an older version."""
    made = [row["source_event_id"] for row in rows if row["source_event_id"].startswith("order-")]
    known = known_events(by, made) if made else {}
    return [row if row["source_event_id"] in known else row | {"source_event_id": _id_of(row)} for row in rows]


def _id_of(row: Mapping[str, Any]) -> str:
    cells = {name: value for name, value in row.items() if name != "source_event_id"}
    is_made = row["source_event_id"] == _derived_id(cells)
    return _derived_id(cells, lookup_key) if is_made else row["source_event_id"]


def sender_of_orders(
    by: Reporter, *, now: datetime | None = None
) -> Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]:
    """Places a chunk of orders as `by`; one answer a row."""

    def send(rows: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        return [_answer(result) for result in place_orders(_with_ids(rows, by), by=by, now=now)]

    return send


def _answer(result: PlacedOrder | OrderRefused) -> RowAnswer:
    if isinstance(result, OrderRefused):
        return RowAnswer(ReportOutcome.CONFLICT if result.is_conflict else ReportOutcome.REJECTED, str(result))
    return RowAnswer(ReportOutcome.CREATED if result.created else ReportOutcome.DUPLICATE)
