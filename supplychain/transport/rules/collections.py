"""What a collection stage's run says of the apheresis."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from supplychain.flows.rules.checklists import KNOWN
from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.collections import PointLeft, answers_kept, left_open
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.transport.statuses import CollectionStatus


class CollectionFacts(NamedTuple):
    """An apheresis appointment and what came of it; moments as ISO text or datetime, None when unknown.

    `answers`: all that was answered of it, by code; what every record has stands in the columns of its code.
    `open_points`: with which it ended, as they are kept.
    """

    status: str
    donation_number: str
    planned_start_at: object
    planned_end_at: object
    started_at: object
    ended_at: object
    kit_number: str = ""
    kit_lot: str = ""
    kit_expires_on: str | None = None
    anticoagulant: str = ""
    volume_ml: float | None = None
    nucleated_cells_e9: float | None = None
    cd3_cells_e9: float | None = None
    viability_percent: float | None = None
    haematocrit_percent: float | None = None
    preservation: str = ""
    answers: Mapping[str, Any] = {}
    open_points: Sequence[PointLeft] = ()


def collection_of(plan: StagePlan, run: RunState) -> CollectionFacts | None:
    """The collection behind `run`; None until it is planned or begun."""
    if run.status == StageStatus.SKIPPED or not (run.planned_start_at or run.started_at or run.is_done or run.details):
        return None
    if run.is_done:
        status = CollectionStatus.COMPLETED
    elif run.status == StageStatus.FAILED:
        status = CollectionStatus.FAILED
    else:
        status = CollectionStatus.RUNNING if run.started_at else CollectionStatus.PLANNED
    return CollectionFacts(
        status.value,
        run.details.get("donation_number", ""),
        run.planned_start_at,
        run.planned_end_at,
        run.started_at,
        run.completed_at or run.failed_at,
        answers=(answers := answers_kept(run)),
        open_points=[point.left for point in left_open(plan, run)],
        **{code: answers[code] for code in KNOWN if code in answers},
    )
