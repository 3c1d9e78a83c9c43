"""What is sent of a shipment beside its numbers and moments: delays, packing and unpacking."""

from datetime import date, datetime
from typing import Any

import msgspec

from supplychain.orders.statuses import DelayCause, Destination, Packaging, SealFound, ShipperFound


class DelayBody(msgspec.Struct):
    """A delay or rerouting of a shipment that stands. `event`: id of its report; `at`: when it was said;
    `expected_at` null: nobody knew when it arrives; `destination`: a place of the order, or other (`place`)."""

    event: str
    kind: str
    at: datetime
    cause: DelayCause
    expected_at: datetime | None = None
    reason: str = ""
    destination: Destination | None = None
    place: str = ""
    route: str = ""
    courier: str = ""


class SealedShipperBody(msgspec.Struct):
    """What master data said of a shipper when its packing was reported. `found`: one, or why nothing else is known;
    `sites`: those that have one of this number, where there are several; `cold_until`: from its packing by its hours,
    where the report did not say it."""

    found: ShipperFound
    id: str | None = None
    number: str = ""
    site: str = ""
    sites: list[str] = []
    model: str = ""
    coldest: float | None = None
    warmest: float | None = None
    hold_hours: float | None = None
    qualified_until: date | None = None
    time_zone: str = ""
    qualification_record: str = ""
    is_retired: bool | None = None
    cold_until: datetime | None = None


class PackingBody(msgspec.Struct):
    """The newest report of a shipment's packing. `event`: its id; `at`: when it was closed; `answers`: to the flow's
    checklist, by code, `asked` as it was asked then."""

    event: str
    at: datetime
    shipper_number: str
    shipper: SealedShipperBody
    seal_number: str = ""
    loggers: list[str] = []
    packed_by: str = ""
    answers: dict[str, Any] = {}
    asked: dict[str, str] = {}
    remark: str = ""


class UnpackingBody(msgspec.Struct):
    """The newest report of its unpacking. `shipper_number`, `seal_number`: as they were read then."""

    event: str
    at: datetime
    packaging: Packaging
    seal: SealFound
    shipper_number: str = ""
    seal_number: str = ""
    unpacked_by: str = ""
    answers: dict[str, Any] = {}
    asked: dict[str, str] = {}
    remark: str = ""


class PackagingFaultBody(msgspec.Struct):
    """What is amiss with shipper or packaging. `is_critical`: it puts the cells in doubt."""

    code: str
    words: str
    is_critical: bool


def shipment_parts(
    delays: list[Any], packing: dict[str, Any], unpacking: dict[str, Any], faults: list[Any]
) -> tuple[list[DelayBody], PackingBody | None, UnpackingBody | None, list[PackagingFaultBody]]:
    """The same parts of a shipment as they are stored."""
    return (
        msgspec.convert(delays, list[DelayBody]),
        msgspec.convert(packing, PackingBody) if packing else None,
        msgspec.convert(unpacking, UnpackingBody) if unpacking else None,
        [PackagingFaultBody(*one) for one in faults],
    )
