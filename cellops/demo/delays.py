"""The demo's lanes, and a shipment of it that is delayed at customs."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cellops.demo.facts import DemoEvent, DemoOrder
from cellops.demo.sites import CENTRES, COURIER, PLANTS
from supplychain.orders.statuses import DelayCause, NewArrival, StageEventKind
from supplychain.sites.models import Site
from supplychain.transport.actions.lanes import create_lane

# Hours on the way and at customs: together less than what every transport of the demo is planned to take.
USUAL_HOURS, CUSTOMS_HOURS = 18.0, 2.0
# So long before now it was said that nobody knows when it arrives, and then when it does; so far ahead that is.
SAID = (timedelta(hours=2), timedelta(minutes=40))
STILL = timedelta(hours=38)


def write_lanes(sites: Mapping[str, Site]) -> None:
    """A lane of whichever courier from every centre to every plant, and back."""
    for centre in CENTRES:
        for plant in PLANTS:
            for way in ((centre.code, plant.code), (plant.code, centre.code)):
                create_lane(
                    from_site=sites[way[0]], to_site=sites[way[1]], usual_hours=USUAL_HOURS,
                    customs_hours=CUSTOMS_HOURS, by=None,
                )  # fmt: skip


def shipment_delayed(orders: Sequence[DemoOrder], events: list[DemoEvent], now: datetime) -> None:
    """The courier's system says that the cells are kept at customs, then when they arrive: hours after their plan."""
    said = {"cause": DelayCause.CUSTOMS.value, "reason": "Papers of the consignment are checked by hand."}
    unknown, known = {"arrival": NewArrival.NOT_KNOWN.value}, {"expected_at": (now + STILL).isoformat()}
    for order in orders:
        for ago, arrival in zip(SAID, (unknown, known), strict=True):
            at, kind = now - ago, StageEventKind.SHIPMENT_DELAYED.value
            heard = at + timedelta(minutes=6)
            events.append(DemoEvent(order.index, COURIER.code, kind, "inbound", None, at, heard, "", said | arrival))
