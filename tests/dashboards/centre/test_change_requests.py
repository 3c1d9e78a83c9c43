"""A coordinator asks the plant to hold an order, the plant answers, and everybody reads it: whole, in the browser."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.promises import change_promise
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    world.subject = world.order(patient_reference="PX-1", promised_at=at(500))
    world.say(world.subject, "completed", "collection", 2, payload={"donation_number": "G123417654321"})
    world.say(world.subject, "completed", "inbound", 8)
    return world


def read(client: Client, name: str, *args, **asked) -> str:
    page = client.get(reverse(name, args=args), asked)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def send(client: Client, order: PatientOrder, kind: str, hours: float, **said):
    """The form as it is shown, filled in and sent; what it answers."""
    order.refresh_from_db()
    with time_machine.travel(at(hours), tick=False):
        address = reverse("report_event", args=[order.pk])
        page = client.get(address, {"kind": kind})
        assert page.status_code == 200, page.content.decode()
        hidden = dict(re.findall(r'name="(token|shown_at|seen_version-[^"]+)" value="([^"]*)"', page.content.decode()))
        moment = f"{at(hours):%Y-%m-%dT%H:%M}"
        answer = client.post(address, {"kind": kind, "stage": "", "attempt": "", "occurred_at": moment} | hidden | said)
    order.refresh_from_db()
    return answer


def ask(world: TowerWorld, hours: float = 30, **said):
    wish = {"wish": "hold", "cause": "too_ill", "reason": "Fever since the night"}
    return send(browser_of(world.coordinator), world.subject, "change_asked", hours, **wish | said)


def judged(hours: float) -> list[tuple[str, str]]:
    evaluate_due_orders(now=at(hours))
    flags = Flag.objects.filter(code=FlagCode.CHANGE_ASKED, cleared_at=None)
    return [(flag.severity, flag.why) for flag in flags]


def test_the_request_is_flagged_at_the_plant_and_stands_wherever_the_order_does(world):
    assert ask(world).status_code == 302
    [(severity, why)] = judged(31)
    assert severity == Severity.CRITICAL
    assert why.startswith("The centre asks to hold the order. Patient too ill: Fever since the night. Asked ")
    plant, centre = browser_of(world.operations), browser_of(world.coordinator)
    with time_machine.travel(at(31), tick=False):
        assert "Answer the centre’s request" in read(plant, "order", world.subject.pk)
        for page in (
            read(plant, "order", world.subject.pk),
            read(plant, "operations", order=str(world.subject.pk)),
            read(centre, "site"),
        ):
            assert "The centre asks to hold the order Patient too ill: Fever since the night" in page
            assert "Not answered yet." in page
        assert "by coordinator. Not answered yet." in read(centre, "site")
        assert "The centre asks to hold the order" in read(plant, "control_tower")


def test_to_agree_does_what_was_asked_with_two_facts_and_tells_the_centre(world):
    ask(world)
    judged(31)
    assert send(browser_of(world.operations), world.subject, "answered", 32, answer="agreed").status_code == 302
    assert (world.subject.status, world.subject.held_at) == (OrderStatus.ON_HOLD, at(32))
    kinds = StatusEvent.objects.filter(order=world.subject).order_by("position").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["change_asked", "held", "answered"]
    assert judged(33) == []
    with time_machine.travel(at(33), tick=False):
        assert "Agreed " in read(browser_of(world.coordinator), "site")


def test_a_no_needs_its_reason_which_the_centre_reads(world):
    ask(world)
    refused = send(browser_of(world.operations), world.subject, "answered", 32, answer="declined")
    assert (refused.status_code, "Say why it is declined; the centre is told." in refused.content.decode()) == (
        422,
        True,
    )
    said = {"answer": "declined", "reason": "The harvest is under way."}
    assert send(browser_of(world.operations), world.subject, "answered", 33, **said).status_code == 302
    assert (world.subject.status, world.subject.change_request["outcome"]) == (OrderStatus.IN_PROGRESS, "declined")
    assert judged(34) == [(Severity.ATTENTION, "The plant declined to hold the order: The harvest is under way.")]
    with time_machine.travel(at(34), tick=False):
        client = browser_of(world.coordinator)
        assert "Declined : “The harvest is under way.”" in read(client, "site")
        task = "Read the reason and acknowledge it; call operations of the plant, or ask for something else"
        pages = [read(client, "site"), read(client, "order", world.subject.pk)]
        assert [f" {task}" in page for page in pages] == [True, True]
        Flag.objects.filter(code=FlagCode.CHANGE_ASKED).update(acknowledged_at=at(34), acknowledged_by="C. Oordinator")
        next_panel = read(client, "order", world.subject.pk).partition("What happens next")[2]
        assert task not in next_panel.partition("Flags")[0]


def test_to_postpone_needs_a_date_and_the_promise_follows_it(world):
    late = ask(world, wish="postpone", cause="date")
    assert (late.status_code, "Say to when it is to be postponed" in late.content.decode()) == (422, True)
    past = ask(world, wish="postpone", cause="date", wanted_at=f"{at(20):%Y-%m-%dT%H:%M}")
    assert (past.status_code, "This moment is past" in past.content.decode()) == (422, True)
    assert ask(world, wish="postpone", cause="date", wanted_at=f"{at(700):%Y-%m-%dT%H:%M}").status_code == 302
    form = browser_of(world.operations).get(reverse("report_event", args=[world.subject.pk]), {"kind": "answered"})
    assert f"{at(700):%Y-%m-%dT}" in form.content.decode()
    early = {"answer": "agreed", "promised_at": f"{at(600):%Y-%m-%dT%H:%M}"}
    refused = send(browser_of(world.operations), world.subject, "answered", 32, **early)
    assert (refused.status_code, "The centre wants a later date than this" in refused.content.decode()) == (422, True)
    change_promise(
        world.subject.pk, promised_at=at(740), expected_version=None, by=Reporter.of_user(world.operations), now=at(32)
    )
    dialog = read(browser_of(world.coordinator), "report_event", world.subject.pk, kind="change_asked")
    assert "Until now promised" in dialog
    before = ask(world, wish="postpone", cause="date", wanted_at=f"{at(730):%Y-%m-%dT%H:%M}")
    assert (before.status_code, "An earlier date is no postponement" in before.content.decode()) == (422, True)
    agreed = {"answer": "agreed", "promised_at": f"{at(760):%Y-%m-%dT%H:%M}"}
    assert send(browser_of(world.operations), world.subject, "answered", 32, **agreed).status_code == 302
    assert world.subject.change_request["outcome"] == "agreed"
    assert world.subject.promised_at > at(690)


def test_the_centre_takes_it_back_or_asks_for_something_else(world):
    ask(world)
    assert ask(world, 31, wish="cancel", cause="patient").status_code == 302
    assert (world.subject.change_request["wish"], world.subject.change_request["replaces"]) == ("cancel", "hold")
    gone = send(browser_of(world.coordinator), world.subject, "taken_back", 32, reason="The patient is better.")
    assert (gone.status_code, world.subject.change_request["outcome"]) == (302, "taken_back")
    refused = browser_of(world.operations).get(reverse("report_event", args=[world.subject.pk]), {"kind": "answered"})
    assert "No request of the centre waits for an answer." in refused.content.decode()


def test_quality_assurance_agrees_to_hold_but_does_not_cancel(world):
    quality = browser_of(make_user("quynh", world.plant, role=Role.QA))
    ask(world, wish="cancel", cause="patient")
    refused = send(quality, world.subject, "answered", 32, answer="agreed")
    assert refused.status_code == 422
    assert "Only operations of the plant or the coordinator of the ordering site can do this" in refused.text
    ask(world, 33)
    assert send(quality, world.subject, "answered", 34, answer="agreed").status_code == 302
    assert world.subject.status == OrderStatus.ON_HOLD
    ask(world, 35, wish="resume", cause="well")
    assert send(quality, world.subject, "answered", 36, answer="agreed").status_code == 302
    assert (world.subject.status, world.subject.held_at) == (OrderStatus.IN_PROGRESS, None)


def answer_form(world: TowerWorld, hours: float) -> str:
    with time_machine.travel(at(hours), tick=False):
        return read(browser_of(world.operations), "report_event", world.subject.pk, kind="answered")


def test_who_agrees_to_a_hold_reads_what_it_does_and_that_the_clock_runs_on(world):
    ask(world, 9, wish="hold", cause="patient")
    text = answer_form(world, 10)
    assert " left. It runs on until you answer, and during a hold, too." in text
    assert "If you agree, the order is on hold. Until the hold is lifted nothing of the order begins" in text
    assert "operations of the plant or quality assurance of the plant may resume it." in text


def test_who_answers_reads_the_clock_of_the_cells_and_what_agreeing_cannot_undo(world):
    ask(world, 9, wish="cancel", cause="patient")
    text = answer_form(world, 10)
    assert "The clock of the cells (Selection): until " in text
    assert " left. It runs on until you answer." in text
    assert "If you agree, it cannot be undone. This ends the order for good" in text
    assert "The patient’s cells: cells were collected. After a cancellation quality assurance of the plant" in text


def test_of_a_clock_that_ran_out_nobody_reads_that_it_runs_on(world):
    ask(world, 9, wish="cancel", cause="patient")
    text = answer_form(world, 1000)
    assert "The clock of the cells (Selection) ran out " in text
    assert " ago: quality assurance has to decide whether the cells may still be used." in text
    assert "It runs on" not in text


def test_after_a_cancellation_somebody_is_told_what_to_do_with_the_cells(world):
    ask(world, 9, wish="cancel", cause="patient")
    send(browser_of(world.operations), world.subject, "answered", 10, answer="agreed")
    assert world.subject.status == OrderStatus.CANCELLED
    with time_machine.travel(at(12), tick=False):
        page = read(browser_of(world.operations), "order", world.subject.pk)
    assert "Decide what becomes of the patient’s cells, tell whoever has them" in page
    assert "quality assurance of the plant for 2 h" in page


def test_who_decides_what_becomes_of_the_cells_closes_the_order_with_it(world):
    ask(world, 9, wish="cancel", cause="patient")
    send(browser_of(world.operations), world.subject, "answered", 10, answer="agreed")
    quality, said = browser_of(make_user("quynh", world.plant, role=Role.QA)), {"reason": "Destroyed; Leiden is told."}
    address = reverse("report_event", args=[world.subject.pk])
    refused = browser_of(world.operations).get(address, {"kind": "closed"})
    assert "decides what becomes of the cells of a cancelled order, and closes it" in refused.text
    assert send(quality, world.subject, "closed", 12, **said).status_code == 422
    assert send(quality, world.subject, "closed", 12, cells="decided", **said).status_code == 302
    assert (world.subject.status, world.subject.closed_at) == (OrderStatus.CANCELLED, at(12))
    assert world.subject.surprises == []
    with time_machine.travel(at(13), tick=False):
        page = read(browser_of(world.operations), "order", world.subject.pk)
    assert "Decide what becomes of the patient’s cells" not in page
    assert "Destroyed; Leiden is told." in page


def test_what_a_system_closes_without_a_word_of_the_cells_decides_nothing(world):
    ask(world, 9, wish="cancel", cause="patient")
    send(browser_of(world.operations), world.subject, "answered", 10, answer="agreed")
    world.say(world.subject, "closed", "", 12)
    world.subject.refresh_from_db()
    assert world.subject.closed_at is None
    assert [one["reason"] for one in world.subject.surprises] == ["after_order_end"]


def said_after(world: TowerWorld, hours: float = 30, **said) -> str:
    """The order's page after a request was sent without scripts."""
    client, world.subject.plant.telephone = browser_of(world.coordinator), "+47 23 07 00 00"
    world.subject.plant.save()
    send(client, world.subject, "change_asked", hours, **said)
    with time_machine.travel(at(hours), tick=False):
        return read(client, "order", world.subject.pk)


