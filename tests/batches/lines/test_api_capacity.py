"""Pools and bottlenecks over REST, for those whose line it is."""

from datetime import timedelta

import pytest
import time_machine

from batches.lines.statuses import PoolCondition
from tests.batches.api_rows import make_period, make_pool
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def rows_of(answer) -> list[dict]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_the_present_bottleneck_is_named_with_its_reason(world, client):
    lane = make_pool(world.plant, "qc_lane")
    make_period(lane, at(0))
    with time_machine.travel(at(6.5), tick=False):
        rows = rows_of(client.get("/api/v1/bottlenecks/"))
    del rows[0]["id"]
    assert rows == [
        {
            "line": "plant", "pool": "qc_lane", "pool_name": "Qc_lane", "started_at": "2026-03-02T08:00:00Z",
            "ended_at": None, "why": "Full.", "evidence": {"queue": 6}, "ended_why": "", "hours": 6.5,
        }
    ]  # fmt: skip


def test_a_pool_is_shown_with_its_load_and_whether_it_is_the_bottleneck(world, client):
    lane = make_pool(
        world.plant, "qc_lane", condition=PoolCondition.FALLING_BEHIND, capacity=4, busy=4, queue=6, arrivals=9,
        completions=5, oldest_ready_at=at(0), median_wait_hours=31, service_hours=168, pressed_share=0.93,
        expected_wait_hours=60, reviewed_at=at(1),
    )  # fmt: skip
    make_pool(world.plant, "suite", condition=PoolCondition.CLEAR, capacity=3)
    make_period(lane, at(0))
    with time_machine.travel(at(0) + timedelta(hours=52), tick=False):
        busy, clear = rows_of(client.get("/api/v1/pools/"))
    del busy["id"]
    assert busy == {
        "site": "plant", "code": "qc_lane", "name": "Qc_lane", "is_bottleneck": True, "condition": "falling_behind",
        "capacity": 4, "busy": 4, "queue": 6, "arrivals": 9, "completions": 5,
        "oldest_ready_at": "2026-03-02T08:00:00Z", "oldest_wait_hours": 52.0, "median_wait_hours": 31.0,
        "service_hours": 168.0, "pressed_share": 0.93, "expected_wait_hours": 60.0, "window_hours": 168.0,
        "reviewed_at": "2026-03-02T09:00:00Z", "failing_since": None,
    }  # fmt: skip
    assert (clear["code"], clear["is_bottleneck"], clear["oldest_wait_hours"]) == ("suite", False, None)


def test_a_pool_that_was_never_reviewed_has_no_numbers(world, client):
    make_pool(world.oslo, "chair")
    row = rows_of(client.get("/api/v1/pools/"))[0]
    assert (row["code"], row["condition"], row["capacity"], row["reviewed_at"]) == ("chair", None, None, None)


def test_pools_are_found_by_site_code_and_condition(world, client):
    make_pool(world.oslo, "chair")
    make_pool(world.plant, "suite", condition=PoolCondition.STUCK)
    for query in ({"site": "plant"}, {"code": "suite"}, {"condition": ["stuck", "clear"]}):
        assert [row["code"] for row in rows_of(client.get("/api/v1/pools/", query))] == ["suite"]


def test_the_capacity_of_other_sites_is_not_there(world):
    make_period(make_pool(world.plant, "suite"), at(0))
    stranger = client_of(world.stranger)
    assert [rows_of(stranger.get(f"/api/v1/{path}/")) for path in ("pools", "bottlenecks")] == [[], []]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_take_one_query_each_however_long(world, client, rows, django_assert_num_queries):
    for number in range(rows):
        make_period(make_pool(world.plant, f"pool-{number}", capacity=number), at(number), at(number + 1))
    client.get("/api/v1/flags/")
    with django_assert_num_queries(1):
        assert len(rows_of(client.get("/api/v1/pools/"))) == rows
    with django_assert_num_queries(1):
        assert len(rows_of(client.get("/api/v1/bottlenecks/", {"to": at(99).isoformat()}))) == rows
