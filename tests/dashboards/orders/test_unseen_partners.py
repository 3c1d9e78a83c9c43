"""Whoever sees only one of two orders with the same number is told whom to call about the other."""

import pytest
import time_machine
from django.urls import reverse

from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
NUMBER = "G123417654321"


@pytest.mark.parametrize("telephone", ["+47 22 33 44 55", ""])
@time_machine.travel(at(40), tick=False)
def test_who_does_not_see_the_other_order_knows_whom_to_call(telephone):
    world = TowerWorld()
    world.plant.telephone = telephone
    world.plant.save()
    mine, theirs = world.order(), world.order_of_bergen(patient_reference="pseudonym-2")
    for one in (mine, theirs):
        world.say(one, "started", "collection", 4)
        world.say(one, "completed", "collection", 5, payload={"donation_number": NUMBER})
    make_due([mine, theirs], 40)
    evaluate(40)
    page = reverse("order", args=[mine.pk])
    text = browser_of(world.coordinator).get(page).text
    assert "An order that you do not see bears it, too: call" in text
    assert (f">{telephone}</a>" if telephone else "no telephone number is kept") in text
    assert f"and say {NUMBER}: they look up whose it is." in text
    assert theirs.coi not in text
    seen = browser_of(world.operations).get(page).text
    assert theirs.coi in seen
    assert "that you do not see" not in seen
