"""Where a batch stands."""

from django.db.models import TextChoices


class BatchStatus(TextChoices):
    """Where one manufacturing attempt stands."""

    PLANNED = "planned", "Planned"
    IN_PROCESS = "in_process", "In process"
    TESTING = "testing", "In testing"
    RELEASED = "released", "Released"
    FAILED = "failed", "Failed"
