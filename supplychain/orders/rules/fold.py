"""The fold: what an order's events say about the order and each of its stages.

A left fold over the facts in the order of `fact_key`. The state holds all that a later fact needs, so folding new
facts onto a stored state gives the same as folding everything from the start, as long as they sort after all
facts already in; otherwise the caller folds from the start.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.awaited import awaited_runs, stages_before
from supplychain.orders.rules.bookings import forget_agreed, miss_booking
from supplychain.orders.rules.change_requests import REQUEST_KINDS, change_requests_of
from supplychain.orders.rules.collections import is_earlier
from supplychain.orders.rules.delays import is_bound_elsewhere, keep_delay, move_arrival
from supplychain.orders.rules.durations import hardly_lasted, is_confirmed
from supplychain.orders.rules.entitlements import is_decision
from supplychain.orders.rules.expiries import behind_release, dose_expires_at, keep_expiry
from supplychain.orders.rules.hand_overs import hand_overs_of
from supplychain.orders.rules.keeping import keep_details
from supplychain.orders.rules.numbers import judge_numbers
from supplychain.orders.rules.order_holds import end_hold_with_dose, hold_order, resume_order
from supplychain.orders.rules.sorting import fact_key
from supplychain.orders.rules.states import Fact, OrderState, RunState
from supplychain.orders.rules.surprises import (
    REASON_AFTER_END,
    closes,
    note_delay,
    note_kept_back,
    note_missing_predecessors,
    note_other_end,
    note_other_moment,
    note_surprise,
    note_surprising_moment,
    note_tested_again,
    note_unasked_attempt,
    note_withdrawal,
)
from supplychain.orders.rules.waits import permitted_wait
from supplychain.orders.rules.withdrawals import WITHDRAWN, Withdrawal, withdrawals_of
from supplychain.orders.statuses import DONE_STAGE_STATUSES, OrderEventKind, StageEventKind, StageStatus

NEEDS_ALL = REQUEST_KINDS | {WITHDRAWN, OrderEventKind.SETTLED.value, OrderEventKind.HANDED_OVER.value}


def initial_state(flow: FlowPlan, ordered_at: datetime) -> OrderState:
    """An order of which nothing has been said yet: its entry stages could start since it was ordered."""
    state = OrderState(flow=flow)
    for code, plan in flow.stages.items():
        state.runs[1, code] = run = RunState(attempt=1, stage=code)
        if not plan.after:
            _make_ready(run, ordered_at)
    state.touched.update(state.runs)
    return state


def fold(flow: FlowPlan, ordered_at: datetime, facts: Iterable[Fact]) -> OrderState:
    """The state after all `facts`, given in any order, without those that were withdrawn."""
    said = list(facts)
    against = withdrawals_of(flow, said)
    gone = {event_id for event_id, withdrawal in against.items() if withdrawal.counts}
    state = initial_state(flow, ordered_at)
    state.withdrawn = sorted(map(str, gone))
    counting = [fact for fact in said if fact.event_id not in gone]
    state.asked, state.hand_overs = change_requests_of(counting), hand_overs_of(counting)
    state.change = state.asked[-1] if state.asked else None
    fold_onto(state, counting, against)
    return state


def fold_onto(state: OrderState, facts: Iterable[Fact], against: Mapping[UUID, Withdrawal] | None = None) -> None:
    """Fold `facts`, which sort after every fact already in, onto `state`.

    Whoever has a fact of NEEDS_ALL, by which another view is taken of facts already in, folds everything anew (`fold`).
    """
    for fact in sorted(facts, key=lambda fact: fact_key(state.flow, fact)):
        if fact.kind == WITHDRAWN:
            note_surprising_moment(state, fact)
            note_withdrawal(state, fact, against or {})
        elif _counts(state, fact):
            note_surprising_moment(state, fact)
            note_kept_back(state, fact)
            if fact.stage:
                _apply_to_stage(state, fact)
            else:
                _apply_to_order(state, fact)
        state.last_occurred_at = fact.occurred_at
    keep_waits(state)


def _counts(state: OrderState, fact: Fact) -> bool:
    """A decision by somebody who may not take it is kept and flagged, but nothing follows from it."""
    if not fact.lacked_scope:
        return True
    opens_attempt = bool(fact.attempt and fact.attempt > state.attempt)
    return not is_decision(state.flow.stages.get(fact.stage), fact.kind, opens_attempt=opens_attempt)


def keep_waits(state: OrderState) -> None:
    """Keep the permitted wait of every run that changed, and of those whose shipper's cold did."""
    stages = state.flow.stages
    changed = {code for _, code in state.touched}
    shippers = {code for code in changed if stages[code].kind == StageKind.TRANSPORT}
    changed.update(code for code, plan in stages.items() if shippers and shippers.intersection(plan.after))
    for run in (run for run in state.runs.values() if run.stage in changed):
        _keep_wait(state, run)


