"""What an identity check finds, and where it is made."""

from django.db.models import TextChoices


class CheckOutcome(TextChoices):
    """What a code says beside the order in hand."""

    MATCH = "match", "Match"
    UNFIT = "unfit", "Right order, not to be used"
    MISMATCH = "mismatch", "Mismatch"
    UNKNOWN = "unknown", "Unknown"
    FOUND = "found", "Order found"  # no order was in hand to compare it with


class CheckPlace(TextChoices):
    """Where in the system a check was made."""

    ORDER = "order", "Order page"
    HAND_OVER = "hand_over", "Report of a step"
    WORKLIST = "worklist", "Record page"
    REST = "rest", "REST"
