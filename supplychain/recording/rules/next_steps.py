"""What happens next with an order, and whose turn it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.asked_first import awaits_confirmation, reasons_to_ask
from supplychain.orders.rules.bookings import booked_end, needs_new_date
from supplychain.orders.rules.change_requests import unanswered_problem, wish_words
from supplychain.orders.rules.duties import (
    HAND_OVER_PLACES,
    PLACE_WORDS,
    acting_role,
    ends_own_hold,
    hold_ends,
    holder_words,
    holders_of,
)
from supplychain.orders.rules.followed import followed_first
from supplychain.orders.rules.holds import JUDGE_CELLS, HoldLimit, decide_by, is_kept, worst_end
from supplychain.orders.rules.interlocks import Stop, binding_stops
from supplychain.orders.rules.overtaken import overtaken
from supplychain.orders.rules.standing import booked_for, is_to_begin, missed_booking, opens_later
from supplychain.orders.rules.states import ChangeRequest, OrderState, RunState
from supplychain.orders.rules.waits import cold_under_way, is_storage_end, kept_wait, limit_now, wait_now
from supplychain.orders.statuses import (
    DONE_STAGE_STATUSES,
    OrderEventKind,
    OrderStatus,
    StageEventKind,
    StageStatus,
)
from supplychain.people.statuses import Role
from supplychain.recording.rules.cancelled import cells_left, looked_for_first
from supplychain.recording.rules.flagged_steps import as_flagged, is_used, stopped_step, to_judge, to_pack_anew
from supplychain.recording.rules.sequence import main_kind
from supplychain.recording.rules.steps import QUALITY, NextStep
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import due_at, hours_of
from supplychain.transport.rules.lanes import Lane
from supplychain.words import listed_words, with_verb


def next_steps(
    plan: FlowPlan, state: OrderState, now: datetime, stops: Sequence[Stop] = (), lanes: Mapping[str, Lane] = {},
) -> list[NextStep]:  # fmt: skip
    """What happens next, the patient's path first; empty once the order has ended or waits for nothing.

    Where a critical flag keeps people from carrying the order on, the decision on it is all that comes next.
    """
    if state.cancelled_at or state.closed_at:
        return cells_left(plan, state, now)
    runs = {code: state.run_of(code) for code in plan.stages}
    left = overtaken(plan, runs, now)
    awaited = [stage for code, stage in plan.stages.items() if code not in left]
    # The limits of what the cells have left, or passed, keep nothing any more.
    runs = {stage.code: runs[stage.code] for stage in awaited}
    ahead = sorted(awaited, key=lambda one: (one.may_end_after_release, one.position))
    if binding := binding_stops(plan, stops, StageEventKind.COMPLETED, None):
        return [stopped_step(state, binding, ahead, runs, now)]
    is_held = state.held_at is not None
    steps = _of_whole_order(plan, state, runs, now)
    doubted = [stop for stop in stops if is_used(stop, runs)]
    steps += [to_judge(stop, state) for stop in doubted]
    unfit = [stop for stop in stops if stop.is_to_pack_anew and stop not in doubted]
    steps += [to_pack_anew(stop, plan.stages[stop.stage]) for stop in unfit if stop.stage in runs]
    kept_by = [*doubted, *unfit, *(stop for stop in stops if stop.settlement)]
    for stage in ahead:
        run = runs[stage.code]
        if run.status == StageStatus.READY and binding_stops(plan, kept_by, StageEventKind.STARTED, stage):
            continue
        # While the whole order is on hold nothing can start: the decision on the hold is what comes next.
        kept = is_held or unanswered_problem(state, stage, StageEventKind.STARTED)
        if run.status == StageStatus.PENDING and not is_held and (lost := needs_new_date(run)):
            steps.append(_to_book(stage, run, lost))
        if run.status in STEP_WORDS and not (kept and run.status == StageStatus.READY):
            step, why = _step(stage, run, now, lanes.get(stage.code)), _ask_first(plan, state, runs, stage, stops)
            steps += as_flagged(replace(step, why=why), state, stops, now)
    if state.status == OrderStatus.INFUSED and not steps:
        words, whose = "The dose was infused: the order can be closed", "operations of the plant"
        steps.append(NextStep("", "", state.status, words, StagePlace.PLANT.value, whose, state.infused_at))
    return looked_for_first(state, steps)


def _of_whole_order(plan: FlowPlan, state: OrderState, runs: Mapping[str, RunState], now: datetime) -> list[NextStep]:
    """What its centre asks, that it is on hold, or that the plant has still to confirm it."""
    is_held = state.held_at is not None
    steps = [_asked(state.change)] if state.change and state.change.is_open and not state.infused_at else []
    steps += [_order_on_hold(state, runs, now)] if is_held else []
    unconfirmed = not is_held and awaits_confirmation(plan, runs, is_confirmed=bool(state.confirmed_at))
    return [*steps, *([_unconfirmed(plan, state)] if unconfirmed else [])]


STEP_WORDS = {
    StageStatus.READY: "can start",
    StageStatus.RUNNING: "is under way",
    StageStatus.HELD: "is on hold: decide whether it is {ends}",
    StageStatus.FAILED: "failed: decide how it goes on",
}

# Of a booking that has passed: `moment` is its mark.
MISSED_WORDS = "was booked for {moment}, and nobody has said that it began: report the start, or its new time"
MISSED_ON_HOLD = "needs a new appointment: {moment} passed during the hold"
BEFORE_TO_COME = "what it waits for is reported to end then, which is still to come. Check the report"
COLD_WORDS = "until then the shipper stays cold"
AT_ONCE_WORDS = "must begin at once, or its start be reported if it has begun"
OUTLIVED_WORDS = f"has not begun in time: {JUDGE_CELLS}, or report the start if it has"


def _step(stage: StagePlan, run: RunState, now: datetime, lane: Lane | None) -> NextStep:
    status = StageStatus(run.status)
    if is_to_begin(status, run.started_at, now):
        words = with_verb(stage.name, f"is reported to start at {moment_mark(run.started_at)}: still to come")
        return _step_to_come(stage, run, words, run.started_at, now)
    if opens_later(status, run.ready_at, now):
        words = with_verb(stage.name, f"can start at {moment_mark(run.ready_at)}, not before: {BEFORE_TO_COME}")
        return _step_to_come(stage, run, words, run.ready_at, now)
    if booked := booked_for(status, run.started_at, run.expected_start, now):
        return _step_to_come(stage, run, with_verb(stage.name, f"is booked for {moment_mark(booked)}"), booked, now)
    since = {
        StageStatus.READY: run.ready_at,
        StageStatus.RUNNING: run.started_at,
        StageStatus.HELD: run.held_at,
        StageStatus.FAILED: run.failed_at,
    }[status]
    (due, due_words), wait = _limit(stage, run, lane), wait_now(run)
    outlived = status == StageStatus.READY and bool(wait and due and due < now) and not _is_in_grace(run, now)
    since = due if outlived else since  # until then it was for those who perform it
    is_held = status == StageStatus.HELD
    is_for_quality = outlived or is_held or acting_role(stage) == Role.QA
    whose = QUALITY if is_for_quality else PLACE_WORDS[StagePlace(stage.place)]
    if status == StageStatus.READY and not outlived and stage.direction == Direction.INBOUND:
        whose = f"{whose}, and {PLACE_WORDS[HAND_OVER_PLACES[stage.direction]]} hands the cells over"
    if is_held and ends_own_hold(stage):
        whose = f"{QUALITY} or {PLACE_WORDS[StagePlace(stage.place)]}"
    at_once = main_kind(stage, status) == StageEventKind.COMPLETED and status == StageStatus.READY
    words = OUTLIVED_WORDS if outlived else _usual_words(run, now, at_once=at_once)
    words = words.format(ends=hold_ends(of_stage=True, can_fail=bool(run.started_at) or not ends_own_hold(stage)))
    if lost := needs_new_date(run):
        words += f", and {MISSED_ON_HOLD.format(moment=moment_mark(lost))}"
    if status == StageStatus.RUNNING and run.agreed:
        words += f", takes longer than planned and {run.agreed.words}"
        words += ", which has passed: report its end, or its new time" if run.agreed.until < now else ""
    if not outlived and (missed := missed_booking(status, run.expected_start, now)):
        words = MISSED_WORDS.format(moment=moment_mark(missed))
    return NextStep(
        stage.code, stage.name, run.status, with_verb(stage.name, words), stage.place, whose, since,
        due, bool(wait and due == wait.until) and is_storage_end(wait, now), due_words,
    )  # fmt: skip


def _is_in_grace(run: RunState, now: datetime) -> bool:
    """Whether its wait is over only as long as a late report may take (waits.GRACE): its flag counts that, too."""
    wait = wait_now(run) if run.status == StageStatus.READY else None
    return wait is not None and wait.until < now < wait.expires_at


def _usual_words(run: RunState, now: datetime, *, at_once: bool) -> str:
    if _is_in_grace(run, now):
        return AT_ONCE_WORDS
    return "can be completed" if at_once else STEP_WORDS[StageStatus(run.status)]


def _to_book(stage: StagePlan, run: RunState, lost: datetime) -> NextStep:
    """What cannot begin yet, and lost its appointment."""
    words = with_verb(stage.name, MISSED_ON_HOLD.format(moment=moment_mark(lost)))
    return NextStep(stage.code, stage.name, run.status, words, stage.place, PLACE_WORDS[StagePlace(stage.place)], None)


def _limit(stage: StagePlan, run: RunState, lane: Lane | None) -> tuple[datetime | None, str]:
    """The first moment by which the step should be over, and what it is: the flags of the stage count to the same."""
    if run.status == StageStatus.HELD:
        limit = limit_now(stage, run)
        return decide_by(run.held_at, limit and limit.expires_at, [run], worst_end(stage, run))
    if wait := wait_now(run):
        return wait.until, HoldLimit.CELLS.value
    if run.status == StageStatus.READY and run.expected_start:
        return run.expected_start, HoldLimit.START
    if run.status != StageStatus.RUNNING or run.started_at is None:
        return None, ""
    _, worst_hours = hours_of(stage, lane, run.started_at)
    limits = [(run.started_at + timedelta(hours=worst_hours), "at the latest by the usual durations")]
    if run.agreed:
        limits = [(run.agreed.until, "agreed, as it takes longer than planned")]
    elif ends_at := due_at(stage, run, lane):
        limits.append((ends_at, "its booked end" if booked_end(stage, run) else "its arrival by its lane"))
    if cold := cold_under_way(stage, run.started_at, run.cold_until):
        limits.append((cold.until, COLD_WORDS))
    due, words = min(limits)
    # What is planned may lie before: whoever acts must know by when the cells are lost all the same.
    if cold and due != cold.until:
        words = f"{words}; the shipper’s cold ends {moment_mark(cold.until)}"
    return due, words


def _step_to_come(stage: StagePlan, run: RunState, words: str, begins_at: datetime | None, now: datetime) -> NextStep:
    """What is booked, or reported to start, for later has not begun, and the cells' clock runs on until it does."""
    wait = kept_wait(run) if run.started_at else wait_now(run)
    due, limit = (wait.until, HoldLimit.CELLS.value) if wait else (begins_at, "")
    cold = cold_under_way(stage, run.started_at, run.cold_until)
    if cold and (wait is None or cold.until < wait.until):  # the shipper is packed: its flags count to that
        due, limit = cold.until, COLD_WORDS
    whose = PLACE_WORDS[StagePlace(stage.place)]
    said = (stage.code, stage.name, run.status, words, stage.place, whose)
    is_storage = wait is not None and due == wait.until and is_storage_end(wait, now)
    return NextStep(*said, None, due, is_storage, limit)


