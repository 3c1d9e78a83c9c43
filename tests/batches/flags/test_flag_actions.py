"""Acknowledging a flag and taking it on, from the page."""

import re

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from tests.dashboards.builders import HTMX, TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def flips(flag: Flag) -> list[str]:
    return list(flag.changes.values_list("kind", flat=True))


def test_a_coordinator_acknowledges_a_flag_of_their_order_with_a_comment(world):
    flag = raise_flag(world.order())
    address = reverse("acknowledge_flag", args=[flag.pk])
    response = browser_of(world.coordinator).post(address, {"comment": "The courier is on the way."}, headers=HTMX)

    assert (response.status_code, response.headers["HX-Trigger"]) == (204, "flag-changed")
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.comment) == ("coordinator", "The courier is on the way.")
    assert flips(flag) == [FlagChangeKind.RAISED, FlagChangeKind.ACKNOWLEDGED]


def test_an_acknowledgement_without_a_comment_shows_the_form_again(world):
    flag = raise_flag(world.order())
    address = reverse("acknowledge_flag", args=[flag.pk])
    response = browser_of(world.coordinator).post(address, {"comment": "  "}, headers=HTMX)
    assert response.status_code == 422
    assert "Say in a few words what you know or will do." in response.text
    assert flips(flag) == [FlagChangeKind.RAISED]


def test_the_form_is_a_page_of_its_own_without_scripts_and_leads_back_to_the_order(world):
    flag = raise_flag(world.order())
    client, address = browser_of(world.operations), reverse("acknowledge_flag", args=[flag.pk])
    assert "<html" in client.get(address).text
    assert "<html" not in client.get(address, headers=HTMX).text
    response = client.post(address, {"comment": "Known."})
    assert response.headers["Location"] == reverse("order", args=[flag.order_id])


def test_a_person_takes_a_flag_on_and_another_takes_it_over(world):
    flag = raise_flag(world.order())
    address = reverse("take_on_flag", args=[flag.pk])
    for person in (world.coordinator, world.operations, world.operations):
        assert browser_of(person).post(address, headers=HTMX).status_code == 204
    flag.refresh_from_db()
    assert flag.owner == world.operations
    assert flips(flag) == [FlagChangeKind.RAISED, FlagChangeKind.TAKEN_ON, FlagChangeKind.TAKEN_ON]


@pytest.mark.parametrize("name", ["acknowledge_flag", "take_on_flag"])
def test_a_flag_of_another_sites_order_does_not_exist(world, name):
    flag = raise_flag(world.order())
    client = browser_of(world.stranger_person)
    assert client.post(reverse(name, args=[flag.pk]), {"comment": "mine"}).status_code == 404
    assert flips(flag) == [FlagChangeKind.RAISED]


@pytest.mark.parametrize("name", ["acknowledge_flag", "take_on_flag"])
def test_a_flag_that_was_cleared_meanwhile_is_refused_with_the_reason(world, name):
    flag = raise_flag(world.order(), cleared_at=at(20))
    response = browser_of(world.operations).post(reverse(name, args=[flag.pk]), {"comment": "late"}, headers=HTMX)
    assert response.status_code == 409
    assert response.text == "This flag has been cleared meanwhile; there is nothing left to do for it."
    assert response.headers["HX-Trigger"] == "flag-changed"


def test_taking_on_is_no_link(world):
    flag = raise_flag(world.order())
    assert browser_of(world.operations).get(reverse("take_on_flag", args=[flag.pk])).status_code == 405


def test_a_form_opened_before_the_flag_became_critical_is_refused_and_says_so(world):
    flag = raise_flag(world.order())
    client, address = browser_of(world.operations), reverse("acknowledge_flag", args=[flag.pk])
    shown = dict(re.findall(r'name="(seen_\w+)" value="([^"]*)"', client.get(address).text))
    assert shown["seen_severity"] == "attention"
    Flag.objects.filter(pk=flag.pk).update(severity="critical")

    refused = client.post(address, {"comment": "Known."} | shown, headers=HTMX)

    assert (refused.status_code, flips(flag)) == (409, [FlagChangeKind.RAISED])
    assert refused.text.startswith("This flag has become critical meanwhile: read it again.")
    assert client.post(address, {"comment": "Known."} | shown | {"seen_severity": "critical"}).status_code == 302
