"""Until when the cells of an order may wait, in words: for the dialog of an answer and for mails. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.flag_ends import SETTLED
from supplychain.orders.rules.holds import JUDGE_CELLS
from supplychain.orders.rules.interlocks import Stop
from supplychain.orders.rules.overtaken import overtaken
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import PermittedWait, is_storage_end, is_stored, limit_now
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES, Doubt
from supplychain.sentences import day_mark, moment_mark
from supplychain.words import span_words


class ToldBudget(NamedTuple):
    """What is left of a limit that runs for a stage of an order, in a sentence (the hold-time budget)."""

    order_id: UUID
    stage: str
    words: str


def cells_times(
    flow: FlowPlan,
    runs: Mapping[str, RunState],
    now: datetime,
    budgets: Mapping[str, str],
    decided: Collection[str] = (),
) -> list[str]:
    """A sentence for every limit of the cells, the first to end first: its budget (`budgets`: by stage) where it is
    told, once it has passed who decides, and of cells in storage when that ends."""
    found = []
    for until, plan in _limits(flow, runs, now):
        limit = _limit(plan, runs[plan.code])
        is_over = until <= now
        if is_storage_end(limit, now):
            found.append(f"{plan.name}: the cells’ storage ends {day_mark(until)}.")
            continue
        found += [budgets[plan.code]] if plan.code in budgets else []
        if is_over or plan.code not in budgets:
            found.append(_words(limit, plan.name, now, "", is_decided=plan.code in decided))
    return found


def cells_clocks(
    flow: FlowPlan, runs: Mapping[str, RunState], now: datetime, rest: str = "", decided: Collection[str] = ()
) -> list[str]:
    """A sentence for each limit that runs, the first to end first, and of one that has passed who decides then; of
    cells in storage there is none. `rest`: what more is said of one that runs; `decided`: stages of whose cells quality
    assurance has decided (decided_on)."""
    return [
        _words(_limit(plan, runs[plan.code]), plan.name, now, rest, is_decided=plan.code in decided)
        for until, plan in _limits(flow, runs, now)
        if not is_stored(until, now)
    ]


def _limits(flow: FlowPlan, runs: Mapping[str, RunState], now: datetime) -> list[tuple[datetime, StagePlan]]:
    """The limits that run, and the stages whose they are, the first to end first."""
    left = overtaken(flow, runs, now)
    active = [plan for code, plan in flow.stages.items() if code not in left and code in runs]
    limits = [(limit.until, plan) for plan in active if (limit := _limit(plan, runs[plan.code]))]
    return sorted(limits, key=lambda one: (one[0], one[1].name))


def decided_on(stops: Iterable[Stop]) -> set[str]:
    """The stages of whose cells, once their wait was over, quality assurance has decided."""
    return {one.stage for one in stops if one.doubt == Doubt.CELLS and one.end == SETTLED and one.settlement}


def _limit(plan: StagePlan, run: RunState) -> PermittedWait | None:
    return limit_now(plan, run) if run.status in ACTIVE_STAGE_STATUSES else None


def _words(limit: PermittedWait | None, name: str, now: datetime, rest: str, *, is_decided: bool) -> str:
    if limit is None:
        return ""
    until = limit.until
    clock, span = f"The clock of the cells ({name})", span_words(abs(until - now))
    if until <= now < limit.expires_at:  # the grace for what is reported late: its flag counts it, too
        return f"{clock} ended {moment_mark(until)}, {span} ago: {name} must begin at once, or is to be reported begun."
    if until <= now:
        ask = "has decided on them" if is_decided else f"has to {JUDGE_CELLS}"
        return f"{clock} ran out {moment_mark(until)}, {span} ago: quality assurance {ask}."
    return f"{clock}: until {moment_mark(until)}, {span} left.{rest}"
