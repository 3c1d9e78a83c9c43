"""Who settles a flag is offered the decision and its opposite, and what each leads to."""

from dataclasses import replace

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.rules.choices import Road, choice_of
from batches.judgement.statuses import FlagCode
from supplychain.flows.queries import flow_plan
from supplychain.orders.statuses import Doubt
from tests.batches.builders import journey
from tests.batches.flags.interlocked import InterlockWorld, failed_after_infusion, judged, mixed_up, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def dialog(client, world, flag: Flag) -> str:
    client.force_login(world.quality)
    return " ".join(client.get(reverse("settle_flag", args=[flag.pk])).text.split())


def test_an_identity_is_right_or_the_order_is_held(client, world):
    order = mixed_up(world)
    judged(32)
    flag = Flag.objects.get(order=order, code=FlagCode.IDENTITY_SHARED)
    text = dialog(client, world, flag)
    assert "Settle: the identity is right</button>" in text
    assert "mixed up, or it is not clear yet" in text
    assert f"{reverse('report_event', args=[order.pk])}?kind=held&amp;stage=" in text
    assert "You cannot take it back alone" in text
    assert "No other critical flag keeps people from reporting" in text


def test_a_failed_test_is_repeated_or_its_result_stands_and_the_other_flags_are_named(client, world):
    order = mixed_up(world)
    told(world, order, ("started", "sterility", 56), ("failed", "sterility", 300))
    judged(301)
    text = dialog(client, world, Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED))
    assert "is repeated</button>" in text
    assert "The failed result stands: the dose may not be used" in text
    assert "Operations: begin a new attempt, or cancel the order" in text
    assert "people from reporting: “" in text
    assert "“Acknowledge" not in text
    assert "Acknowledge, and leave the flag standing" in text


def test_of_a_dose_that_was_given_a_decision_is_asked_not_a_repetition(client, world):
    order = failed_after_infusion(world)
    judged()
    text = dialog(client, world, Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED))
    assert "Settle: everything about the dose that was given is decided" in text
    assert "is repeated" not in text


def test_of_a_failure_that_keeps_nobody_from_reporting_nothing_is_said_of_that(client, world):
    order = world.order()
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6), ("failed", "inbound", 30))
    judged(31)
    flag = Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED)
    assert "keeps people from reporting" not in dialog(client, world, flag)
    said = client.post(reverse("settle_flag", args=[flag.pk]), {"reason": "The shipper broke."}, follow=True).text
    assert "Stage failed: your decision is kept." in " ".join(said.split())


def test_cells_that_waited_too_long_may_be_used_or_not(world):
    order = world.order()
    plan = flow_plan(order.flow_id).stages["selection"]
    choice = choice_of(FlagCode.HOLD_EXPIRING, Doubt.CELLS, plan, {"is_over": True})
    assert choice.settled.words == "the cells may be used"
    assert choice.opposite.words == "The cells may not be used"
    assert choice.opposite.road == Road.HOLD_STAGE


def test_of_tests_in_the_plural_it_is_said_so():
    plan = replace(journey().stages["sterility_final"], name="Release tests")
    words = choice_of(FlagCode.STAGE_FAILED, Doubt.FAILURE, plan, {}).settled
    assert words.words == "Release tests are repeated"
    assert "once Release tests have begun again, somebody else of quality assurance than who began it" in words.then
