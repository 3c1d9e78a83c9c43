"""Clocks that count seconds, or minutes, give several reports one moment."""

from itertools import permutations

import pytest

from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def surprises(order: PatientOrder) -> list[str]:
    order.refresh_from_db()
    return [one["reason"] for one in order.surprises]


def test_what_was_said_of_the_second_of_the_end_did_not_come_after_it(world):
    """In whatever order they come, one by one or in a list."""
    rows = [("held", ""), ("started", "collection"), ("failed", "collection"), ("cancelled", "")]
    for number, said in enumerate(permutations(rows)):
        order = world.order(patient_reference=f"pseudonym-{number}")
        made = [report(order, kind, stage, 5) for kind, stage in said]
        if number % 2:
            record_events(made, by=world.reporter, now=at(6))
        else:
            for row in made:
                record_event(row, by=world.reporter, now=at(6))
        assert (surprises(order), order.status) == ([], OrderStatus.CANCELLED), said


def test_what_happened_later_came_after_the_end(world):
    order = world.order()
    record_event(report(order, "cancelled", hours=5), by=world.reporter, now=at(6))
    record_event(report(order, "started", "collection", 5 + 1 / 3600), by=world.reporter, now=at(6))
    assert surprises(order) == ["after_order_end"]


@pytest.mark.parametrize(("said", "status"), [("held resumed", "ordered"), ("resumed held", "on_hold")])
def test_a_hold_of_the_same_second_stands_as_it_was_recorded(world, said, status):
    order = world.order()
    record_events([report(order, kind, hours=5) for kind in said.split()], by=world.reporter, now=at(6))
    order.refresh_from_db()
    assert order.status == status


def test_of_two_dates_promised_in_one_second_the_one_recorded_last_counts(world):
    order = world.order()
    for number, hours in enumerate((300, 200, 250)):
        row = report(order, "promised", hours=5, payload={"promised_at": at(hours).isoformat()})
        record_event(row | {"source_event_id": f"z{9 - number}"}, by=world.reporter, now=at(6))
    order.refresh_from_db()
    assert order.promised_at == at(250)
