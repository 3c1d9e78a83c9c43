"""What to do next about a promise at risk, and what can be asked of the work that it hangs on. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from batches.flags.rules.causes import LINE_HELPS, WayOut
from batches.flags.rules.centre_words import WAITS_FOR_PLACE
from batches.judgement.rules.awaited import awaited, left_behind
from batches.judgement.rules.facts import OrderFacts, StageFacts
from batches.judgement.rules.findings import hours_between, who_acts
from batches.judgement.statuses import Remedy, Severity
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.rules.bookings import booked_end
from supplychain.orders.rules.promises import WANTED, DoseDate
from supplychain.orders.rules.standing import missed_booking
from supplychain.orders.statuses import DONE_STAGE_STATUSES, StageStatus
from supplychain.sentences import day_mark, moment_mark
from supplychain.words import listed_words, with_verb

# Whatever else is decided first, the centre is told: it has a bed and a patient to plan for.
DATE_PASSED = "tell the treatment centre that the date has passed, and agree a new one now"
UNDER_WAY = (StageStatus.RUNNING, StageStatus.HELD)


class Progress(StrEnum):
    """How far work on a stage has come, and what can be asked about it."""

    AHEAD = "ask whether {} can be done faster"
    BEGUN = "ask when {} will end"
    AGREED = "ask whether {} can end before the time agreed"
    OVER = "ask what holds up {} and when it ends"


class Booking(NamedTuple):
    """What is booked for a moment after the date of the dose: `deed` is `start` or `end`."""

    stage: StageFacts
    deed: str
    moment: datetime
    date: DoseDate

    @property
    def words(self) -> str:
        """Why the date is at risk, whatever the futures say."""
        name, when = self.stage.plan.name, moment_mark(self.moment)
        return with_verb(name, f"is booked to {self.deed} {when}, after the {self.date.date}")

    @property
    def ask(self) -> str:
        """What to do about it."""
        return f"ask whether {self.stage.plan.name} can {self.deed} earlier than booked"


def late_booking(facts: OrderFacts, now: datetime) -> Booking | None:
    """The first moment booked for what the dose awaits now that lies after the promise; None: there is none."""
    found = []
    for stage in awaited(facts, now):
        if stage.plan.may_end_after_release:
            continue
        is_running = stage.run.status == StageStatus.RUNNING
        moment = booked_end(stage.plan, stage.run) if is_running else stage.run.expected_start
        if moment and facts.promised_at and moment > facts.promised_at:
            found.append(Booking(stage, "end" if is_running else "start", moment, facts.dose_date))
    return min(found, key=lambda one: one.moment, default=None)


class HeldTime(NamedTuple):
    """What is on hold (`stage` empty: the whole order), and since when."""

    name: str
    stage: str
    held_at: datetime


def held_time(facts: OrderFacts) -> HeldTime | None:
    """The hold of the order, or of what it awaits; None: nothing is, or the date had passed before the hold began."""
    if facts.held_at and _delays(facts, facts.held_at):
        return HeldTime("the order", "", facts.held_at)
    held = (stage for stage in facts.active if stage.run.status == StageStatus.HELD)
    times = (HeldTime(stage.plan.name, stage.plan.code, stage.run.held_at or facts.last_word_at) for stage in held)
    return next((one for one in times if _delays(facts, one.held_at)), None)


def _delays(facts: OrderFacts, held_at: datetime) -> bool:
    return facts.promised_at is None or held_at < facts.promised_at


def progress_of(facts: OrderFacts, code: str, now: datetime) -> Progress:
    """How far work on a stage has come against its plan."""
    stage = facts.stages.get(code)
    # Work that failed is done again: of the next attempt nothing has begun.
    if stage is None or stage.run.started_at is None or stage.run.status not in UNDER_WAY:
        return Progress.AHEAD
    if stage.run.agreed and stage.run.agreed.until > now:
        return Progress.AGREED
    is_over = hours_between(stage.run.started_at, now) > stage.plan.planned_hours
    return Progress.OVER if is_over else Progress.BEGUN


def agree_words(way: WayOut, date: DoseDate) -> str:
    """What is to be agreed on with the centre of a promise at risk, and by when: the flag's latest moment to act. Who
    wished for a date that passed unconfirmed knows it, and waits to hear another one."""
    if way.latest is None and date == WANTED:
        return "confirm the order with a date that can be kept, or refuse it: the treatment centre has no answer yet"
    if way.latest is None:
        return DATE_PASSED
    if way.likely != Severity.CRITICAL:
        return f"tell the treatment centre by {day_mark(way.latest)} if the date cannot be kept"
    agree = "agree a new date with the treatment centre"
    if way.severity == Severity.CRITICAL:
        return f"{agree} now, before {day_mark(way.latest)}"
    return f"{agree} by {day_mark(way.latest)}"


def deed_for(facts: OrderFacts, stage: str, way: WayOut, *, waits: bool, now: datetime) -> str:
    """What to do about a stage because of which a promise is at risk (empty: of none, the plan is too long).

    `waits`: what it takes is mostly waiting. What is booked for after the promise comes first; of what only its line
    can help the flag says what the alarm of the line says.
    """
    if booking := late_booking(facts, now):
        return f"Operations: {booking.ask}"
    if not stage:
        return f"Operations: the {facts.dose_date.noun} leaves less time than the plan"
    plan = facts.flow.stages[stage]
    if waits and way.remedy == Remedy.LINE:
        return f"Operations: {WAITS_FOR_PLACE} ({plan.name}), for which {LINE_HELPS} would help"
    if waits:
        return f"{who_acts(plan)}: find an earlier place for {plan.name}"
    progress = progress_of(facts, stage, now)
    if progress == Progress.AHEAD and (collection := _collection_ahead(facts)):
        # Nobody can hurry work on cells that nobody has: an earlier collection is what gains time.
        plan, run = collection.plan, collection.run
        is_missed = missed_booking(run.status, run.expected_start, now)
        ask = f"when {plan.name} takes place" if is_missed else f"whether {plan.name} can be earlier"
        return f"Operations: ask the treatment centre {ask}"
    return f"{who_acts(plan)}: {progress.format(plan.name)}"


def _collection_ahead(facts: OrderFacts) -> StageFacts | None:
    """A collection that has not begun; None: there is none, or the cells are there."""
    ahead = (StageStatus.PENDING, StageStatus.READY)
    collections = [stage for stage in facts.stages.values() if stage.plan.kind == StageKind.COLLECTION]
    return next((stage for stage in collections if stage.run.status in ahead), None)


def receipt_step(facts: OrderFacts, now: datetime) -> str:
    """What is left of a dose that has been delivered: that its centre takes it in, for which no plant can do anything;
    empty: something else is left, too."""
    behind = {facts.flow.exit, *left_behind(facts, now)}
    ahead = [
        stage
        for code, stage in facts.stages.items()
        if code not in behind and not stage.plan.may_end_after_release and stage.run.status not in DONE_STAGE_STATUSES
    ]
    if not ahead or any(not _is_taking_in(stage, now) for stage in ahead):
        return ""
    left = with_verb(listed_words(stage.plan.name for stage in ahead), "is all that is left")
    return f"{who_acts(ahead[0].plan)}: the dose has been delivered, and {left}; report it as soon as it is done."


def _is_taking_in(stage: StageFacts, now: datetime) -> bool:
    """Whether the dose lies at its centre, which has to receive it; a delivery that was said of later is none yet."""
    plan, run = stage.plan, stage.run
    is_theirs = plan.kind == StageKind.CUSTODY and plan.place == StagePlace.INFUSION_SITE
    is_there = run.ready_at is None or run.ready_at <= now
    return is_theirs and is_there and run.status in (StageStatus.READY, StageStatus.RUNNING)


def what_to_do(deed: str, way: WayOut, date: DoseDate) -> str:
    """The next step for a promise at risk: what can be done (deed_for), and what is to be agreed with the centre.

    Where nothing changes the date any more, no work is asked for that would have to.
    """
    agree = agree_words(way, date)
    if way.remedy == Remedy.TELL:
        return f"Operations: {agree}."
    if deed.startswith("Operations") or way.likely != Severity.CRITICAL:
        return f"{deed}; {agree}."
    return f"{deed}; Operations: {agree}."
