"""The moments of a refusal by an interlock are said in the zone of whoever reads it, in UTC where nobody is known."""

import json
from zoneinfo import ZoneInfo

import pytest
from django.contrib.admin import site as plain_site
from django.urls import reverse
from django.utils import timezone

from batches.flags.actions.people import settle_flag
from batches.flags.admin import FlagChangeAdmin
from batches.flags.models import Flag, FlagChange
from supplychain.imports.events import sender_of_events
from supplychain.orders.actions.events import Reporter
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused
from tests.batches.flags.test_interlocks import failed_after_infusion, judged, say
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
# The dose of these orders was given at 2026-03-06T02:00Z.
MARK, IN_UTC, IN_OSLO = "2026-03-06T02:00Z", "6 Mar 2026 02:00 UTC", "6 Mar 2026 03:00 CET"


@pytest.fixture
def world() -> World:
    world = World()
    world.operator = make_user("ola", world.plant)
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    for user in (world.operator, world.quality):
        user.time_zone = "Europe/Oslo"
        user.save()
    return world


@pytest.fixture
def order(world) -> PatientOrder:
    order = failed_after_infusion(world)
    judged()
    return order


def test_a_refusal_is_said_in_the_zone_of_the_person(world, order):
    with timezone.override(ZoneInfo("Europe/Oslo")), pytest.raises(ReportRefused) as refused:
        say(order, world.operator, "closed", hours=310)
    assert IN_OSLO in str(refused.value)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_that_refuse_say_the_moment_in_the_zone_of_the_person(client, world, order, headers, method):
    client.force_login(world.operator)
    asked = {"kind": "closed", "stage": "", "token": "T"}
    page = getattr(client, method)(reverse("report_event", args=[order.pk]), asked, headers=headers)
    assert page.status_code == 409
    assert (IN_OSLO in page.content.decode(), MARK in page.content.decode()) == (True, False)


def test_the_worklist_says_why_something_is_permitted_of_some_only(client, world, order):
    other = failed_after_infusion(world)
    judged()
    flag = Flag.objects.get(order=other, code="stage_failed")
    settle_flag(flag.pk, by=world.quality, reason="Physician alarmed.", now=at(401))
    client.force_login(world.operator)
    page = client.get(f"{reverse('operations')}?order={order.pk}&order={other.pk}").content.decode()
    assert "Only for some of them" in page
    assert (IN_OSLO in page, MARK in page) == (True, False)


def test_the_interface_and_imports_say_it_in_utc(client, world, order):
    client.force_login(world.operator)
    row = report(order, "closed", hours=310)
    one = client.post("/api/v1/events/", json.dumps(row), content_type="application/json").json()
    (several,) = client.post("/api/v1/events/", json.dumps([row]), content_type="application/json").json()["results"]
    (imported,) = sender_of_events(Reporter.of_user(world.operator), now=at(401))([row])
    for said in (one["reason"], one["detail"], several["reason"], imported.reason):
        assert (IN_UTC in said, MARK in said) == (True, False)


def test_a_decision_of_quality_assurance_keeps_the_words_that_it_was_made_on(world, order):
    flag = Flag.objects.get(order=order, code="stage_failed")
    settle_flag(flag.pk, by=world.quality, reason="Physician alarmed.", now=at(401))
    assert IN_UTC in StatusEvent.objects.get(order=order, kind="settled").payload["why"]


def test_the_administration_says_flips_in_the_zone_of_the_person(world, order):
    change = FlagChange.objects.get(flag__order=order, flag__code="stage_failed")
    admin = FlagChangeAdmin(FlagChange, plain_site)
    with timezone.override(ZoneInfo("Europe/Oslo")):
        assert IN_OSLO in admin.said(change)
    assert "why" not in (*admin.list_display, *admin.fields)
