"""What the forecast takes from its own past errors."""

from uuid import UUID

from batches.forecasts.models import CalibrationState
from batches.forecasts.rules.corrections import UNCHANGED, UNCORRECTED, Corrections, Recalibration, Widening


def corrections_of(line_id: UUID, model: str) -> Corrections:
    """What past errors of the line change in what is said; nothing where too little is scored. One query.

    P(late) is corrected only by errors of this `model`: another one errs otherwise. Intervals that had to be widened
    stay so until the new model is scored: too wide costs attention only.
    """
    columns = ("model", "widening_low_hours", "widening_high_hours", "late_intercept", "late_slope")
    known = CalibrationState.objects.filter(line=line_id).values_list(*columns).first()
    if known is None:
        return UNCORRECTED
    late = Recalibration(*known[3:]) if known[0] == model else UNCHANGED
    return Corrections(Widening(*known[1:3]), late)
