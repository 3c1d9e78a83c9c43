"""Once the dose was infused the hold of the whole order is over; its events stay in the record."""

import pytest

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.statuses import OrderStatus
from tests.batches.flags.interlocked import TO_INFUSION, InterlockWorld, judged, told
from tests.supplychain.recording.journeys import INFUSED, RELEASED, after

HELD_BEFORE = [*RELEASED, ("held", ""), ("started", "infusion")]


def test_the_hold_stands_while_the_dose_is_given_and_is_over_once_it_was():
    assert after(*HELD_BEFORE).status == OrderStatus.ON_HOLD
    given = after(*HELD_BEFORE, ("completed", "infusion"))
    assert (given.status, given.held_at) == (OrderStatus.INFUSED, None)


def test_a_hold_that_is_said_of_an_infused_order_holds_nothing():
    assert after(*INFUSED, ("held", "")).held_at is None


def test_of_an_infusion_that_was_left_out_the_hold_stands():
    assert after(*RELEASED, ("held", ""), ("skipped", "infusion")).held_at is not None


@pytest.mark.django_db
def test_no_flag_asks_to_lift_it_and_the_record_keeps_it():
    world = InterlockWorld()
    order = world.order()
    told(world, order, *TO_INFUSION[:-1], ("held", "", 91))
    judged(91.5)
    held = Flag.objects.filter(order=order, code=FlagCode.ON_HOLD, cleared_at=None)
    assert held.count() == 1
    told(world, order, TO_INFUSION[-1])
    judged(93)
    assert held.count() == 0
    assert PatientOrder.objects.get(pk=order.pk).held_at is None
    assert StatusEvent.objects.filter(order=order, kind="held").exists()
