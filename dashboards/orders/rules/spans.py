"""What an order's stage runs, its plan and its forecast say, as spans for the time line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from dashboards.orders.rules.time_lines import BarKind, Span
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.bookings import WorkingRun, end_ahead
from supplychain.orders.rules.waits import kept_wait, permitted_hours
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, DONE_STAGE_STATUSES, StageStatus
from supplychain.words import hours_words

NONE = timedelta(0)
ENDS_AS_SAID, AT_WORK, BOOKED, FREE = range(4)


class Run(WorkingRun, Protocol):
    """The moments of one stage in one attempt, as stored."""

    @property
    def attempt(self) -> int: ...

    @property
    def completed_at(self) -> datetime | None: ...

    @property
    def failed_at(self) -> datetime | None: ...

    @property
    def held_at(self) -> datetime | None: ...

    @property
    def planned_start_at(self) -> datetime | None: ...

    @property
    def planned_end_at(self) -> datetime | None: ...


def plan_from_start(
    flow: FlowPlan, ordered_at: datetime, bookings: Mapping[str, Span] | None = None
) -> dict[str, Span]:
    """When each stage would run if every one took its planned hours and none waited (critical path from the order), or
    from the newest of `bookings` (by stage) before it on."""
    plan: dict[str, Span] = {}
    for code, stage in flow.stages.items():
        if bookings and code in bookings:
            plan[code] = bookings[code]
            continue
        start = max([plan[before].end for before in stage.after], default=ordered_at)
        plan[code] = Span(BarKind.PLANNED, start, start + timedelta(hours=stage.planned_hours))
    return plan


def booked(run: Run, planned_hours: float) -> Span | None:
    """The planned time that was reported for a run; where only one end was, the flow's hours give the other."""
    length = timedelta(hours=planned_hours)
    start = run.planned_start_at or (run.planned_end_at - length if run.planned_end_at else None)
    if start is None:
        return None
    end = run.planned_end_at or start + length
    return Span(BarKind.PLANNED, start, max(start, end), run.attempt)


def happened(run: Run, now: datetime) -> list[Span]:
    """The wait, the work and the hold of a run so far. A hold before the start is part of the wait.

    A run that ended although nobody reported its start has neither: how long it waited is not known.
    """
    is_open = run.status in ACTIVE_STAGE_STATUSES
    ended = run.completed_at or run.failed_at
    spans = []
    left = run.started_at or (now if is_open else None)
    if run.ready_at and left and min(left, now) > run.ready_at:
        is_waiting = is_open and (run.started_at is None or run.started_at > now)
        spans.append(Span(BarKind.WAITED, run.ready_at, min(left, now), run.attempt, is_open=is_waiting))
    if run.started_at:
        end = min(ended, now) if ended else (now if is_open else run.started_at)
        spans += _work(run, run.started_at, end, is_open or bool(ended and ended > now))
    return spans


def permitted(run: Run) -> Span | None:
    """How long a run may wait before it must have started. None before it can start, where any wait may be, and once
    it has started in time."""
    wait = kept_wait(run)
    if wait is None or wait.until <= wait.since or run.status in DONE_STAGE_STATUSES:
        return None
    if run.started_at and run.started_at <= wait.until:
        return None
    return Span(BarKind.PERMITTED, wait.since, wait.until, run.attempt)


def _work(run: Run, started_at: datetime, end: datetime, is_open: bool) -> list[Span]:
    end = max(started_at, end)
    if run.status == StageStatus.HELD and run.held_at and started_at <= run.held_at < end:
        worked = Span(BarKind.WORKED, started_at, run.held_at, run.attempt)
        return [worked, Span(BarKind.HELD, run.held_at, end, run.attempt, is_open=True)]
    kind = BarKind.FAILED if run.status == StageStatus.FAILED else BarKind.WORKED
    return [Span(kind, started_at, end, run.attempt, is_open=is_open)]


