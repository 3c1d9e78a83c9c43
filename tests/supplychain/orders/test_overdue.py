"""How many of one's orders wait for their judgement, and since when the first of them does."""

import random

import pytest

from supplychain.orders.models import DueMark, DueOrder, PatientOrder
from tests.supplychain.builders import World, at
from tests.supplychain.due_orders import due_by_time, due_moments, nothing_due

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(8))
def test_it_is_what_one_finds_by_asking_each_order(seed):
    chance, world = random.Random(seed), World()
    orders = [world.order() for _ in range(6)]
    nothing_due()
    for order in orders:
        if chance.random() < 0.6:
            due_by_time([order], at(chance.randrange(10)))
        for _ in range(chance.randrange(3)):
            DueMark.objects.create(order=order, due_at=at(chance.randrange(10)), is_news=chance.random() < 0.5)
    mine = [order.pk for order in chance.sample(orders, 3)]
    every = PatientOrder.objects.all()

    for asked in (every, every.filter(pk__in=mine)):
        late = [m for pk, m in due_moments().items() if m < at(5) and asked.filter(pk=pk).exists()]
        assert DueOrder.objects.overdue_among(asked, before=at(5)) == (len(late), min(late, default=None))
