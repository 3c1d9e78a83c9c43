"""Keeping between which waits of pools each judgement stands: the only writer of PoolWaitLimit."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from batches.forecasts.rules.wait_limits import WaitLimits, WaitReach
from batches.judgement.rules.findings import Place
from supplychain.ids import new_id
from supplychain.sql import Writes, read, texts

TABLE = "batches_poolwaitlimit"
STANDING_SQL = f"""SELECT order_id, site_id::text, pool, id, low, high FROM {TABLE}
    WHERE order_id = ANY(%(ids)s::uuid[])"""


class StandingLimits(NamedTuple):
    """The limits of one order as they are kept, and the rows in which they are."""

    limits: dict[Place, WaitLimits]
    rows: dict[Place, UUID]


def standing_limits(order_ids: Iterable[UUID]) -> dict[UUID, StandingLimits]:
    """The limits that stand for each of these orders; one query."""
    found = {order_id: StandingLimits({}, {}) for order_id in order_ids}
    for order_id, site, pool, row_id, low, high in read(STANDING_SQL, ids=texts(found)):
        found[order_id].limits[site, pool] = WaitLimits(low, high)
        found[order_id].rows[site, pool] = row_id
    return found


class JudgedReach(NamedTuple):
    """How far waits may move by the newest judgement of an order, and what stood until then."""

    order_id: UUID
    reach: WaitReach
    standing: StandingLimits


def keep_limits(writes: Writes, judged: Iterable[JudgedReach]) -> None:
    """Have written what changed: for most judgements nothing."""
    new: list[tuple[UUID, UUID, str, str, float, float]] = []
    moved: list[tuple[UUID, float, float]] = []
    gone: list[UUID] = []
    for order_id, reach, (before, rows) in judged:
        after = reach.limits(before)
        new += [(new_id(), order_id, *place, *limits) for place, limits in after.items() if place not in before]
        moved += [(rows[place], *limits) for place, limits in _moved(before, after)]
        gone += [rows[place] for place in before.keys() - after.keys()]
    writes.delete(TABLE, "id", gone)
    writes.update(TABLE, ("id", "low", "high"), moved)
    writes.insert(TABLE, ("id", "order_id", "site_id", "pool", "low", "high"), new)


def _moved(before: Mapping[Place, WaitLimits], after: Mapping[Place, WaitLimits]) -> Iterable[tuple[Place, WaitLimits]]:
    return ((place, limits) for place, limits in after.items() if before.get(place, limits) != limits)


def forget_limits(writes: Writes, order_ids: Iterable[UUID]) -> None:
    """Have no wait wake these orders: they could not be judged and are tried again by the clock."""
    writes.delete(TABLE, "order_id", order_ids)
