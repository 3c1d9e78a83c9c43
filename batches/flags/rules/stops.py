"""Which flags keep people from carrying an order on."""

from collections.abc import Mapping
from typing import Any

from batches.flags.rules.record import DECIDES_DOSE, REASON_CONTRADICTS, is_of_cells
from batches.flags.statuses import IS_OVER
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import Doubt, ExcursionDecision, StageEventKind

DOUBTS: Mapping[str, Doubt] = {
    FlagCode.IDENTITY_SHARED: Doubt.IDENTITY,
    FlagCode.DONATION_NUMBER: Doubt.IDENTITY,
    FlagCode.COLLECTION_RECORD: Doubt.CELLS,
    FlagCode.PACKAGING: Doubt.CELLS,
    FlagCode.CUSTODY_GAP: Doubt.IDENTITY,
    FlagCode.IDENTITY_MISMATCH: Doubt.IDENTITY,
    FlagCode.STAGE_FAILED: Doubt.FAILURE,
    FlagCode.OUT_OF_SEQUENCE: Doubt.RECORD,
    FlagCode.HOLD_EXPIRING: Doubt.CELLS,
    FlagCode.EXCURSION: Doubt.CELLS,
    FlagCode.DOSE_REJECTED: Doubt.CELLS,
    FlagCode.LABEL_UNRECONCILED: Doubt.LABELS,
}

# What quality assurance settles although it is not critical.
CALM_DOUBTS: Mapping[str, Doubt] = {
    FlagCode.COLLECTION_RECORD: Doubt.CHECKLIST,
    FlagCode.PACKAGING: Doubt.CHECKLIST,
}


def doubt_of(code: str, severity: str, evidence: Mapping[str, Any]) -> str:
    """What a flag puts in doubt (Doubt); empty for a flag that is only shown.

    Of a permitted wait only one that is over. Of facts that do not fit only those on which it hangs whether the dose
    may be used: they contradict each other, it is out without a release on record, or it is said to be wrong that these
    cells were taken or bear this number, or what was said of its release or infusion; and that a failure is, for it is
    a second person who says whether it is. Of any other report that is said to be wrong the doubt keeps nobody back,
    and is settled all the same.
    """
    is_critical = severity == Severity.CRITICAL
    doubt = DOUBTS.get(code) if is_critical else CALM_DOUBTS.get(code, DOUBTS.get(code))
    if doubt == Doubt.CHECKLIST:
        return doubt.value
    if doubt == Doubt.RECORD:
        return _doubt_of_record(evidence, is_critical=is_critical)
    if code == FlagCode.EXCURSION and evidence.get("decision") == ExcursionDecision.REJECT:
        return Doubt.REJECTED.value
    if doubt is None or not is_critical or (code == FlagCode.HOLD_EXPIRING and IS_OVER not in evidence):
        return ""
    return doubt.value


def _doubt_of_record(evidence: Mapping[str, Any], *, is_critical: bool) -> str:
    facts = evidence.get("facts", ())
    decided = {fact["decided"] for fact in facts if fact.get("decided")}
    is_contrary = any(fact.get("reason") == REASON_CONTRADICTS or is_of_cells(fact) for fact in facts)
    if is_critical and ("dose" in evidence or is_contrary or decided.intersection(DECIDES_DOSE)):
        return Doubt.RECORD.value
    if is_critical and StageEventKind.FAILED in decided:
        return Doubt.REPORT.value
    return Doubt.SAID_WRONG.value if decided else ""
