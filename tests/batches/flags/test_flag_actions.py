"""Acknowledging flags, one or many, commenting, taking on, assigning and giving back, from the page."""

import re

import pytest
from django.urls import reverse

from batches.flags.actions.people import Seen, acknowledge_flags
from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from batches.notifications.models import Notification
from supplychain.people.statuses import Role
from tests.dashboards.builders import HTMX, TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at, make_user

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
    response = client.post(address, {"comment": "Known."}, follow=True)
    assert response.redirect_chain == [(reverse("order", args=[flag.order_id]), 302)]
    assert "your words are kept." in response.text


@pytest.mark.parametrize("name", ["acknowledge_flag", "assign_flag", "settle_flag"])
def test_a_dialog_that_was_opened_as_a_page_sends_its_form_as_a_page(world, name):
    flag = raise_flag(world.order())
    client, address = browser_of(world.operations), reverse(name, args=[flag.pk])
    sent_by_htmx = f'hx-post="{address}"'
    assert sent_by_htmx not in client.get(address).text
    assert sent_by_htmx in client.get(address, headers=HTMX).text


def test_a_page_of_its_own_keeps_what_was_typed_where_it_is_refused(world):
    flag = raise_flag(world.order(), cleared_at=at(20))
    refused = browser_of(world.operations).post(
        reverse("acknowledge_flag", args=[flag.pk]), {"comment": "He comes at nine."}
    )
    assert (refused.status_code, "<html" in refused.text) == (409, True)
    assert "This flag has been cleared meanwhile" in refused.text
    assert "He comes at nine." in refused.text


def test_taking_on_without_scripts_leads_to_the_order_and_says_what_happened(world):
    flag = raise_flag(world.order())
    client = browser_of(world.operations)
    taken = client.post(reverse("take_on_flag", args=[flag.pk]), follow=True)
    assert "it is yours now." in taken.text
    refused = browser_of(world.coordinator).post(reverse("give_back_flag", args=[flag.pk]), follow=True)
    assert "not yours to give back" in refused.text


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


def test_a_second_word_is_a_comment_and_both_are_kept(world):
    flag = raise_flag(world.order())
    address = reverse("acknowledge_flag", args=[flag.pk])
    browser_of(world.coordinator).post(address, {"comment": "I ask."}, headers=HTMX)
    assert "I ask." in browser_of(world.operations).get(address, headers=HTMX).text
    browser_of(world.operations).post(address, {"comment": "He comes at nine."}, headers=HTMX)
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.comment) == ("operations", "He comes at nine.")
    said = list(flag.changes.exclude(comment="").values_list("kind", "comment"))
    assert said == [("acknowledged", "I ask."), ("commented", "He comes at nine.")]


def test_a_flag_is_given_back_by_whose_it_is_and_nobody_else(world):
    flag = raise_flag(world.order(), owner=world.operations)
    address = reverse("give_back_flag", args=[flag.pk])
    refused = browser_of(world.coordinator).post(address, headers=HTMX)
    assert (refused.status_code, "not yours to give back" in refused.text) == (409, True)
    assert browser_of(world.operations).post(address, headers=HTMX).status_code == 204
    flag.refresh_from_db()
    assert (flag.owner, flips(flag)) == (None, [FlagChangeKind.RAISED, FlagChangeKind.GIVEN_BACK])


def test_a_flag_is_assigned_to_somebody_who_handles_flags_there_and_they_are_told(world):
    flag = raise_flag(world.order())
    client, address = browser_of(world.operations), reverse("assign_flag", args=[flag.pk])
    offered = client.get(address, headers=HTMX).text
    assert ("coordinator</option>" in offered, "stranger</option>" in offered) == (True, False)
    assert client.post(address, {"to": world.stranger_person.pk}, headers=HTMX).status_code == 422
    assert client.post(address, {"to": world.coordinator.pk}, headers=HTMX).status_code == 204
    flag.refresh_from_db()
    change = flag.changes.get(kind=FlagChangeKind.ASSIGNED)
    assert (flag.owner, change.person, change.comment) == (world.coordinator, "operations", "to coordinator")
    told = Notification.objects.get()
    assert (told.person, told.kind, told.role) == (world.coordinator, "assigned", "site_coordinator")
    assert "Assigned to you" in browser_of(world.coordinator).get(reverse("inbox")).text


def test_an_administrator_is_offered_only_what_rules_failed_on(world):
    make_user("adam", world.plant, role=Role.ADMINISTRATOR)
    client, order = browser_of(world.operations), world.order()
    offered = [
        "adam</option>" in client.get(reverse("assign_flag", args=[raise_flag(order, code).pk]), headers=HTMX).text
        for code in (FlagCode.SILENT, FlagCode.EVALUATION_FAILED)
    ]
    assert offered == [False, True]


def test_flags_of_one_cause_are_acknowledged_together(world):
    late = [raise_flag(world.order(coi=f"CO-{number}")) for number in range(3)]
    other = raise_flag(world.order(), FlagCode.SILENT)
    client = browser_of(world.operations)
    assert f"{reverse('acknowledge_flags')}?code=stage_late&amp;stage=inbound" in client.get("/").text
    address = f"{reverse('acknowledge_flags')}?code=stage_late&stage=inbound"
    assert client.get(address).text.count('name="flag"') == 3
    chosen = [f"{flag.pk}|attention|{flag.raised_at.isoformat()}" for flag in late[:2]]
    answer = client.post(address, {"flag": chosen, "comment": "One courier, I have called.", "takes_on": "on"})
    assert answer.status_code == 302
    stands = [(flag.comment, flag.owner) for flag in Flag.objects.filter(pk__in=[*[one.pk for one in late], other.pk])]
    assert sorted(stands, key=str) == sorted(
        [("One courier, I have called.", world.operations)] * 2 + [("", None)] * 2, key=str
    )


def test_what_became_worse_or_must_be_read_by_itself_is_left_and_said(world):
    worse, swapped = raise_flag(world.order(coi="CO-1")), raise_flag(world.order(), FlagCode.IDENTITY_SHARED)
    Flag.objects.filter(pk=worse.pk).update(severity=Severity.CRITICAL)
    seen = [Seen(flag.pk, "attention", flag.raised_at) for flag in (worse, swapped)]
    refused = acknowledge_flags(seen, by=world.operations, comment="Known.", takes_on=False, now=at(20))
    assert "has become critical meanwhile" in refused[worse.pk]
    assert refused[swapped.pk] == "This flag must be read and acknowledged by itself."
    assert not Flag.objects.filter(acknowledged_at__isnull=False).exists()


def test_together_means_at_least_one_of_the_persons_own(world):
    theirs = raise_flag(world.order_of_bergen())
    client = browser_of(world.coordinator)
    address = f"{reverse('acknowledge_flags')}?code=stage_late&stage=inbound"
    chosen = f"{theirs.pk}|attention|{theirs.raised_at.isoformat()}"
    assert client.post(address, {"flag": chosen, "comment": "Known."}).status_code == 422
    mine = raise_flag(world.order())
    for flag in (
        chosen,
        "x",
        f"{mine.pk}|attention|x",
        f"{mine.pk}|attention|2026-03-02 10:00",
        f"{mine.pk}|attention|2026-13-02T10:00Z",
    ):
        answer = client.post(address, {"flag": flag, "comment": "Known."})
        assert (answer.status_code, "Choose at least one flag." in answer.text) == (422, True)
