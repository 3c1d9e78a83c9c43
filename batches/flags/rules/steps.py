"""What to do next about a promise at risk, and what can be asked of the work that it hangs on. Pure."""

from datetime import datetime
from enum import StrEnum

from batches.flags.rules.causes import WayOut
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import hours_between
from batches.judgement.statuses import Severity
from supplychain.sentences import day_mark


class Progress(StrEnum):
    """How far work on a stage has come, and what can be asked about it."""

    AHEAD = "ask whether {} can be done faster"
    BEGUN = "ask when {} will end"
    OVER = "ask what holds up {} and when it ends"


def progress_of(facts: OrderFacts, code: str, now: datetime) -> Progress:
    """How far work on a stage has come against its plan."""
    stage = facts.stages.get(code)
    if stage is None or stage.run.started_at is None:
        return Progress.AHEAD
    is_over = hours_between(stage.run.started_at, now) > stage.plan.planned_hours
    return Progress.OVER if is_over else Progress.BEGUN


def agree_words(way: WayOut) -> str:
    """What is to be agreed on with the centre of a promise at risk."""
    if way.likely != Severity.CRITICAL:
        return "tell the treatment centre if the date cannot be kept"
    agree = "agree a new date with the treatment centre"
    if way.severity == Severity.CRITICAL or way.latest is None:
        return f"{agree} now"
    return f"{agree} by {day_mark(way.latest)}"


def what_to_do(who: str, name: str, way: WayOut, *, waits: bool, progress: Progress) -> str:
    """The next step for a promise at risk because of a stage (empty name: of none): `waits`: what it takes is mostly
    waiting; `progress`: how far work on it has come."""
    agree = agree_words(way)
    if not name:
        return f"Operations: the promise leaves less time than the plan; {agree}."
    deed = f"find an earlier place for {name}" if waits else progress.format(name)
    if who == "Operations" or way.likely != Severity.CRITICAL:
        return f"{who}: {deed}; {agree}."
    return f"{who}: {deed}; Operations: {agree}."