def _keep_wait(state: OrderState, run: RunState) -> None:
    plan = state.flow.stages[run.stage]
    wait = None
    if run.ready_at is not None:
        expires_at = dose_expires_at(state, run.attempt) if plan.code in behind_release(state.flow) else None
        wait = permitted_wait(plan, run.attempt, run.ready_at, stages_before(state, plan, run.attempt), expires_at)
    kept = (wait.until, wait.limit, wait.expires_at) if wait else (None, "", None)
    if kept != (run.wait_until, run.wait_limit, run.wait_expires_at):
        run.wait_until, run.wait_limit, run.wait_expires_at = kept
        state.touched.add((run.attempt, run.stage))


def _apply_to_order(state: OrderState, fact: Fact) -> None:
    match fact.kind:
        case OrderEventKind.ORDERED | OrderEventKind.PROMISED:
            if moment := fact.payload.get("promised_at"):
                state.promised_at = datetime.fromisoformat(moment)
            if fact.kind == OrderEventKind.PROMISED:  # who promises a date takes the order on
                state.confirmed_at = state.confirmed_at or fact.occurred_at
        case OrderEventKind.CONFIRMED:
            state.confirmed_at = state.confirmed_at or fact.occurred_at
        case OrderEventKind.HELD:
            hold_order(state, fact)
        case OrderEventKind.RESUMED:
            resume_order(state, fact)
        case OrderEventKind.CANCELLED:
            state.cancelled_at = state.cancelled_at or fact.occurred_at
        case OrderEventKind.CLOSED if closes(state, fact):
            state.closed_at = state.closed_at or fact.occurred_at
        case OrderEventKind.MATERIAL | OrderEventKind.MATERIAL_IS:
            keep_expiry(state, fact)


def _apply_to_stage(state: OrderState, fact: Fact) -> None:
    if fact.attempt and fact.attempt > state.attempt and not _opens_attempt(state, fact, fact.attempt):
        return
    run = _run_meant(state, fact)
    state.touched.add((run.attempt, run.stage))
    if not fact.lacked_scope:
        plan = state.flow.stages[run.stage]
        keep_details(plan, run, judge_numbers(state, run, fact))
    match fact.kind:
        case StageEventKind.STARTED:
            _start(state, run, fact)
        case StageEventKind.COMPLETED | StageEventKind.SKIPPED:
            _complete(state, run, fact)
        case StageEventKind.FAILED:
            _fail(state, run, fact)
        case StageEventKind.HELD if run.status not in (*DONE_STAGE_STATUSES, StageStatus.FAILED):
            run.held_at = run.held_at or fact.occurred_at
            run.status = StageStatus.HELD.value
        case StageEventKind.RESUMED if run.status == StageStatus.HELD:
            miss_booking(run, run.held_at, fact.occurred_at)
            run.held_at = None
            run.status = _status_without_hold(run)
        case StageEventKind.SHIPMENT_DELAYED | StageEventKind.SHIPMENT_REROUTED:
            _delay(state, run, fact)


def _run_meant(state: OrderState, fact: Fact) -> RunState:
    """The run a fact speaks of; an attempt that says more than its re-opened stages re-opens from there."""
    attempt = fact.attempt or state.attempt
    if fact.attempt and fact.attempt == state.attempt > 1 and (attempt, fact.stage) not in state.runs:
        _reopen(state, attempt, fact.stage, fact.occurred_at)
    return state.run_of(fact.stage, attempt)


def _opens_attempt(state: OrderState, fact: Fact, attempt: int) -> bool:
    """A new manufacturing run: re-open the flow's restart stage and all that follow it.

    A number that skips one is more likely mistyped than true: until the one before is heard of it opens nothing, and
    nothing of another attempt follows from what was said of this one.
    """
    if attempt > state.attempt + 1:
        why = f"names attempt {attempt}, but attempt {state.attempt} is the newest: it does not count"
        note_surprise(state, fact, "contradicts", why)
        return False
    failures = [run.failed_at for run in state.runs.values() if run.attempt == state.attempt and run.failed_at]
    if not failures or state.infused_at:
        note_unasked_attempt(state, fact, attempt)
    state.attempt = attempt
    _reopen(state, state.attempt, state.flow.restart_stage, max(failures, default=fact.occurred_at))
    return True


