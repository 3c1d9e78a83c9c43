"""Flags about the chain of custody: at a hand-over nobody can vouch for who had the cells before it.

What is amiss is worked out once, with the chain itself (supplychain/custody/rules/holdings.py); of an order whose
hand-overs are known from its stages alone nothing is.
"""

from datetime import datetime

from batches.judgement.rules.facts import CustodyGap, OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found
from batches.judgement.statuses import FlagCode, Severity
from supplychain.custody.rules.transfers import LONGEST_GAP
from supplychain.custody.rules.witnesses import lacking_since
from supplychain.custody.rules.words import gap_words, harms_too, holder_words
from supplychain.custody.statuses import GapKind
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.interlocks import decides_dose
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderStatus, StageStatus

FIND_OUT = "QA: find out who had the cells and how they were kept, then settle this flag with what you found"
FETCH = (
    "Site coordinator: do not prepare the patient, find out where the dose is, and report every hand-over or withdraw "
    f"the wrong one; {FIND_OUT}"
)
MISSING = "Operations: ask who had the cells, and have the hand-over that is missing reported"
COMPARE = "Operations: ask both sides which is true, and withdraw the report that is wrong; QA may accept it in a note"
SECOND = (
    "Operations or Site coordinator: have the second person who checked confirm it on the order’s custody page within "
    "a day; later QA says in a note what is known"
)
OF_STEP = "Operations: ask both sides; report the step with the time of the hand-over, or withdraw the hand-over"
GRAVE_STEPS = {GapKind.LEFT_SITE: FETCH}
STEPS = {GapKind.UNREPORTED: MISSING, GapKind.STEP_SILENT: OF_STEP, GapKind.UNWITNESSED: SECOND}
# What somebody may still say within half an hour.
MAY_COME = (GapKind.STEP_SILENT, GapKind.UNWITNESSED)


def custody_gap(facts: OrderFacts, now: datetime) -> Found:
    """Each hand-over that does not fit the one before it. Critical where the cells may have been exchanged or harmed
    meanwhile: given by one who did not hold them, after their custody had ended, with a broken seal or damaged
    packaging, or unwatched for hours; else attention. Two reports of one hand-over may come half an hour apart: until
    then no step is missed, nor a second person."""
    counting = [gap for gap in facts.gaps if not _is_of_no_dose(facts, gap)]
    gaps = [gap for gap in counting if _missed_from(gap) <= now]
    waiting = [_missed_from(gap) for gap in counting if _missed_from(gap) > now]
    return Found([_finding(gap) for gap in gaps], min(waiting, default=None)) if counting else NOTHING


def _is_of_no_dose(facts: OrderFacts, gap: CustodyGap) -> bool:
    """Whether what left the infusion site is to be given to nobody: it failed, or is of an attempt before this one."""
    if gap.kind != GapKind.LEFT_SITE:
        return False
    runs = [stage.run for code, stage in facts.stages.items() if decides_dose(facts.flow, code)]
    if any(run.status == StageStatus.FAILED for run in runs):
        return True
    releases = [stage.run for stage in facts.stages.values() if stage.plan.kind == StageKind.RELEASE]
    return facts.attempt > 1 and not any(run.completed_at and run.completed_at <= gap.since for run in releases)


def _missed_from(gap: CustodyGap) -> datetime:
    return _since(gap) + LONGEST_GAP if gap.kind in MAY_COME else gap.since


def _since(gap: CustodyGap) -> datetime:
    """Since when it lacks; a second person since the step, which may be long after the cells came here."""
    moments = lacking_since(gap.said) if gap.kind == GapKind.UNWITNESSED else ()
    return min(map(datetime.fromisoformat, moments), default=gap.since)


def custody_gap_after_end(facts: OrderFacts, now: datetime) -> Found:
    """Of an ended order: what is grave counts if its dose was given, and cells that turn up after their end always."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    is_given = facts.status == OrderStatus.CLOSED and was_given
    grave = [gap for gap in facts.gaps if gap.is_grave and not _is_of_no_dose(facts, gap)]
    late = [gap for gap in grave if is_given or gap.kind == GapKind.AFTER_END]
    return Found([_finding(gap) for gap in late], None) if late else NOTHING


def _finding(gap: CustodyGap) -> Finding:
    return Finding(
        FlagCode.CUSTODY_GAP,
        "",
        Severity.CRITICAL if gap.is_grave else Severity.ATTENTION,
        _since(gap),
        None,
        gap_words(gap.kind, holder_words(gap.holder, gap.name, gap.place), gap.since, gap.said),
        f"{_step(gap)}.",
        {"gap": gap.kind} | dict(gap.said),
        gist=" ".join([gap.kind, *harms_too(gap.said)]),
        subject=str(gap.entry),
    )


def _step(gap: CustodyGap) -> str:
    return GRAVE_STEPS.get(GapKind(gap.kind), FIND_OUT) if gap.is_grave else STEPS.get(GapKind(gap.kind), COMPARE)
