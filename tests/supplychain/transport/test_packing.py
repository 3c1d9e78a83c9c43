"""Packing and unpacking of a shipment: who says it, what is sealed of the shipper, what counts, and what is amiss."""

from datetime import date

import pytest

from supplychain.audit.refusals import Refused
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StageRun, StatusEvent
from supplychain.orders.rules.packing import packing_problems
from supplychain.orders.statuses import ReportOutcome
from supplychain.transport.actions.shippers import change_shipper, delete_shipper
from supplychain.transport.models import Shipment
from supplychain.transport.rules.packaging import range_words
from tests.batches.flags.interlocked import refusal, say, told
from tests.supplychain.builders import at, report
from tests.supplychain.transport.packing import (
    BOX,
    PACKED,
    UNPACKED,
    WELL,
    amiss,
    collected,
    packed,
    packing_world,
    shipment,
    unpacked,
)
from tests.supplychain.transport.test_shippers import make_shipper


@pytest.fixture
def world(db):
    yield packing_world()
    flow_plan.cache_clear()


@pytest.fixture
def order(world):
    return collected(world)


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
