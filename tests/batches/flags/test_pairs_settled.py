"""Two orders that share an identifier, one of them settled: each says what is decided of the other, what is open."""

import pytest
import time_machine
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import InterlockWorld, mixed_up
from tests.dashboards.builders import HTMX
from tests.dashboards.tower.readings import words_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
REASON = "Its label is right."


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


@pytest.fixture
def pair(world, django_capture_on_commit_callbacks) -> tuple[PatientOrder, PatientOrder]:
    """Two orders with one donation number; of the first quality assurance has settled the flag."""
    first = mixed_up(world)
    other = PatientOrder.objects.exclude(pk=first.pk).get()
    evaluate_due_orders(now=at(40))
    with django_capture_on_commit_callbacks(execute=True):
        settle_flag(flag_of(first).pk, by=world.quality, reason=REASON, now=at(41))
    evaluate_due_orders(now=at(42))
    return first, other


def flag_of(order: PatientOrder) -> Flag:
    return Flag.objects.get(order=order, code=FlagCode.IDENTITY_SHARED)


def test_the_other_order_says_what_was_decided_and_needs_its_own_decision(world, pair):
    first, other = pair
    flag = flag_of(other)
    assert f"Order {first.coi} was settled by quynh on " in flag.why
    assert f"“{REASON}”" in flag.why
    assert "stop both" not in flag.next_step
    assert f"order {first.coi} is settled, this one still needs its own decision" in flag.next_step
    assert flag.next_step.startswith("Stop work on these cells now")


def test_who_decides_on_the_other_order_reads_that_the_first_is_decided(client, world, pair):
    _, other = pair
    client.force_login(world.quality)
    text = client.get(reverse("settle_flag", args=[flag_of(other).pk])).text
    assert ("has had its own decision" in text, "needs its own decision." in text) == (True, False)


def test_the_settled_order_says_that_the_other_is_not(world, pair):
    first, other = pair
    assert flag_of(first).next_step.startswith(f"Order {other.coi} with the same label is not settled")
    assert "Nothing more about this flag: quynh" in flag_of(first).next_step
    assert "was settled" not in flag_of(first).why


def test_a_settlement_that_is_said_to_be_wrong_stops_both_again(world, pair, django_capture_on_commit_callbacks):
    first, other = pair
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_report(
            StatusEvent.objects.get(order=first, kind="settled").pk, by=world.both, reason="It is not so.", now=at(43)
        )
    evaluate_due_orders(now=at(44))
    assert "stop both orders" in flag_of(first).next_step
    assert "stop both orders" in flag_of(other).next_step


def test_settling_both_leaves_nothing(world, pair, django_capture_on_commit_callbacks):
    first, other = pair
    with django_capture_on_commit_callbacks(execute=True):
        settle_flag(flag_of(other).pk, by=world.quality, reason="And its own.", now=at(43))
    evaluate_due_orders(now=at(44))
    for order in (first, other):
        assert flag_of(order).next_step.startswith("Nothing more about this flag")


@time_machine.travel(at(42), tick=False)
def test_tower_band_and_hand_over_say_it_too(client, world, pair):
    first, other = pair
    client.force_login(world.quality)
    for address in (reverse("control_tower"), f"{reverse('control_tower')}?wall=1", reverse("handover"),
                    reverse("order", args=[other.pk])):  # fmt: skip
        said = words_of(client.get(address).text)
        assert "stop both orders" not in said
        assert f"{first.coi} is settled" in said or f"{first.coi} was settled" in said


@time_machine.travel(at(42), tick=False)
def test_settling_one_of_two_doubts_does_not_say_that_people_may_report_again(client, world, pair):
    _, other = pair
    client.force_login(world.quality)
    identity, cells = flag_of(other), Flag.objects.get(order=other, code=FlagCode.HOLD_EXPIRING)
    address = reverse("settle_flag", args=[identity.pk])
    still = "nother critical flag of this order still keeps people from reporting"
    both = words_of(client.get(address, headers=HTMX).text)
    assert ("may report of this order again" in both, f"A{still}" in both) == (False, True)
    done = words_of(client.post(address, {"reason": "Right."}, follow=True).text)
    assert ("may report of this order again" in done, f"a{still}" in done) == (False, True)
    alone = words_of(client.get(reverse("settle_flag", args=[cells.pk]), headers=HTMX).text)
    assert "No other critical flag keeps people from reporting of this order" in alone
