"""Every closed list of the patient's chain. A status is never compared as a bare string."""

from django.db.models import TextChoices


class SiteKind(TextChoices):
    """What a site does."""

    TREATMENT_CENTRE = "treatment_centre", "Treatment centre"
    COLLECTION_CENTRE = "collection_centre", "Collection centre"
    PLANT = "plant", "Manufacturing plant"


class Role(TextChoices):
    """What a person may do at a site."""

    OPERATIONS = "operations", "Operations"
    SITE_COORDINATOR = "site_coordinator", "Site coordinator"
    QA = "qa", "Quality assurance"
    ADMINISTRATOR = "administrator", "Administrator"


class SourceKind(TextChoices):
    """What kind of system reports to us."""

    HOSPITAL = "hospital", "Hospital record (EHR)"
    PLANT = "plant", "Manufacturing execution (MES)"
    LABORATORY = "laboratory", "Laboratory (LIMS)"
    COURIER = "courier", "Courier"
    LOGGER = "logger", "Condition logger"
    SPREADSHEET = "spreadsheet", "Spreadsheet import"


class StageKind(TextChoices):
    """What sort of work a stage is."""

    ADMINISTRATIVE = "administrative", "Administrative"
    COLLECTION = "collection", "Collection"
    TRANSPORT = "transport", "Transport"
    MANUFACTURING = "manufacturing", "Manufacturing"
    QUALITY_CONTROL = "quality_control", "Quality control"
    RELEASE = "release", "Release"
    CUSTODY = "custody", "Custody"
    INFUSION = "infusion", "Infusion"


class StagePlace(TextChoices):
    """Which of an order's sites performs a stage."""

    ORDERING_SITE = "ordering_site", "Ordering site"
    COLLECTION_SITE = "collection_site", "Collection site"
    PLANT = "plant", "Plant"
    INFUSION_SITE = "infusion_site", "Infusion site"


class Direction(TextChoices):
    """Which way a shipment goes."""

    INBOUND = "inbound", "To the plant"
    OUTBOUND = "outbound", "To the infusion site"


class Priority(TextChoices):
    """How urgent an order is."""

    ROUTINE = "routine", "Routine"
    URGENT = "urgent", "Urgent"


class OrderStatus(TextChoices):
    """Where an order stands as a whole."""

    ORDERED = "ordered", "Ordered"
    CONFIRMED = "confirmed", "Confirmed"
    IN_PROGRESS = "in_progress", "In progress"
    ON_HOLD = "on_hold", "On hold"
    INFUSED = "infused", "Infused"
    CANCELLED = "cancelled", "Cancelled"
    CLOSED = "closed", "Closed"


# The patient still waits for the dose.
OPEN_ORDER_STATUSES = (OrderStatus.ORDERED, OrderStatus.CONFIRMED, OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD)


class StageStatus(TextChoices):
    """Where one stage of one attempt stands."""

    PENDING = "pending", "Not yet possible"
    READY = "ready", "Waiting to start"
    RUNNING = "running", "Running"
    HELD = "held", "On hold"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"


ACTIVE_STAGE_STATUSES = (StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD)
DONE_STAGE_STATUSES = (StageStatus.COMPLETED, StageStatus.SKIPPED)


class StageEventKind(TextChoices):
    """What can be said of a stage."""

    SCHEDULED = "scheduled", "Scheduled"
    STARTED = "started", "Started"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    HELD = "held", "Held"
    RESUMED = "resumed", "Resumed"
    SKIPPED = "skipped", "Skipped"
    NOTE = "note", "Note"


class OrderEventKind(TextChoices):
    """What can be said of a whole order (a report without a stage)."""

    ORDERED = "ordered", "Ordered"
    CONFIRMED = "confirmed", "Confirmed"
    PROMISED = "promised", "Promised"
    HELD = "held", "Held"
    RESUMED = "resumed", "Resumed"
    CANCELLED = "cancelled", "Cancelled"
    CLOSED = "closed", "Closed"


EVENT_KINDS = {kind.value: kind.label for kind in (*StageEventKind, *OrderEventKind)}


class IdentifierKind(TextChoices):
    """What an identifier of an order names."""

    COI = "coi", "Chain of identity"
    HOSPITAL_ORDER = "hospital_order", "Hospital order number"
    DONATION = "donation", "Donation identification number"
    BATCH = "batch", "Batch number"
    TRACKING = "tracking", "Tracking number"


# One of these on two orders means that two patients' cells may have been swapped.
UNSHARED_IDENTIFIER_KINDS = (IdentifierKind.COI, IdentifierKind.DONATION, IdentifierKind.BATCH)


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


class ReportOutcome(TextChoices):
    """What became of one reported event."""

    CREATED = "created", "Created"
    DUPLICATE = "duplicate", "Already known"
    CONFLICT = "conflict", "Same id, other content"
    REJECTED = "rejected", "Rejected"


class Theme(TextChoices):
    """How pages look; empty where nobody chose: as the system says."""

    SYSTEM = "system", "As the device says"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"
