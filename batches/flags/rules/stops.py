"""Which flags keep people from carrying an order on."""

from collections.abc import Mapping
from typing import Any

from batches.flags.rules.record import DECIDES_DOSE, REASON_CONTRADICTS
from batches.flags.statuses import IS_OVER
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import Doubt, StageEventKind

DOUBTS: Mapping[str, Doubt] = {
    FlagCode.IDENTITY_SHARED: Doubt.IDENTITY,
    FlagCode.DONATION_NUMBER: Doubt.IDENTITY,
    FlagCode.STAGE_FAILED: Doubt.FAILURE,
    FlagCode.OUT_OF_SEQUENCE: Doubt.RECORD,
    FlagCode.HOLD_EXPIRING: Doubt.CELLS,
}


def doubt_of(code: str, severity: str, evidence: Mapping[str, Any]) -> str:
    """What a flag puts in doubt (Doubt); empty for a flag that is only shown.

    Of a permitted wait only one that is over. Of facts that do not fit only those on which it hangs whether the dose
    may be used: they contradict each other, it is out without a release on record, or its release or infusion is said
    to be wrong; and that a failure is, for it is a second person who says whether it is.
    """
    doubt = DOUBTS.get(code)
    if doubt is None or severity != Severity.CRITICAL:
        return ""
    if doubt == Doubt.CELLS:
        return doubt.value if IS_OVER in evidence else ""
    facts = evidence.get("facts", ())
    is_grave = "dose" in evidence or any(
        fact.get("reason") == REASON_CONTRADICTS or fact.get("decided") in DECIDES_DOSE for fact in facts
    )
    if doubt != Doubt.RECORD or is_grave:
        return doubt.value
    is_failure = any(fact.get("decided") == StageEventKind.FAILED for fact in facts)
    return Doubt.REPORT.value if is_failure else ""