def expected(
    flow: FlowPlan, ready_at: datetime, evidence: Mapping[str, Any], newest: Mapping[str, Run], now: datetime,
    mostly: Mapping[str, Any] | None = None, begins: tuple[str, datetime] | None = None,
    arrive: Mapping[str, datetime] | None = None,
) -> dict[str, list[Span]]:  # fmt: skip
    """Waits and work ahead on the critical path, from now to the forecast moment without a break.

    `evidence` is that of batches.forecasts.rules.forecasts; `newest`: the newest run of each stage; `mostly`: which
    stage exceeds its plan by most in the simulated futures (evidence["contributes"] of a prediction); `begins`: the
    stage that takes up the cells which wait, and when the hold-time budget foresees that; `arrive`: when each transport
    under way is expected.
    """
    spans: dict[str, list[Span]] = {}
    steps, moment = evidence.get("steps", []), now
    said = {code: at for code, run in newest.items() if (at := _end_ahead(flow.stages.get(code), run, now))}
    told = _told(flow, steps, newest, ready_at, now, mostly or {}, begins, said | dict(arrive or {}))
    for step, wait, work in zip(steps, *told, strict=True):
        run, starts = newest.get(step["stage"]), moment + wait
        attempt, ends = run.attempt if run else 1, starts + work
        too_long = _too_long(flow.stages.get(step["stage"]), wait) if attempt == 1 else ""
        awaited = Span(BarKind.AWAITED, moment, starts, attempt, note=too_long)
        ahead = [awaited, Span(BarKind.EXPECTED, starts, ends, attempt)]
        spans[step["stage"]] = [span for span in ahead if span.start < span.end]
        moment = ends
    return spans


def _too_long(plan: StagePlan | None, wait: timedelta) -> str:
    """“, 48 h permitted” of a wait that is longer; empty of any other. A new attempt may have cells from storage."""
    permitted = permitted_hours(plan) if plan else None
    if plan is None or permitted is None or wait <= timedelta(hours=permitted):
        return ""
    return f", {hours_words(plan.longest_wait_hours or 0)} permitted"


def _told(
    flow: FlowPlan, steps: Sequence[Mapping[str, Any]], newest: Mapping[str, Run], ready_at: datetime,
    now: datetime, mostly: Mapping[str, Any], begins: tuple[str, datetime] | None, ends: Mapping[str, datetime],
) -> tuple[list[timedelta], list[timedelta]]:  # fmt: skip
    """Waits and works until `ready_at`, with the begin that is told elsewhere on the page as it is told there."""
    code, begins_at = begins or ("", now)
    at = next((at for at, step in enumerate(steps) if step["stage"] == code), None)
    if at is None or not now <= begins_at <= ready_at:
        return _fitted(flow, steps, newest, ready_at, now, mostly, ends)
    until = [*steps[:at], {**steps[at], "work_hours": 0.0}]
    waits, works = _fitted(flow, until, newest, begins_at, now, {}, ends)
    work = min(timedelta(hours=steps[at]["work_hours"]), ready_at - begins_at)
    if at + 1 == len(steps):
        work = ready_at - begins_at
    later = _fitted(flow, steps[at + 1 :], newest, ready_at, begins_at + work, mostly, ends)
    return [*waits, *later[0]], [*works[:at], work, *later[1]]


def _fitted(
    flow: FlowPlan, steps: Sequence[Mapping[str, Any]], newest: Mapping[str, Run], ready_at: datetime,
    now: datetime, mostly: Mapping[str, Any], said: Mapping[str, datetime],
) -> tuple[list[timedelta], list[timedelta]]:  # fmt: skip
    """Waits and works from now until `ready_at`: usual durations give the steps, and simulated futures may say another
    moment.

    What is more falls to the stage that the futures name, else it is waited for a place, where most is, where the cells
    may wait so long and no appointment is booked; what is less is taken from such waits, then from those for
    appointments, and from the work only where none is left: first of what is at work, which may have gone on since
    the steps were told, as a stage may have begun that waited then.
    """
    ends = [at if (at := said.get(step["stage"])) and at > now else None for step in steps]
    leeway = [
        ENDS_AS_SAID if ends_at else _leeway(newest.get(step["stage"]))
        for step, ends_at in zip(steps, ends, strict=True)
    ]
    waits = [
        NONE if one in (ENDS_AS_SAID, AT_WORK) else timedelta(hours=step["wait_hours"])
        for step, one in zip(steps, leeway, strict=True)
    ]
    works = [
        ends_at - now if ends_at else timedelta(hours=step["work_hours"])
        for step, ends_at in zip(steps, ends, strict=True)
    ]
    more = max(ready_at - now, NONE) - sum(waits, NONE) - sum(works, NONE)
    if more > NONE and set(leeway) - {ENDS_AS_SAID}:
        may = [
            (one, *_room(flow.stages.get(step["stage"]), wait + more))
            for one, step, wait in zip(leeway, steps, waits, strict=True)
        ]
        at, is_work = _longest(steps, may, waits, mostly)
        (works if is_work else waits)[at] += more
    for spans, those in ((waits, {FREE}), (waits, {BOOKED}), (works, {AT_WORK}), (works, {FREE, BOOKED})):
        more = min(more, NONE) + _shrunk(spans, [one in those for one in leeway], -more)
    return waits, works


