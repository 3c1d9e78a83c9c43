"""What a collection stage's run says of the apheresis."""

from typing import NamedTuple

from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.transport.statuses import CollectionStatus


class CollectionFacts(NamedTuple):
    """An apheresis appointment and what came of it; moments as ISO text or datetime, None when unknown."""

    status: str
    donation_number: str
    planned_start_at: object
    planned_end_at: object
    started_at: object
    ended_at: object


def collection_of(run: RunState) -> CollectionFacts | None:
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
    )
