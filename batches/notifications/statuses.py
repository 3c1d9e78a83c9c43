"""Why people are told of a flag, and how often."""

from django.db.models import IntegerChoices, TextChoices


class NotificationKind(TextChoices):
    """Why a person was told of a flag."""

    RAISED = "raised", "Raised"
    BECAME_CRITICAL = "became_critical", "Became critical"
    ESCALATED = "escalated", "Escalated to you"
    ASSIGNED = "assigned", "Assigned to you"
    EASED = "eased", "No longer critical"
    SETTLED = "settled", "Settled by quality assurance"
    CLEARED = "cleared", "Cleared"


class DigestEvery(IntegerChoices):
    """How often what is not urgent is mailed, in minutes."""

    QUARTER = 15, "Every quarter of an hour"
    HOUR = 60, "Every hour"
    FOUR_HOURS = 240, "Every four hours"
    DAY = 1440, "Once a day, at 07:00"
