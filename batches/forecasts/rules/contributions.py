"""Whether the stage that exceeds its plan by most is why a dose comes late. Pure; flag and page say the same."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from batches.judgement.rules.findings import hours_between

# A stage that makes up less of what a dose comes too late is not its main cause.
MAIN_SHARE = 0.5
NO_MAIN_CAUSE = "no single stage makes up most of it"


def is_main_cause(one: Mapping[str, Any], ready_median: datetime | None, promised_at: datetime | None) -> bool:
    """Whether the stage (evidence["contributes"] of a prediction, in hours) exceeds its plan by at least half of what
    the dose comes too late, and takes at least as long: otherwise nothing done about it would bring the date back."""
    if ready_median is None or promised_at is None:
        return True
    too_late = hours_between(promised_at, ready_median)
    takes = one.get("wait_hours", 0) + one.get("work_hours", 0)
    return one["excess_hours"] >= too_late * MAIN_SHARE and (takes or too_late) >= too_late