def _first_limit(runs: Iterable[RunState]) -> datetime | None:
    """Until when the first of the cells that wait may."""
    return min((wait.expires_at for run in runs if (wait := wait_now(run))), default=None)


def _asked(change: ChangeRequest) -> NextStep:
    """The centre waits for an answer of the plant."""
    words = f"The centre asks {wish_words(change)}: answer it"
    whose = holder_words(holders_of(None, OrderEventKind.ANSWERED))
    why = "Until it is answered, nothing begins that cannot be undone." if change.stops else ""
    return NextStep("", "", change.wish, words, StagePlace.PLANT.value, whose, change.asked_at, why=why)


def _unconfirmed(plan: FlowPlan, state: OrderState) -> NextStep:
    """The order is asked for, and nobody at the plant has said that it is made."""
    words = "The plant has to confirm the order"
    why = ["Until it does, the date is wanted, not promised."] if state.promised_at else []
    collections = [stage.code for stage in plan.stages.values() if stage.kind == StageKind.COLLECTION]
    if any(state.run_of(code).status in DONE_STAGE_STATUSES for code in collections):
        why.insert(0, "The cells are collected, and nobody has said that a plant awaits them.")
    whose = holder_words(holders_of(None, OrderEventKind.CONFIRMED))
    return NextStep("", "", OrderStatus.ORDERED.value, words, StagePlace.PLANT.value, whose, None, why=" ".join(why))


