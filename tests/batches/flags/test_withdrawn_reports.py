"""What the judgement makes of a report that was withdrawn: it is flagged, and nothing rests on it any more."""

import pytest
from django.urls import reverse

from batches.durations.queries.runs import past_runs
from batches.durations.rules.runs import End
from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.outcomes.actions import refresh_outcomes
from batches.outcomes.models import OrderOutcome
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.withdrawing import the_world, told
from tests.supplychain.builders import World, at, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return the_world()


NUMBER = "G123417654321"


def test_learned_durations_no_longer_use_a_withdrawn_end(world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong = told(world, order, "completed", "selection", 10.15)

    def ends() -> list[End]:
        return [run.end for runs in past_runs(since=at(0), now=at(50)).values() for run in runs]

    assert ends() == [End.COMPLETED]
    withdraw_report(wrong.pk, by=world.operator, reason="Wrong order.", now=at(12))
    assert ends() == [End.CENSORED]


def test_a_withdrawn_report_raises_a_flag(world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong = told(world, order, "held", "selection", 11)
    withdraw_report(wrong.pk, by=world.operator, reason="Wrong order.", now=at(12))
    evaluate_due_orders(now=at(13))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="selection")
    texts = [fact["text"] for fact in flag.evidence["facts"]]
    assert "Selection put on hold was withdrawn: Wrong order" in texts


def test_a_withdrawn_donation_number_is_shared_with_nobody(world, django_capture_on_commit_callbacks):
    one, other = world.order(), world.order(patient_reference="pseudonym-2")
    told(world, other, "completed", "collection", 5, payload={"donation_number": NUMBER})
    wrong = told(world, one, "completed", "collection", 5, payload={"donation_number": NUMBER})
    evaluate_due_orders(now=at(6))
    assert Flag.objects.filter(code="identity_shared", cleared_at=None).count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_report(wrong.pk, by=world.quality, reason="The label of the other patient.", now=at(7))
        withdraw_report(
            wrong.pk, by=make_user("kari", world.oslo, role=Role.SITE_COORDINATOR), reason="It is wrong.", now=at(8)
        )
    evaluate_due_orders(now=at(9))
    assert not Flag.objects.filter(code="identity_shared", cleared_at=None).exists()


def test_a_withdrawn_cancellation_gives_no_reason_for_the_loss(world):
    order = world.order()
    wrong = told(world, order, "cancelled", "", 5, payload={"reason": "Patient too ill."})
    for person, hours in ((world.operator, 6), (world.quality, 7)):
        withdraw_report(wrong.pk, by=person, reason="Wrong order.", now=at(hours))
    refresh_outcomes()
    assert OrderOutcome.objects.get(order=order).lost_reason == ""


def test_the_order_page_the_record_and_the_interface_show_it_struck_through(client, world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong = told(world, order, "completed", "selection", 10.15)
    client.force_login(world.operator)
    address = reverse("withdraw_event", args=[order.pk, wrong.pk])
    assert address in client.get(reverse("order", args=[order.pk])).content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "Clicked the wrong order."}).status_code == 302
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "<s><strong>Selection completed</strong></s>" in page
    assert "withdrawn by ola, " in page
    assert address not in page
    record = client.get(reverse("order_record", args=[order.pk])).json()
    (event,) = (one for one in record["events"] if one["id"] == str(wrong.pk))
    assert (event["withdrawn"], event["said_wrong"][0]["by"]) == (True, "ola")


def test_an_event_of_somebody_elses_order_is_not_found(client, world):
    order = world.order()
    wrong = told(world, order, "started", "selection", 10)
    client.force_login(make_user("else", world.bergen))
    assert client.get(reverse("withdraw_event", args=[order.pk, wrong.pk])).status_code == 404
