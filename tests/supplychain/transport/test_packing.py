"""Packing and unpacking of a shipment: who says it, what is sealed of the shipper, what counts, and what is amiss."""

import re
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from supplychain.audit.refusals import Refused
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StageRun, StatusEvent
from supplychain.orders.rules.packing import packing_problems
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.statuses import Role
from supplychain.transport.actions.shippers import change_shipper, delete_shipper
from supplychain.transport.models import Shipment
from supplychain.transport.rules.packaging import range_words
from tests.batches.flags.interlocked import InterlockWorld, refusal, say, told
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.transport.test_shippers import make_shipper

PACKED, UNPACKED = "shipment_packed", "shipment_unpacked"
COLD = {"name": "Refrigerated", "from": 2, "to": 8, "limits": [{"at_least": 15}]}
BAG = {"code": "bag", "text": "Chain of identity on the bag", "kind": "yes_no", "required": True, "critical": True,
       "expected": True}  # fmt: skip
ICE = {"code": "ice_kg", "text": "Ice", "kind": "number", "unit": "kg", "at_least": 2}
BOX = {"coldest": 2, "warmest": 8, "hold_hours": 48}
WELL = {"packaging": "intact", "seal": "matches"}


@pytest.fixture
def world(db):
    world = InterlockWorld()
    Stage.objects.filter(flow=world.flow, code="inbound").update(storage=COLD, packing=[BAG, ICE], unpacking=[BAG])
    flow_plan.cache_clear()
    world.coordinator = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    world.box = make_shipper(world.plant, "BOX-7", **BOX)
    yield world
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    order = world.order()
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    return order


def packed(world, order, hours: float = 6, key: str = "", **payload):
    row = report(order, PACKED, "inbound", hours, payload={"shipper_number": "box-7"} | payload)
    row |= {"source_event_id": key or f"{order.pk}-packed-{hours}"}
    return record_event(row, by=world.reporter, now=at(400))


def unpacked(world, order, hours: float = 31, **payload):
    row = report(order, UNPACKED, "inbound", hours, payload=WELL | payload)
    row |= {"source_event_id": f"{order.pk}-unpacked-{hours}"}
    return record_event(row, by=world.reporter, now=at(400))


def shipment(order) -> Shipment:
    return Shipment.objects.get(stage_run__order=order, stage_run__stage__code="inbound")


def amiss(order) -> list[str]:
    return [code for code, _, _ in shipment(order).packaging_faults]


@pytest.mark.parametrize(
    ("kind", "payload", "wrong"),
    [
        (PACKED, {}, {"shipper_number"}),
        (PACKED, {"shipper_number": "B", "shipper": {}}, {"shipper"}),
        (PACKED, {"shipper_number": "B", "loggers": "L"}, {"loggers"}),
        (PACKED, {"shipper_number": "B", "loggers": [" "]}, {"loggers"}),
        (PACKED, {"shipper_number": "B", "answers": {"bag": [1]}}, {"answers"}),
        (PACKED, {"shipper_number": "B", "asked": {"bag": 1}}, {"asked"}),
        (PACKED, {"shipper_number": "B", "seal_number": 7, "remark": " "}, {"seal_number", "remark"}),
        (PACKED, {"shipper_number": "B", "loggers": ["L-1"], "answers": {"bag": True}}, set()),
        (UNPACKED, {}, {"packaging", "seal"}),
        (UNPACKED, {"packaging": "wet", "seal": "intact"}, {"packaging", "seal"}),
        (UNPACKED, WELL | {"unpacked_by": "Kari"}, set()),
        ("started", {}, set()),
    ],
)
def test_what_it_has_to_say(kind, payload, wrong):
    assert set(packing_problems(kind, payload)) == wrong


