"""A hand-over that was reported by mistake: who reported it takes it back."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import StatusEvent
from supplychain.orders.statuses import OrderEventKind
from supplychain.people.statuses import Role
from supplychain.recording.queries import withdrawable_events
from supplychain.recording.rules.corrections import OWN, correction_words
from tests.batches.flags.interlocked import InterlockWorld, say, told
from tests.supplychain.builders import at, make_user, report

pytestmark = pytest.mark.django_db
SAID = {"from": "collection_site", "to": "courier", "courier": "Nord"}


@pytest.fixture
def world() -> InterlockWorld:
    return InterlockWorld()


def withdrawn(event: StatusEvent, user) -> str:
    said = {"event": str(event.pk), "reason": "It was another patient's shipper"}
    row = report(event.order, "withdrawn", event.stage, 12, payload=said)
    return record_event(row, by=Reporter.of_user(user), now=at(12)).reason


def test_a_coordinator_withdraws_their_own_hand_over_and_nobody_elses(world):
    order = world.order()
    own, other = (make_user(name, world.oslo, role=Role.SITE_COORDINATOR) for name in ("Cora", "Ada"))
    told(world, order, ("started", "collection", 1), ("completed", "collection", 5))
    say(order, own, "handed_over", "", 10, payload=SAID)
    event = StatusEvent.objects.get(order=order, kind=OrderEventKind.HANDED_OVER)
    order.refresh_from_db()
    assert withdrawable_events(order, own, [event]) == {event.pk}
    assert withdrawable_events(order, other, [event]) == set()
    assert "is reported by operations of the plant" in withdrawn(event, other)
    assert withdrawn(event, own) == ""
    order.refresh_from_db()
    assert order.withdrawn_events == [str(event.pk)]
    assert not order.custody.filter(event=event).exists()


def test_who_reports_it_is_told_so():
    assert correction_words(None, OrderEventKind.HANDED_OVER, {}) == OWN
    assert "you cannot take it back yourself" in correction_words(None, OrderEventKind.CANCELLED, {})
