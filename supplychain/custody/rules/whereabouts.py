"""Whether a dose is where the reports of its stages say: with its courier, or at the infusion site. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from supplychain.custody.rules.words import holder_words
from supplychain.flows.rules.plans import FlowPlan
from supplychain.flows.statuses import Direction
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import Ending, Holder, StageStatus


class LastHolder(NamedTuple):
    """Who the last hand-over that has come left the cells with (Holder), or how their custody ended (Ending)."""

    holder: str
    since: datetime
    name: str = ""
    place: str = ""
    site: Any = None

    @property
    def is_destroyed(self) -> bool:
        """Whether the cells are no more."""
        return self.holder == Ending.DESTROYED


def is_elsewhere(flow: FlowPlan, runs: Mapping[str, RunState], last: LastHolder | None, now: datetime) -> bool:
    """Whether a dose that left the plant for the infusion site, or arrived there, is said to be with somebody else."""
    ways = [runs.get(plan.code) for plan in flow.stages.values() if plan.direction == Direction.OUTBOUND]
    if last is None or not ways or not all(run and _has_left(run, now) for run in ways):
        return False
    there = all(run and run.status == StageStatus.COMPLETED and _is_past(run.completed_at, now) for run in ways)
    return last.holder != Holder.INFUSION_SITE and (there or last.holder != Holder.COURIER)


def where_words(last: LastHolder, say: Callable[[datetime], str]) -> str:
    """“the dose is with the courier since today 08:40, as was reported last”, its moment as `say` writes it."""
    since = say(last.since)
    if last.holder in Ending.values:
        return f"the dose was {'destroyed' if last.is_destroyed else 'given to the patient'}, as was reported, {since}"
    return f"the dose is with {holder_words(last.holder, last.name, last.place)} since {since}, as was reported last"


def _has_left(run: RunState, now: datetime) -> bool:
    return run.status in (StageStatus.RUNNING, StageStatus.COMPLETED) and _is_past(
        run.started_at or run.completed_at, now
    )


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
