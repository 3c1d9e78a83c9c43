"""A second person is asked whether a report is wrong, and confirms or rejects that."""

import pytest
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.actions.people import FlagActionRefused, settle_flag
from batches.flags.models import Flag
from batches.flags.queries.stops import raised_stops
from batches.flags.rules.harm import STOP_FIRST
from batches.judgement.statuses import Harm
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.withdrawals import ASKED_YOURSELF
from supplychain.orders.statuses import ReportOutcome
from supplychain.people.models import Membership, User
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.withdrawing import the_world, told
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return the_world()


RELEASED = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 20), ("started", "selection", 21), ("completed", "selection", 33),
    ("started", "harvest", 33), ("completed", "harvest", 45), ("started", "release", 46), ("completed", "release", 70),
)  # fmt: skip


def other_quality(world: World):
    return make_user("quin", world.plant, role=Role.QA)


def released(world: World) -> tuple[PatientOrder, StatusEvent]:
    order = world.order()
    return order, [told(world, order, *said) for said in RELEASED][-1]


def test_a_release_that_one_person_calls_wrong_is_what_the_flag_says_first(world):
    order, release = released(world)
    told(world, order, "note", "release", 71, payload={"note": "Seen."})
    withdraw_report(release.pk, by=world.quality, reason="Wrong order.", now=at(72))
    evaluate_due_orders(now=at(73))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="release")
    # The dose has not left: whoever wants to ship it can still be stopped.
    assert (flag.severity, flag.harm) == ("critical", Harm.DOSE_TO_STOP)
    assert flag.why.startswith("“Release: released” is said to be wrong: Wrong order; a second person must confirm")
    assert flag.next_step.startswith(
        f"{STOP_FIRST[Harm.DOSE_TO_STOP]}. QA or Operations: look at it as a second person"
    )
    (stop,) = [one for one in raised_stops([order.pk]) if one.doubt]
    assert stop.flag_id == flag.pk
    withdraw_report(release.pk, by=other_quality(world), reason="It is.", now=at(74))
    evaluate_due_orders(now=at(75))
    flag.refresh_from_db()
    assert (flag.severity, [one for one in raised_stops([order.pk]) if one.doubt]) == ("attention", [])


def test_operations_confirm_what_quality_assurance_said_first_of_a_release(client, world):
    """And are shown the button."""
    order, release = released(world)
    withdraw_report(release.pk, by=world.quality, reason="Wrong order.", now=at(72))
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    assert f'id="withdraw-{release.pk}"' in page
    withdraw_report(release.pk, by=world.operator, reason="It is.", now=at(74))
    order.refresh_from_db()
    assert str(release.pk) in order.withdrawn_events


def test_what_decides_nothing_waits_for_a_second_person_without_alarm(world):
    order = world.order()
    said = told(world, order, "held", "", 5)
    withdraw_report(said.pk, by=world.quality, reason="Wrong order.", now=at(6))
    evaluate_due_orders(now=at(7))
    assert Flag.objects.get(order=order, code="out_of_sequence", stage="").severity == "attention"


def test_who_said_so_first_is_not_called_the_second_and_the_page_leads_back(client, world):
    order, release = released(world)
    address = reverse("withdraw_event", args=[order.pk, release.pk])
    client.force_login(world.quality)
    assert "hx-post" not in client.get(address).text.partition("sheet-form")[2].partition("</form>")[0]
    answer = client.post(address, {"reason": "Wrong order."}, follow=True)
    assert answer.redirect_chain == [(reverse("order", args=[order.pk]), 302)]
    assert f"Recorded for {order.coi}: the report is said to be wrong; a second person must confirm." in answer.text
    again = client.get(address).text
    assert "You said so already. A second person must confirm" in again
    assert "you are the second" not in again
    assert "Confirm: it is wrong" not in again
    client.force_login(other_quality(world))
    assert "you are the second" in client.get(address).text
    assert "hx-post" in client.get(address, headers={"HX-Request": "true"}).text


def asked(world: World) -> tuple[PatientOrder, StatusEvent, Flag]:
    """A released order whose release one person of quality assurance says is wrong, judged."""
    order, release = released(world)
    withdraw_report(release.pk, by=world.quality, reason="Wrong order.", now=at(72))
    evaluate_due_orders(now=at(73))
    return order, release, Flag.objects.get(order=order, code="out_of_sequence", stage="release")


def doubts_of(order: PatientOrder) -> list[Flag]:
    evaluate_due_orders(now=at(75))
    return [one for one in raised_stops([order.pk]) if one.doubt and not one.settlement]


