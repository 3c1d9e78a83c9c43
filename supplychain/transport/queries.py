"""On which lanes shipments are."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from supplychain.orders.statuses import StageStatus
from supplychain.sql import read
from supplychain.transport.rules.lanes import Lane

# A lane of the shipment's courier before one for whoever carries it; of two attempts the newer one counts.
LANES_SQL = """SELECT run.order_id, stage.code, lane.courier, lane.usual_hours, lane.customs_hours,
        lane.cut_offs::text[], site.time_zone
    FROM supplychain_stagerun run
    JOIN supplychain_stage stage ON stage.id = run.stage_id
    JOIN supplychain_shipment shipment ON shipment.stage_run_id = run.id AND shipment.withdrawn_at IS NULL
    JOIN supplychain_site site ON site.id = shipment.from_site_id
    CROSS JOIN LATERAL (
        SELECT courier, usual_hours, customs_hours, cut_offs FROM supplychain_lane
        WHERE from_site_id = shipment.from_site_id AND to_site_id = shipment.to_site_id AND is_active
            AND (courier = '' OR UPPER(courier) = UPPER(shipment.courier))
        ORDER BY courier = '' LIMIT 1
    ) lane
    WHERE run.order_id = ANY(%(ids)s::uuid[]) AND run.status = %(running)s
    ORDER BY run.order_id, run.attempt"""


def lanes_of(order_ids: list[str]) -> dict[UUID, Mapping[str, Lane]]:
    """The lanes on which shipments of these orders (ids as text) are under way, by the code of their stage; one
    query."""
    found: dict[UUID, dict[str, Lane]] = {}
    for order_id, stage, courier, usual, customs, cut_offs, zone in read(
        LANES_SQL, ids=order_ids, running=StageStatus.RUNNING.value
    ):
        times = tuple(map(time.fromisoformat, cut_offs))
        found.setdefault(order_id, {})[stage] = Lane(courier, usual, customs, times, zone)
    return dict(found)
