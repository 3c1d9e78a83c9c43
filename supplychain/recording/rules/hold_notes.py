"""What whoever puts an order or a stage on hold must know: what stops, what goes on, the cells' clocks, who lifts it.

Pure.
"""

from collections.abc import Sequence
from datetime import datetime

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.cells_clock import cells_clocks
from supplychain.orders.rules.duties import hold_ends, holder_words, holders_of
from supplychain.orders.rules.followed import followed_first
from supplychain.orders.rules.holds import is_kept
from supplychain.orders.rules.interlocks import Stop, binding_stops
from supplychain.orders.rules.standing import is_at_work
from supplychain.orders.rules.states import OrderState
from supplychain.orders.statuses import StageEventKind, StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import listed_words, with_verb

ORDER_STOPS = "Until the hold is lifted nothing of the order begins, is skipped or is released."
ORDER_GOES_ON = "What is at work goes on, and its end is to be reported"
KEPT = "must not be carried on: a critical flag stops it, with the hold or without"
STAGE_STOPS = "what is at work stops where it is; what has not begun, and what waits for it, does not begin."
STAGE_GOES_ON = "Everything else of the order goes on."


def hold_notes(state: OrderState, stage: str, now: datetime, stops: Sequence[Stop] = ()) -> list[str]:
    """Of a hold of this stage (empty: of the whole order); `stops`: the order's critical flags."""
    plan = state.flow.stages[stage] if stage else None
    told = _stage_words(state, plan, now, stops) if plan else order_stops(state, now, stops)
    follows = [] if plan else must_follow(state, now)
    return [told, *follows, *clocks_on_hold(state, now), lifted_by(plan)]


def must_follow(state: OrderState, now: datetime) -> list[str]:
    """What has to begin soon behind the work that goes on during a hold of the whole order."""
    first = followed_first(state.flow, {code: state.run_of(code) for code in state.flow.stages}, now)
    return [first.words] if first else []


def held_note(state: OrderState, stage: str, now: datetime) -> str:
    """Of the end of work behind which cells may hardly wait, reported while the whole order is on hold; empty: it is
    not, or they may."""
    runs = {stage: state.run_of(stage)} if stage else {}
    first = followed_first(state.flow, runs, now) if state.held_at else None
    if first is None:
        return ""
    held = f"The whole order is on hold since {moment_mark(state.held_at)}"
    return f"{held}: {first.must_follow}. Have the hold lifted first, or now."


def despite_note(state: OrderState, stage: str) -> str:
    """Of the end of work that began although the whole order is on hold: that it is; empty: it did not."""
    run = state.run_of(stage) if stage else None
    if run is None or run.status != StageStatus.RUNNING or not is_kept(run, state.held_at):
        return ""
    plan = state.flow.stages[stage]
    ends = "once the dose was infused" if stage == state.flow.exit else "only when it is " + hold_ends(of_stage=False)
    held = f"The whole order has been on hold since {moment_mark(state.held_at)}"
    return f"{held}, and {plan.name} was begun in spite of it: say what really happened. The hold ends {ends}."


def hold_notes_of_all(flow: FlowPlan, stage: str) -> list[str]:
    """What holds of each of several orders that are put on hold together."""
    if stage:
        plan = flow.stages[stage]
        return [f"{plan.name}: {STAGE_STOPS} {STAGE_GOES_ON}", lifted_by(plan)]
    return [f"{ORDER_STOPS} {ORDER_GOES_ON}.", lifted_by(None)]


def clocks_on_hold(state: OrderState, now: datetime) -> list[str]:
    """The clocks of the cells: no hold stops them."""
    runs = {code: state.run_of(code) for code in state.flow.stages}
    return cells_clocks(state.flow, runs, now, rest=" It runs on during the hold.")


def lifted_by(plan: StagePlan | None) -> str:
    """Who may lift the hold, and how else it ends."""
    ends = hold_ends(of_stage=plan is not None)
    return f"It stands until it is {ends}; {holder_words(holders_of(plan, StageEventKind.RESUMED))} may resume it."


def order_stops(state: OrderState, now: datetime, stops: Sequence[Stop] = ()) -> str:
    """What stops and what goes on while the whole order is on hold (sequence.py, DESPITE_HOLD); what a flag stops is
    said not to go on."""
    going_on, kept = _at_work(state, now, stops)
    said = [ORDER_STOPS, *([f"{listed_words(kept)} {KEPT}."] if kept else [])]
    if going_on or not kept:
        said.append(f"{ORDER_GOES_ON}{f': {listed_words(going_on)}' if going_on else ''}.")
    return " ".join(said)


def kept_words(state: OrderState, now: datetime, stops: Sequence[Stop]) -> str:
    """What is at work and goes on no more, hold or not, for a critical flag stops it; empty: nothing."""
    _, kept = _at_work(state, now, stops)
    return f"{listed_words(kept)} {KEPT}." if kept else ""


def _at_work(state: OrderState, now: datetime, stops: Sequence[Stop]) -> tuple[list[str], list[str]]:
    """Names of what is at work and goes on during a hold, and of what critical flags stop."""
    runs = ((stage, state.run_of(code)) for code, stage in state.flow.stages.items())
    running = ((stage, run) for stage, run in runs if run.status == StageStatus.RUNNING)
    running = ((stage, run) for stage, run in running if stage.kind != StageKind.RELEASE)  # which ends in a release
    at_work = [stage for stage, run in running if is_at_work(run.status, run.started_at, now)]
    kept = [one for one in at_work if binding_stops(state.flow, stops, StageEventKind.COMPLETED, one)]
    return [one.name for one in at_work if one not in kept], [one.name for one in kept]


def _stage_words(state: OrderState, plan: StagePlan, now: datetime, stops: Sequence[Stop]) -> str:
    run = state.run_of(plan.code)
    if is_at_work(run.status, run.started_at, now):
        halted = f"{with_verb(plan.name, 'stops')} where it is, and what waits for it does not begin"
    else:
        halted = f"neither {plan.name} nor what waits for it begins"
    goes_on = kept_words(state, now, stops) or STAGE_GOES_ON
    return f"Until the hold is lifted {halted}. {goes_on}"
