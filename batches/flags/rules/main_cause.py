"""What it hangs on that a promise is at risk, as the futures of the line have it. Pure."""

from datetime import datetime, timedelta

from batches.flags.rules.steps import Progress, held_time, late_booking, progress_of
from batches.forecasts.rules.contributions import MAIN_SHARE, NO_MAIN_CAUSE, is_main_cause
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.wait_limits import places_before
from batches.forecasts.rules.words import closed_words
from batches.judgement.rules.awaited import awaited, cells_limit
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Place, hours, hours_between
from batches.judgement.rules.predictions import StandingPrediction
from supplychain.orders.statuses import DONE_STAGE_STATUSES
from supplychain.sentences import day_mark
from supplychain.words import span_words, with_verb

NO_SINGLE_STAGE = "Operations: nothing done about one stage alone brings the date back"


def main_cause(facts: OrderFacts, said: StandingPrediction, now: datetime) -> str:
    """What takes the time, for people: a closed pool, what was lost on hold, waiting for a place, or the work of a
    stage; empty without."""
    if closed := closed_pool_words(facts, said):
        return f"main cause: {closed}"
    if booking := late_booking(facts, now):
        return booking.words
    stage, held = main_stage(facts, said), held_time(facts)
    lost = with_verb(held.name, f"has been on hold for {span_words(now - held.held_at)}") if held else ""
    is_of_stage = held and stage and stage == held.stage
    if held and (is_of_stage or now - held.held_at >= timedelta(hours=_most_of(facts, said))):
        return f"main cause: {lost}"
    is_done = held and stage and facts.stages[stage].run.status in DONE_STAGE_STATUSES
    cause = "" if is_done else _stage_cause(facts, said, stage, now)
    return "; ".join(filter(None, (cause, f"{lost} so far" if lost else "")))


def _most_of(facts: OrderFacts, said: StandingPrediction) -> float:
    """From how many hours on what was lost on hold is most of what a dose comes too late, were the hold lifted now: the
    futures count it as lifted, so it is no cause of what lies ahead."""
    excess = (said.evidence.get("contributes") or {}).get("excess_hours", 0.0) if contributing_name(facts, said) else 0
    known = said.ready_median is not None and said.promised_at is not None
    too_late = hours_between(said.promised_at, said.ready_median) if known else 0.0
    return max(too_late * MAIN_SHARE, excess)


def _stage_cause(facts: OrderFacts, said: StandingPrediction, stage: str, now: datetime) -> str:
    if not stage:
        return NO_MAIN_CAUSE if contributing_name(facts, said) else ""
    name = facts.flow.stages[stage].name
    if is_waiting(said):
        return f"main cause: waiting for {name}"
    takes = "takes" if progress_of(facts, stage, now) in (Progress.OVER, Progress.AGREED) else "is likely to take"
    return f"main cause: {with_verb(name, f'{takes} longer than planned')}"


def main_stage(facts: OrderFacts, said: StandingPrediction) -> str:
    """Code of the stage that exceeds its plan by most, where it is the main cause; empty: there is none."""
    one = said.evidence.get("contributes") or {}
    if not contributing_name(facts, said):
        return ""
    return one["stage"] if is_main_cause(one, said.ready_median, said.promised_at) else ""


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


def changed_until(
    facts: OrderFacts, said: StandingPrediction, now: datetime, *, is_wait: bool
) -> tuple[datetime | None, frozenset[Place]]:
    """The latest moment at which something can still be changed, as foreseen: the end of the wait that has not begun,
    or the start of what takes the time (at work: its end), but no later than a limit of the cells that runs; None: not
    known. With the places whose waits are in it."""
    outlook, running = forecast(facts, now), cells_limit(awaited(facts, now))
    names = ("wait_expires",) if is_wait else ("closed", "contributes")
    stage = next((one["stage"] for name in names if (one := said.evidence.get(name))), "")
    leg = (outlook.legs.get(stage) or outlook.legs.get(outlook.exit)) if outlook else None
    if leg is None:
        return running, frozenset()
    places = places_before(outlook, leg.stage.plan.code, with_own=not is_wait)
    if is_wait:
        foreseen = leg.arrives.at(now) + hours(leg.stage.plan.longest_wait_hours or 0)
    else:
        foreseen = (leg.ends if leg.stage.run.started_at else leg.starts).at(now)
    return min(foreseen, running or foreseen), places
