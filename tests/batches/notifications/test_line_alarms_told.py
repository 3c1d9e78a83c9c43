"""Orders that wait for one pool, in the inbox and in the shift hand-over: one row, and none is lost."""

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from batches.notifications.actions.notifications import tell_due_flips
from batches.notifications.models import Notification
from tests.batches.notifications.mailing import deliver
from tests.dashboards.builders import TowerWorld, browser_of, hang, make_pool, raise_flag
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
WAITING = "Waiting for Suites, Plant (3 of 3 places taken, 2 waiting now)"


@pytest.fixture
def world() -> TowerWorld:
    """Thirty orders behind the suites, and one whose cells die."""
    with time_machine.travel(at(10), tick=False):
        world = TowerWorld()
        make_pool(world.plant, "suite", "Suites", capacity=3, busy=3, queue=2)
        for number in range(30):
            hang(world.order(coi=f"CO-{number}"))
        raise_flag(world.order(coi="CO-DYING"), FlagCode.HOLD_EXPIRING, severity=Severity.CRITICAL, due=at(12))
        tell_due_flips(now=at(10))
        yield world


@pytest.fixture
def client(world):
    return browser_of(world.operations)


def inbox(client, query: str = ""):
    return client.get(reverse("inbox") + query)


def test_the_inbox_shows_the_pool_once_and_the_dying_cells_first(client):
    response = inbox(client)
    shown = response.context["inbox"]
    assert [group.order.coi for group in shown.groups] == ["CO-DYING"]
    assert [(alarm.what, alarm.cause.orders) for alarm in shown.causes] == [(WAITING, 30)]
    text = response.content.decode()
    assert text.index("CO-DYING") < text.index(WAITING) < text.index("CO-29")


def test_what_is_told_of_all_is_read_for_all(client, world):
    shown = inbox(client).context["inbox"]
    orders = [str(flag.order_id) for flag in shown.causes[0].flags]
    client.post(reverse("inbox_read"), {"until": str(shown.newest), "order": orders})
    unread = Notification.objects.filter(person=world.operations, read_at=None)
    assert [one.order.coi for one in unread] == ["CO-DYING"]
    assert inbox(client).context["inbox"].causes == []
    assert inbox(client, "?view=all").context["inbox"].causes[0].cause.orders == 30


def test_one_alarm_counts_the_same_everywhere_whatever_was_read(client, world):
    read = Notification.objects.filter(order__coi__in=[f"CO-{number}" for number in range(20)])
    read.update(read_at=at(10))
    (alarm,) = inbox(client).context["inbox"].causes
    assert (alarm.cause.orders, len(alarm.flags), alarm.more) == (30, 10, 20)
    assert "It opens to the 10 of them that you are told of here." in inbox(client).content.decode()


def test_a_mail_counts_what_hangs_there_not_what_is_new(world):
    world.operations.email = "ops@example.org"
    world.operations.save()
    for number in range(3):
        hang(world.order(coi=f"CO-MORE-{number}"), raised_at=at(11))
    deliver(at(11))
    deliver(at(13))
    assert [message.subject for message in mail.outbox] == ["Attention: 33 orders at risk, waiting for Suites (Plant)"]


def test_an_order_with_more_than_its_promise_is_a_row_of_its_own(client, world):
    order = world.order(coi="CO-BOTH")
    hang(order)
    raise_flag(order, FlagCode.ON_HOLD, stage="")
    tell_due_flips(now=at(10))
    (group,) = (one for one in inbox(client).context["inbox"].groups if one.order == order)
    assert {one.flag.code for one in group.flags} == {FlagCode.ON_HOLD, FlagCode.PROMISE_AT_RISK}


def test_the_hand_over_shows_the_pool_once_and_counts_every_flag(client):
    response = client.get(reverse("handover"))
    report = response.context["report"]
    assert [flag.order.coi for flag in report.open_flags] == ["CO-DYING"]
    assert [(alarm.what, alarm.cause.orders) for alarm in report.causes] == [(WAITING, 30)]
    assert report.figures["open"] == 31
    assert WAITING in response.content.decode()


def test_three_orders_cost_as_many_queries_as_thirty(client, world, django_assert_num_queries):
    inbox(client)
    # Without it, eleven (test_inbox.py): besides, all that hangs there, the pool and the orders that are told of.
    with django_assert_num_queries(14):
        inbox(client)
