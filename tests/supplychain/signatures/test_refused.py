"""An attempt to sign that is refused is kept, and told at once to those who have to know (21 CFR 11.300(d))."""

import pytest
import time_machine
from django.core import mail
from django.core.mail import get_connection
from django.urls import reverse

from batches.notifications.actions.mails import MailOutcome, gather_mails, send_next_mail
from batches.notifications.models import SigningNotice
from supplychain.audit.models import RefusedSigning, Signature
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, browser_of
from tests.supplychain.builders import at, make_user, report
from tests.supplychain.sign_in.visitors import _forgetful  # noqa: F401
from tests.supplychain.signatures.signing import PASSWORD, SignedWorld, signed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
WRONG = {"sign-password": "secret of mine"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(50), tick=False):
        yield


@pytest.fixture
def world() -> SignedWorld:
    world = SignedWorld()
    world.boss = make_user("boss", world.plant, role=Role.ADMINISTRATOR)
    world.operator = make_user("ops", world.plant)
    make_user("elsewhere", world.bergen, role=Role.QA)
    User.objects.filter(pk=world.boss.pk).update(email="boss@example.org")
    return world


def told() -> list[str]:
    return sorted(SigningNotice.objects.filter(ended_at=None).values_list("person__username", flat=True))


def test_it_is_kept_without_what_was_typed_and_told_once(world):
    order = world.releasable()
    for _ in range(2):
        world.release(order, **WRONG)
    rows = RefusedSigning.objects.values_list("order__coi", "user__username", "by__username", "means", "address")
    assert list(rows) == [(order.coi, "quynh", "quynh", "Released for the patient: Release", "127.0.0.1")] * 2
    assert not RefusedSigning.objects.filter(why__contains="secret").exists()
    assert told() == ["boss", "quynh"]
    assert Signature.objects.count() == 0


def test_a_code_or_password_left_empty_is_no_attempt(world):
    world.release(world.releasable())
    assert (RefusedSigning.objects.count(), told()) == (0, [])


def test_the_inbox_says_it_until_each_has_seen_it(world):
    world.release(world.releasable(), **WRONG)
    client = browser_of(world.boss)
    assert "1<span" in client.get(reverse("inbox_count")).text
    page = client.get(reverse("inbox")).text
    assert "An attempt to sign as quynh (quynh) was refused" in page
    assert "An attempt to sign" not in browser_of(world.operator).get(reverse("inbox")).text
    notice = SigningNotice.objects.get(person=world.boss)
    browser_of(world.operator).post(reverse("inbox_read"), {"signing": str(notice.pk)})
    assert told() == ["boss", "quynh"]
    assert client.post(reverse("inbox_read"), {"signing": str(notice.pk)}, headers=HTMX).status_code == 204
    assert told() == ["quynh"]
    assert client.post(reverse("inbox_read"), {"signing": "x"}).status_code == 400


def test_it_is_mailed_at_once_and_once(world):
    order = world.releasable()
    world.release(order, **WRONG)
    gather_mails(now=at(50))
    assert send_next_mail(now=at(50), server=get_connection()) == MailOutcome.SENT
    world.release(order, **WRONG)
    gather_mails(now=at(51))
    assert send_next_mail(now=at(51), server=get_connection()) == MailOutcome.NONE
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["boss@example.org"], "Somebody could not sign")
    assert f"order {order.coi}" in sent.body
    assert reverse("signatures") in sent.body
    assert order.patient_reference not in sent.body


def test_the_list_of_signatures_shows_them(world):
    world.release(world.releasable(), **WRONG)
    page = browser_of(world.boss).get(reverse("signatures")).text
    assert "Attempts to sign that were refused" in page
    assert "The password was wrong" in page


def test_a_second_person_signs_beside_and_a_wrong_attempt_is_told(world):
    Stage.objects.filter(flow=world.flow, code="selection").update(two_people=["completed"])
    flow_plan.cache_clear()
    order = world.releasable()
    other = make_user("olaf", world.plant)
    row = report(order, "completed", "selection", 49.9) | {"source_event_id": "by-ops"}
    event = record_event(row, by=Reporter.of_user(world.operator), now=at(50)).event_id
    client, address = browser_of(world.operator), reverse("confirm_beside", args=[order.pk])
    said = {"event": str(event), "name": "olaf", "password": "wrong"}
    assert client.post(address, said, headers=HTMX).status_code == 422
    assert RefusedSigning.objects.get().user == other
    assert told() == ["boss", "olaf", "quynh"]
    client.post(reverse("confirm_as_second", args=[order.pk]), {"event": str(event)})
    assert signed() == []
    answer = client.post(address, said | {"password": PASSWORD}, headers=HTMX)
    assert "Confirmed by olaf" in answer.text, answer.text
    assert signed() == [("olaf", "second_person")]
