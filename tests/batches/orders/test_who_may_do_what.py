"""One table of who may do what: what somebody may not do in the browser they may not do over REST, and the reverse."""

import itertools
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
import time_machine
from django.http import HttpResponse
from django.urls import reverse

from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.rest.permissions import ROLES_FOR_SCOPE
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.api_clients import session_of
from tests.supplychain.builders import at, make_user, report

pytestmark = [pytest.mark.django_db, pytest.mark.long]
HIDDEN = re.compile(r'<input[^>]* name="([^"]+)" value="([^"]*)"')
COORDINATOR, OPERATIONS, QA = Role.SITE_COORDINATOR, Role.OPERATIONS, Role.QA
SITES = ("oslo", "plant", "bergen")
Answers = tuple[HttpResponse, HttpResponse]


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel(at(30), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def place(world: TowerWorld, user: User) -> Answers:
    asked = {"patient_reference": "PX-4F7K2", "ordering_site": "oslo", "plant": "plant", "priority": "routine"}
    page = browser_of(user).post(reverse("request_order"), {**asked, "token": str(uuid4()), "go": "place"})
    return page, session_of(user).send("/api/v1/orders/", asked | {"product": world.flow.product.code})


def reporting(kind: str, stage: str = "", **fields: str) -> Callable[[TowerWorld, User], Answers]:
    def deed(world: TowerWorld, user: User) -> Answers:
        one, other = world.order(), world.order()
        address, client = reverse("report_event", args=[one.pk]), browser_of(user)
        form = client.get(address, {"kind": kind, "stage": stage})
        page = client.post(address, dict(HIDDEN.findall(form.text)) | fields) if form.status_code == 200 else form
        said = {name: value for name, value in fields.items() if name != "is_first_asked"}  # the interface asks nothing
        event = report(other, kind, stage, 29, payload=said)
        return page, session_of(user).send("/api/v1/events/", event)

    return deed


def promise(world: TowerWorld, user: User) -> Answers:
    said = {"promised_at": at(900).isoformat(), "reason": "as agreed"}
    page, _ = reporting("promised", promised_at="2026-04-08T20:00", reason="as agreed")(world, user)
    client, address = session_of(user), f"/api/v1/orders/{world.order().pk}/"
    etag = client.get(address).headers.get("ETag", '"1"')
    return page, client.send(address, said, "PATCH", if_match=etag)


def acknowledge(world: TowerWorld, user: User) -> Answers:
    one, other = raise_flag(world.order()), raise_flag(world.order())
    page = browser_of(user).post(reverse("acknowledge_flag", args=[one.pk]), {"comment": "Seen."})
    return page, session_of(user).send(f"/api/v1/flags/{other.pk}/acknowledge/", {"comment": "Seen."})


# Deed, and (role, site) of those who may; everybody else may not.
DEEDS = {
    "place an order": (place, {(COORDINATOR, "oslo"), (OPERATIONS, "plant")}),
    "start a collection": (
        reporting("started", "collection", is_first_asked="on"),
        {(COORDINATOR, "oslo"), (OPERATIONS, "oslo")},
    ),
    "hold an order": (reporting("held", reason="fever"), {(OPERATIONS, "plant"), (QA, "plant")}),
    "confirm an order": (reporting("confirmed"), {(OPERATIONS, "plant")}),
    "cancel an order": (reporting("cancelled", reason="wish"), {(COORDINATOR, "oslo"), (OPERATIONS, "plant")}),
    "promise a date": (promise, {(OPERATIONS, "plant")}),
    "acknowledge a flag": (
        acknowledge,
        set(itertools.product(set(Role) - {Role.INSPECTOR}, ("oslo", "plant"))),
    ),
}


@pytest.mark.parametrize(("deed", "may"), DEEDS.values(), ids=DEEDS)
@pytest.mark.parametrize("role", Role)
def test_the_browser_and_rest_have_one_table(world, role, deed, may):
    for site in SITES:
        user = make_user(f"{role}-of-{site}", getattr(world, site), role=role)
        page, answer = deed(world, user)
        assert (page.status_code in (200, 204, 302), answer.status_code in (200, 201)) == ((role, site) in may,) * 2, (
            site,
            page.status_code,
            answer.status_code,
        )


def test_a_person_is_told_no_right_that_no_deed_of_theirs_needs(world):
    for role in Role:
        user = make_user(f"just-{role}", world.oslo, role=role)
        told = set(session_of(user).get("/api/v1/me/").json()["scopes"])
        assert told == {scope for scope, roles in ROLES_FOR_SCOPE.items() if role in roles}
    assert set(ROLES_FOR_SCOPE["orders:write"]) == {COORDINATOR, OPERATIONS}
    assert set(ROLES_FOR_SCOPE["events:write"]) == {COORDINATOR, OPERATIONS, QA}
