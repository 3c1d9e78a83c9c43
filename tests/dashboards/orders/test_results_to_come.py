"""The order page says which result is still to come of a dose that is ready, and no more than the flow does."""

import time_machine
from django.urls import reverse

from batches.forecasts.actions.predictions import forecast_due_lines
from tests.batches.judging import evaluate
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

MAY = "result due about 18 Mar; the flow lets the dose be given before it"
STEPS = (
    ("collection", 1, 3), ("inbound", 4, 20), ("selection", 21, 40), ("harvest", 41, 50), ("release", 51, 60),
)  # fmt: skip


def released(world: TowerWorld):
    order = world.order(promised_at=at(500))
    for stage, start, end in STEPS:
        world.say(order, "started", stage, start)
        world.say(order, "completed", stage, end)
    world.say(order, "started", "sterility", 50)
    return order


def page(world: TowerWorld, order, now: float) -> str:
    with time_machine.travel(at(now), tick=False):
        evaluate(now)
        forecast_due_lines(now=at(now))
        return browser_of(world.operations).get(reverse("order", args=[order.pk])).text


def test_a_dose_that_is_ready_before_its_last_result_says_so_until_it_is_in(db):
    world = TowerWorld()
    order = released(world)
    assert f"Sterility: {MAY}" in page(world, order, 70)

    world.say(order, "held", "", 71, payload={"reason": "a question"})
    text = page(world, order, 72)
    assert "Sterility: result due about 18 Mar</span>" in text
    assert MAY not in text

    world.say(order, "resumed", "", 73)
    world.say(order, "completed", "sterility", 300)
    assert "Sterility: result" not in page(world, order, 301)
