"""E-mails: at once or in a digest, one a person, and what they say."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import get_connection

from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from batches.notifications.actions.mails import MailOutcome, gather_mails, send_next_mail
from batches.notifications.actions.notifications import tell_due_flips
from batches.notifications.actions.settings import set_preferences
from batches.notifications.models import Mail, Notification
from supplychain.audit.refusals import Refused
from supplychain.orders.models import PatientOrder
from tests.batches.notifications.mailing import deliver, world_with_an_address
from tests.dashboards.builders import TowerWorld, hang, make_pool, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db

CRITICAL = Severity.CRITICAL


PREFERENCES = {
    "email_critical": True,
    "email_attention": True,
    "digest_minutes": 60,
    "quiet_from": None,
    "quiet_to": None,
}


@pytest.fixture
def world(db) -> TowerWorld:
    return world_with_an_address()


def test_a_critical_flag_is_mailed_at_once_without_anything_about_the_patient(world):
    order = world.order(coi="CO-SECRET", patient_reference="P-SECRET")
    raise_flag(order, severity=CRITICAL, why="CO-SECRET is late.", next_step="Ask about P-SECRET.")
    assert deliver(at(10)) == [MailOutcome.SENT]
    [message] = mail.outbox
    html, _ = message.alternatives[0]
    assert message.subject == "Critical: Stage takes too long, Inbound (Product small, Plant)"
    assert message.to == ["ops@example.org"]
    for text in (message.body, html, message.subject):
        assert "P-SECRET" not in text
        assert "is late." not in text
    assert "CO-SECRET" not in message.subject
    assert f"{settings.CELLOPS_PUBLIC_URL}/orders/{order.pk}/" in message.body
    assert Mail.objects.get().sent_at == at(10)
    assert deliver(at(10.1)) == []


def test_a_mail_says_until_when_the_cells_may_wait(world):
    order, other = world.order(coi="CO-ALIVE"), world.order(coi="CO-NONE")
    world.say(order, "completed", "collection", 2)
    raise_flag(order, severity=CRITICAL)
    raise_flag(other, severity=CRITICAL)
    deliver(at(10))
    [message] = mail.outbox
    html, _ = message.alternatives[0]
    for text in (message.body, html):
        assert text.count("The clock of the cells (Inbound): until ") == 1
        assert " left." in text
    Notification.objects.update(mail=None, email_due_at=at(900))
    PatientOrder.objects.filter(pk=order.pk).update(status="cancelled")
    deliver(at(900))
    assert "clock of the cells" not in mail.outbox[-1].body


def test_several_messages_about_one_order_are_not_called_orders(world):
    order = world.order(coi="CO-SECRET")
    raise_flag(order, severity=CRITICAL)
    raise_flag(order, FlagCode.SILENT, severity=CRITICAL)
    deliver(at(10))
    assert mail.outbox[0].subject == "Critical: 2 messages about one order (Product small, Plant)"


def test_what_can_wait_is_one_mail_an_hour(world):
    for number in range(3):
        raise_flag(world.order(coi=f"CO-{number}"))
    assert deliver(at(10)) == []
    assert deliver(at(11)) == [MailOutcome.SENT]
    assert mail.outbox[0].subject == "3 messages about orders"


def test_orders_that_wait_for_one_pool_are_one_message_and_one_mail(world):
    make_pool(world.plant, "suite", "Suites")
    for number in range(30):
        hang(world.order(coi=f"CO-{number}"))
    raise_flag(world.order(coi="CO-SILENT"), FlagCode.SILENT)
    assert deliver(at(10)) == []
    assert deliver(at(11)) == [MailOutcome.SENT]
    [message] = mail.outbox
    html, _ = message.alternatives[0]
    assert message.subject == "2 messages about orders"
    for text in (message.body, html):
        assert text.count("Attention: 30 orders at risk, waiting for Suites") == 1
        assert f"{settings.CELLOPS_PUBLIC_URL}/?plant=plant#risks-title" in text
        assert text.count("/orders/") == 1
    # One more order behind the same pool stands in the inbox.
    hang(world.order(coi="CO-LATER"), raised_at=at(12))
    assert deliver(at(12)) == []
    assert deliver(at(13)) == []
    told = Notification.objects.filter(person=world.operations, order__coi="CO-LATER")
    assert [one.email_due_at for one in told] == [None]


def test_a_mail_about_a_full_pool_alone_says_so_in_its_subject(world):
    make_pool(world.plant, "suite", "Suites")
    for number in range(3):
        hang(world.order(coi=f"CO-{number}"))
    deliver(at(10))
    deliver(at(11))
    assert mail.outbox[0].subject == "Attention: 3 orders at risk, waiting for Suites (Plant)"


def test_two_orders_behind_a_pool_are_two_messages_and_a_critical_one_is_always_mailed(world):
    for number in range(2):
        hang(world.order(coi=f"CO-{number}"))
    deliver(at(10))
    deliver(at(11))
    assert mail.outbox[0].subject == "2 messages about orders"
    hang(world.order(coi="CO-2"), raised_at=at(12))
    deliver(at(12))
    deliver(at(13))
    raise_flag(world.order(), FlagCode.PROMISE_AT_RISK, stage="", severity=CRITICAL, raised_at=at(14))
    deliver(at(14))
    subjects = [message.subject for message in mail.outbox[1:]]
    assert subjects == [
        "Attention: Date at risk (Product small, Plant)",
        "Critical: Date at risk (Product small, Plant)",
    ]


def test_a_storm_of_flips_is_one_mail(world, django_assert_max_num_queries):
    order = world.order()
    flags = [
        Flag(
            order=order, code=FlagCode.SILENT, stage=f"stage-{number}", severity=CRITICAL, since=at(9),
            raised_at=at(10), why="w", next_step="n", evidence={},
        )
        for number in range(500)
    ]  # fmt: skip
    Flag.objects.bulk_create(flags)
    FlagChange.objects.bulk_create(
        FlagChange(flag=flag, kind=FlagChangeKind.RAISED, severity=CRITICAL, changed_at=at(10), why="w")
        for flag in flags
    )
    with django_assert_max_num_queries(60):
        assert deliver(at(10)) == [MailOutcome.SENT]
    [message] = mail.outbox
    assert message.subject == "Critical: at least 50 of 500 messages about orders"
    assert "… and 450 more in the inbox." in message.body
    assert Notification.objects.filter(person=world.operations).count() == 500


def test_between_two_mails_there_is_time_to_read_one(world):
    raise_flag(world.order(), severity=CRITICAL)
    deliver(at(10))
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    assert deliver(at(10) + timedelta(seconds=30)) == []
    assert deliver(at(10) + timedelta(minutes=2)) == [MailOutcome.SENT]


@pytest.mark.parametrize(
    ("code", "due", "said"),
    [
        (FlagCode.PROMISE_AT_RISK, at(10) - timedelta(days=15), "; at risk by usual durations"),
        (FlagCode.PROMISE_AT_RISK, at(34), "; at risk by usual durations"),
        (FlagCode.ON_HOLD, at(12), "; decide before Mon 2 Mar 2026 "),
        (FlagCode.CHANGE_ASKED, at(12), "; decide before Mon 2 Mar 2026 "),
        (FlagCode.HOLD_EXPIRING, at(12), "; act before Mon 2 Mar 2026 "),
        (FlagCode.SILENT, at(7), "; was due Mon 2 Mar 2026 "),
    ],
)
def test_a_mail_says_by_when_to_decide_or_act_and_no_moment_for_what_moves_with_the_forecast(world, code, due, said):
    raise_flag(world.order(), code, severity=CRITICAL, due=due)
    deliver(at(10))
    for text in (mail.outbox[0].body, mail.outbox[0].alternatives[0][0]):
        assert said in text
        assert "slack" not in text


def test_a_mail_counts_from_what_the_flag_tells_of_not_from_when_it_was_raised(world):
    raise_flag(world.order(), FlagCode.STAGE_FAILED, severity=CRITICAL, since=at(3), raised_at=at(10))
    deliver(at(10))
    for text in (mail.outbox[0].body, mail.outbox[0].alternatives[0][0]):
        assert "since Mon 2 Mar 2026 11:00 UTC" in text


def test_quiet_hours_hold_back_what_can_wait_and_nothing_else(world):
    set_preferences(**PREFERENCES | {"quiet_from": time(17), "quiet_to": time(6)}, by=world.operations)
    raise_flag(world.order())
    assert deliver(at(10)) == []  # 18:00
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    assert deliver(at(11)) == [MailOutcome.SENT]
    assert deliver(datetime(2026, 3, 3, 5, 59, tzinfo=UTC)) == []
    assert deliver(datetime(2026, 3, 3, 6, 0, tzinfo=UTC)) == [MailOutcome.SENT]
    assert [message.subject.split(":")[0] for message in mail.outbox] == ["Critical", "Attention"]


def test_what_was_cleared_before_the_digest_is_not_mailed(world):
    flag = raise_flag(world.order())
    deliver(at(10))
    flag.cleared_at = at(10.5)
    flag.save()
    FlagChange.objects.create(flag=flag, kind=FlagChangeKind.CLEARED, severity=flag.severity, changed_at=at(10.5))
    assert deliver(at(11)) == []
    assert mail.outbox == []


@pytest.mark.parametrize(("start", "end"), [("06:00", None), (None, "06:00"), ("06:00", "06:00")])
def test_half_quiet_hours_are_refused(world, start, end):
    said = {"quiet_from": start and time.fromisoformat(start), "quiet_to": end and time.fromisoformat(end)}
    with pytest.raises(Refused):
        set_preferences(**PREFERENCES | said, by=world.operations)


def test_every_message_about_an_order_names_it_in_the_text_and_never_in_a_subject(world):
    for number in range(3):
        raise_flag(world.order(coi=f"CO-{number}"), FlagCode.PROMISE_AT_RISK, stage="", due=at(30))
    deliver(at(10))
    deliver(at(11))
    [message] = mail.outbox
    html, _ = message.alternatives[0]
    for number in range(3):
        assert f"Order: CO-{number}" in message.body
        assert f"Order: CO-{number}" in html
        assert f"CO-{number}" not in message.subject


def test_a_mail_says_what_is_true_when_it_is_sent(world):
    """Answered after it was put into the mail and before that went out, whether or not the flag was judged since."""
    asked = raise_flag(world.order(coi="CO-ASKED"), FlagCode.CHANGE_ASKED, stage="", severity=CRITICAL)
    eased = raise_flag(world.order(coi="CO-EASED"), severity=CRITICAL)
    raise_flag(world.order(coi="CO-STANDS"), FlagCode.SILENT, severity=CRITICAL)
    tell_due_flips(now=at(10))
    gather_mails(now=at(10))
    request = {"event": "1", "wish": "hold", "cause": "patient", "asked_at": at(9).isoformat()}
    request |= {"outcome": "declined", "outcome_at": at(10.1).isoformat()}
    PatientOrder.objects.filter(pk=asked.order_id).update(change_request=request)
    Flag.objects.filter(pk=eased.pk).update(severity=Severity.ATTENTION)
    FlagChange.objects.create(
        flag=eased, kind=FlagChangeKind.SEVERITY_CHANGED, severity=Severity.ATTENTION, changed_at=at(10.2), why="less"
    )
    assert send_next_mail(now=at(10.3), server=get_connection()) == MailOutcome.SENT
    [message] = mail.outbox
    assert "CO-STANDS" in message.body
    assert "CO-ASKED" not in message.body
    assert "CO-EASED" not in message.body
    assert message.subject == "Critical: Expected news did not come, Inbound (Product small, Plant)"


def test_of_a_flag_that_became_critical_later_than_it_began_both_are_said(world):
    flag = raise_flag(world.order(), since=at(-700), raised_at=at(1))
    deliver(at(11))
    Flag.objects.filter(pk=flag.pk).update(severity=CRITICAL)
    FlagChange.objects.create(
        flag=flag, kind=FlagChangeKind.SEVERITY_CHANGED, severity=CRITICAL, changed_at=at(20), why="worse"
    )
    deliver(at(20))
    text = mail.outbox[-1].body
    assert re.search(r"since [^;,\n]+, critical since [^;,\n]+", text)


def test_the_next_mail_says_what_is_over_though_its_digest_would_come_later(world):
    flag = raise_flag(world.order(coi="CO-GONE"), severity=CRITICAL)
    deliver(at(10.05))
    Flag.objects.filter(pk=flag.pk).update(cleared_at=at(10.1))
    FlagChange.objects.create(
        flag=flag, kind=FlagChangeKind.CLEARED, severity=CRITICAL, changed_at=at(10.1), why="ended"
    )
    raise_flag(world.order(coi="CO-NEW"), FlagCode.SILENT, severity=CRITICAL, raised_at=at(10.15))
    deliver(at(10.2))
    assert "Cleared: Stage takes too long, Inbound" in mail.outbox[-1].body
    assert "CO-NEW" in mail.outbox[-1].body
