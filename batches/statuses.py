"""Every closed list of manufacturing and judgement."""

from django.db.models import IntegerChoices, TextChoices


class BatchStatus(TextChoices):
    """Where one manufacturing attempt stands."""

    PLANNED = "planned", "Planned"
    IN_PROCESS = "in_process", "In process"
    TESTING = "testing", "In testing"
    RELEASED = "released", "Released"
    FAILED = "failed", "Failed"


class FlagCode(TextChoices):
    """Which rule raised a flag."""

    HOLD_EXPIRING = "hold_expiring", "Permitted wait running out"
    STAGE_LATE = "stage_late", "Stage takes too long"
    PROMISE_AT_RISK = "promise_at_risk", "Promised date at risk"
    DOSE_AT_RISK = "dose_at_risk", "Dose at risk"
    SILENT = "silent", "Expected news did not come"
    OUT_OF_SEQUENCE = "out_of_sequence", "Facts that do not fit"
    STAGE_FAILED = "stage_failed", "Stage failed"
    ON_HOLD = "on_hold", "On hold"
    IDENTITY_SHARED = "identity_shared", "One identifier on two orders"
    EVALUATION_FAILED = "evaluation_failed", "Could not be judged"


class Severity(TextChoices):
    """How bad it is."""

    ATTENTION = "attention", "Attention"
    CRITICAL = "critical", "Critical"


class FlagChangeKind(TextChoices):
    """What happened to a flag."""

    RAISED = "raised", "Raised"
    RAISED_AGAIN = "raised_again", "Raised again"
    SEVERITY_CHANGED = "severity_changed", "Severity changed"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    TAKEN_ON = "taken_on", "Taken on"
    CLEARED = "cleared", "Cleared"


class PoolCondition(TextChoices):
    """How a pool keeps up with what arrives (names as in public stream processors)."""

    CLEAR = "clear", "Clear"
    CATCHING_UP = "catching_up", "Catching up"
    STEADY_BACKLOG = "steady_backlog", "Steady backlog"
    FALLING_BEHIND = "falling_behind", "Falling behind"
    STUCK = "stuck", "Stuck"


class NotificationKind(TextChoices):
    """Why a person was told of a flag."""

    RAISED = "raised", "Raised"
    BECAME_CRITICAL = "became_critical", "Became critical"
    ESCALATED = "escalated", "Escalated to you"
    EASED = "eased", "No longer critical"
    CLEARED = "cleared", "Cleared"


class DigestEvery(IntegerChoices):
    """How often what is not urgent is mailed, in minutes."""

    QUARTER = 15, "Every quarter of an hour"
    HOUR = 60, "Every hour"
    FOUR_HOURS = 240, "Every four hours"
    DAY = 1440, "Once a day, at 07:00"


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