def _longest(
    steps: Sequence[Mapping[str, Any]], may: Sequence[tuple[int, bool, bool]], waits: Sequence[timedelta],
    mostly: Mapping[str, Any],
) -> tuple[int, bool]:  # fmt: skip
    """Which step takes longer than is usual, and whether its work does; `may`: its leeway and room. An appointment is
    kept, and an end that was agreed or booked, whatever the futures name."""
    is_work = mostly.get("wait_hours", 0) < mostly.get("excess_hours", 0) / 2
    for at, step in enumerate(steps):
        if step["stage"] == mostly.get("stage") and may[at][0] != ENDS_AS_SAID and (is_work or may[at][0] != BOOKED):
            return at, is_work or may[at][0] == AT_WORK
    at = max(range(len(steps)), key=lambda at: (may[at], waits[at], -at))
    return at, may[at][0] == AT_WORK


def _end_ahead(plan: StagePlan | None, run: Run | None, now: datetime) -> datetime | None:
    return end_ahead(plan, run, now) if plan and run else None


def _room(plan: StagePlan | None, wait: timedelta) -> tuple[bool, bool]:
    """Whether the cells may wait so long before the stage, and whether it needs a place for which one waits."""
    if plan is None:
        return False, False
    is_permitted = plan.longest_wait_hours is None or wait <= timedelta(hours=plan.longest_wait_hours)
    return is_permitted, bool(plan.pool) and not plan.keeps_pool


def _shrunk(spans: list[timedelta], may: Sequence[bool], by: timedelta) -> timedelta:
    """Takes `by` from those of `spans` that `may` be shorter, each by the same share; how much was taken."""
    length = sum((span for span, is_one in zip(spans, may, strict=True) if is_one), NONE)
    taken = min(max(by, NONE), length)
    for at, is_one in enumerate(may):
        if is_one and length:
            spans[at] -= spans[at] * (taken / length)
    return taken


def _leeway(run: Run | None) -> int:
    """Whether a stage may wait longer than is usual: not at work, hardly booked; one that ended is done anew."""
    if run is None or run.completed_at or run.failed_at:
        return FREE
    return AT_WORK if run.started_at else BOOKED if run.expected_start else FREE


def whole_hold(order_held_at: datetime | None, now: datetime) -> list[Span]:
    """The hold of a whole order so far, which keeps all its stages."""
    return [Span(BarKind.HELD, order_held_at, now, is_open=True)] if order_held_at and order_held_at < now else []


def as_ended(spans: Mapping[str, Sequence[Span]], ended_at: datetime, *, goes_on: bool) -> dict[str, list[Span]]:
    """Of an order that has ended: nothing waits for what is to come; `goes_on`: a test may, after it was closed."""
    return {
        code: [
            replace(span, is_open=span.is_open and goes_on)
            for span in some
            if span.kind != BarKind.PERMITTED or span.end <= ended_at
        ]
        for code, some in spans.items()
    }


def all_spans(
    flow: FlowPlan, runs: Mapping[str, Iterable[Run]], ordered_at: datetime, now: datetime
) -> dict[str, list[Span]]:
    """Planned and actual spans by stage; a stage without a booking shows the flow's plan."""
    own = {code: list(runs.get(code, ())) for code in flow.stages}
    bookings = {
        code: [span for run in own[code] if (span := booked(run, stage.planned_hours))]
        for code, stage in flow.stages.items()
    }
    plan = plan_from_start(flow, ordered_at, {code: some[-1] for code, some in bookings.items() if some})
    spans: dict[str, list[Span]] = {}
    for code, of_stage in own.items():
        waits = [span for run in of_stage if (span := permitted(run))]
        past = [span for run in of_stage for span in happened(run, now)]
        spans[code] = [*(bookings[code] or [plan[code]]), *waits, *past]
    return spans
