"""Where collections and shipments stand."""

from django.db.models import TextChoices


class CollectionStatus(TextChoices):
    """Where a collection (apheresis) stands."""

    PLANNED = "planned", "Planned"
    RUNNING = "running", "Running"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"


class ShipmentStatus(TextChoices):
    """Where a shipment stands."""

    PLANNED = "planned", "Planned"
    IN_TRANSIT = "in_transit", "In transit"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"


class ArrivalBasis(TextChoices):
    """By whose word, or by what, a transport is expected to arrive."""

    COURIER = "courier", "As was said of it last"
    BOOKED = "booking", "As its delivery is booked"
    LANE = "lane", "By its lane"
