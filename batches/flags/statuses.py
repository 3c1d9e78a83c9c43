"""What happens to a flag."""

from django.db.models import TextChoices


class FlagChangeKind(TextChoices):
    """What happened to a flag."""

    RAISED = "raised", "Raised"
    RAISED_AGAIN = "raised_again", "Raised again"
    SEVERITY_CHANGED = "severity_changed", "Severity changed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    TAKEN_ON = "taken_on", "Taken on"
    CLEARED = "cleared", "Cleared"