def test_after_asking_it_is_said_what_was_asked_that_the_plant_is_told_and_whom_to_call(world):
    page = said_after(world, wish="hold", cause="too_ill", reason="Fever")
    assert f"{world.subject.coi}: You asked to hold the order. Patient too ill: Fever." in page
    assert f"{world.subject.plant.name} is told, and must answer" in page
    assert "+47 23 07 00 00." in page


def test_a_hold_because_the_patient_has_died_asks_for_the_cancellation(world):
    page = said_after(world, wish="hold", cause="died")
    assert "the patient has died. Ask the plant to cancel the order, too." in page
    send(browser_of(world.operations), world.subject, "answered", 32, answer="agreed")
    evaluate_due_orders(now=at(33))
    flag = Flag.objects.get(code=FlagCode.ON_HOLD, cleared_at=None)
    assert flag.next_step.startswith("Site coordinator: ask the plant to cancel the order")
    with time_machine.travel(at(33), tick=False):
        assert "has died" in read(browser_of(world.operations), "order", world.subject.pk)
        site = read(browser_of(world.coordinator), "site")
        form = browser_of(world.coordinator).get(
            reverse("report_event", args=[world.subject.pk]),
            {"kind": "change_asked", "wish": "cancel", "cause": "died"},
        )
    assert "ask the plant to cancel" in site.lower()
    assert len(re.findall(r'value="(?:cancel|died)"[^>]*checked', form.text)) == 2
