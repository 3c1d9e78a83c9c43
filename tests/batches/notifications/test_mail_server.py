"""A mail server that is away, refuses or loses its worker: sent again, given up, never twice on purpose."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import get_connection

from batches.judgement.statuses import Severity
from batches.notifications import tasks
from batches.notifications.actions.mails import LEASE, MailOutcome, gather_mails, send_next_mail
from batches.notifications.actions.notifications import tell_due_flips
from batches.notifications.models import Mail, Notification
from cellops.checks import mail_server_is_set
from tests.batches.notifications.mailing import Server, deliver, world_with_an_address
from tests.dashboards.builders import TowerWorld, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
CRITICAL = Severity.CRITICAL


@pytest.fixture
def world(db) -> TowerWorld:
    return world_with_an_address()


def test_a_mail_whose_flags_were_cleared_meanwhile_is_dropped(world):
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    Notification.objects.update(closed_at=at(10))
    assert send_next_mail(now=at(10), server=get_connection()) == MailOutcome.DROPPED
    assert mail.outbox == []


def test_a_server_that_is_away_is_asked_again_after_growing_pauses(world):
    world.coordinator.email = "coordinator@example.org"
    world.coordinator.save()
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    server, now, pauses = Server(SMTPServerDisconnected("away")), at(10), []
    for _ in range(6):
        assert send_next_mail(now=now, server=server) == MailOutcome.UNREACHED
        # Not one after another against a server that is away: the others wait as long.
        assert send_next_mail(now=now, server=server) == MailOutcome.NONE
        due = min(Mail.objects.values_list("due_at", flat=True))
        pauses.append((due - now) // timedelta(minutes=1))
        now = due
    assert server.asked == 6
    assert pauses == sorted(pauses)
    assert pauses[0] == 1
    assert send_next_mail(now=at(10) + timedelta(hours=2), server=get_connection()) == MailOutcome.SENT
    assert send_next_mail(now=at(10) + timedelta(hours=2), server=get_connection()) == MailOutcome.SENT
    assert sorted(message.to[0] for message in mail.outbox) == ["coordinator@example.org", "ops@example.org"]


def test_one_refused_address_stops_nobody(world):
    world.coordinator.email = "coordinator@example.org"
    world.coordinator.save()
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    assert send_next_mail(now=at(10), server=Server(SMTPRecipientsRefused({}))) == MailOutcome.FAILED
    assert send_next_mail(now=at(10), server=get_connection()) == MailOutcome.SENT
    assert Mail.objects.get(sent_at=None).last_error.startswith("SMTPRecipientsRefused")


def test_after_two_days_a_mail_is_given_up_and_the_next_one_may_come(world):
    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    late = at(10) + timedelta(days=2)
    assert send_next_mail(now=late, server=Server(SMTPServerDisconnected("away"))) == MailOutcome.FAILED
    assert Mail.objects.get().given_up_at == late
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    assert deliver(late) == [MailOutcome.SENT]


def test_a_worker_killed_while_sending_leaves_the_mail_to_the_next_under_the_same_id(world):
    class Killed(BaseException):
        pass

    raise_flag(world.order(), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    with pytest.raises(Killed):
        send_next_mail(now=at(10), server=Server(Killed()))
    assert send_next_mail(now=at(10), server=get_connection()) == MailOutcome.NONE
    assert send_next_mail(now=at(10) + LEASE, server=get_connection()) == MailOutcome.SENT
    assert str(Mail.objects.get().pk) in mail.outbox[0].extra_headers["Message-ID"]
    assert Mail.objects.get().attempts == 2


def test_a_mail_costs_thirteen_statements(world, django_assert_num_queries):
    for number in range(3):
        raise_flag(world.order(coi=f"CO-{number}"), severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    # The claim: savepoint, row, lease, release; the mail, the pools behind its flags, its messages, the stages' names,
    # the zone, notices of both kinds; what became of it.
    with django_assert_num_queries(13):
        send_next_mail(now=at(10), server=get_connection())


def test_the_tasks_tell_and_send(world):
    raise_flag(world.order(), severity=CRITICAL)
    tasks.deliver_notifications()
    tasks.send_mails()
    tasks.forget_old_notifications()
    assert len(mail.outbox) == 1


def test_outside_demo_mode_a_missing_mail_server_is_said(settings):

    settings.DEMO, settings.EMAIL_URL = False, ""
    assert [warning.id for warning in mail_server_is_set()] == ["cellops.W001"]
    settings.EMAIL_URL = "smtp://mail.example.org"
    assert mail_server_is_set() == []
