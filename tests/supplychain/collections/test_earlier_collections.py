"""Cells that were collected before the order: at hand, without an appointment, and for no longer than permitted."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from batches.outcomes.actions import refresh_outcomes
from batches.outcomes.models import OrderOutcome
from supplychain.collections.queries import collections_of
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import StageRun
from supplychain.people.statuses import Role
from supplychain.recording.queries import next_steps
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
MONTHS_30 = 30 * 30 * 24
NUMBER = "=G12341765432170"


@pytest.fixture
def world():
    world = World()
    Stage.objects.filter(flow=world.flow, code="collection").update(frozen_for_hours=MONTHS_30)
    Stage.objects.filter(flow=world.flow, code="inbound").update(longest_wait_hours=MONTHS_30)
    flow_plan.cache_clear()
    world.kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    yield world
    flow_plan.cache_clear()


def earlier(order, months: float = 18, **more) -> dict:
    payload = {"donation_number": NUMBER, "collected_earlier": True} | more
    return report(order, "completed", "collection", -months * 30 * 24, payload=payload)


def runs(order) -> dict[str, StageRun]:
    return {run.stage.code: run for run in StageRun.objects.filter(order=order).select_related("stage")}


def test_the_flow_begins_with_cells_at_hand(world):
    order = world.order()
    assert record_event(earlier(order), by=world.reporter, now=at(1)).outcome == "created"
    order.refresh_from_db()
    found = runs(order)
    assert (found["collection"].status, found["collection"].ready_at) == ("completed", None)
    assert (found["inbound"].status, found["inbound"].ready_at) == ("ready", at(0))
    assert order.surprises == []
    assert not any("Collection" in step.words for step in next_steps(order, at(2)))
    assert collections_of(order, at(2))[0].is_earlier


def test_the_limit_counts_from_the_collection_and_not_from_the_order(world):
    order, old = world.order(), world.order(patient_reference="pseudonym-2")
    record_events([earlier(order), earlier(old, 31, donation_number="=G12341765432205")], by=world.reporter, now=at(1))
    assert runs(order)["inbound"].wait_until == at((30 - 18) * 30 * 24)
    assert runs(old)["inbound"].wait_until == at(-30 * 24)  # it had passed when the order was placed
    assert "may be used for 900 days" in collections_of(order, at(2))[0].clock[0]
    assert "that has passed" in collections_of(old, at(2))[0].clock[0]


def test_what_the_collection_would_have_waited_for_is_still_waited_for(world):
    enrol = Stage.objects.get(flow=world.flow, code="collection")
    enrol.pk, enrol.code, enrol.name, enrol.kind = uuid4(), "enrolment", "Enrolment", "administrative"
    enrol.position, enrol.frozen_for_hours, enrol.place = 90, None, "ordering_site"
    enrol.save(force_insert=True)
    Stage.objects.filter(flow=world.flow, code="collection").update(after=["enrolment"])
    flow_plan.cache_clear()
    order = world.order()
    record_event(earlier(order), by=world.reporter, now=at(1))
    assert runs(order)["inbound"].status == "pending"
    record_event(report(order, "completed", "enrolment", 5), by=world.reporter, now=at(5))
    assert (runs(order)["inbound"].status, runs(order)["inbound"].ready_at) == ("ready", at(5))
    order.refresh_from_db()
    assert order.surprises == []
    before = {code: (run.status, run.ready_at, run.wait_until) for code, run in runs(order).items()}
    assert rebuild_orders([order], now=at(6)) == {}
    assert {code: (run.status, run.ready_at, run.wait_until) for code, run in runs(order).items()} == before


def test_vein_to_vein_does_not_count_the_time_before_the_order(world):
    order = world.order()
    record_event(earlier(order), by=world.reporter, now=at(1))
    refresh_outcomes()
    outcome = OrderOutcome.objects.get(order=order)
    assert (outcome.first_collected_at, outcome.collected_at) == (at(-18 * 30 * 24), None)


def typed(**more) -> dict[str, str]:
    return {"say": "earlier", "token": str(uuid4()), "donation_number": NUMBER, "reason": ""} | more


def days_ago(days: int) -> str:
    return f"{timezone.localtime() - timedelta(days=days):%Y-%m-%dT%H:%M}"


def test_a_coordinator_says_so_on_the_page(client, world):
    order = world.order(ordered_at=timezone.now() - timedelta(days=1))
    address = reverse("order_collection", args=[order.pk, "collection"])
    client.force_login(world.kari)
    assert b"The cells were collected before the order" in client.get(address).content
    too_late = client.post(address, typed(ended_at=days_ago(0)))
    assert "after the order was placed" in too_late.context["earlier"].errors["ended_at"][0]
    too_old = client.post(address, typed(ended_at=days_ago(901)))
    assert "older than the flow" in too_old.context["earlier"].errors["ended_at"][0]
    said = typed(ended_at=days_ago(500))
    answer = client.post(address, said)
    if answer.status_code == 422:  # the number is none of this centre's
        assert "If it is right all the same" in str(answer.context["earlier"].errors)
        answer = client.post(address, said | {"reason": "Collected for another trial at the same house."})
    assert answer.status_code == 302
    assert runs(order)["collection"].status == "completed"
    page = client.get(address).content.decode()
    assert "The cells were collected before the order, frozen, and are at hand." in page
    assert "Record the earlier collection" not in page
    assert client.post(address, typed(ended_at=days_ago(400))).status_code == 422


def test_a_flow_without_frozen_cells_takes_none_from_before(client, world):
    Stage.objects.filter(flow=world.flow, code="collection").update(frozen_for_hours=None)
    flow_plan.cache_clear()
    order = world.order(ordered_at=timezone.now() - timedelta(days=1))
    address = reverse("order_collection", args=[order.pk, "collection"])
    client.force_login(world.kari)
    assert client.get(address).context["earlier"] is None
    assert client.post(address, typed(ended_at=days_ago(9))).status_code == 422
    assert runs(order)["collection"].status == "ready"


def test_it_is_true_or_not_said(world):
    order = world.order()
    result = record_event(earlier(order, collected_earlier="yes"), by=world.reporter, now=at(1))
    assert "true, or leave it out" in result.reason
