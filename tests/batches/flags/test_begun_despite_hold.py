"""Work that a system reports begun although the order, or the stage, is on hold: kept, and flagged while it stands."""

import pytest

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from tests.batches.flags.interlocked import InterlockWorld, judged, told
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


@pytest.fixture
def held(world: World) -> PatientOrder:
    order = world.order(promised_at=at(900))
    told(world, order, ("held", "", 10))
    return order


def unfit(order: PatientOrder) -> list[str]:
    order.refresh_from_db()
    return [one["text"] for one in order.surprises if one["reason"] == "despite_hold"]


def flags(order: PatientOrder) -> list[tuple[str, str]]:
    raised = Flag.objects.filter(order=order, code=FlagCode.OUT_OF_SEQUENCE, cleared_at=None)
    return list(raised.values_list("severity", "stage"))


def test_a_start_is_kept_and_its_sender_learns_that_it_does_not_fit(world, held):
    said = record_event(report(held, "started", "collection", 11), by=world.reporter, now=at(11))
    assert "Collection started although the order was on hold" in said.doubt
    assert unfit(held) == ["Collection started although the order was on hold"]


def test_what_began_before_it_or_in_its_minute_fits(world):
    before, within = world.order(), world.order()
    told(world, before, ("started", "collection", 9), ("held", "", 10), ("completed", "collection", 20))
    told(world, within, ("held", "", 10), ("started", "collection", 10))
    assert unfit(before) == unfit(within) == []


def test_a_start_told_again_of_what_ran_before_it_fits(world):
    order = world.order()
    told(world, order, ("started", "collection", 9), ("held", "", 10), ("started", "collection", 12))
    assert unfit(order) == []


def test_what_failed_and_begins_again_does_not_fit(world):
    order = world.order()
    told(world, order, ("started", "collection", 8), ("failed", "collection", 9), ("held", "", 10))
    told(world, order, ("started", "collection", 12))
    assert unfit(order) == ["Collection started although the order was on hold"]


def test_a_stage_on_hold_tells_so_too(world):
    order = world.order()
    told(world, order, ("held", "collection", 10), ("started", "collection", 12))
    assert unfit(order) == ["Collection started although it was on hold"]


def test_what_cannot_be_undone_is_critical_while_the_hold_stands(world, held):
    told(world, held, ("started", "collection", 11))
    judged(12)
    assert flags(held) == [(Severity.CRITICAL, "collection")]
    assert "Stop what can still be stopped" in Flag.objects.get(order=held, code=FlagCode.OUT_OF_SEQUENCE).next_step
    told(world, held, ("resumed", "", 14))
    judged(15)
    assert flags(held) == []


def test_the_start_of_work_that_ran_before_the_hold_may_be_told_again(world):
    order = world.order(promised_at=at(900))
    told(world, order, ("started", "collection", 9), ("held", "", 10), ("started", "collection", 12))
    assert unfit(order) == []
    judged(13)
    assert (Severity.CRITICAL, "collection") not in flags(order)


def test_of_failed_work_that_is_begun_again_the_hold_counts(world):
    order = world.order(promised_at=at(900))
    told(world, order, ("started", "collection", 7), ("failed", "collection", 9), ("held", "", 10),
         ("started", "collection", 12))  # fmt: skip
    assert unfit(order) == ["Collection started although the order was on hold"]