def test_what_master_data_says_is_sealed_into_the_report_and_lasts(world, order):
    assert packed(world, order).outcome == ReportOutcome.CREATED
    event = StatusEvent.objects.get(order=order, kind=PACKED)
    sealed = event.payload["shipper"]
    assert (sealed["found"], sealed["number"], sealed["coldest"], sealed["warmest"]) == ("one", "BOX-7", 2, 8)
    assert sealed["cold_until"] == "2026-03-04T14:00:00Z"
    assert shipment(order).qualified_until == at(54)
    change_shipper(world.box, reason="A broken lid, found today", by=None, hold_hours=1, is_retired=True)
    told(world, order, ("started", "inbound", 7))
    assert (shipment(order).qualified_until, amiss(order)) == (at(54), [])
    run = StageRun.objects.get(order=order, stage__code="selection")
    told(world, order, ("completed", "inbound", 30))
    run.refresh_from_db()
    assert (run.wait_expires_at, run.wait_limit) == (at(54), "qualified_until")


def test_the_same_report_again_is_known_whatever_master_data_says_by_then(world, order):
    first = packed(world, order, key="one")
    change_shipper(world.box, reason="Qualified anew this week", by=None, hold_hours=24)
    assert packed(world, order, key="one").outcome == ReportOutcome.DUPLICATE
    assert packed(world, order, key="one", seal_number="S-2").outcome == ReportOutcome.CONFLICT
    assert StatusEvent.objects.get(pk=first.event_id).payload["shipper"]["hold_hours"] == 48


def test_what_the_report_says_of_the_cold_comes_before_the_shippers_hours(world, order):
    packed(world, order, qualified_until=at(30).isoformat())
    assert shipment(order).qualified_until == at(30)
    assert "cold_until" not in shipment(order).packing["shipper"]


def test_packed_anew_the_cold_of_the_packing_before_counts_no_more(world, order):
    packed(world, order)
    packed(world, order, 8, shipper_number="BOX-UNKNOWN")
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (None, "BOX-UNKNOWN")
    packed(world, order, 9)
    assert shipment(order).qualified_until == at(57)
    second = StatusEvent.objects.get(order=order, kind=PACKED, payload__shipper_number="BOX-UNKNOWN")
    row = report(order, "withdrawn", "inbound", 10, payload={"event": str(second.pk), "reason": "Of another order"})
    assert record_event(row, by=world.reporter, now=at(10)).reason == ""
    assert shipment(order).qualified_until == at(57)


def booked(world, order, hours: float, *, until: float, **payload) -> None:
    said = {"planned_start_at": at(12).isoformat(), "planned_end_at": at(until).isoformat()} | payload
    row = report(order, "scheduled", "inbound", hours, payload=said)
    assert record_event(row, by=world.reporter, now=at(400)).outcome == ReportOutcome.CREATED


def test_a_booking_says_nothing_of_the_shipper_that_was_packed(world, order):
    booked(world, order, 5.5, until=40, shipper_number="DS-9", qualified_until=at(300).isoformat())
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (at(300), "DS-9")
    packed(world, order, shipper_number="BOX-UNKNOWN")  # nobody knows how long that one is cold
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (None, "BOX-UNKNOWN")
    packed(world, order, 8)
    booked(world, order, 9, until=41, shipper_number="DS-9", qualified_until=at(300).isoformat())
    assert (shipment(order).qualified_until, shipment(order).shipper_number) == (at(56), "box-7")
    assert "other_handed_over" not in amiss(order)


def test_another_shipper_that_was_handed_over_is_amiss_and_has_no_cold(world, order):
    packed(world, order)
    row = report(order, "started", "inbound", 7, payload={"shipper_number": "BOX-8"})
    assert record_event(row, by=world.reporter, now=at(7)).outcome == ReportOutcome.CREATED
    assert (amiss(order), shipment(order).qualified_until) == (["other_handed_over"], None)