def test_who_asked_for_a_withdrawal_does_not_settle_its_flag_and_goes_on_by_no_override(client, world):
    order, _, flag = asked(world)
    with pytest.raises(FlagActionRefused, match="You said yourself that the report is wrong: somebody else of quality"):
        settle_flag(flag.pk, by=world.quality, reason="It is right.", now=at(74))
    Membership.objects.create(user=world.quality, site=order.infusion_site, role=Role.SITE_COORDINATOR)
    going_on = report(order, "started", "infusion", 74, payload={"override": "It is right."})
    said = record_event(going_on, by=Reporter.of_user(User.objects.get(pk=world.quality.pk)), now=at(74))
    assert (said.outcome, said.reason) == (ReportOutcome.REJECTED, f"payload.override: {ASKED_YOURSELF}")
    client.force_login(world.quality)
    address = reverse("settle_flag", args=[flag.pk])
    dialog = client.get(address).text
    assert "You said yourself that the report is wrong" in dialog
    assert "Settle: " not in dialog
    assert client.post(address, {"reason": "It is right."}).status_code == 409
    assert address not in client.get(reverse("order", args=[order.pk])).text
    assert doubts_of(order)
    client.force_login(other_quality(world))
    assert address in client.get(reverse("order", args=[order.pk])).text


def test_who_released_is_no_second_person_about_the_release(client, world):
    order = world.order()
    for said in RELEASED[:-1]:
        told(world, order, *said)
    payload = {"release_reference": "QMS-1", "duration_confirmed": True}
    row = report(order, "completed", "release", 70, payload=payload)
    release = record_event(row, by=Reporter.of_user(world.quality), now=at(70))
    withdraw_report(release.event_id, by=other_quality(world), reason="Wrong order.", now=at(72))
    evaluate_due_orders(now=at(73))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="release")
    with pytest.raises(FlagActionRefused, match="You made this report yourself: somebody else of quality assurance"):
        settle_flag(flag.pk, by=world.quality, reason="It is right.", now=at(74))
    client.force_login(world.quality)
    assert "You made this report yourself" in client.get(reverse("settle_flag", args=[flag.pk])).text
    third = make_user("quentin", world.plant, role=Role.QA)
    settle_flag(flag.pk, by=third, reason="Compared: it is right.", now=at(75))
    assert doubts_of(order) == []


def test_a_failure_that_one_person_calls_wrong_is_settled_as_right_by_a_second(client, world):
    order = world.order()
    for said in RELEASED[:4]:
        told(world, order, *said)
    told(world, order, "started", "selection", 21)
    failed = told(world, order, "failed", "selection", 22, payload={"reason": "Filter broke."})
    withdraw_report(failed.pk, by=world.operator, reason="Wrong order.", now=at(23))
    evaluate_due_orders(now=at(24))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="selection")
    assert "or “Settle” on this flag if it is right" in flag.next_step
    client.force_login(world.quality)
    address = reverse("settle_flag", args=[flag.pk])
    assert address in client.get(reverse("order", args=[order.pk])).text
    dialog = client.get(address).text
    assert "Settle: the report is right</button>" in dialog
    assert reverse("withdraw_event", args=[order.pk, failed.pk]) in dialog
    withdrawal = client.get(reverse("withdraw_event", args=[order.pk, failed.pk])).text
    assert f'href="{address}"' in withdrawal
    assert "It is right: keep it" in withdrawal
    settle_flag(flag.pk, by=world.quality, reason="The filter broke.", now=at(25))
    evaluate_due_orders(now=at(26))
    order.refresh_from_db()
    assert (order.surprises, order.withdrawn_events) == ([], [])
    assert Flag.objects.get(pk=flag.pk).cleared_at is not None
    assert Flag.objects.filter(order=order, code="stage_failed", cleared_at=None).exists()
    events = " ".join(client.get(reverse("order", args=[order.pk])).text.partition('id="events-title"')[2].split())
    assert "acknowledged and settled: “The filter broke.”" in events


@pytest.mark.parametrize(("kind", "stage", "payload"), [
    ("held", "", {"reason": "Fever."}), ("cancelled", "", {"reason": "Died."}),
    ("started", "selection", {"batch_number": "B-7"}),
])  # fmt: skip
def test_whatever_a_second_person_is_asked_about_is_rejected_where_it_stands(client, world, kind, stage, payload):
    order = world.order()
    for said in RELEASED[:4]:
        told(world, order, *said)
    report_said = told(world, order, kind, stage, 21, payload=payload)
    order.refresh_from_db()
    status = order.status
    withdraw_report(report_said.pk, by=world.operator, reason="Wrong order.", now=at(22))
    evaluate_due_orders(now=at(23))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage=stage)
    # Whose cells they are; or the limit of the cells presses while it is not sure that the order is cancelled.
    assert flag.severity == ("critical" if "batch_number" in payload or kind == "cancelled" else "attention")
    assert "QA: if it is right, press “Settle” on this flag." in flag.next_step
    client.force_login(world.quality)
    assert reverse("settle_flag", args=[flag.pk]) in client.get(reverse("order", args=[order.pk])).text
    withdrawal = client.get(reverse("withdraw_event", args=[order.pk, report_said.pk])).text
    assert "It is right: keep it" in withdrawal
    keeps = "keeps people from reporting" in client.get(reverse("settle_flag", args=[flag.pk])).text
    assert keeps is ("batch_number" in payload)
    settle_flag(flag.pk, by=world.quality, reason="It is right.", now=at(25))
    evaluate_due_orders(now=at(26))
    order.refresh_from_db()
    assert (order.surprises, order.withdrawn_events, order.status) == ([], [], status)
    assert "Rejected by quynh" in client.get(reverse("order", args=[order.pk])).text


