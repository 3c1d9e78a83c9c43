"""E-mails about a dose or an identity in doubt, and about requests: alone, at once, and to whom."""

from datetime import timedelta

import pytest
from django.core import mail

from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.actions.mails import MailOutcome
from tests.batches.notifications.mailing import deliver, world_with_an_address
from tests.dashboards.builders import TowerWorld, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db

CRITICAL = Severity.CRITICAL


@pytest.fixture
def world(db) -> TowerWorld:
    return world_with_an_address()


def test_a_dose_in_doubt_is_mailed_alone_and_at_once_with_what_to_do_and_whom_to_call(world):
    world.plant.telephone = "+1 202 555 0143"
    world.plant.save()
    raise_flag(world.order(), severity=CRITICAL)
    deliver(at(10))
    raise_flag(world.order(coi="CO-2"), severity=CRITICAL)
    raise_flag(
        world.order(coi="CO-3"), FlagCode.STAGE_FAILED, severity=CRITICAL, harm=Harm.DOSE_TO_STOP, next_step="Ask Ann."
    )
    assert deliver(at(10) + timedelta(seconds=30)) == [MailOutcome.SENT]
    message = mail.outbox[-1]
    assert message.subject == (
        "Critical: A dose in doubt can still be stopped. Stage failed, Inbound (Product small, Plant)"
    )
    for text in (message.body, message.alternatives[0][0]):
        assert "the dose must not be given. Put it aside, call the treating physician" in text
        assert "+1 202 555 0143" in text
        assert "Order: CO-3" in text
        assert "Stage takes too long" not in text
        assert "Ann" not in text
        assert "do not reply" in text
    raise_flag(world.order(coi="CO-4"), FlagCode.IDENTITY_SHARED, severity=CRITICAL, stage="")
    assert deliver(at(10) + timedelta(seconds=60)) == [MailOutcome.SENT]
    assert "Stop work on these cells now" in mail.outbox[-1].body
    assert deliver(at(10) + timedelta(minutes=2)) == [MailOutcome.SENT]
    assert mail.outbox[-1].subject == "Critical: Stage takes too long, Inbound (Product small, Plant)"


def test_several_alarms_of_one_moment_are_one_mail_that_says_the_worst(world):
    for number in range(3):
        raise_flag(world.order(coi=f"CO-{number}"), FlagCode.IDENTITY_SHARED, severity=CRITICAL, stage="")
    raise_flag(world.order(coi="CO-9"), FlagCode.STAGE_FAILED, severity=CRITICAL, harm=Harm.DOSE_IN_DOUBT)
    raise_flag(world.order(coi="CO-10"), severity=CRITICAL)
    assert deliver(at(10)) == [MailOutcome.SENT, MailOutcome.SENT]
    assert [message.subject for message in mail.outbox] == [
        "Critical: A dose in doubt was given. Stage failed, Inbound (Product small, Plant), and 3 more",
        "Critical: Stage takes too long, Inbound (Product small, Plant)",
    ]
    assert "No telephone number of Plant and Oslo is kept in CellOps" in mail.outbox[0].body


def test_an_order_stands_once_in_a_mail_of_alarms(world):
    order = world.order()
    raise_flag(order, FlagCode.STAGE_FAILED, severity=CRITICAL, harm=Harm.DOSE_TO_STOP)
    raise_flag(order, FlagCode.OUT_OF_SEQUENCE, severity=CRITICAL, harm=Harm.DOSE_TO_STOP)
    assert deliver(at(10)) == [MailOutcome.SENT]
    (message,) = mail.outbox
    assert message.subject.endswith("(Product small, Plant)")
    for text in (message.body, message.alternatives[0][0]):
        assert text.count(str(order.pk)) == 1
        assert "Also of this order: A dose in doubt can still be stopped. " in text


def test_a_coordinator_of_the_infusion_site_is_mailed_of_a_dose_in_doubt(world):
    world.coordinator.email = "ward@example.org"
    world.coordinator.save()
    type(world.oslo).objects.filter(pk=world.oslo.pk).update(telephone="+47 22 00 00 09")
    raise_flag(world.order(), FlagCode.OUT_OF_SEQUENCE, severity=CRITICAL, harm=Harm.DOSE_TO_STOP)
    deliver(at(10))
    assert ["ward@example.org"] in [message.to for message in mail.outbox]
    for message in mail.outbox:
        assert "Call: Oslo +47 22 00 00 09" in message.body
        assert "No telephone number of Plant is kept" in message.body


@pytest.mark.parametrize("is_asked", [True, False])
def test_a_coordinator_who_may_confirm_a_withdrawal_is_mailed_of_it(world, is_asked):
    world.coordinator.email = "ward@example.org"
    world.coordinator.save()
    who = "QA, Operations or Site coordinator" if is_asked else "QA"
    raise_flag(
        world.order(), FlagCode.OUT_OF_SEQUENCE, severity=CRITICAL, next_step=f"{who}: look at it as a second person."
    )
    deliver(at(10))
    assert (["ward@example.org"] in [message.to for message in mail.outbox]) is is_asked


def test_only_who_may_answer_a_request_is_mailed_to_answer_it(world):
    world.coordinator.email = "ward@example.org"
    world.coordinator.save()
    raise_flag(world.order(), FlagCode.CHANGE_ASKED, severity=CRITICAL, stage="")
    deliver(at(10))
    bodies = {message.to[0]: message.body for message in mail.outbox}
    answers = {address: "decline with a reason" in body for address, body in bodies.items()}
    assert answers == {"ops@example.org": True, "ward@example.org": False}
    assert "of the plant have to answer: call them now" in bodies["ward@example.org"]