def _reopen(state: OrderState, attempt: int, start: str, opened_at: datetime) -> None:
    reopened = [code for code in state.flow.stages if code in state.flow.followers[start]]
    for code in reopened:
        state.runs.setdefault((attempt, code), RunState(attempt=attempt, stage=code))
        state.touched.add((attempt, code))
    for code in reopened:
        _refresh_readiness(state, state.flow.stages[code], attempt, not_before=opened_at)


def _refresh_readiness(state: OrderState, plan: StagePlan, attempt: int, not_before: datetime | None = None) -> None:
    """Set or take back `ready_at` of a stage after one of those that it waits for has changed."""
    run = state.run_of(plan.code, attempt)
    awaited = awaited_runs(state, plan, attempt)
    if all(before.is_done for before in awaited):
        moments = [before.completed_at for before in awaited if before.completed_at]
        if run.ready_at is None and run.started_at is None and not run.is_done:
            _make_ready(run, max([*moments, *([not_before] if not_before else [])]))
    elif run.status in (StageStatus.PENDING, StageStatus.READY):
        run.status, run.ready_at = StageStatus.PENDING.value, None
    state.touched.add((run.attempt, run.stage))


def _refresh_followers(state: OrderState, run: RunState, not_before: datetime | None = None) -> None:
    for plan in (plan for plan in state.flow.stages.values() if run.stage in plan.after):
        _refresh_readiness(state, plan, state.attempt, not_before)
        if is_earlier(plan, follower := state.run_of(plan.code, run.attempt)):
            _refresh_followers(state, follower)


def _make_ready(run: RunState, moment: datetime) -> None:
    run.ready_at = moment
    if run.status == StageStatus.PENDING:
        run.status = StageStatus.READY.value


def _status_without_hold(run: RunState) -> str:
    if run.started_at:
        return StageStatus.RUNNING.value
    return StageStatus.READY.value if run.ready_at else StageStatus.PENDING.value


def _delay(state: OrderState, run: RunState, fact: Fact) -> None:
    plan = state.flow.stages[run.stage]
    if plan.kind != StageKind.TRANSPORT:
        return
    keep_delay(run, fact)
    if not note_delay(state, run, fact) or is_bound_elsewhere(plan, run):
        move_arrival(plan, run, fact)


def _start(state: OrderState, run: RunState, fact: Fact) -> None:
    if run.is_done:
        return note_surprise(state, fact, REASON_AFTER_END, "after it had already ended")
    note_missing_predecessors(state, run, fact)
    if run.status == StageStatus.FAILED:
        note_tested_again(state, run, fact)
        run.ready_at, run.started_at, run.failed_at = run.failed_at, None, None
        forget_agreed(run)
    note_other_moment(state, fact, run.started_at, "other_start", "start")
    run.started_at = run.started_at or fact.occurred_at
    if run.status != StageStatus.HELD:
        run.status = StageStatus.RUNNING.value


def _complete(state: OrderState, run: RunState, fact: Fact) -> None:
    if run.is_done:
        note_other_end(state, run, fact)
        return
    if run.status == StageStatus.FAILED:
        note_surprise(state, fact, "contradicts", "after it had failed, without a new start")
        return
    could_begin_at = None
    if is_earlier(plan := state.flow.stages[run.stage], run):  # it waited for nothing of this order
        could_begin_at, run.ready_at = run.ready_at, None
    else:
        note_missing_predecessors(state, run, fact)
    skipped = fact.kind == StageEventKind.SKIPPED
    run.status = (StageStatus.SKIPPED if skipped else StageStatus.COMPLETED).value
    run.completed_at, run.held_at = fact.occurred_at, None
    end_hold_with_dose(state)
    short = hardly_lasted(plan, run.started_at, fact.occurred_at, ready_at=run.ready_at)
    if short and not skipped and not is_confirmed(fact.payload, is_of_system=fact.is_of_system):
        note_surprise(state, fact, "too_short", short)
    if skipped and (run.stage == state.flow.exit or plan.kind == StageKind.RELEASE):
        note_surprise(state, fact, "contradicts", "but no order goes on without it: report what really happened")
    _refresh_followers(state, run, could_begin_at)


def _fail(state: OrderState, run: RunState, fact: Fact) -> None:
    if run.status == StageStatus.FAILED:
        note_other_moment(state, fact, run.failed_at, "other_end", "failure")
        return
    note_missing_predecessors(state, run, fact)
    was_done = run.is_done
    if was_done:
        note_surprise(state, fact, "contradicts", "after it had been reported completed")
    run.status, run.failed_at = StageStatus.FAILED.value, fact.occurred_at
    run.completed_at = run.held_at = None
    if was_done:
        _refresh_followers(state, run)
