"""The second person of a step signs beside the first one, with their own password, and nobody else's."""

import re

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from supplychain.flows.models import Stage
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.sign_in.visitors import _forgetful, code_of  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
PASSWORD = "a long enough word"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(at(6), tick=False):
        yield


@pytest.fixture
def world() -> World:
    world = World()
    Stage.objects.filter(flow=world.flow, code="collection").update(two_people=["started", "completed"])
    world.case = world.order()
    world.ana, world.ben = (make_user(name, world.oslo, role=Role.SITE_COORDINATOR) for name in ("ana", "ben"))
    row = report(world.case, "completed", "collection", 5.9)
    world.event = record_event(row, by=Reporter.of_user(world.ana), now=at(6)).event_id
    world.client = Client()
    world.client.force_login(world.ana)
    return world


def sign(world: World, name: str, password: str = PASSWORD, headers=HTMX, **more: str):
    said = {"event": str(world.event), "name": name, "password": password} | more
    return world.client.post(reverse("confirm_beside", args=[world.case.pk]), said, headers=headers)


def witnesses() -> list[str]:
    return [event.user.username for event in StatusEvent.objects.filter(kind="witnessed")]


def test_the_second_person_signs_and_the_first_stays_signed_in(world):
    with capture_logs() as written:
        answer = sign(world, "ben")
    assert "Confirmed by ben as the second person." in answer.text
    assert (witnesses(), world.client.session["_auth_user_id"]) == (["ben"], str(world.ana.pk))
    assert [line["event"] for line in written if line.get("username") == "ben"] == ["second signature"]
    assert "confirmed by ben on" in world.client.get(reverse("custody", args=[world.case.pk])).text
    order = world.client.get(reverse("order", args=[world.case.pk])).text
    assert "Confirmed by a second person: Collection completed" in order


def test_on_the_custody_page_the_page_is_loaded_anew(world):
    page = reverse("custody", args=[world.case.pk])
    answer = sign(world, "ben", headers=HTMX | {"HX-Current-URL": f"http://testserver{page}"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "Confirmed by ben as the second person." in world.client.get(page).text


def test_without_a_script_the_custody_page_says_so(world):
    answer = sign(world, "ben", "wrong", headers={})
    assert answer.headers["Location"] == reverse("custody", args=[world.case.pk])
    assert "do not belong together" in world.client.get(answer.headers["Location"]).text
    assert "Confirmed by ben" in world.client.get(sign(world, "ben", headers={}).headers["Location"]).text


def test_a_wrong_password_is_told_as_at_the_login_and_never_shown_again(world):
    with capture_logs() as written:
        answer = sign(world, "ben", "secret of ben")
    assert (answer.status_code, "do not belong together" in answer.text) == (422, True)
    assert "secret of ben" not in answer.text + str(written)
    assert ("sign-in failed", "ben") in {(line["event"], line["username"]) for line in written}
    assert witnesses() == []


def test_five_wrong_passwords_block_the_name_here_and_at_the_login(world):
    for _ in range(5):
        sign(world, "ben", "wrong")
    assert "Too many wrong attempts" in sign(world, "ben").text
    login = Client().post(reverse("login"), {"login": "ben", "password": PASSWORD})
    assert "Too many wrong attempts" in login.text
    assert witnesses() == []


def test_the_same_person_a_stranger_and_who_was_switched_off_are_no_second_one(world):
    assert "another one confirms it" in sign(world, "ana").text
    make_user("sam", world.bergen, role=Role.SITE_COORDINATOR)
    assert "none of this order’s sites" in sign(world, "sam").text
    make_user("pia", world.plant)
    assert "The second person here is the coordinator of the collection site" in sign(world, "pia").text
    world.ben.is_active = False
    world.ben.save()
    assert sign(world, "ben").status_code == 422
    assert witnesses() == []


def test_who_signs_in_elsewhere_has_no_password_here(world):
    world.ben.set_unusable_password()
    world.ben.save()
    answer = sign(world, "ben")
    assert (answer.status_code, "single sign-on" in answer.text) == (422, True)


def test_a_role_that_needs_a_second_factor_needs_it_here(world, settings):
    settings.SECOND_FACTOR_ROLES = {Role.OPERATIONS}
    cas = make_user("cas", world.oslo)
    assert "needs a second factor" in sign(world, "cas").text
    secret = generate_totp_secret()
    TOTP.activate(cas, secret)
    assert "Type the code" in sign(world, "cas").text
    assert sign(world, "cas", code="000000").status_code == 422
    assert witnesses() == []
    assert "Confirmed by cas" in sign(world, "cas", code=code_of(secret)).text


def test_the_dialog_asks_for_the_second_person_once_the_first_has_reported(world):
    case = world.case = world.order(coi="CO-NEW", patient_reference="pseudonym-2")
    address = f"{reverse('report_event', args=[case.pk])}?kind=started&stage=collection&attempt=1"
    page = world.client.get(address, headers=HTMX).text
    assert "Two people check here: Collection started." in page
    said = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
    said |= dict(re.findall(r'name="(occurred_at)" value="([^"]*)"', page)) | {"is_first_asked": "on"}
    said |= {"is_early_meant": "on"}
    done = world.client.post(reverse("report_event", args=[case.pk]), said, headers=HTMX).text
    assert "Now the second person" in done, done
    world.event = re.search(r'name="event" value="([^"]+)"', done)[1]
    assert "Confirmed by ben" in sign(world, "ben").text
    assert StatusEvent.objects.get(kind="witnessed", order=case).payload == {"event": world.event}
