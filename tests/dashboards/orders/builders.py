"""Orders for tests of their page and of finding them."""

from batches.forecasts.models import Forecast
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld
from tests.supplychain.builders import at


def collected(world: TowerWorld) -> PatientOrder:
    order = world.order(coi="CO-1", hospital_order_number="H-1", promised_at=at(900))
    world.say(order, "scheduled", "collection", 1, payload={"planned_start_at": at(2).isoformat()})
    world.say(order, "started", "collection", 3, payload={"donation_number": "G123498654321"})
    world.say(order, "completed", "collection", 9)
    world.say(order, "started", "inbound", 20, payload={"courier": "Swift", "tracking_number": "TRK-1"})
    return order


def forecast(order: PatientOrder, ready: float) -> None:
    Forecast.objects.create(order=order, made_at=at(1), ready_at=at(ready), evidence={})


def change(order: PatientOrder, **values) -> None:
    PatientOrder.objects.filter(pk=order.pk).update(**values)
