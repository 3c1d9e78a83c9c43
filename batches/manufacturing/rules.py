"""What the stage runs of one attempt say of the batch made in it. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from batches.manufacturing.statuses import BatchStatus
from supplychain.flows.rules.plans import FlowPlan, StagePlan
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.states import OrderState, RunState
from supplychain.orders.statuses import StageStatus

BATCH_STAGE_KINDS = frozenset({StageKind.MANUFACTURING, StageKind.QUALITY_CONTROL, StageKind.RELEASE})


class BatchFinding(NamedTuple):
    """A batch as its stage runs show it. `suites`: what may be the suite's code, the best guess first."""

    number: str
    suites: tuple[str, ...]
    status: BatchStatus
    started_at: datetime | None
    harvested_at: datetime | None
    released_at: datetime | None
    failed_at: datetime | None


def touches_batch(flow: FlowPlan, stages: Iterable[str]) -> bool:
    """Whether one of `stages` (codes) is one that a batch is made of."""
    return any(code in flow.stages and flow.stages[code].kind in BATCH_STAGE_KINDS for code in stages)


def batch_of(state: OrderState, attempt: int) -> BatchFinding | None:
    """The batch made in `attempt`; None while nothing has been said of it (that it could start says nothing).

    Making begins with the stage that takes the place in which later ones go on (receiving the cells is not making)
    and ends with the last manufacturing stage. A failure outweighs all else, after release too.
    """
    plans = [plan for plan in state.flow.stages.values() if plan.kind in BATCH_STAGE_KINDS]
    runs = [(plan, run) for plan in plans if (run := state.runs.get((attempt, plan.code)))]
    spoken = [(plan, run) for plan, run in runs if _has_been_spoken_of(run)]
    if not spoken:
        return None
    made_in = _making_stages(plans)
    making = [(plan, run) for plan, run in runs if plan.code in made_in]
    started = min((run.started_at for _, run in making if run.started_at), default=None)
    harvested = making[-1][1].completed_at if making else None
    tested = [run for plan, run in runs if plan.kind == StageKind.QUALITY_CONTROL and run.started_at]
    releases = [run for plan, run in runs if plan.kind == StageKind.RELEASE]
    released = [run.completed_at if run.status == StageStatus.COMPLETED else None for run in releases]
    released_at = max((moment for moment in released if moment), default=None) if all(released) else None
    failed_at = max(
        (run.failed_at for _, run in runs if run.status == StageStatus.FAILED and run.failed_at), default=None
    )
    return BatchFinding(
        number=_last_word(spoken, "batch_number"),
        suites=_suites([run for _, run in making]),
        status=_status(failed_at, released_at, harvested or (tested and tested[0].started_at), started),
        started_at=started,
        harvested_at=harvested,
        released_at=released_at,
        failed_at=failed_at,
    )


def _has_been_spoken_of(run: RunState) -> bool:
    done = run.started_at or run.completed_at or run.failed_at or run.held_at
    return bool(done or run.planned_start_at or run.planned_end_at or run.details or run.resource)


def _making_stages(plans: list[StagePlan]) -> set[str]:
    """The manufacturing stages from the one whose place later ones keep; all of them where no place is kept."""
    made = [plan for plan in plans if plan.kind == StageKind.MANUFACTURING]
    kept = {plan.pool for plan in made if plan.keeps_pool}
    first = next((index for index, plan in enumerate(made) if plan.pool in kept), 0)
    return {plan.code for plan in made[first:]}


def _last_word(spoken: list[tuple[StagePlan, RunState]], name: str) -> str:
    return next((run.details[name] for _, run in reversed(spoken) if run.details.get(name)), "")


def _suites(making: list[RunState]) -> tuple[str, ...]:
    """Codes that may name the suite: said to be one, else who or what did the work; the furthest stage first."""
    said = [run.details["suite"] for run in reversed(making) if run.details.get("suite")]
    return tuple(dict.fromkeys([*said, *(run.resource for run in reversed(making) if run.resource)]))


def _status(
    failed_at: datetime | None, released_at: datetime | None, tested_at: datetime | None, started_at: datetime | None
) -> BatchStatus:
    if failed_at:
        return BatchStatus.FAILED
    if released_at:
        return BatchStatus.RELEASED
    if tested_at:
        return BatchStatus.TESTING
    return BatchStatus.IN_PROCESS if started_at else BatchStatus.PLANNED
