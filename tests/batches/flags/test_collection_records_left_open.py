"""A collection that ended with open points: flagged until they are answered, or quality assurance settles it."""

import pytest

from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.orders.statuses import Doubt
from supplychain.people.statuses import Role
from tests.batches.flags.interlocked import InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at, make_user, report

pytestmark = pytest.mark.django_db
CODE = FlagCode.COLLECTION_RECORD
CHECKLIST = [
    {"code": "named", "text": "Patient named", "kind": "yes_no", "required": True, "critical": True, "expected": True},
    {"code": "viability_percent", "at_least": 70},
    {"code": "kit_lot", "required": True},
]
WHY = "The cell counter is broken."


@pytest.fixture
def world():
    world = InterlockWorld()
    Stage.objects.filter(flow=world.flow, code="collection").update(checklist=CHECKLIST)
    flow_plan.cache_clear()
    world.kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    yield world
    flow_plan.cache_clear()


def answered(world, order: PatientOrder, hours: float = 2, **answers) -> None:
    row = report(order, "collection_checked", "collection", hours, payload={"answers": answers})
    row |= {"source_event_id": f"{order.pk}-{hours}"}
    assert record_event(row, by=world.reporter, now=at(400)).reason == ""


@pytest.fixture
def order(world) -> PatientOrder:
    """An order whose collection began with the patient named."""
    order = world.order()
    told(world, order, ("started", "collection", 1))
    answered(world, order, named=True, viability_percent=61)
    return order


def ended_by_person(world, order: PatientOrder) -> None:
    payload = {"donation_number": "G1234 17 654321", "open_reason": WHY, "donation_reason": "Read from the bag."}
    assert say(order, world.kari, "completed", "collection", 5, payload=payload).outcome == "created"


def flags() -> list[Flag]:
    return list(Flag.objects.filter(code=CODE, cleared_at=None))


def test_it_names_what_is_open_and_why_and_goes_by_itself_with_the_last_answer(world, order):
    ended_by_person(world, order)
    judged(6)
    [flag] = flags()
    assert (flag.stage, flag.severity, flag.since) == ("collection", Severity.ATTENTION, at(5))
    assert flag.why == (
        "Collection ended with 2 open points: Viability: 61 %, outside the limits (at least 70 %); Lot of the kit: not "
        f"answered. It was reported all the same: “{WHY}”"
    )
    assert flag.next_step.startswith("Coordinator: complete the record")
    assert "page. QA: decide whether" in flag.next_step
    answered(world, order, 7, kit_lot="L2602")
    judged(8)
    [flag] = flags()
    assert "1 open point:" in flag.why
    assert flag.next_step.startswith("QA: decide whether the cells may be used as they are")
    answered(world, order, 9, viability_percent=91)
    judged(10)
    assert flags() == []


def test_quality_assurance_of_the_plant_settles_it_with_a_reason_and_it_keeps_nobody_back(world, order):
    ended_by_person(world, order)
    judged(6)
    [flag] = flags()
    assert [stop.doubt for stop in open_stops([order.pk], now=at(6))[order.pk]] == [Doubt.CHECKLIST]
    assert say(order, world.operator, "started", "inbound", 7, payload={"courier": "Cryo"}).outcome == "created"
    with pytest.raises(FlagActionRefused):
        settle_flag(flag.pk, by=world.operator, reason="Fine.", now=at(8))
    settle_flag(flag.pk, by=world.quality, reason="Counted at the plant: 92 %.", now=at(8))
    judged(9)
    [flag] = flags()
    assert flag.harm == Harm.SETTLED
    assert "Counted at the plant: 92 %" in flag.next_step


def test_of_a_dose_that_was_given_nobody_decides_whether_it_may_be(world, order):
    answered(world, order, 3, kit_lot="L2602")
    told(world, order, ("completed", "collection", 5))
    for number, stage in enumerate(list(order.flow.stages.order_by("position").values_list("code", flat=True))[1:], 6):
        told(world, order, ("started", stage, number), ("completed", stage, number + 0.5))
    judged(60)
    [flag] = flags()
    assert flag.next_step.startswith("QA: judge what it means for the patient, who was given the dose")


def test_it_can_be_settled_from_the_orders_page(client, world, order):
    ended_by_person(world, order)
    judged(6)
    client.force_login(world.quality)
    address = f"/flags/{flags()[0].pk}/settle/"
    assert address in client.get(f"/orders/{order.pk}/").content.decode()
    assert "may be used although this was left open" in client.get(address).content.decode()


def test_what_the_checklist_marks_as_critical_keeps_the_dose_until_it_is_settled(world, order):
    answered(world, order, 3, named=False, kit_lot="L2602", viability_percent=91)
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30),
         ("started", "selection", 31), ("completed", "selection", 43), ("started", "harvest", 43),
         ("completed", "harvest", 55), ("started", "sterility", 56), ("completed", "sterility", 60))  # fmt: skip
    judged(61)
    [flag] = flags()
    assert flag.severity == Severity.CRITICAL
    assert "Patient named: answered “No” (critical)" in flag.why
    assert [stop.doubt for stop in open_stops([order.pk], now=at(61))[order.pk]] == [Doubt.CELLS]
    assert "although it is flagged" in refusal(order, world.quality, "started", "release", 62)
    settle_flag(flag.pk, by=world.quality, reason="The band was read at the bedside.", now=at(63))
    assert say(order, world.quality, "started", "release", 64).outcome == "created"


def test_a_site_that_keeps_its_record_elsewhere_is_not_flagged(world):
    order = world.order()
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    judged(6)
    assert flags() == []


def test_a_new_collection_is_another_matter(world, order):
    ended_by_person(world, order)
    judged(6)
    assert len(flags()) == 1
    record = report(order, "started", "collection", 20, attempt=2)
    assert record_event(record, by=world.reporter, now=at(20)).reason == ""
    judged(21)
    assert flags() == []
