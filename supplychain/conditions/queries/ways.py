"""Reads of from when to when the cells of a shipment were on their way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from supplychain.conditions.rules.ways import EVER, Way, way_of
from supplychain.custody.queries import hand_overs_told
from supplychain.custody.rules.transfers import ENDS, LONGEST_GAP
from supplychain.orders.models import StageRun
from supplychain.orders.rules.surprises import REASON_AFTER_END, REASON_OTHER_END
from supplychain.orders.statuses import Holder
from supplychain.transport.models import Shipment


def way_read(shipment: Shipment) -> Way:
    """From when to when the cells of a shipment with readings were on their way."""
    run = shipment.stage_run
    return way_of_shipment(shipment, run, run.order.surprises, handed_over_at=taken_at(shipment, run))


def taken_at(shipment: Shipment, run: StageRun) -> datetime | None:
    """When the courier took the cells by a hand-over alone; None: the transport's start was reported, or neither."""
    if shipment.picked_up_at:
        return None
    giver, earliest = ENDS[shipment.direction][0], run.ready_at - LONGEST_GAP if run.ready_at else EVER
    told = hand_overs_told([run.order_id]).get(run.order_id, ())
    taken = (one.at for one in told if (one.giver, one.taker) == (giver, Holder.COURIER))
    return min((at for at in taken if at >= earliest), default=None)


def way_of_shipment(
    shipment: Shipment,
    run: StageRun,
    surprises: Sequence[Mapping[str, Any]],
    *,
    handed_over_at: datetime | None = None,
) -> Way:
    """From when to when its cells were on their way; `surprises`: those of its order; `handed_over_at`: rules.ways."""
    own = [one for one in surprises if (one["stage"], one.get("attempt")) == (run.stage.code, run.attempt)]
    packed_at = shipment.packing.get("at")
    return way_of(
        shipment.picked_up_at, shipment.delivered_at, packed_at and datetime.fromisoformat(packed_at), run.ready_at,
        handed_over_at=handed_over_at,
        other_ends=_moments_of(own, REASON_OTHER_END), late_pickups=_moments_of(own, REASON_AFTER_END),
    )  # fmt: skip


def _moments_of(surprises: Sequence[Mapping[str, Any]], reason: str) -> list[datetime]:
    return [datetime.fromisoformat(one["at"]) for one in surprises if one["reason"] == reason]
