"""The inbox, its mark in the navigation, the settings and the shift hand-over, as people see them."""

import pytest
import time_machine
from django.urls import reverse

from batches.judgement.statuses import Severity
from batches.notifications.models import Notification, NotificationPreference
from tests.batches.notifications.inboxes import page, told
from tests.dashboards.builders import (
    HTMX,
    TowerWorld,
    browser_of,
)
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db

# Session, person, their sites, whether there are others: 4. Groups, orders, messages, the newest, stage names: 5. Pools
# under which flags hang: 1. Attempts to sign that were refused: 1.
INBOX = 11


# Session, person, their sites, whether there are others, the count, that of attempts to sign that were refused.
COUNT = 6


@pytest.fixture
def world() -> TowerWorld:
    with time_machine.travel(at(10), tick=False):
        yield TowerWorld()


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("name", ["inbox", "inbox_live"])
def test_the_inbox_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, orders, name):
    for number in range(orders):
        told(world, number, severity=Severity.CRITICAL)
    client = browser_of(world.coordinator)
    client.get(reverse(name))
    with django_assert_num_queries(INBOX):
        client.get(reverse(name))


@pytest.mark.parametrize("orders", [1, 3])
def test_the_mark_in_the_navigation_costs_two_queries_of_its_own(world, django_assert_num_queries, orders):
    for number in range(orders):
        told(world, number)
    client = browser_of(world.coordinator)
    with django_assert_num_queries(COUNT):
        answer = client.get(reverse("inbox_count"))
    assert f">{orders}<span" in answer.content.decode()
    assert f"unread message{'s' if orders > 1 else ''}" in answer.content.decode()


def test_a_message_says_what_why_and_what_to_do(world):
    told(world, severity=Severity.CRITICAL, why="It is late.", next_step="Ask the courier.")
    text = page(world.operations)
    for part in ("CO-1", "Critical:", "It is late.", "Ask the courier.", "Acknowledge", "Take on", "1 unread"):
        assert part in text


def test_nobody_reads_of_another_site(world):
    told(world)
    # A membership that was taken away leaves such rows.
    Notification.objects.filter(person=world.operations).update(person=world.stranger_person)
    assert "CO-1" not in page(world.stranger_person)
    assert page(world.stranger_person, "inbox_count").strip() == ""


def test_critical_first_and_page_by_page(world, monkeypatch):
    monkeypatch.setattr("batches.notifications.queries.inbox.PAGE", 2)
    for number in range(4):
        told(world, number, severity=Severity.CRITICAL if number == 0 else Severity.ATTENTION)
    client, seen, query = browser_of(world.operations), [], ""
    for _ in range(2):
        inbox = client.get(reverse("inbox") + query).context["inbox"]
        seen += [group.order.coi for group in inbox.groups]
        query = f"?after={inbox.after}"
    assert (seen[0], sorted(seen)) == ("CO-0", ["CO-0", "CO-1", "CO-2", "CO-3"])
    assert inbox.after == ""


@pytest.mark.parametrize("after", ["x", "AAAA", "bnVsbA==", "%00"])
def test_a_spoilt_address_begins_at_the_start(world, after):
    told(world)
    assert "CO-1" in page(world.operations, query=f"?after={after}&view=nonsense")


@pytest.mark.parametrize(
    ("view", "shown"), [("unread", True), ("critical", False), ("escalated", False), ("all", True)]
)
def test_the_views(world, view, shown):
    told(world)
    assert ("CO-1" in page(world.operations, query=f"?view={view}")) is shown


def test_marking_as_read_one_order_or_all(world):
    for number in (1, 2):
        told(world, number)
    client = browser_of(world.operations)
    inbox = client.get(reverse("inbox")).context["inbox"]
    order = inbox.groups[0].order
    answer = client.post(reverse("inbox_read"), {"until": inbox.newest, "order": order.pk}, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Trigger"]) == (204, "inbox-changed")
    assert [group.order for group in client.get(reverse("inbox")).context["inbox"].groups] != [order]
    assert client.post(reverse("inbox_read"), {"until": inbox.newest}).status_code == 302
    assert client.get(reverse("inbox")).context["inbox"].groups == []
    assert client.post(reverse("inbox_read"), {"until": "nonsense"}).status_code == 400
    assert Notification.objects.filter(person=world.coordinator, read_at=None).count() == 2


def test_an_empty_inbox_says_what_would_fill_it(world):
    assert "Nothing unread" in page(world.operations)
    assert "not a member of any site" in page(make_user("newcomer"))


def test_settings_are_kept_and_nonsense_is_refused(world):
    client = browser_of(world.operations)
    said = {"email_critical": "on", "digest_minutes": "240", "quiet_from": "22:00", "quiet_to": "06:00"}
    assert client.post(reverse("notification_settings"), said).status_code == 302
    kept = NotificationPreference.objects.get(person=world.operations)
    assert (kept.email_critical, kept.email_attention, kept.digest_minutes) == (True, False, 240)
    assert kept.muted == [world.operations.memberships.get().pk]
    answer = client.post(reverse("notification_settings"), said | {"quiet_to": ""})
    assert (answer.status_code, "Give both ends of the quiet hours" in answer.content.decode()) == (422, True)
    answer = client.post(reverse("notification_settings"), said | {"digest_minutes": "7"})
    assert answer.status_code == 422
