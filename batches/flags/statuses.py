"""What happens to a flag."""

from django.db.models import TextChoices


class FlagChangeKind(TextChoices):
    """What happened to a flag."""

    RAISED = "raised", "Raised"
    RAISED_AGAIN = "raised_again", "Raised again"
    SEVERITY_CHANGED = "severity_changed", "Severity changed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    COMMENTED = "commented", "Commented"
    TAKEN_ON = "taken_on", "Taken on"
    ASSIGNED = "assigned", "Assigned"
    GIVEN_BACK = "given_back", "Given back"
    CLEARED = "cleared", "Cleared"
