"""What a scenario starts from, and where its simulations stand."""

from django.db.models import TextChoices

# The program's own scenarios of a line, by name.
OUTLOOK = "Next four weeks"
REPLAY = "Last eight weeks"


class ScenarioBase(TextChoices):
    """What a scenario starts from."""

    CLEAN = "clean", "A line running steadily at its own rate"
    LIVE = "live", "The line as it stands now"


class RunKind(TextChoices):
    """What a run is to find out."""

    COMPARE = "compare", "What the changes come to"
    SEARCH = "search", "The cheapest plan for a target"
    REPLAY = "replay", "Whether the model repeats the last weeks"


class RunStatus(TextChoices):
    """Where a simulation stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"
