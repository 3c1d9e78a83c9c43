"""Which flags keep people from carrying an order on."""

from collections.abc import Mapping
from typing import Any

from batches.flags.rules.record import REASON_CONTRADICTS
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import Doubt

DOUBTS: Mapping[str, Doubt] = {
    FlagCode.IDENTITY_SHARED: Doubt.IDENTITY,
    FlagCode.DONATION_NUMBER: Doubt.IDENTITY,
    FlagCode.STAGE_FAILED: Doubt.FAILURE,
    FlagCode.OUT_OF_SEQUENCE: Doubt.RECORD,
}


def doubt_of(code: str, severity: str, evidence: Mapping[str, Any]) -> str:
    """What a flag puts in doubt (Doubt); empty for a flag that is only shown.

    Of facts that do not fit only those that contradict each other: whether the dose may be used hangs on which is true.
    """
    doubt = DOUBTS.get(code)
    if doubt is None or severity != Severity.CRITICAL:
        return ""
    facts = evidence.get("facts", ())
    if doubt == Doubt.RECORD and not any(fact.get("reason") == REASON_CONTRADICTS for fact in facts):
        return ""
    return doubt.value
