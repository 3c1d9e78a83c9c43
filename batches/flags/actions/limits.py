"""Keeping between which waits of pools each judgement stands: the only writer of PoolWaitLimit."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from batches.forecasts.rules.wait_limits import WaitLimits, WaitReach
from batches.judgement.rules.findings import Place
from supplychain.ids import new_id
from supplychain.sql import Writes, read

TABLE = "batches_poolwaitlimit"
# Ids as text: claims read thousands, and few are needed as anything else.
STANDING_SQL = f"""SELECT order_id::text, site_id::text, pool, id::text, low, high FROM {TABLE}
    WHERE order_id = ANY(%(ids)s::uuid[])"""


class StandingLimits(NamedTuple):
    """The limits of one order as they are kept, and the rows in which they are."""

    limits: dict[Place, WaitLimits]
    rows: dict[Place, str]


def standing_limits(order_ids: Iterable[UUID]) -> dict[UUID, StandingLimits]:
    """The limits that stand for each of these orders; one query."""
    found = {order_id: StandingLimits({}, {}) for order_id in order_ids}
    by_text = {str(order_id): limits for order_id, limits in found.items()}
    for order_id, site, pool, row_id, *limits in read(STANDING_SQL, ids=list(by_text)):
        known, rows = by_text[order_id]
        place = site, pool
        known[place], rows[place] = WaitLimits._make(limits), row_id
    return found


class JudgedReach(NamedTuple):
    """How far waits may move by the newest judgement of an order, and what stood until then."""

    order_id: UUID
    reach: WaitReach
    standing: StandingLimits


def keep_limits(writes: Writes, judged: Iterable[JudgedReach]) -> None:
    """Have written what changed: for most judgements nothing."""
    new: list[tuple[UUID, UUID, str, str, float, float]] = []
    moved: list[tuple[str, float, float]] = []
    gone: list[str] = []
    for order_id, reach, (before, rows) in judged:
        after = reach.limits(before)
        if after is before:
            continue
        new += [(new_id(), order_id, *place, *limits) for place, limits in after.items() if place not in before]
        moved += [(rows[place], *limits) for place, limits in after.items() if before.get(place, limits) != limits]
        gone += [rows[place] for place in before.keys() - after.keys()]
    writes.delete(TABLE, "id", gone)
    writes.update(TABLE, ("id", "low", "high"), moved)
    writes.insert(TABLE, ("id", "order_id", "site_id", "pool", "low", "high"), new)


def forget_limits(writes: Writes, order_ids: Iterable[UUID]) -> None:
    """Have no wait wake these orders: they could not be judged and are tried again by the clock."""
    writes.delete(TABLE, "order_id", order_ids)
