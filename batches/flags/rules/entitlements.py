"""Flags about who speaks: reports by systems that have not the right to them (21 CFR 11.10(g))."""

from collections.abc import Sequence
from datetime import datetime

from batches.judgement.rules.facts import OrderFacts, UnentitledReport
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.entitlements import is_decision
from supplychain.orders.rules.verbs import event_words
from supplychain.systems.statuses import SourceKind

MOST_SHOWN = 5


def not_entitled(facts: OrderFacts, now: datetime) -> Found:
    """What a system said without the right to, and nobody with the right has said since: critical, one flag a stage
    and sender, which it names."""
    return _found(facts, facts.unentitled) if facts.unentitled else NOTHING


def not_entitled_after_end(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order only what was said to happen after its end."""
    after = [one for one in facts.unentitled if facts.ended_at and one.occurred_at > facts.ended_at]
    return _found(facts, after) if after else NOTHING


def _found(facts: OrderFacts, reports: Sequence[UnentitledReport]) -> Found:
    groups: dict[tuple[str, str], list[UnentitledReport]] = {}
    for one in reports:
        groups.setdefault((one.stage, one.source), []).append(one)
    return Found([_finding(facts, stage, source, ones) for (stage, source), ones in groups.items()], None)


def _finding(facts: OrderFacts, stage: str, source: str, reports: list[UnentitledReport]) -> Finding:
    first, more = reports[0], len(reports) - 1
    also = f", and {more} more such report{'s' if more > 1 else ''}" if more else ""
    return Finding(
        FlagCode.NOT_ENTITLED,
        stage,
        Severity.CRITICAL,
        min(one.recorded_at for one in reports),
        None,
        f"{SourceKind(first.source_kind).label} “{source}” reported “{_what(facts, first)}”{also}, "
        f"which it has no right to report. {_effect(facts, reports)}",
        "QA: ask the sender what happened. If it is true, have those who do it report it; if the system is to report "
        "it, an administrator gives it the right.",
        {"source": source, "count": len(reports), "reports": [_evidence(one) for one in reports[:MOST_SHOWN]]},
        gist=gist_of("reports", (str(one.event_id) for one in reports)),
        subject=source,
    )


def _effect(facts: OrderFacts, reports: Sequence[UnentitledReport]) -> str:
    """What follows from the reports, as the fold has it."""
    counting = [
        not is_decision(facts.flow.stages.get(one.stage), one.kind, opens_attempt=one.opens_attempt) for one in reports
    ]
    if any(counting) != all(counting):
        return "Some of them do not count."
    if len(reports) > 1:
        return "They count all the same." if all(counting) else "They do not count."
    return "It counts all the same." if all(counting) else "It does not count."


def _what(facts: OrderFacts, report: UnentitledReport) -> str:
    return event_words(facts.flow.stages.get(report.stage), report.kind)


def _evidence(report: UnentitledReport) -> dict[str, str]:
    return {
        "event": str(report.event_id),
        "kind": report.kind,
        "at": report.occurred_at.isoformat(),
        "lacked_scope": report.lacked_scope,
    }
