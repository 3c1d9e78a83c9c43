"""Leases: one worker at a time, nobody waits, and what a dead worker held comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from batches.notifications.models import Mail
from supplychain.leases import take
from tests.supplychain.builders import HOUR, T0, World, make_user

LASTS = timedelta(minutes=2)


def mails(count: int) -> list[Mail]:
    world = World()
    people = [make_user(f"person-{number}", world.oslo) for number in range(count)]
    return [Mail.objects.create(person=person, created_at=T0, due_at=T0) for person in people]


def taken(now, **also) -> list[Mail]:
    with transaction.atomic():
        return take(Mail.objects.order_by("pk"), now=now, lasts=LASTS, limit=2, **also)


@pytest.mark.django_db
def test_what_is_held_is_nobody_elses_until_it_is_given_back_or_the_lease_ends():
    first, second, third = mails(3)
    assert taken(T0) == [first, second]
    assert taken(T0) == [third]
    assert taken(T0) == []

    first.refresh_from_db()
    first.give_back()
    first.save()
    assert taken(T0) == [first]
    assert taken(T0 + LASTS) == [first, second]


@pytest.mark.django_db
def test_a_claim_has_a_name_of_its_own_and_sets_what_is_said():
    mails(1)
    (before,) = taken(T0, due_at=T0 + HOUR, attempts=F("attempts") + 1)
    (after,) = taken(T0 + LASTS)
    assert before.lease != after.lease
    assert (before.leased_until, before.due_at, before.attempts) == (T0 + LASTS, T0 + HOUR, 0)
    assert (after.due_at, after.attempts) == (T0 + HOUR, 1)


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_row_that_is_being_claimed():
    first, second = mails(2)

    def take_the_rest() -> list[Mail]:
        try:
            return taken(T0)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert take(Mail.objects.filter(pk=first.pk), now=T0, lasts=LASTS) == [first]
        assert pool.submit(take_the_rest).result(timeout=20) == [second]
