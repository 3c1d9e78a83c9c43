"""Until when the cells of an order may wait, in words: for the dialog of an answer and for mails. Pure."""

from collections.abc import Mapping
from datetime import datetime

from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.orders.rules.holds import JUDGE_CELLS
from supplychain.orders.rules.overtaken import overtaken
from supplychain.orders.rules.states import RunState
from supplychain.orders.rules.waits import PermittedWait, is_stored, limit_now
from supplychain.orders.statuses import ACTIVE_STAGE_STATUSES
from supplychain.sentences import moment_mark
from supplychain.words import span_words


def cells_clocks(flow: FlowPlan, runs: Mapping[str, RunState], now: datetime, rest: str = "") -> list[str]:
    """A sentence for each limit that runs, the first to end first, and of one that has passed who decides then; of
    cells in storage there is none. `rest`: what more is said of one that runs."""
    left = overtaken(flow, runs, now)
    active = [plan for code, plan in flow.stages.items() if code not in left and code in runs]
    limits = [(limit.until, plan.name) for plan in active if (limit := _limit(plan, runs[plan.code]))]
    return [_words(until, name, now, rest) for until, name in sorted(limits) if not is_stored(until, now)]


def _limit(plan: StagePlan, run: RunState) -> PermittedWait | None:
    return limit_now(plan, run) if run.status in ACTIVE_STAGE_STATUSES else None


def _words(until: datetime, name: str, now: datetime, rest: str) -> str:
    clock, span = f"The clock of the cells ({name})", span_words(abs(until - now))
    if until <= now:
        return f"{clock} ran out {moment_mark(until)}, {span} ago: quality assurance has to {JUDGE_CELLS}."
    return f"{clock}: until {moment_mark(until)}, {span} left.{rest}"
