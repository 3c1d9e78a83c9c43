"""What is sealed of a shipper with the report of its packing."""

from collections.abc import Iterable, Sequence

import msgspec

from supplychain.orders.actions.store import LockedOrder
from supplychain.orders.rules.events import EventReport
from supplychain.orders.rules.meaning import plain
from supplychain.orders.rules.packing import PACKED, SHIPPER, SHIPPER_NUMBER, ShippersKnown, sealed_shipper
from supplychain.orders.signals import shippers_asked


def known_shippers(reports: Sequence[EventReport], orders: Iterable[LockedOrder]) -> ShippersKnown:
    """What master data says of the shippers that these reports name; nothing is asked unless one tells of a packing."""
    numbers = {report.payload[SHIPPER_NUMBER].upper() for report in reports if report.kind == PACKED}
    if not numbers:
        return ShippersKnown()
    site_ids = {site_id for order in orders for site_id in order.sites.values()}
    answers = shippers_asked.send(sender=EventReport, numbers=numbers, site_ids=site_ids)
    return next((known for _, known in answers), ShippersKnown())


def with_shipper(report: EventReport, order: LockedOrder, known: ShippersKnown) -> EventReport:
    """The report with what master data says of its shipper now, if it tells of a packing."""
    if report.kind != PACKED:
        return report
    sealed = sealed_shipper(report.payload, report.occurred_at, order.sites.values(), known)
    return msgspec.structs.replace(report, payload=report.payload | {SHIPPER: plain(sealed)})
