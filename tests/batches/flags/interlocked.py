"""Orders that a critical flag keeps back, and what is said and refused about them."""

import pytest

from batches.flags.actions.evaluation import evaluate_due_orders
from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.models import PatientOrder
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person
from tests.supplychain.builders import World, at, make_user, report

NUMBER = "G123417654321"
TO_INFUSION = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 30), ("started", "selection", 31), ("completed", "selection", 43),
    ("started", "harvest", 43), ("completed", "harvest", 55), ("started", "sterility", 56), ("started", "release", 56),
    ("completed", "release", 80), ("started", "infusion", 90), ("completed", "infusion", 92),
)  # fmt: skip


class InterlockWorld(World):
    """The small world with somebody of operations, somebody of quality assurance, and somebody who is both."""

    def __init__(self) -> None:
        super().__init__()
        self.operator = make_user("ola", self.plant)
        self.quality = make_user("quynh", self.plant, role=Role.QA)
        self.both = make_user("bo", self.plant)
        Membership.objects.create(user=self.both, site=self.plant, role=Role.QA)


def told(world: World, order: PatientOrder, *facts: tuple[str, str, float]) -> None:
    rows = [report(order, kind, stage, hours) for kind, stage, hours in facts]
    assert {result.reason for result in record_events(rows, by=world.reporter, now=at(facts[-1][2]))} == {""}


def mixed_up(world: World) -> PatientOrder:
    """An order whose donation number stands on another patient's order, its cells at the plant."""
    one, other = world.order(), world.order(patient_reference="pseudonym-2")
    for order in (one, other):
        said = report(order, "completed", "collection", 5, payload={"donation_number": NUMBER})
        record_event(said, by=world.reporter, now=at(5))
    told(world, one, ("started", "inbound", 6), ("completed", "inbound", 30))
    return one


def failed_after_infusion(world: World) -> PatientOrder:
    order = world.order()
    told(world, order, *TO_INFUSION, ("failed", "sterility", 300))
    return order


def say(order: PatientOrder, by, kind: str, stage: str = "", hours: float = 31, **more):
    order.refresh_from_db()
    said = {"seen_version": order.version, "token": f"{kind}-{stage}-{hours}", "now": at(400)} | more
    return report_by_person(order.pk, by=by, kind=kind, stage=stage, occurred_at=at(hours), **said)


def refusal(*args, **given) -> str:
    with pytest.raises(ReportRefused) as refused:
        say(*args, **given)
    return str(refused.value)


def judged(hours: float = 400) -> None:
    evaluate_due_orders(now=at(hours))
