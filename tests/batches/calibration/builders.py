"""Orders that ended, and what was said of them before."""

from typing import Any

from batches.forecasts.models import Prediction
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report

DAY = 24
# Hours after T0 at which the stages of an order that goes as it should start and end; ready at 200.
COURSE = {
    "collection": (2, 8), "inbound": (10, 30), "selection": (40, 52), "harvest": (52, 64), "release": (100, 200),
    "infusion": (210, 212),
}  # fmt: skip
READY = 200


class ScoredWorld(World):
    """The small world with orders that are treated or lost."""

    def say(self, order: PatientOrder, kind: str, stage: str = "", hours: float = 1) -> None:
        """Record one event, heard of when it happened."""
        assert record_event(report(order, kind, stage, hours), by=self.reporter, now=at(hours)).reason == ""

    def treated(self, *, until: str = "infusion", course: dict[str, tuple[float, float]] = COURSE, **given: Any) -> Any:
        """An order that went its course up to and with a stage."""
        order = self.order(**given)
        for stage, (start, end) in course.items():
            self.say(order, "started", stage, start)
            self.say(order, "completed", stage, end)
            if stage == until:
                break
        order.refresh_from_db()
        return order


class SeenWorld(ScoredWorld):
    """The same with three people: operations of the plant, a coordinator of Oslo, one of Bergen."""

    def __init__(self) -> None:
        super().__init__()
        self.operations = make_user("operations", self.plant)
        self.coordinator = make_user("coordinator", self.oslo, role=Role.SITE_COORDINATOR)
        self.stranger_person = make_user("stranger", self.bergen, role=Role.SITE_COORDINATOR)


def predict(order: PatientOrder, made: float = 20, **given: Any) -> Prediction:
    """A prediction of the order made so many hours after T0, late with 30 %; superseded unless it is said to stand."""
    fields = {
        "made_at": at(made), "superseded_at": at(made + 1_000), "model": "mc-1", "paths": 500, "promised_at": at(190),
        "ready_low": at(150), "ready_median": at(170), "ready_high": at(220), "p_late": 0.3, "p_wait_expires": 0.1,
        "p_no_dose": 0.05, "baseline_ready_at": at(180),
    } | given  # fmt: skip
    return Prediction.objects.create(order=order, line=order.plant, **fields)


def outcome(prediction: Prediction) -> tuple[Any, ...]:
    """What was written of it: ready at, late, a wait expired, no dose."""
    prediction.refresh_from_db()
    return prediction.was_ready_at, prediction.was_late, prediction.wait_expired, prediction.had_no_dose


def by_promise(prediction: Prediction) -> tuple[Any, ...]:
    """What was written of its promise: missed, late, when that was certain."""
    prediction.refresh_from_db()
    return prediction.missed_promise, prediction.was_late, prediction.promise_settled_at
