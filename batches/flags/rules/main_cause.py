"""What it hangs on that a promise is at risk, as the futures of the line have it. Pure."""

from datetime import datetime

from batches.flags.rules.steps import Progress, held_words, late_booking, progress_of
from batches.forecasts.rules.words import closed_words
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.sentences import day_mark
from supplychain.words import with_verb

# A stage that makes up less of what a dose comes too late is not its main cause.
MAIN_SHARE = 0.5
NO_MAIN_CAUSE = "no single stage makes up most of it"
NO_SINGLE_STAGE = "Operations: nothing done about one stage alone brings the date back"


def main_cause(facts: OrderFacts, said: StandingPrediction, now: datetime) -> str:
    """What takes the time, for people: a closed pool, waiting for a place, or the work of a stage; empty without."""
    if closed := closed_pool_words(facts, said):
        return f"main cause: {closed}"
    if booking := late_booking(facts, now):
        return booking.words
    if held := held_words(facts):
        return f"main cause: {held}"
    stage = main_stage(facts, said)
    if not stage:
        return NO_MAIN_CAUSE if contributing_name(facts, said) else ""
    name = facts.flow.stages[stage].name
    if is_waiting(said):
        return f"main cause: waiting for {name}"
    takes = "takes" if progress_of(facts, stage, now) in (Progress.OVER, Progress.AGREED) else "is likely to take"
    return f"main cause: {with_verb(name, f'{takes} longer than planned')}"


def main_stage(facts: OrderFacts, said: StandingPrediction) -> str:
    """Code of the stage that exceeds its plan by most, where that is at least half of what the dose comes too late, and
    it takes at least as long: otherwise nothing done about it would bring the date back. Empty: there is none."""
    one = said.evidence.get("contributes") or {}
    if not contributing_name(facts, said):
        return ""
    if said.ready_median is None or said.promised_at is None:
        return one["stage"]
    too_late = hours_between(said.promised_at, said.ready_median)
    takes = one.get("wait_hours", 0) + one.get("work_hours", 0)
    is_main = one["excess_hours"] >= too_late * MAIN_SHARE and (takes or too_late) >= too_late
    return one["stage"] if is_main else ""


def closed_pool_words(facts: OrderFacts, said: StandingPrediction | None, stage: str = "") -> str:
    """That the order (at `stage`, where given) waits for a pool without an open place; empty where it does not."""
    closed = said.evidence.get("closed") if said else None
    if not closed or stage not in ("", closed["stage"]):
        return ""
    return closed_words(closed, stage_names(facts), day_mark)


def is_waiting(said: StandingPrediction) -> bool:
    """Whether most of what a stage takes beyond its plan is waiting."""
    one = said.evidence.get("contributes") or {}
    return one.get("wait_hours", 0) >= one.get("excess_hours", 0) / 2


def contributing_name(facts: OrderFacts, said: StandingPrediction) -> str:
    """Name of the stage that exceeds its plan by most, if it does."""
    one = said.evidence.get("contributes") or {}
    plan = facts.flow.stages.get(one.get("stage", ""))
    return plan.name if plan and one.get("excess_hours", 0) > 0 else ""


def stage_names(facts: OrderFacts) -> dict[str, str]:
    """Names of the stages by code."""
    return {code: stage.name for code, stage in facts.flow.stages.items()}