def _ask_first(
    plan: FlowPlan, state: OrderState, runs: Mapping[str, RunState], stage: StagePlan, stops: Sequence[Stop]
) -> str:
    """Why the plant is asked before the stage begins."""
    reasons = reasons_to_ask(plan, runs, stage, stops, is_confirmed=bool(state.confirmed_at))
    return f"Ask the plant first: {listed_words(reasons)}." if reasons else ""


def _order_on_hold(state: OrderState, by_code: Mapping[str, RunState], now: datetime) -> NextStep:
    change = state.change if state.change and state.change.holds_since(state.held_at) else None
    says = "asks to cancel it, for the patient has died" if change and change.has_died else "says when it can go on"
    asked = f" as its centre asked; the centre {says}" if change else ""
    words = f"The whole order is on hold{asked}: decide whether it is {hold_ends(of_stage=False)}"
    kept = [run for run in by_code.values() if is_kept(run, state.held_at)]
    first = followed_first(state.flow, by_code, now)
    follows_at = first.until if first else None
    due, limit = decide_by(state.held_at, _first_limit(by_code.values()), kept, follows_at=follows_at)
    whose = holder_words(holders_of(None, OrderEventKind.RESUMED))
    said = ("", "", OrderStatus.ON_HOLD.value, words, StagePlace.PLANT.value, whose, state.held_at)
    return NextStep(*said, due, due_words=limit, why=first.words if first else "")
