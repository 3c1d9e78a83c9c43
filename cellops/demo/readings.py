"""What loggers measured on some of the demo's ways to the plant: as it should be, too warm and waiting for a decision,
too warm and decided."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import sin

from batches.flags.models import Flag
from batches.judgement.statuses import Severity
from cellops.demo.people import shown_by
from supplychain.conditions.actions.deciding import decide_excursion
from supplychain.conditions.actions.receiving import MOST_READINGS, receive_readings
from supplychain.conditions.models import Excursion
from supplychain.conditions.queries import condition_of
from supplychain.orders.actions.events import Reporter
from supplychain.orders.statuses import ExcursionDecision, OrderStatus
from supplychain.people.models import User
from supplychain.transport.models import Shipment
from supplychain.transport.statuses import ShipmentStatus

EVERY = timedelta(minutes=5)
CALM = 4
# When the readings came; a logger runs so long before the hand-over and after the delivery.
HEARD_AGO, AROUND = timedelta(hours=2), timedelta(minutes=30)
# Usual temperature, and how much warmer a warm shipper was at worst, in °C: refrigerated, frozen.
USUAL, USUAL_FROZEN = (4.8, 6.0), (-178.0, 36.0)
# Readings that it took to become warm, and to become cold again.
LONG = 18
REASON = "The maker's stability data cover it; viability at receipt was 94 %."


def write_readings(quality: User, courier: Reporter, now: datetime) -> None:
    """Readings of the last shipments to the plants that nothing else is wrong with."""
    calm = _calm_shipments(now - HEARD_AGO - AROUND)[: CALM + 2]
    for place, shipment in enumerate(calm):
        _measure(shipment, f"TT-{4_100 + place}", courier, now, is_warm=place < 2)
        if place == 0:  # a second logger, deeper in the same shipper, saw nothing
            _measure(shipment, f"TT-{4_200 + place}", courier, now, is_warm=False)
    decided = Excursion.objects.filter(shipment__in=calm[1:2]).first()
    if decided:
        decide_excursion(
            decided.pk, by=quality, decision=ExcursionDecision.USE_AS_IS.value, reason=REASON, seen=decided.digest,
            token=f"demo-{decided.pk}", now=now - timedelta(hours=1),
            proof=shown_by(quality),
        )  # fmt: skip


def _calm_shipments(until: datetime) -> list[Shipment]:
    """The newest shipments that had reached a plant by then, of orders under way without a critical flag."""
    flagged = Flag.objects.filter(cleared_at=None, severity=Severity.CRITICAL).values("order")
    rows = Shipment.objects.filter(
        status=ShipmentStatus.DELIVERED,
        direction="inbound",
        delivered_at__lte=until,
        stage_run__order__status=OrderStatus.IN_PROGRESS,
    ).exclude(stage_run__order__in=flagged)
    rows = rows.select_related("stage_run__order", "stage_run__stage").order_by("-delivered_at", "pk")
    return list(rows)


def _measure(shipment: Shipment, logger: str, courier: Reporter, now: datetime, *, is_warm: bool) -> None:
    order, stage = shipment.stage_run.order, shipment.stage_run.stage.code
    condition = condition_of(shipment)
    usual, warmer = USUAL_FROZEN if condition and condition.is_frozen else USUAL
    rows = [
        {"stage": stage, "logger": logger, "read_at": at.isoformat(), "temperature": degrees}
        for at, degrees in _temperatures(shipment, usual, warmer if is_warm else 0)
    ]
    receive_readings(order, rows[:MOST_READINGS], by=courier, now=now - HEARD_AGO)


def _temperatures(shipment: Shipment, usual: float, warmer: float) -> Iterator[tuple[datetime, float]]:
    """From half an hour before the hand-over to half an hour after the delivery; in the middle it may be warm."""
    if shipment.picked_up_at is None or shipment.delivered_at is None:
        return
    count = int((shipment.delivered_at - shipment.picked_up_at + 2 * AROUND) / EVERY)
    middle = count // 2
    for number in range(count):
        swing = usual + 0.9 * sin(number / 11) + 0.2 * sin(number * 1.7)
        extra = warmer * (1 - abs(number - middle) / LONG) if abs(number - middle) < LONG else 0
        yield shipment.picked_up_at - AROUND + number * EVERY, round(swing + extra, 1)
