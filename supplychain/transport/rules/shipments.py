"""What a transport stage's run says of the shipment."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from supplychain.flows.rules.plans import StagePlan
from supplychain.orders.rules.agreed_ends import UNKNOWN_SINCE
from supplychain.orders.rules.delays import DELAYS
from supplychain.orders.rules.packing import PACKED, UNPACKED, packing_of
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.transport.rules.packaging import packaging_faults
from supplychain.transport.statuses import ShipmentStatus


class ShipmentFacts(NamedTuple):
    """One transport; planned moments as ISO text or datetime, None when unknown."""

    status: str
    courier: str
    tracking_number: str
    planned_pickup_at: object
    planned_delivery_at: object
    picked_up_at: object
    delivered_at: object
    shipper_number: str
    qualified_until: object
    expected_delivery_at: object = None
    arrival_unknown: bool = False
    delays: list[dict[str, Any]] = []
    packing: Mapping[str, Any] = {}
    unpacking: Mapping[str, Any] = {}
    packaging_faults: Sequence[Sequence[Any]] = ()


def shipment_of(plan: StagePlan, run: RunState) -> ShipmentFacts | None:
    """The shipment behind `run`; None until it is planned or picked up."""
    if run.status == StageStatus.SKIPPED or not (run.planned_start_at or run.started_at or run.is_done or run.details):
        return None
    if run.is_done:
        status = ShipmentStatus.DELIVERED
    elif run.status == StageStatus.FAILED:
        status = ShipmentStatus.FAILED
    else:
        status = ShipmentStatus.IN_TRANSIT if run.started_at else ShipmentStatus.PLANNED
    said = run.details
    return ShipmentFacts(
        status.value,
        run.courier,
        said.get("tracking_number", ""),
        said.get("planned_pickup_at", run.planned_start_at),
        said.get("planned_delivery_at", run.planned_end_at),
        run.started_at,
        run.completed_at,
        said.get("shipper_number", ""),
        said.get("qualified_until"),
        run.expected_end,
        bool(said.get(UNKNOWN_SINCE)),
        said.get(DELAYS, []),
        packing_of(run, PACKED),
        packing_of(run, UNPACKED),
        [list(fault) for fault in packaging_faults(plan, run)],
    )
