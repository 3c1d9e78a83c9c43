"""The verified head of a seal: new events are hashed once, whole chains again within a day, in the background."""

from datetime import timedelta

import pgtrigger
import pytest
from django.db import connection
from django.utils import timezone

from supplychain.orders.actions import seals
from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.seals import (
    RECHECKED_EVERY,
    check_seal,
    orders_to_recheck,
    orders_with_unchecked_events,
    request_seal_check,
)
from supplychain.orders.models import PatientOrder, SealCheck
from supplychain.orders.tasks import check_new_events, recheck_seals
from tests.supplychain.builders import World, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world) -> PatientOrder:
    order = world.order(ordered_at=timezone.now())
    for hours in (1, 2, 3):
        record_event(report(order, "note", "collection", hours), by=world.reporter)
    return order


@pytest.fixture
def hashed(monkeypatch) -> list[int]:
    """Positions of the events that were hashed."""
    positions: list[int] = []
    problem = seals._problem
    monkeypatch.setattr(
        seals, "_problem", lambda event, *rest: positions.append(event.position) or problem(event, *rest)
    )
    return positions


def alter(position: int) -> None:
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("UPDATE supplychain_statusevent SET resource = 'x' WHERE position = %s", [position])


def test_each_event_is_hashed_once_however_often_it_is_looked_at(world, order, hashed):
    check_new_events()
    check_new_events()
    assert hashed == [1, 2, 3, 4]
    record_event(report(order, "note", "collection", 4), by=world.reporter)
    check_new_events()
    assert hashed == [1, 2, 3, 4, 5]
    check = SealCheck.objects.get(order=order)
    order.refresh_from_db()
    assert (check.position, check.head, check.broken_at) == (5, order.seal, None)
    assert orders_with_unchecked_events(now=timezone.now(), limit=9) == []


def test_an_order_waits_for_its_first_check_from_the_moment_it_is_placed(world):
    order = world.order()
    assert orders_to_recheck(now=timezone.now(), limit=9) == [order.pk]


def test_an_old_event_that_was_altered_is_found_by_the_check_of_the_whole_chain(order):
    now = timezone.now()
    check_seal(order.pk, whole=True, now=now)
    alter(2)
    assert check_seal(order.pk, whole=False, now=now).broken_at is None
    assert orders_to_recheck(now=now, limit=9) == []
    assert orders_to_recheck(now=now + RECHECKED_EVERY, limit=9) == [order.pk]
    check = check_seal(order.pk, whole=True, now=now + RECHECKED_EVERY)
    assert (check.broken_at, check.reason) == (2, "what was said has been altered")


def test_what_is_broken_stays_so_until_the_whole_chain_is_whole(world, order):
    now = timezone.now()
    check_seal(order.pk, whole=False, now=now)
    PatientOrder.objects.filter(pk=order.pk).update(seal="0" * 64, version=5)
    assert check_seal(order.pk, whole=False, now=now).broken_at == 5
    record_event(report(order, "note", "collection", 5), by=world.reporter)
    assert check_seal(order.pk, whole=False, now=now).broken_at == 5
    assert orders_with_unchecked_events(now=now, limit=9) == []


def test_a_check_can_be_asked_for(order):
    check_seal(order.pk, whole=True, now=timezone.now())
    request_seal_check(order.pk, now=timezone.now())
    recheck_seals()
    check = SealCheck.objects.get(order=order)
    assert check.recheck_after - check.checked_at == RECHECKED_EVERY
    assert orders_to_recheck(now=timezone.now(), limit=9) == []


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError])
def test_an_order_that_cannot_be_checked_stops_no_other(world, order, monkeypatch, error):
    other = world.order(ordered_at=timezone.now() - timedelta(hours=1))
    check = seals._first_broken_seal

    def fails_for_one(one: PatientOrder, *rest):
        if one.pk == order.pk:
            raise error("unreadable")
        return check(one, *rest)

    monkeypatch.setattr(seals, "_first_broken_seal", fails_for_one)
    recheck_seals()
    assert list(SealCheck.objects.exclude(checked_at=None).values_list("order_id", flat=True)) == [other.pk]
