"""A world whose cells are kept refrigerated on their way to the plant, and readings of them."""

from collections.abc import Iterable
from io import BytesIO

from supplychain.conditions.actions.files import receive_file
from supplychain.conditions.actions.receiving import ReadingResult, receive_readings
from supplychain.conditions.models import ReadingDelivery
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder
from supplychain.transport.models import Shipment
from tests.supplychain.builders import World, at, report
from tests.supplychain.conditions.test_judging import COLD


class WarmWorld(World):
    """Its flow says how cells are kept; orders have been picked up at hour 10."""

    def __init__(self) -> None:
        super().__init__()
        Stage.objects.filter(flow=self.flow, code="inbound").update(storage=COLD)
        flow_plan.cache_clear()

    def shipped(self, **given: str) -> PatientOrder:
        """An order whose cells have been on their way since hour 10."""
        order = self.order(**given)
        self.tell(order, ("collection", "completed", 8), ("inbound", "started", 10))
        return order

    def tell(self, order: PatientOrder, *said: tuple[str, str, float]) -> None:
        """Events of stages: code, kind, hour."""
        for stage, kind, hours in said:
            result = record_event(report(order, kind, stage, hours), by=self.reporter, now=at(hours))
            assert result.outcome == "created", result.reason

    def read(
        self, order: PatientOrder, temperatures: Iterable[float], *, first: float = 10, every: float = 1 / 6,
        logger: str = "LT-1", now: float = 30,
    ) -> list[ReadingResult]:  # fmt: skip
        """Readings in °C from hour `first` on, every ten minutes."""
        rows = [
            {
                "stage": "inbound",
                "logger": logger,
                "read_at": at(first + number * every).isoformat(),
                "temperature": one,
            }
            for number, one in enumerate(temperatures)
        ]
        return receive_readings(order, rows, by=self.reporter, now=at(now))


def inbound(order: PatientOrder) -> Shipment:
    """Its shipment to the plant."""
    return Shipment.objects.get(stage_run__order=order, direction="inbound")


def handed_in(order: PatientOrder, text: str, by, now: float = 30) -> ReadingDelivery:
    """A file that a person hands in."""
    return receive_file(inbound(order), BytesIO(text.encode()), "logger.csv", by=Reporter.of_user(by), now=at(now))
