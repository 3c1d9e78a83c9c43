"""Administrators are told once when the pools of a site cannot be reviewed, until a review succeeds again."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import get_connection
from django.urls import reverse

from batches.lines.models import PoolState
from batches.notifications import tasks
from batches.notifications.actions.mails import MailOutcome, gather_mails, send_next_mail
from batches.notifications.actions.notices import tell_failing_reviews
from batches.notifications.actions.settings import set_preferences
from batches.notifications.models import ReviewNotice
from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of, make_pool
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
QUIETLY = {"email_attention": True, "digest_minutes": 60, "quiet_from": None, "quiet_to": None}


@pytest.fixture
def world() -> TowerWorld:
    """A plant with two pools and an administrator who has an address; nobody else administers it."""
    world = TowerWorld()
    world.boss = make_user("boss", world.plant, role=Role.ADMINISTRATOR)
    gone = make_user("gone", world.plant, role=Role.ADMINISTRATOR)
    make_user("elsewhere", world.bergen, role=Role.ADMINISTRATOR)
    User.objects.filter(pk=world.boss.pk).update(email="boss@example.org")
    User.objects.filter(pk=gone.pk).update(email="gone@example.org", is_active=False)
    for code in ("suite", "qc_lane"):
        make_pool(world.plant, code, code)
    return world


def fails(why: str = "ValueError: no hours", hours: float = 10) -> None:
    PoolState.objects.update(failing_since=at(hours), failing_why=why)


def send(hours: float) -> list[MailOutcome]:
    gather_mails(now=at(hours))
    outcomes = []
    while (outcome := send_next_mail(now=at(hours), server=get_connection())) != MailOutcome.NONE:
        outcomes.append(outcome)
    return outcomes


def test_one_notice_an_administrator_however_often_it_fails_and_ended_when_it_works_again(world):
    assert tell_failing_reviews(now=at(9)) == 0
    fails()
    assert [tell_failing_reviews(now=at(10) + timedelta(minutes=late)) for late in range(3)] == [1, 0, 0]
    notice = ReviewNotice.objects.get()
    assert (notice.person, notice.site, notice.failing_since) == (world.boss, world.plant, at(10))
    fails("KeyError: suite")
    assert tell_failing_reviews(now=at(11)) == 0
    PoolState.objects.update(failing_since=None, failing_why="")
    assert tell_failing_reviews(now=at(12)) == 0
    assert ReviewNotice.objects.get().ended_at == at(12)
    fails(hours=13)
    assert tell_failing_reviews(now=at(13)) == 1


def test_it_is_mailed_once_with_what_to_do(world):
    fails()
    tell_failing_reviews(now=at(10))
    assert send(10) == [MailOutcome.SENT]
    assert send(11) == []
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["boss@example.org"], f"Pools are not reviewed: {world.plant.name}")
    assert "ValueError: no hours" in sent.body
    assert "have support mend the cause" in sent.body


def test_what_has_ended_before_it_was_mailed_is_not_mailed(world):
    fails()
    tell_failing_reviews(now=at(10))
    PoolState.objects.update(failing_since=None, failing_why="")
    tell_failing_reviews(now=at(10))
    assert send(10) == []


def test_who_wants_nothing_critical_by_mail_reads_it_in_the_inbox_alone(world):
    set_preferences(by=world.boss, email_critical=False, **QUIETLY)
    fails()
    tell_failing_reviews(now=at(10))
    assert send(10) == []
    with time_machine.travel(at(10), tick=False):
        assert "its pools are not reviewed" in browser_of(world.boss).get(reverse("inbox")).text
        assert "its pools are not reviewed" not in browser_of(world.operations).get(reverse("inbox")).text


def test_the_worker_that_tells_people_tells_this_too(world):
    fails()
    tasks.deliver_notifications()
    assert ReviewNotice.objects.filter(ended_at=None, mail__isnull=False).count() == 1


def test_a_notice_that_stands_counts_in_the_mark_of_every_page_of_its_administrator_alone(world):
    fails()
    tell_failing_reviews(now=at(10))
    assert "1<span" in browser_of(world.boss).get(reverse("inbox_count")).text
    assert browser_of(world.operations).get(reverse("inbox_count")).text.strip() == ""
    PoolState.objects.update(failing_since=None, failing_why="")
    tell_failing_reviews(now=at(11))
    assert browser_of(world.boss).get(reverse("inbox_count")).text.strip() == ""
