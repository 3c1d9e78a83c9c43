"""What kinds of things orders have to do with."""

from enum import StrEnum


class ResourceKind(StrEnum):
    """What kind of thing is asked about."""

    SHIPPER = "shipper"
    COURIER = "courier"
    PLACE = "place"


WORDS = {
    ResourceKind.PLACE: "Suite, device or person",
    ResourceKind.SHIPPER: "Dry shipper",
    ResourceKind.COURIER: "Courier",
}
PLURALS = {
    ResourceKind.PLACE: "Suites, devices and people",
    ResourceKind.SHIPPER: "Dry shippers",
    ResourceKind.COURIER: "Couriers",
}
