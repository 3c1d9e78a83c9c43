"""Flags about the record itself: facts that do not fit, identifiers that lead to two orders."""

from datetime import datetime
from typing import Any

from batches.rules.facts import OrderFacts, SharedIdentifier
from batches.rules.findings import NOTHING, Finding, Found, next_of
from batches.statuses import FlagCode, Severity
from supplychain.statuses import IdentifierKind

# Two facts that cannot both be true (completed after failed, failed after completed): one of them is wrong, and
# whether the dose may be used hangs on which.
CRITICAL_REASONS = frozenset({"contradicts"})
# While the said moment lies ahead, every deadline counted from it comes too late: a silent alarm.
REASON_IN_FUTURE = "in_future"
# Surprises shown in a flag's evidence; the order keeps them all.
MOST_SHOWN = 5


def out_of_sequence(facts: OrderFacts, now: datetime) -> Found:
    """Facts that do not fit the ones before them, one finding a stage; those of a superseded attempt are past."""
    if not facts.surprises:
        return NOTHING
    by_stage: dict[str, list[dict[str, Any]]] = {}
    for surprise in facts.surprises:
        if not _is_superseded(facts, surprise):
            by_stage.setdefault(surprise["stage"], []).append(surprise)
    ahead = [_said_at(one) for ones in by_stage.values() for one in ones if one["reason"] == REASON_IN_FUTURE]
    findings = [_surprise_finding(stage, surprises, now) for stage, surprises in by_stage.items()]
    return Found(findings, next_of(now, ahead))


def _is_superseded(facts: OrderFacts, surprise: dict[str, Any]) -> bool:
    stage = facts.stages.get(surprise["stage"])
    return stage is not None and surprise["attempt"] < stage.run.attempt


def _said_at(surprise: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(surprise["at"])


def _is_critical(surprise: dict[str, Any], now: datetime) -> bool:
    if surprise["reason"] == REASON_IN_FUTURE:
        return now < _said_at(surprise)
    return surprise["reason"] in CRITICAL_REASONS


def _surprise_finding(stage: str, surprises: list[dict[str, Any]], now: datetime) -> Finding:
    worst_first = sorted(surprises, key=lambda one: not _is_critical(one, now))
    critical, more = _is_critical(worst_first[0], now), len(surprises) - 1
    why = worst_first[0]["text"] + (f", and {more} more such fact{'s' if more > 1 else ''}." if more else ".")
    return Finding(
        FlagCode.OUT_OF_SEQUENCE,
        stage,
        Severity.CRITICAL if critical else Severity.ATTENTION,
        None,
        None,
        why,
        "Operations: ask the sender what happened and have it reported; QA: judge whether it touches the product.",
        {"count": len(surprises), "facts": worst_first[:MOST_SHOWN]},
    )


def identity_shared(facts: OrderFacts, now: datetime) -> Found:
    """An identifier that belongs to one patient's cells alone also stands on another order: critical.

    Attention when it is a donation number and both orders are the same patient's: cells of one collection may serve
    a second order, yet somebody should know.
    """
    if not facts.shared:
        return NOTHING
    innocent = [one for one in facts.shared if one.same_patient and one.kind == IdentifierKind.DONATION]
    grave = [one for one in facts.shared if one not in innocent]
    first = min(grave or innocent, key=lambda one: (one.since, one.value, one.other_coi))
    finding = Finding(
        FlagCode.IDENTITY_SHARED,
        "",
        Severity.CRITICAL if grave else Severity.ATTENTION,
        min(one.since for one in grave or innocent),
        None,
        _shared_why(first, len(facts.shared) - 1),
        "QA: stop both orders, check the labels of both, and correct the wrong record."
        if grave
        else "QA: confirm that one collection serves both orders of this patient.",
        {"shared": [_shared_evidence(one) for one in facts.shared]},
    )
    return Found([finding], None)


def _shared_why(shared: SharedIdentifier, more: int) -> str:
    kind = IdentifierKind(shared.kind).label
    tail = f"; {more} more such." if more else "."
    whose = "this patient's other order" if shared.same_patient else "order"
    return f"{kind} {shared.value} also stands on {whose} {shared.other_coi}{tail}"


def _shared_evidence(shared: SharedIdentifier) -> dict[str, str]:
    return {
        "kind": shared.kind,
        "value": shared.value,
        "other_order": str(shared.other_id),
        "other_coi": shared.other_coi,
        "since": shared.since.isoformat(),
    }
