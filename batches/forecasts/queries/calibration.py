"""What the forecast takes from its own past errors."""

from uuid import UUID

from batches.forecasts.models import CalibrationState
from batches.forecasts.rules.corrections import UNCORRECTED, Corrections, Recalibration, Widening


def corrections_of(line_id: UUID) -> Corrections:
    """What past errors of the line change in what is said; nothing where too little is scored. One query."""
    columns = ("widening_low_hours", "widening_high_hours", "late_intercept", "late_slope")
    known = CalibrationState.objects.filter(line=line_id).values_list(*columns).first()
    return Corrections(Widening(*known[:2]), Recalibration(*known[2:])) if known else UNCORRECTED
