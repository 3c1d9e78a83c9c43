"""Rows of an event file as record_events takes them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from supplychain.imports.columns import Columns
from supplychain.imports.event_ids import id_of_cells, ids_by_meaning
from supplychain.imports.rows import RowProblems
from supplychain.imports.running import RowAnswer
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.rules.meaning import is_same
from supplychain.orders.rules.states import DETAIL_TEXTS, PAYLOAD_MOMENTS
from supplychain.sentences import said_in

PREFIX = "payload."
EVENT_COLUMNS = Columns(
    required=("order", "kind", "occurred_at"),
    optional=(
        "source_event_id",
        "order_issuer",
        "stage",
        "attempt",
        "resource",
        *PAYLOAD_MOMENTS,
        *DETAIL_TEXTS,
        "payload",
    ),
    prefix=PREFIX,
)
MOST_DIGITS = 9
SHOWN_CHARACTERS = 60
PLAIN = ("order", "order_issuer", "kind", "stage", "resource", "source_event_id")


def event_row(cells: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, Any]:
    """The report in a row's cells (those that are not empty), by column. Raises RowRefused."""
    row: dict[str, Any] = {name: cells[name] for name in PLAIN if name in cells}
    problems = RowProblems()
    if "occurred_at" not in cells:
        problems.add("occurred_at: it is empty; say when it happened.")
    else:
        row["occurred_at"] = problems.moment("occurred_at", cells["occurred_at"], zone)
    if attempt := cells.get("attempt"):
        if attempt.isascii() and attempt.isdigit() and len(attempt) <= MOST_DIGITS:
            row["attempt"] = int(attempt)
        else:
            shown = attempt[:SHOWN_CHARACTERS]
            problems.add(f"attempt: “{shown}” is no whole number of at most {MOST_DIGITS} digits.")
    if payload := _payload(cells, zone, problems):
        row["payload"] = payload
    problems.check()
    if "source_event_id" not in row:
        row["source_event_id"] = id_of_cells(row)
    return row


def _payload(cells: Mapping[str, str], zone: ZoneInfo | None, problems: RowProblems) -> dict[str, Any]:
    """The payload: the JSON cell, and each column of its own."""
    payload = _json_payload(cells["payload"], problems) if "payload" in cells else {}
    for name, cell in cells.items():
        if name.startswith(PREFIX) or name in DETAIL_TEXTS or name in PAYLOAD_MOMENTS:
            key = name.removeprefix(PREFIX)
            moment = problems.moment(name, cell, zone) if key in PAYLOAD_MOMENTS else None
            value = moment.isoformat() if moment else cell
            if not is_same([payload.setdefault(key, value)], [value]):
                problems.add(f"{name}: the payload column says “{payload[key]}”, this one “{cell}”; keep one.")
    return payload


def _json_payload(cell: str, problems: RowProblems) -> dict[str, Any]:
    try:
        return msgspec.json.decode(cell, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        problems.add('payload: it must be a JSON object such as {"note": "text"} (check its quotes and braces).')
        return {}


def sender_of_events(
    by: Reporter, *, now: datetime | None = None
) -> Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]:
    """Records a chunk of rows as `by`; one answer a row."""

    def send(rows: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        results = record_events(ids_by_meaning(rows, by), by=by, now=now)
        return [RowAnswer(result.outcome, said_in(result.words, UTC)) for result in results]

    return send