def test_a_shipper_that_does_not_fit_gives_these_cells_no_cold(world, order):
    change_shipper(world.box, reason="As its record says now", by=None, coldest=15, warmest=25)
    packed(world, order, qualified_until=at(90).isoformat())
    assert (amiss(order), shipment(order).qualified_until) == (["other_range"], None)
    browser = Client()
    browser.force_login(world.operator)
    page = browser.get(reverse("custody", args=[order.pk])).text
    assert "no cold for these cells" in page
    assert "cold until" not in page


def test_a_cold_that_does_not_last_is_amiss_until_the_cells_have_left(world, order):
    packed(world, order, qualified_until=at(20).isoformat())
    assert shipment(order).packaging_faults == [
        ["short_cold", "the cold of shipper box-7 ends 10 h before the shipment can arrive by its planned hours", False]
    ]
    booked(world, order, 7, until=22)
    assert [(code, critical) for code, _, critical in shipment(order).packaging_faults] == [("short_cold", True)]
    booked(world, order, 8, until=20)
    assert amiss(order) == []
    booked(world, order, 9, until=22)
    told(world, order, ("started", "inbound", 12))
    assert amiss(order) == []  # now the shipment itself is late


def test_packed_for_a_moment_after_it_had_left_changes_nothing_and_gives_no_cold(world, order):
    told(world, order, ("started", "inbound", 7))
    assert "after the shipment had left" in packed(world, order, 9, shipper_number="BOX-8").doubt
    assert (shipment(order).packing["shipper_number"], shipment(order).qualified_until) == ("BOX-8", None)
    packed(world, order, 6)
    assert shipment(order).qualified_until == at(54)
    packed(world, order, 10, shipper_number="BOX-8")
    assert (shipment(order).packing["shipper_number"], shipment(order).qualified_until) == ("box-7", at(54))


def test_people_pack_no_shipment_anew_that_has_left(world, order):
    told(world, order, ("started", "inbound", 7))
    said = {"shipper_number": "BOX-7", "check_bag": "yes", "check_ice_kg": 2.5}
    assert "had left by then" in refusal(order, world.coordinator, PACKED, "inbound", 8, payload=said)
    say(order, world.coordinator, PACKED, "inbound", 6, payload=said)
    assert "was packed, and has left" in refusal(order, world.coordinator, PACKED, "inbound", 6.5, payload=said)


@pytest.mark.parametrize(
    ("changed", "number", "codes"),
    [
        ({}, "box-7", []),
        ({}, "BOX-8", ["unknown_shipper"]),
        ({"is_retired": True}, "BOX-7", ["retired"]),
        ({"qualified_until": date(2026, 3, 2)}, "BOX-7", []),  # its last day
        ({"qualified_until": date(2026, 3, 1)}, "BOX-7", ["past_qualification"]),
        ({"warmest": 8.01}, "BOX-7", ["other_range"]),
        ({"coldest": 1.99}, "BOX-7", ["other_range"]),
        ({"coldest": None}, "BOX-7", ["other_range"]),
        ({"coldest": 2.004, "warmest": 8.004}, "BOX-7", []),  # one unit, no dust of floating point
    ],
)
def test_the_shipper_is_compared_with_its_qualification_and_what_the_cells_need(world, order, changed, number, codes):
    if changed:
        change_shipper(world.box, reason="As its record says now", by=None, **changed)
    packed(world, order, shipper_number=number, answers={"bag": True})
    assert amiss(order) == codes


def test_a_number_that_two_sites_have_names_none_and_without_shippers_nothing_is_compared(world, order):
    make_shipper(world.oslo, "BOX-7", **BOX)
    packed(world, order, answers={"bag": True})
    assert amiss(order) == ["several_shippers"]
    type(world.box).objects.all().delete()
    make_shipper(world.bergen, "BOX-7", **BOX)  # no site of this order
    packed(world, order, 7, answers={"bag": True})
    assert (amiss(order), shipment(order).packing["shipper"]["found"]) == ([], "not_kept")


