"""What became of readings that were delivered."""

from django.db.models import TextChoices


class DeliveryStatus(TextChoices):
    """Where a delivery of readings stands."""

    READING = "reading", "Being read"
    ASKS = "asks", "Waits for an answer"
    TAKEN = "taken", "Readings taken"
    REFUSED = "refused", "Cannot be read"


class ReadingOutcome(TextChoices):
    """What became of one reading."""

    CREATED = "created", "Created"
    DUPLICATE = "duplicate", "Already known"
    CONFLICT = "conflict", "Another temperature at the same moment; both are kept, and the worse one counts"
    REJECTED = "rejected", "Rejected"
