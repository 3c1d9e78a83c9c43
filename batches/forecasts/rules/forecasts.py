"""When the dose will be ready to infuse, and how that moment moves while nothing happens.

The forecast is the critical path through the remaining stages. Each moment on it is a function of now of the form
max(fixed, now + rest): a running stage ends when it usually does, but not before now plus a floor; a stage that waits
starts now at the earliest. Maxima and sums keep that form (max-plus algebra; Baccelli et al., Synchronization and
Linearity, 1992), so the moment at which the slack crosses a threshold is known exactly and nothing has to be polled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from batches.forecasts.rules.standing_stages import hours_ahead, hours_anew
from batches.forecasts.rules.still_to_do import (
    is_behind_collection,
    passed_stages,
    still_to_do,
    tests_repeated,
    to_do_again,
    unended_stages,
)
from batches.judgement.rules.awaited import to_book
from batches.judgement.rules.facts import OrderFacts, RunFacts, StageFacts
from batches.judgement.rules.findings import hours, hours_between
from batches.judgement.rules.without_cells import arrival_words, unreported_words
from supplychain.orders.rules.bookings import end_ahead
from supplychain.orders.rules.standing import is_to_begin
from supplychain.orders.rules.waits import limit_now
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OPEN_ORDER_STATUSES, StageStatus

# A stage over its usual time still needs this share of it, and at least an hour: it never claims to end in the past.
FLOOR_SHARE = 0.1
FLOOR_HOURS = 1
# Whence the end of work under way is.
AGREED, BOOKED = "its end as agreed", "its end as booked"
# An idle order's forecast moves with now: it is made afresh each time it has moved by this much.
REFRESH_HOURS = 6
# Two days of slack are what one late courier and one repeated test take; with less, somebody should look.
CLOSE_SLACK_HOURS = 48

# Assumptions that few forecasts make: told only where one is made.
RARE = ("assumes_booked", "assumes_repeated", "assumes_stored_cells")

NEVER = datetime.min.replace(tzinfo=UTC)
NO_TIME = timedelta(0)


class Course(NamedTuple):
    """A moment as a function of now: max(fixed, now + rest)."""

    fixed: datetime
    rest: timedelta

    def at(self, now: datetime) -> datetime:
        """The moment, seen from `now`."""
        return max(self.fixed, now + self.rest)

    def plus(self, duration: timedelta) -> "Course":
        """`duration` later."""
        return Course(self.fixed + duration, self.rest + duration)


NOW = Course(NEVER, NO_TIME)


class Leg(NamedTuple):
    """A remaining stage: when it could start, starts and ends; `follows`: that hangs on the stages before it; `basis`:
    whence its end is."""

    stage: StageFacts
    arrives: Course
    starts: Course
    ends: Course
    follows: bool
    basis: str


class PathStep(NamedTuple):
    """A remaining stage on the critical path, in hours of waiting for a place or an appointment and of work."""

    stage: str
    name: str
    wait_hours: float
    work_hours: float
    basis: str


@dataclass(frozen=True)
class ForecastFinding:
    """When the dose will be ready to infuse, and why, made at `made_at`.

    `legs`: the remaining stages, `exit`: the one that the forecast is of; `is_reached`: the dose is ready, the moment
    is a fact; `assumes_ended`: names of stages whose end nobody reported although a later one began;
    `assumes_cleared`: on the clearing of which doubt, or the arrival of which cells nobody accounts for, it rests;
    `assumes_repeated`: names of failed tests that quality assurance decided to repeat and that are taken to begin again
    now; `assumes_booked`: names of stages that need a new appointment and are taken to begin as soon as they can;
    `assumes_stored_cells`: the new attempt begins behind the collection;
    `jumps_at`: moments at which the course itself changes because a booked start would be missed, or a booked
    end passes.
    """

    made_at: datetime
    ready_at: datetime
    promised_at: datetime | None
    course: Course
    exit: str
    legs: Mapping[str, Leg] = field(default_factory=dict)
    is_reached: bool = False
    assumes_restart: str = ""
    assumes_ended: str = ""
    assumes_cleared: str = ""
    assumes_booked: str = ""
    assumes_repeated: str = ""
    assumes_stored_cells: bool = False
    jumps_at: tuple[datetime, ...] = ()

    @property
    def slack_hours(self) -> float | None:
        """Hours from the forecast to the promise; negative: too late."""
        return None if self.promised_at is None else hours_between(self.ready_at, self.promised_at)

    @cached_property
    def steps(self) -> tuple[PathStep, ...]:
        """The stages that set the forecast, first to last. Worked out when asked for: most forecasts are not kept."""
        return () if self.is_reached else _critical_path(self.legs, self.exit, self.made_at)

    @cached_property
    def longest(self) -> PathStep | None:
        """The step that takes most of the time ahead."""
        return max(self.steps, key=lambda step: step.wait_hours + step.work_hours, default=None)

    def evidence(self) -> dict[str, Any]:
        """The numbers behind the forecast, for the ledger and the flag."""
        return dict(self._numbers)

    @cached_property
    def _numbers(self) -> dict[str, Any]:
        return {
            "ready_at": self.ready_at.isoformat(),
            "promised_at": self.promised_at.isoformat() if self.promised_at else None,
            "is_reached": self.is_reached,
            "assumes_restart_from": self.assumes_restart,
            "assumes_ended": self.assumes_ended,
            "assumes_cleared": self.assumes_cleared,
            "longest": self.longest.stage if self.longest else "",
            "steps": [
                {"stage": step.stage, "wait_hours": round(step.wait_hours, 2), "work_hours": round(step.work_hours, 2),
                 "basis": step.basis}
                for step in self.steps
            ],
        } | {name: said for name in RARE if (said := getattr(self, name))}  # fmt: skip

    def next_at(self, now: datetime) -> datetime | None:
        """When the forecast, with no news, will have moved by REFRESH_HOURS or jumped; None once it is a fact."""
        if self.is_reached:
            return None
        moved_at = self.ready_at + hours(REFRESH_HOURS) - self.course.rest
        return min([moved_at, *(jump for jump in self.jumps_at if jump > now)])


def forecast(facts: OrderFacts, now: datetime) -> ForecastFinding | None:
    """Moment at which the exit stage could start; None once it was left out or the order has ended.

    Once it could start, or did, that is a fact. After a failure a new attempt, or the test to be repeated, is assumed
    to start now; a hold, lifted. An infusion that is reported to begin later has not begun, and a dose whose receipt
    is reported for later is not ready.
    """
    facts, jumps = _before_infusion(facts, now)
    exit_run = facts.stages[facts.flow.exit].run
    redo, repeated = to_do_again(facts), tests_repeated(facts)
    if facts.status not in OPEN_ORDER_STATUSES:
        return None
    unended = ", ".join(facts.stages[code].plan.name for code in unended_stages(facts, redo))
    if facts.flow.exit not in redo:
        if exit_run.status in DONE_STAGE_STATUSES:
            return None
        if arrived_at := _reached_at(exit_run, now):
            return ForecastFinding(now, arrived_at, facts.promised_at, NOW, facts.flow.exit, {}, True, "", unended)
        if exit_run.started_at:
            return None
    legs = _legs(facts, redo, now, jumps)
    course = legs[facts.flow.exit].arrives
    restarts = "" if repeated else next((code for code in facts.stages if code in redo), "")
    return ForecastFinding(
        made_at=now,
        ready_at=course.at(now),
        promised_at=facts.promised_at,
        course=course,
        exit=facts.flow.exit,
        legs=legs,
        assumes_restart=restarts,
        assumes_ended=unended,
        assumes_cleared=unreported_words(facts) or arrival_words(facts),
        assumes_booked=to_book(facts),
        assumes_repeated=repeated,
        assumes_stored_cells=bool(restarts) and is_behind_collection(facts.flow, restarts),
        jumps_at=tuple(jumps),
    )


def _before_infusion(facts: OrderFacts, now: datetime) -> tuple[OrderFacts, list[datetime]]:
    """The facts without an infusion whose start still lies ahead, and when that, or what it waits for, comes."""
    stage = facts.stages[facts.flow.exit]
    run = stage.run
    opens = [run.ready_at] if run.ready_at and run.ready_at > now else []
    if not is_to_begin(run.status, run.started_at, now):
        return facts, opens
    status = StageStatus.READY if run.ready_at else StageStatus.PENDING
    waiting = stage._replace(run=run._replace(status=status.value, started_at=None))
    return replace(facts, stages={**facts.stages, facts.flow.exit: waiting}), [*opens, run.started_at]


def _reached_at(exit_run: RunFacts, now: datetime) -> datetime | None:
    """Since when the dose is ready, at the latest since it began to be given; None: it is not."""
    moments = [exit_run.ready_at, exit_run.started_at] if exit_run.started_at else [exit_run.waiting_since]
    return next((moment for moment in moments if moment and moment <= now), None)


def _legs(facts: OrderFacts, redo: frozenset[str], now: datetime, jumps: list[datetime]) -> dict[str, Leg]:
    """Every stage still to be done, in board order (a stage stands after all that it waits for)."""
    legs: dict[str, Leg] = {}
    passed, anew = passed_stages(facts), redo | still_to_do(facts)
    for code, stage in facts.stages.items():
        if code in anew:
            arrives = _after(stage, legs)
            starts = arrives.plus(_queue(stage))
            work, basis = hours_anew(stage)
            legs[code] = Leg(stage, arrives, starts, starts.plus(hours(work)), True, basis)
        elif code not in passed and stage.run.status not in DONE_STAGE_STATUSES:
            legs[code] = _started_leg(stage, now, jumps) or _waiting_leg(stage, legs, now, jumps)
    return legs


def _started_leg(stage: StageFacts, now: datetime, jumps: list[datetime]) -> Leg | None:
    """A stage at work ends as was agreed, or as was booked while that lies ahead, else after the hours of its lane, or
    its usual ones; one held after its start goes on now from where it stopped."""
    run = stage.run
    if run.started_at is None:
        return None
    took, basis = hours_ahead(stage, now)
    work = hours(took)
    floor = max(work * FLOOR_SHARE, hours(FLOOR_HOURS))
    if run.status == StageStatus.HELD:
        done = (run.held_at or run.started_at) - run.started_at
        return Leg(stage, NOW, NOW, Course(NEVER, max(work - done, floor)), False, basis)
    if run.agreed:  # whoever performs it knows better than its usual hours
        return Leg(stage, NOW, NOW, Course(run.agreed.until, hours(FLOOR_HOURS)), False, AGREED)
    if ends_at := end_ahead(stage.plan, run, now):
        limit = limit_now(stage.plan, run)
        jumps.append(min(ends_at, limit.until) if limit else ends_at)
        return Leg(stage, NOW, NOW, Course(ends_at, NO_TIME), False, BOOKED)
    return Leg(stage, NOW, NOW, Course(run.started_at + work, floor), False, basis)


def _waiting_leg(stage: StageFacts, legs: dict[str, Leg], now: datetime, jumps: list[datetime]) -> Leg:
    """A stage not yet started: after its predecessors, at its booked moment or after the queue for a place."""
    since, booked, queue = stage.run.waiting_since, stage.run.expected_start, _queue(stage)
    arrives = Course(since, NO_TIME) if since else _after(stage, legs)
    if booked and (not queue or arrives.at(now) < booked):
        # A booked place needs no queue, as long as the stages before it are done in time.
        starts = Course(max(arrives.fixed, booked), arrives.rest)
        if queue:
            jumps.append(booked - arrives.rest)
    else:
        # Who already stands in the queue has waited for part of it.
        starts = Course(arrives.fixed + queue, arrives.rest if since else arrives.rest + queue)
    work, basis = hours_ahead(stage, now)
    if stage.lane and booked and (closes_at := stage.lane.closes_at(max(booked, now))):
        jumps.append(closes_at)
    return Leg(stage, arrives, starts, starts.plus(hours(work)), since is None, basis)


def _queue(stage: StageFacts) -> timedelta:
    """The wait for a place; none for a stage that goes on in the place of the one before it."""
    return hours(stage.queue_hours) if stage.queue_hours and not stage.plan.keeps_pool else NO_TIME


def _after(stage: StageFacts, legs: Mapping[str, Leg]) -> Course:
    """When the stages before `stage` are done: the latest of their ends, or now."""
    fixed, rest = NOW
    for code in stage.plan.after:
        if leg := legs.get(code):
            ends = leg.ends
            fixed, rest = max(fixed, ends.fixed), max(rest, ends.rest)
    return Course(fixed, rest)


def _critical_path(legs: Mapping[str, Leg], exit_code: str, now: datetime) -> tuple[PathStep, ...]:
    """The chain of stages that sets the forecast, first to last, without the exit stage itself."""
    steps: list[PathStep] = []
    leg = legs[exit_code]
    while leg.follows and (before := [legs[code] for code in leg.stage.plan.after if code in legs]):
        leg = before[0] if len(before) == 1 else max(before, key=lambda one: one.ends.at(now))
        starts_at = leg.starts.at(now)
        wait = hours_between(leg.arrives.at(now), starts_at)
        work = hours_between(starts_at, leg.ends.at(now))
        steps.append(PathStep(leg.stage.plan.code, leg.stage.plan.name, max(wait, 0), work, leg.basis))
    return tuple(reversed(steps))
