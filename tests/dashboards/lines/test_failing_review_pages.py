"""Pools that cannot be reviewed: every page that shows their figures says that these are of before."""

import re

import pytest
import time_machine
from django.urls import reverse

from tests.dashboards.builders import TowerWorld, browser_of, make_pool
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
WHY = "ValueError: two places of one suite"


@pytest.fixture
def world() -> TowerWorld:
    with time_machine.travel(at(100), tick=False):
        world = TowerWorld()
        make_pool(world.plant, "suite", "Suites", failing_since=at(97), failing_why=WHY)
        yield world


@pytest.mark.parametrize(("address_name", "of_site"), [("bottlenecks", False), ("lines", False), ("line", True)])
def test_pages_of_lines_say_since_when_and_why_and_claim_no_free_line(address_name, of_site, world):
    address = reverse(address_name, args=[world.plant.code] if of_site else [])
    text = browser_of(world.operations).get(address).text
    [(since, why)] = re.findall(r"The pools of Plant have not been reviewed since (.*?): (ValueError.*?)\.", text)
    assert ("6 Mar" in since, why) == (True, WHY)
    assert "line-sign is-free" not in text


def test_the_board_says_it_to_the_sites_own_people(world):
    board = reverse("control_tower")
    said = f"<strong>{world.plant.name}</strong>: its pools have not been reviewed since"
    assert said in browser_of(world.operations).get(board).text
    assert said not in browser_of(world.stranger_person).get(board).text
