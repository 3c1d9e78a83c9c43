"""What the pages of lines cost, however many rows they show."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from batches.lines.models import BottleneckPeriod
from supplychain.sites.statuses import SiteKind
from tests.dashboards.builders import TowerWorld, browser_of, make_bottleneck, make_pool
from tests.dashboards.lines.line_pages import NOW, page_of, waiting_order
from tests.supplychain.builders import at, make_site, make_user

pytestmark = pytest.mark.django_db

# Session, person, their sites: 3. Sites, products, stages: 3. Runs, pools, bottlenecks: 3. Times: none within a minute.
LINES_LIVE = 9


# The products to choose from besides.
LINES = 10


# The site instead of the sites, its forecast. Besides: work in progress, weeks, infusions, products to choose from.
LINE_LIVE, LINE = 10, 14


# Besides what the line's live part reads: bars, work in progress, weeks, products to choose from.
STAGE_LIVE, STAGE = 9, 13


# Session, person, their sites, the site, products, stages, count, orders.
BEHIND = 8


# Session, person, their sites, plants, open periods, stretches, explained ones, pools, what is to come.
BOTTLENECKS = 9


@pytest.fixture
def world() -> TowerWorld:
    with time_machine.travel(NOW, tick=False):
        yield TowerWorld()


def busy(world: TowerWorld, rows: int) -> None:
    """So many orders, pools and periods, each with something to list."""
    for number in range(rows):
        waiting_order(world, number)
        pool = make_pool(world.plant, f"pool-{number}", f"Pool {number}", pressed_share=0.2)
        ended = {"ended_at": at(10 + number)} if number else {}
        make_bottleneck(pool, started_at=at(5), **ended)


def counted(world: TowerWorld, check: Any, expected: int, name: str, *args: Any, **query: Any) -> None:
    client: Client = browser_of(world.operations)
    client.get(reverse(name, args=args), query)
    with check(expected):
        assert client.get(reverse(name, args=args), query).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_one_row_and_for_three(world, django_assert_num_queries, rows):
    busy(world, rows)
    check = django_assert_num_queries
    counted(world, check, LINES, "lines")
    counted(world, check, LINES_LIVE, "lines_live")
    counted(world, check, LINE, "line", "plant")
    counted(world, check, LINE_LIVE, "line_live", "plant")
    counted(world, check, STAGE, "line_stage", "plant", "selection")
    counted(world, check, STAGE_LIVE, "line_stage_live", "plant", "selection")
    counted(world, check, BEHIND, "line_orders", "plant", part="waiting")
    counted(world, check, BOTTLENECKS, "bottlenecks")
    counted(world, check, BOTTLENECKS, "bottlenecks_live")


def test_times_are_sorted_once_a_minute_and_then_anew(world):
    def completed() -> int:
        groups = page_of(world.operations, "line_live", "plant").context["line"].groups
        return next(row.times.completed for group in groups for row in group.rows if row.stage.code == "inbound")

    waiting_order(world, 1)
    before = completed()
    waiting_order(world, 2)
    same_minute = completed()
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert (before, same_minute, completed()) == (1, 1, 2)


@pytest.mark.parametrize("sites", [1, 3])
def test_the_lines_of_many_sites_cost_the_same_as_of_one(world, django_assert_num_queries, sites):
    plants = [make_site(f"plant-{number}", SiteKind.PLANT) for number in range(sites)]
    client = browser_of(make_user("many", *plants))
    client.get(reverse("lines"))
    with django_assert_num_queries(LINES):
        client.get(reverse("lines"))


def test_the_evidence_of_each_change_is_kept_apart_from_the_newest(world):
    assert {field.name for field in BottleneckPeriod._meta.fields} >= {
        "opened_why", "opened_evidence", "ended_evidence",
    }  # fmt: skip
    assert NOW - at(0) == timedelta(hours=100)
