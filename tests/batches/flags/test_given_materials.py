"""A material that is no dose and is said to be infused: somebody was given something else, or the report is wrong."""

import pytest

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.rules.harm import STOP_FIRST
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.statuses import OrderStatus
from tests.batches.flags.interlocked import TO_INFUSION, InterlockWorld, judged, refusal, say, told
from tests.supplychain.builders import at
from tests.supplychain.materials.words import material, status, tell


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


def standing() -> list[Flag]:
    return list(Flag.objects.filter(code=FlagCode.OUT_OF_SEQUENCE, cleared_at=None))


def given(world, kind: str, hours: float = 6):
    order = world.order()
    told(world, order, *TO_INFUSION[:2])
    tell(world, material(order, "CB-1", kind, 5), status(order, "CB-1", "infused", hours))
    judged(7)
    return order


def test_a_collection_bag_that_was_given_stops_the_order_until_quality_assurance_settles_it(world):
    order = given(world, "collection_bag")
    [flag] = standing()
    assert (flag.severity, flag.subject, flag.since) == (Severity.CRITICAL, "CB-1", at(6))
    assert (flag.harm, flag.next_step.startswith(STOP_FIRST[Harm.DOSE_IN_DOUBT])) == (Harm.DOSE_IN_DOUBT, True)
    assert flag.why == ("Collection bag CB-1 was reported infused, and it is no dose that was made of these cells.")
    assert "what the patient was given" in flag.next_step
    assert "CB-1 was reported infused" in refusal(order, world.operator, "started", "inbound", 8)
    settle_flag(flag.pk, by=world.quality, reason="The ward scanned the wrong label.", now=at(8))
    judged(9)
    flag.refresh_from_db()
    assert flag.harm == Harm.SETTLED
    assert say(order, world.operator, "started", "inbound", 10, payload={"courier": "Nord"}).outcome == "created"


def test_a_dose_that_was_given_raises_none_of_it(world):
    given(world, "final_bag")
    assert not [one for one in standing() if one.subject]


def test_what_is_reported_for_later_has_not_been_given(world):
    given(world, "collection_bag", hours=20)
    assert standing() == []
    judged(21)
    assert [one.subject for one in standing()] == ["CB-1"]


def test_it_stands_after_the_order_was_closed(world):
    order = given(world, "collection_bag")
    told(world, order, *TO_INFUSION[2:], ("completed", "sterility", 100))
    judged(101)
    told(world, order, ("closed", "", 102))
    judged(103)
    order.refresh_from_db()
    assert order.status == OrderStatus.CLOSED
    assert "CB-1" in [one.subject for one in standing()]