@pytest.mark.parametrize(
    ("sent", "came", "codes"),
    [
        ({}, {}, []),
        ({}, {"packaging": "damaged"}, ["damaged"]),
        ({}, {"seal": "broken"}, ["seal"]),
        ({}, {"seal": "none"}, []),  # it was packed without one
        ({"seal_number": "S1"}, {"seal": "none"}, ["seal"]),
        ({"seal_number": "S1"}, {"seal_number": "s1"}, []),
        ({"seal_number": "S1"}, {"seal_number": "S2"}, ["seal"]),
        ({}, {"seal": "other"}, ["seal"]),
        ({}, {"shipper_number": "BOX-9"}, ["other_shipper"]),
        ({}, {"answers": {"bag": False}}, ["unpacked_bag"]),
    ],
)
def test_what_is_found_at_unpacking(world, order, sent, came, codes):
    packed(world, order, answers={"bag": True}, **sent)
    told(world, order, ("started", "inbound", 7), ("completed", "inbound", 30))
    assert unpacked(world, order, **{"answers": {"bag": True}} | came).outcome == ReportOutcome.CREATED
    assert amiss(order) == codes
    assert all(critical for _, _, critical in shipment(order).packaging_faults)


def test_an_unpacking_counts_without_a_packing_and_a_checklist_is_judged_once_reported(world, order):
    told(world, order, ("started", "inbound", 7), ("completed", "inbound", 30))
    assert amiss(order) == []
    unpacked(world, order)  # its checklist may be kept elsewhere
    assert amiss(order) == []
    unpacked(world, order, 32, answers={"other": True})
    assert amiss(order) == ["unpacked_bag"]


def test_only_a_transport_is_packed_and_only_with_the_right(world, order):
    row = report(order, PACKED, "collection", 6, payload={"shipper_number": "BOX-7"})
    assert "only that is packed and unpacked" in record_event(row, by=world.reporter, now=at(6)).reason
    source = world.reporter.source
    source.scopes = [scope for scope in source.scopes if scope not in ("events:transport", "events:collection")]
    source.save()
    assert "events:transport" in packed(world, order).reason
    assert not Shipment.objects.filter(stage_run__order=order).exclude(packing={}).exists()


def test_who_hands_over_packs_and_who_takes_in_unpacks(world, order):
    payload = {"shipper_number": "BOX-7", "check_bag": "yes", "check_ice_kg": 2.5, "loggers": "L-1\nL-2, L-1"}
    say(order, world.coordinator, PACKED, "inbound", 6, payload=payload)
    event = StatusEvent.objects.get(order=order, kind=PACKED)
    assert event.payload["answers"] == {"bag": True, "ice_kg": 2.5}
    assert event.payload["asked"]["ice_kg"] == "Ice (at least 2 kg)"
    assert event.payload["loggers"] == ["L-1", "L-2"]
    said = WELL | {"check_bag": "yes"}
    assert "has not started yet" in refusal(order, world.operator, UNPACKED, "inbound", 7, payload=said)
    told(world, order, ("started", "inbound", 7))
    assert "has not been delivered yet: report its delivery" in refusal(
        order, world.operator, UNPACKED, "inbound", 8, payload=said
    )
    told(world, order, ("completed", "inbound", 30))
    assert "reported by" in refusal(order, world.coordinator, UNPACKED, "inbound", 31, payload=said)
    assert "is missing" in refusal(order, world.operator, UNPACKED, "inbound", 31, payload=WELL)
    assert say(order, world.operator, UNPACKED, "inbound", 31, payload=said).outcome == ReportOutcome.CREATED
    assert amiss(order) == []


