"""How long one order usually holds a place of a pool, told from the stages that go on in it. Pure."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import NamedTuple
from uuid import UUID

# For a pool that no current flow names: long enough to be no reason for haste.
UNKNOWN_SERVICE_HOURS = 24.0
FIRST_OF_ALL = 0


class PooledStage(NamedTuple):
    """One stage of a current flow that needs a pool; hours as the flow plans them."""

    flow_id: UUID
    product_id: UUID
    position: int
    code: str
    pool: str
    keeps_pool: bool
    planned_hours: float


def usual_service_hours(stages: Iterable[PooledStage], pool: str, typical: Mapping[tuple[UUID, str], float]) -> float:
    """Mean over the flows of the hours that an order holds one place of `pool`: the stages that share the place summed.

    `typical`: the site's own median (hours) by product and stage code, where there are enough past runs; else the
    planned duration counts.
    """
    held: list[float] = []
    last_flow = None
    for stage in sorted(stage for stage in stages if stage.pool == pool):
        hours = typical.get((stage.product_id, stage.code), stage.planned_hours)
        if stage.keeps_pool and last_flow == stage.flow_id:
            held[-1] += hours
        else:
            held.append(hours)
        last_flow = stage.flow_id
    return fmean(held) if held else UNKNOWN_SERVICE_HOURS


def pool_position(stages: Iterable[PooledStage], pool: str) -> int:
    """Place of the pool in the line: that of the first stage of any current flow that needs it."""
    return min((stage.position for stage in stages if stage.pool == pool), default=FIRST_OF_ALL)
