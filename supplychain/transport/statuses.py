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
