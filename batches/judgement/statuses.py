"""Which rule raised a flag, and how bad it is."""

from django.db.models import TextChoices


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
    NOT_ENTITLED = "not_entitled", "Reported by a system without the right"
    EVALUATION_FAILED = "evaluation_failed", "Could not be judged"


class Severity(TextChoices):
    """How bad it is."""

    ATTENTION = "attention", "Attention"
    CRITICAL = "critical", "Critical"