def test_what_settling_does_to_a_report_is_said_only_where_a_second_person_is_asked(client, world):
    order = world.order()
    told(world, order, "failed", "collection", 5, payload={"reason": "Clotted."})
    evaluate_due_orders(now=at(6))
    flag = Flag.objects.get(order=order, code="stage_failed")
    client.force_login(world.quality)
    dialog = client.get(reverse("settle_flag", args=[flag.pk])).text
    assert "Settle: the failure of Collection stands" in dialog
    assert "the report is right" not in dialog


def test_a_decision_that_names_no_withdrawal_of_those_asked_is_refused(world):
    order, _, flag = asked(world)
    row = report(order, "settled", "", 74, payload={"flag": str(flag.pk), "reason": "It is right."})
    said = record_event(row, by=Reporter.of_user(other_quality(world)), now=at(74))
    assert (said.outcome, said.reason.partition(":")[0]) == (ReportOutcome.REJECTED, "payload.rejects")


def test_a_second_person_who_settles_the_flag_rejects_the_withdrawal(client, world):
    order, release, flag = asked(world)
    second = other_quality(world)
    settle_flag(flag.pk, by=second, reason="The label is right.", now=at(74))
    assert doubts_of(order) == []
    flag.refresh_from_db()
    assert flag.cleared_at is not None
    client.force_login(world.operator)
    page = client.get(reverse("order", args=[order.pk])).text
    assert "Rejected by quin" in page
    assert ("Confirm: wrong" in page, "A second person must confirm" in page) == (False, False)
    record = client.get(reverse("order_record", args=[order.pk])).json()
    (event,) = (one for one in record["events"] if one["id"] == str(release.pk))
    assert (event["withdrawn"], event["said_wrong"][0]["rejected_by"]) == (False, "quin")
    order.refresh_from_db()
    facts = load_facts([order.pk])[order.pk]
    assert fold(flow_plan(order.flow_id), order.ordered_at, reversed(facts)).surprises == order.surprises


def test_who_was_not_believed_may_say_it_again_and_a_second_is_asked_anew(world):
    order, release, flag = asked(world)
    second = other_quality(world)
    settle_flag(flag.pk, by=second, reason="The label is right.", now=at(74))
    withdraw_report(release.pk, by=world.quality, reason="Look again.", now=at(74.5))
    evaluate_due_orders(now=at(74.6))
    assert doubts_of(order)
    withdraw_report(release.pk, by=second, reason="It is wrong.", now=at(76))
    order.refresh_from_db()
    assert str(release.pk) in order.withdrawn_events


def test_a_decision_that_was_withdrawn_rejects_nothing(world):
    order, _, flag = asked(world)
    settle_flag(flag.pk, by=other_quality(world), reason="The label is right.", now=at(74))
    decision = StatusEvent.objects.get(order=order, kind="settled")
    for person, hours in ((world.operator, 74.2), (world.quality, 74.4)):
        withdraw_report(decision.pk, by=person, reason="Another order was meant.", now=at(hours))
    assert doubts_of(order)


def test_the_interface_tells_what_was_said_against_a_report(client, world):
    order, release, _ = asked(world)
    client.force_login(world.quality)
    rows = client.get(f"/api/v1/orders/{order.pk}/events/").json()["results"]
    (event,) = (one for one in rows if one["id"] == str(release.pk))
    assert [(one["by"], one["rejected_by"]) for one in event["said_wrong"]] == [("quynh", "")]


def test_a_doubt_is_as_old_as_the_word_that_raised_it(world):
    order, release = released(world)
    told(world, order, "started", "infusion", 90)
    withdraw_report(release.pk, by=world.quality, reason="Another order was meant.", now=at(200))
    evaluate_due_orders(now=at(200))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="release")
    assert flag.since == at(200)
    withdraw_report(release.pk, by=other_quality(world), reason="Indeed.", now=at(201))
    evaluate_due_orders(now=at(201))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="infusion")
    assert flag.since == at(201)
