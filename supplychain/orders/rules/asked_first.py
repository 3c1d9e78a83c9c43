"""What is to be asked of the plant before cells are collected: nobody makes a dose of cells that no plant awaits. Pure.

What happened is never refused: pages say it, and whoever reports it.
"""

from collections.abc import Iterable, Mapping, Sequence

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import Direction, StageKind, StagePlace
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import OrderEventKind, StageEventKind, StageStatus

# What is said of a stage that books it, or that it began.
BEGINS = (StageEventKind.SCHEDULED, StageEventKind.STARTED, StageEventKind.COMPLETED)
UNCONFIRMED = "it has not confirmed the order"
NOT_CONFIRMED = "The plant has not confirmed the order."
SENT_UNCONFIRMED = f"{NOT_CONFIRMED} Tell it that the cells come; hand them over all the same, for their time runs."


def awaits_confirmation(flow: FlowPlan, runs: Mapping[str, RunState], *, is_confirmed: bool) -> bool:
    """Whether the plant has still to confirm the order: until it did, or has begun to work on the cells itself.

    `runs`: by stage. That cells were collected, or handed over to a courier, is no word of the plant.
    """
    collections = {code for code, plan in flow.stages.items() if plan.kind == StageKind.COLLECTION}
    behind = {after for code in collections for after in flow.followers[code]} if collections else set(flow.stages)
    at_work = [code for code in behind - collections if not _is_way_there(flow.stages[code])]
    return not is_confirmed and not any((run := runs.get(code)) and (run.started_at or run.is_done) for code in at_work)


def _is_way_there(plan: StagePlan) -> bool:
    return plan.direction == Direction.INBOUND or plan.place == StagePlace.COLLECTION_SITE


def are_sent_unconfirmed(
    flow: FlowPlan, runs: Mapping[str, RunState], plan: StagePlan, *, is_confirmed: bool
) -> bool:  # fmt: skip
    """Whether this hands collected cells over to a plant that has not confirmed the order. Nobody is kept from it: the
    time of the cells runs."""
    run = runs.get(plan.code)
    is_to_go = plan.direction == Direction.INBOUND and run is not None and run.started_at is None
    return is_to_go and awaits_confirmation(flow, runs, is_confirmed=is_confirmed)


def reasons_to_ask(
    flow: FlowPlan, runs: Mapping[str, RunState], plan: StagePlan, stops: Sequence[Stop], *, is_confirmed: bool
) -> list[str]:
    """Why the plant is asked before this stage is booked or begins: “it has not confirmed the order”. Empty: it is no
    collection, it has begun, or nothing speaks against it."""
    run = runs.get(plan.code)
    if run is None or not _is_to_collect(plan, run):
        return []
    unconfirmed = [UNCONFIRMED] if awaits_confirmation(flow, runs, is_confirmed=is_confirmed) else []
    return [*unconfirmed, *(stop.asks_first.why for stop in stops if stop.asks_first and _is_about(stop, plan, run))]


def _is_to_collect(plan: StagePlan, run: RunState) -> bool:
    return plan.kind == StageKind.COLLECTION and run.status in (StageStatus.PENDING, StageStatus.READY)


def _is_about(stop: Stop, plan: StagePlan, run: RunState) -> bool:
    return stop.asks_first is not None and stop.asks_first.stage == plan.code and run.started_at is None


def question_first(
    flow: FlowPlan, runs: Mapping[str, RunState], plan: StagePlan | None, kind: str, stops: Iterable[Stop], *,
    is_confirmed: bool,
) -> str:  # fmt: skip
    """What a person is asked who books or begins what is to wait: the plant has not confirmed the order, or the
    sentences of the flags that say so, which who confirms it is asked, too. Empty: nothing."""
    if plan is None:
        return " ".join(_told(stop) for stop in stops if stop.asks_first and kind == OrderEventKind.CONFIRMED)
    if kind not in BEGINS:
        return ""
    run = runs[plan.code]
    is_open = _is_to_collect(plan, run) and awaits_confirmation(flow, runs, is_confirmed=is_confirmed)
    told = [_told(stop) for stop in stops if _is_about(stop, plan, run)]
    return " ".join([*([NOT_CONFIRMED] if is_open else []), *told])


def _told(stop: Stop) -> str:
    """A critical flag is shown in full already."""
    if stop.is_critical and stop.asks_first:
        return f"{stop.asks_first.why[:1].upper()}{stop.asks_first.why[1:]}."
    return f"{stop.words}: {stop.why} {stop.next_step}"
