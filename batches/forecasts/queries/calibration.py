"""What the forecast takes from its own past errors."""

from collections.abc import Iterable
from uuid import UUID

from batches.forecasts.models import CalibrationState


def widening_hours(line_ids: Iterable[UUID]) -> dict[UUID, float]:
    """Hours (never negative) by which P10–P90 of these lines is to be widened each way; 0 where too little is scored.

    One query; every asked line has an entry.
    """
    lines = list(line_ids)
    known = CalibrationState.objects.filter(line__in=lines).values_list("line_id", "widening_hours")
    return dict.fromkeys(lines, 0.0) | dict(known)
