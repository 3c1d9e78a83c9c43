"""Flags about cells that were too warm or too cold on their way: they stand until quality assurance has decided.

“Use as is” clears the flag. “Reject” keeps it, and whatever would use the cells, until what follows is reported: a new
attempt, that work failed, or the order cancelled. More readings after a decision make another excursion of it, on which
is decided anew.
"""

from datetime import datetime

from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found
from batches.judgement.statuses import FlagCode, Severity
from supplychain.conditions.rules.excursions import LOGGERS_DISAGREE, ExcursionFacts
from supplychain.flows.statuses import StageKind
from supplychain.orders.statuses import DONE_STAGE_STATUSES, ExcursionDecision, OrderStatus, StageStatus
from supplychain.sentences import moment_mark

DECIDE = "QA: decide on the order’s page, under “Condition”: use as is, reject, or ask for more data"

# The subject of the flag about loggers that do not agree with one another.
DISAGREE = "loggers disagree"


def cells_in_doubt(facts: OrderFacts, now: datetime) -> Found:
    """Excursions of the cells that count now, on which nobody has decided that they are used."""
    found = [_finding(facts, one) for one in facts.excursions if not one.may_be_used and not _is_past(facts, one)]
    return Found(found, None) if found else NOTHING


def given_after_excursion(facts: OrderFacts, now: datetime) -> Found:
    """Of a closed order: an excursion counts if its dose was given."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    if facts.status != OrderStatus.CLOSED or not was_given:
        return NOTHING
    return cells_in_doubt(facts, now)


def _is_past(facts: OrderFacts, one: ExcursionFacts) -> bool:
    """Whether these cells are used no more: a new attempt has taken their place, or they were rejected and what came of
    that is on record as a failure."""
    stage = facts.stages.get(one.stage)
    if stage is None or one.attempt < stage.run.attempt:
        return True
    behind = facts.flow.followers[one.stage]
    failed = any(facts.stages[code].run.status == StageStatus.FAILED for code in behind)
    return one.is_rejected and (failed or facts.attempt > one.attempt)


def _finding(facts: OrderFacts, one: ExcursionFacts) -> Finding:
    name = facts.stages[one.stage].plan.name
    when = f"{moment_mark(one.started_at)} to {moment_mark(one.ended_at)}"
    said = f"{one.disagreement}, {when}" if one.is_disagreement else f"logger {one.logger}, {when}"
    decided = one.decision.decision.value if one.decision and one.decision.is_current else ""
    evidence = {
        "excursion": str(one.id),
        "logger": one.logger,
        "worst": one.worst,
        "broken": [part["words"] for part in one.broken],
        "started_at": one.started_at.isoformat(),
        "ended_at": one.ended_at.isoformat(),
        "attempt": one.attempt,
        "decision": decided,
    }
    return Finding(
        FlagCode.EXCURSION, one.stage, _severity(one), one.started_at, None,
        f"{name}, {said}: {one.words}.", _next_step(facts, one), evidence,
        gist=f"{one.digest} {decided}".strip(), subject=_subject(one),
    )  # fmt: skip


def _severity(one: ExcursionFacts) -> Severity:
    """Loggers that disagree break no limit by that: whichever does has a flag of its own. Unless they are rejected."""
    return Severity.ATTENTION if one.is_disagreement and not one.is_rejected else Severity.CRITICAL


def _subject(one: ExcursionFacts) -> str:
    apart = DISAGREE if one.disagreement == LOGGERS_DISAGREE else one.disagreement
    name = one.logger or apart
    return name if one.attempt == 1 else f"{name}, attempt {one.attempt}"


def _next_step(facts: OrderFacts, one: ExcursionFacts) -> str:
    said = one.decision
    if said is None:
        return f"{DECIDE}."
    when = f"{said.by}, {moment_mark(said.decided_at)}"
    if not said.is_current:
        return f"{DECIDE}. Readings that came after the decision ({when}) have changed the excursion."
    if said.decision == ExcursionDecision.MORE_DATA:
        return f"{DECIDE}. More data were asked for ({when}): {said.reason}"
    return (
        f"Operations: agree with the treating physician, then {_way_out(facts, one)}, or cancel the order. Use nothing "
        f"of the cells and put them aside: QA rejected them ({when}): {said.reason}"
    )


def _way_out(facts: OrderFacts, one: ExcursionFacts) -> str:
    """How the order goes on without the rejected cells, as far as its flow allows: collected, or made of what is
    stored, anew."""
    flow, begins = facts.flow, []
    if one.stage in flow.followers[flow.restart_stage]:
        begins.append(f"at {flow.stages[flow.restart_stage].name} if cells are left")
    collections = [plan for plan in flow.stages.values() if plan.kind == StageKind.COLLECTION]
    begins += [f"with a new collection ({plan.name})" for plan in collections if one.stage in flow.followers[plan.code]]
    return f"begin a new attempt {', or '.join(begins)}" if begins else "put the order on hold until it is agreed"
