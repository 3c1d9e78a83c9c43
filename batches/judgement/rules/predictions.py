"""What the ledger of predictions says of an order, as the flag rules read it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from batches.judgement.statuses import DoseRisk, FlagCode, Severity

# A prediction that nobody has confirmed for longer no longer decides about flags.
FRESH = timedelta(hours=6)


class StandingPrediction(NamedTuple):
    """What the ledger says of an order. `confirmed_at`: when its line was last forecast with the same outcome.

    `is_used`: past forecasts of the line were not worse than the plain medians (rules/calibration/choice.py).
    `id` None: said before the order was placed, of the next one of its kind; it has no chance of being late.
    """

    id: UUID | None
    made_at: datetime
    confirmed_at: datetime
    is_used: bool
    promised_at: datetime | None
    ready_low: datetime | None
    ready_median: datetime | None
    ready_high: datetime | None
    p_late: float | None
    p_wait_expires: float
    p_no_dose: float
    evidence: Mapping[str, Any]

    def counts_at(self, now: datetime) -> bool:
        """Whether flags may rest on it."""
        return self.is_used and now < self.confirmed_at + FRESH

    def severity_of(self, code: FlagCode) -> Severity | None:
        """How bad it was found to be, thresholds and hysteresis applied when it was made."""
        name = (self.evidence.get("severities") or {}).get(code.value)
        return Severity(name) if name else None

    @property
    def dose_severities(self) -> dict[DoseRisk, Severity]:
        """How bad each reason was found to be for which the dose is at risk."""
        found = self.evidence.get("dose_severities") or {}
        return {DoseRisk(risk): Severity(name) for risk, name in found.items()}
