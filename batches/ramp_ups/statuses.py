"""What a scenario starts from, and where its simulations stand."""

from django.db.models import TextChoices


class ScenarioBase(TextChoices):
    """What a scenario starts from."""

    CLEAN = "clean", "A line running steadily at its own rate"
    LIVE = "live", "The line as it stands now"


class RunKind(TextChoices):
    """What a run is to find out."""

    COMPARE = "compare", "What the changes come to"
    SEARCH = "search", "The cheapest plan for a target"


class RunStatus(TextChoices):
    """Where a simulation stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"
