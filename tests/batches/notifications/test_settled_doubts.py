"""Whoever was told that a dose or its cells are in doubt is told how that ended, either way."""

import pytest

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Harm
from batches.notifications.actions.notifications import tell_due_flips
from batches.notifications.models import Mail, Notification
from batches.notifications.rules.mails import IS_GONE, IS_SETTLED, MailLine
from batches.notifications.statuses import NotificationKind
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.batches.flags.interlocked import InterlockWorld, failed_after_infusion, judged
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def messages(kind: NotificationKind) -> dict[str, bool]:
    """Who has a message of this kind, and whether it is mailed at once."""
    rows = Notification.objects.filter(kind=kind).select_related("person")
    return {one.person.username: one.email_due_at == one.created_at for one in rows}


def mailed() -> None:
    """The alarms have gone out."""
    for one in Notification.objects.filter(mail=None, email_due_at__isnull=False):
        one.mail = Mail.objects.create(person=one.person, is_alarm=True, created_at=at(400), sent_at=at(400))
        one.save(update_fields=["mail"])


def in_doubt(world):
    """A dose that was given and then failed its last test; everybody concerned was told."""
    nurse = make_user("nurse", world.oslo, role=Role.SITE_COORDINATOR)
    nurse.email = "nurse@example.org"
    nurse.save()
    order = failed_after_infusion(world)
    judged()
    tell_due_flips(now=at(400))
    mailed()
    return order, nurse, Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED)


def test_whoever_was_told_of_a_doubt_is_told_at_once_that_it_is_settled(world):
    _, _, flag = in_doubt(world)
    alarmed = messages(NotificationKind.RAISED)
    assert "nurse" in alarmed
    settle_flag(flag.pk, by=world.quality, reason="confirmed by a second test", now=at(401))
    settled = messages(NotificationKind.SETTLED)
    assert set(settled) == set(alarmed) - {"quynh"}
    assert settled["nurse"]


def test_nobody_is_told_of_the_end_of_a_doubt_of_which_they_never_heard(world):
    order = failed_after_infusion(world)
    judged()
    flag = Flag.objects.get(order=order, code=FlagCode.STAGE_FAILED)
    settle_flag(flag.pk, by=world.quality, reason="confirmed by a second test", now=at(401))
    assert messages(NotificationKind.SETTLED) == {}


def test_a_decision_that_is_taken_back_is_an_alarm_anew_and_only_once(world):
    order, _, flag = in_doubt(world)
    settle_flag(flag.pk, by=world.quality, reason="confirmed by a second test", now=at(401))
    decision = StatusEvent.objects.get(order=order, kind=OrderEventKind.SETTLED)
    for person in (world.quality, world.both):
        withdraw_report(decision.pk, by=person, reason="another order's test", now=at(402))
    judged(403)
    flag.refresh_from_db()
    assert flag.why.startswith("Settled no longer, two people have said that the decision was wrong: ")
    assert flag.acknowledged_at is None
    assert flag.raised_at == at(403)
    judged(404)
    settle_flag(flag.pk, by=world.quality, reason="this order's test", now=at(405))
    judged(406)
    flag.refresh_from_db()
    assert (flag.raised_at, flag.acknowledged_at) == (at(403), at(405))
    assert not flag.why.startswith("Settled no longer")


@pytest.mark.parametrize(
    ("kind", "harm", "words"),
    [
        (NotificationKind.SETTLED, Harm.DOSE_TO_STOP, IS_SETTLED),
        (NotificationKind.CLEARED, Harm.DOSE_TO_STOP, IS_GONE),
        (NotificationKind.CLEARED, Harm.PROMISE, ""),
    ],
)
def test_a_mail_about_an_end_says_what_it_leaves_to_do_and_is_no_alarm(kind, harm, words):
    line = MailLine(
        kind=kind, kind_label=kind.label, severity="critical", severity_label="Critical", code=FlagCode.STAGE_FAILED,
        flag="Stage failed", stage="Release", product="P", plant="Plant", centre="Centre", role="", happened_at=at(1),
        due=None, address="/", harm=harm,
    )  # fmt: skip
    assert (line.to_do, line.is_alarm) == (words, False)
    assert line.headline == f"{kind.label}: Stage failed, Release"


def test_the_end_of_a_doubt_by_reports_is_mailed_at_once_too(world):
    _, _, flag = in_doubt(world)
    flag.cleared_at = at(402)
    flag.save()
    flag.changes.create(kind=FlagChangeKind.CLEARED, severity=flag.severity, changed_at=at(402), why=flag.why)
    tell_due_flips(now=at(402))
    assert messages(NotificationKind.CLEARED)["nurse"]