def test_the_dialog_asks_the_checklist_and_pages_and_interface_show_it(world, order):
    browser, where = Client(), reverse("report_event", args=[order.pk])
    browser.force_login(world.coordinator)
    with time_machine.travel(at(6), tick=False):
        page = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        assert "Ice (at least 2 kg)" in page
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        del said["check_bag"]
        said |= {"shipper_number": "BOX-7", "seal_number": "S 1", "occurred_at": "2026-03-02T14:00"}
        assert "is missing" in browser.post(where, said | {"check_ice_kg": "3"}).text
        answer = browser.post(where, said | {"check_bag": "no", "check_ice_kg": "1,5"}, follow=True).text
        custody = browser.get(reverse("custody", args=[order.pk])).text
        again = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
    assert "Reported before" not in page
    assert "of shipper BOX-7: what you record now takes its place" in again
    for page in (answer, custody):
        assert "Packed into shipper BOX-7 (Dry shipper 10 l, 2 °C to 8 °C, qualified until 30 Jun 2027)" in page
        assert "Chain of identity on the bag: answered “No”" in page
    body = client_of(world.reporter.source, "orders:read").get(f"/api/v1/orders/{order.pk}/").json()["shipments"][0]
    assert body["packing"]["shipper"]["qualified_until"] == "2027-06-30"
    assert [one["is_critical"] for one in body["packaging_faults"]] == [True, False]
    assert body["unpacking"] is None


def test_the_dialog_says_at_once_what_is_amiss_by_what_was_just_recorded_and_what_to_do(world, order):
    browser, where = Client(headers={"HX-Request": "true"}), reverse("report_event", args=[order.pk])
    browser.force_login(world.coordinator)
    with time_machine.travel(at(6), tick=False):
        page = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
        said |= {"shipper_number": "BOX-7", "occurred_at": "2026-03-02T14:00", "check_ice_kg": "3"}
        wrong = browser.post(where, said | {"check_bag": "no"}).text
        again = browser.get(f"{where}?kind={PACKED}&stage=inbound").text
        said |= dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', again))
        said |= {"shipper_number": "BOX-7", "occurred_at": "2026-03-02T14:00", "check_ice_kg": "3"}
        right = browser.post(where, said | {"check_bag": "yes"}).text
    assert "Amiss: " in wrong
    assert "Chain of identity on the bag" in wrong
    assert "Site coordinator: pack the cells into a shipper that fits" in wrong
    assert "Recorded" in right
    assert "Amiss" not in right


def test_a_start_without_the_report_that_the_flow_asks_for_is_said(world, order):
    browser = Client()
    browser.force_login(world.operator)
    asked = "Nobody has reported how it was packed"
    assert asked not in browser.get(reverse("order", args=[order.pk])).text
    dialog = f"{reverse('report_event', args=[order.pk])}?kind=started&stage=inbound"
    coordinator = Client()
    coordinator.force_login(world.coordinator)
    assert "report that first, with its checklist" in coordinator.get(dialog).text
    told(world, order, ("started", "inbound", 7))
    assert asked in browser.get(reverse("order", args=[order.pk])).text
    packed(world, order, answers={"bag": True})
    assert asked not in browser.get(reverse("order", args=[order.pk])).text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"coldest": None, "warmest": -150}, "−150 °C and colder"),
        ({"coldest": 2, "warmest": 8}, "2 °C to 8 °C"),
        ({"coldest": 15.5, "warmest": None}, "15.5 °C and warmer"),
    ],
)
def test_ranges_in_words(said, words):
    assert range_words(said) == words


def test_a_shipper_that_shipments_name_is_retired_not_deleted(world, order):
    other = make_shipper(world.plant, "BOX-8", **BOX)
    delete_shipper(other, reason="Entered twice by mistake", by=None)
    packed(world, order)
    packed(world, order, 7, shipper_number="BOX-9")  # packed anew: the report of before still names it
    with pytest.raises(Refused, match="retire it instead"):
        delete_shipper(world.box, reason="Sold to another plant", by=None)
    late = make_shipper(world.plant, "box-9", **BOX)  # named before it was kept here
    with pytest.raises(Refused, match="retire it instead"):
        delete_shipper(late, reason="Sold to another plant", by=None)
    abroad = make_shipper(world.bergen, "BOX-9", **BOX)
    delete_shipper(abroad, reason="Sold to another plant", by=None)
