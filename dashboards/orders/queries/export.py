"""The filtered orders as the lines of a CSV file, whatever their number in little memory.

First the ids are read, in order and at one moment, sixteen bytes each; then the rows are looked up bit by bit. So
every order that the filter let through at that moment stands in the file once, even if it changes meanwhile.
"""

import csv
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from dashboards.orders.queries.list import OrderLine, lines_by_id
from dashboards.orders.queries.paging import Sorting, all_ids
from dashboards.orders.rules.files import HEADER, cells
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import PatientOrderQuerySet
from supplychain.orders.queries import change_of
from supplychain.orders.rules.standing import standing_at

CHUNK = 500
ID_BYTES = 16
# Excel takes a file without it for one in the machine's old character set.
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back each line that is written into it."""

    def write(self, line: str) -> str:
        return line


def order_file(orders: PatientOrderQuerySet, sorting: Sorting, zone: tzinfo) -> Iterator[str]:
    """Pieces of the file: the header first, then CHUNK orders at a time."""
    line = csv.writer(_Echo()).writerow
    yield BYTE_ORDER_MARK + line(HEADER)
    ids = bytearray()
    for order_id in all_ids(orders, sorting):
        ids += order_id.bytes
    for start in range(0, len(ids), CHUNK * ID_BYTES):
        part = bytes(ids[start : start + CHUNK * ID_BYTES])
        wanted = [UUID(bytes=part[at : at + ID_BYTES]) for at in range(0, len(part), ID_BYTES)]
        yield "".join(line(cells(values_of(row, sorting.now), zone)) for row in lines_by_id(wanted, sorting.now))


def values_of(row: OrderLine, now: datetime) -> tuple[Any, ...]:
    """What the file says of one order at `now`, in the order of HEADER."""
    order, ready, event, change = row.order, row.ready, row.last_event, change_of(row.order)
    budget = row.budget
    return (
        order.coi, order.coi_issuer, order.patient_reference, order.product.code, flow_plan(order.flow_id).code,
        order.ordering_site.code, order.collection_site.code, order.plant.code, order.infusion_site.code,
        order.priority, order.ordered_at, order.status, row.stage, *_standing(row, now), order.attempt,
        order.promised_at, ready and ready.ready_at, ready and ready.ready_from, ready and ready.ready_to,
        ready and ready.basis.value, ready and ready.rests_on, ready and ready.told_slack_hours,
        _share(ready.told_late if ready else None),
        row.severity or None, " ".join(flag.code for flag in row.flags),
        sum(flag.acknowledged_at is None for flag in row.flags),
        f"{event.stage} {event.kind}".strip() if event else None, row.last_event_words,
        event.occurred_at if event else None,
        order.last_recorded_at, order.infused_at, order.cancelled_at, order.closed_at,
        change and change.wish, change and change.asked_at, change and (change.outcome or "not_answered"),
        budget and budget.left_hours(now), budget and budget.until, budget and budget.begins_at,
    )  # fmt: skip


def _standing(row: OrderLine, now: datetime) -> tuple[str | None, datetime | None]:
    """How its stage stands, and since when: what is reported to start later waits till then, as on every page."""
    if row.run is None:
        return None, None
    standing = standing_at(row.run.status, row.run.started_at, now)
    return standing, row.since if standing == row.run.status else row.run.ready_at


def _share(share: float | None) -> str | None:
    """A probability (0–1) to the thousandth."""
    return None if share is None else f"{share:.3f}"
