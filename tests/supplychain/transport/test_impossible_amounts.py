"""An amount in a packing checklist that nothing can have: refused to people, and amiss where a system says it."""

from supplychain.orders.statuses import ReportOutcome
from tests.batches.flags.interlocked import refusal, say
from tests.supplychain.transport.test_packing import BOX, PACKED, amiss, order, packed, world  # noqa: F401
from tests.supplychain.transport.test_shippers import make_shipper

SAID = {"shipper_number": "BOX-7", "check_bag": "yes"}


def test_less_than_nothing_is_refused_to_a_person(world, order):  # noqa: F811
    refused = refusal(order, world.coordinator, PACKED, "inbound", 6, payload=SAID | {"check_ice_kg": -3})
    assert refused == "-3 is impossible in kg: from 0 on."
    make_shipper(world.plant, "BOX-8", **BOX)
    said = SAID | {"check_ice_kg": 0}
    assert say(order, world.coordinator, PACKED, "inbound", 6, payload=said).outcome == ReportOutcome.CREATED


def test_of_a_system_it_is_kept_and_amiss(world, order):  # noqa: F811
    said = packed(world, order, answers={"bag": True, "ice_kg": -3})
    assert said.outcome == ReportOutcome.CREATED
    assert amiss(order) == ["packed_ice_kg"]
