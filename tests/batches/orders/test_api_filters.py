"""Filters find what people look for and refuse what they cannot read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from tests.batches.api_rows import make_flag, make_period, make_pool
from tests.supplychain.api_clients import PROBLEM, client_of
from tests.supplychain.builders import World, at, make_flow, make_user, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    make_flow("other")
    world.first = world.order(coi="CO-1", promised_at=at(100), patient_reference="P-1")
    world.second = world.order(
        coi="CO-2", promised_at=at(200), infusion_site="bergen", product="product-other", ordered_at=at(1),
        priority="urgent",
    )  # fmt: skip
    world.third = world.order(coi="CO-3", ordered_at=at(2))
    record_event(report(world.first, "started", "collection", hours=3), by=world.reporter, now=at(3))
    record_event(report(world.third, "cancelled", hours=4), by=world.reporter, now=at(4))
    make_flag(world.first, FlagCode.SILENT, severity=Severity.CRITICAL)
    make_flag(world.second)
    make_flag(world.third, cleared_at=at(5))
    return world


@pytest.fixture
def client(world):
    return client_of(world.source)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "cancelled"}, ["CO-3"]),
        ({"status": ["cancelled", "in_progress"]}, ["CO-3", "CO-1"]),
        ({"open": "true"}, ["CO-2", "CO-1"]),
        ({"open": "false"}, ["CO-3"]),
        ({"product": "product-other"}, ["CO-2"]),
        ({"plant": "plant"}, ["CO-3", "CO-2", "CO-1"]),
        ({"site": "bergen"}, ["CO-2"]),
        ({"site": "oslo", "status": "ordered"}, ["CO-2"]),
        ({"priority": "urgent"}, ["CO-2"]),
        ({"attempt": "1"}, ["CO-3", "CO-2", "CO-1"]),
        ({"attempt": "2"}, []),
        ({"stage": "collection", "status": "in_progress"}, ["CO-1"]),
        ({"promised_before": at(200).isoformat()}, ["CO-1"]),
        ({"promised_after": at(200).isoformat()}, ["CO-2"]),
        ({"ordered_after": at(1).isoformat(), "ordered_before": at(2).isoformat()}, ["CO-2"]),
        ({"updated_since": at(3).isoformat()}, ["CO-3", "CO-1"]),
        ({"identifier": "CO-2"}, ["CO-2"]),
        ({"identifier": "CO"}, []),
        ({"patient_reference": "P-1"}, ["CO-1"]),
        ({"flagged": "critical"}, ["CO-1"]),
        ({"flagged": ["critical", "attention"]}, ["CO-2", "CO-1"]),
    ],
)
def test_orders_are_found(client, query, found):
    answer = client.get("/api/v1/orders/", query)
    assert (answer.status_code, [row["coi"] for row in answer.json()["results"]]) == (200, found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["CO-1", "CO-2"]),
        ({"raised": "false"}, ["CO-3"]),
        ({"severity": "critical"}, ["CO-1"]),
        ({"code": ["silent", "stage_late"]}, ["CO-1", "CO-2"]),
        ({"code": "stage_late"}, ["CO-2"]),
        ({"stage": "harvest"}, []),
        ({"site": "bergen"}, ["CO-2"]),
        ({"plant": "plant"}, ["CO-1", "CO-2"]),
        ({"product": "product-small"}, ["CO-1"]),
        ({"acknowledged": "true"}, ["CO-2"]),
        ({"acknowledged": "false"}, ["CO-1"]),
        ({"owner": "ada"}, ["CO-1"]),
        ({"owned": "false"}, ["CO-2"]),
        ({"due_before": "2026-01-01T00:00:00Z"}, []),
        ({"due_before": (timezone.now() + timedelta(days=2)).isoformat()}, ["CO-1", "CO-2"]),
    ],
)
def test_flags_are_found(world, client, query, found):
    world.first.flags.update(owner=make_user("ada", world.oslo))
    world.second.flags.update(acknowledged_at=at(9), acknowledged_by="Ada")
    answer = client.get("/api/v1/flags/", query)
    assert (answer.status_code, [row["coi"] for row in answer.json()["results"]]) == (200, found)


def test_the_flags_of_one_order_are_found(world, client):
    answer = client.get("/api/v1/flags/", {"order": str(world.second.pk)})
    assert [row["coi"] for row in answer.json()["results"]] == ["CO-2"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("orders/", {"status": "lost"}),
        ("orders/", {"open": "yes"}),
        ("orders/", {"promised_before": "soon"}),
        ("orders/", {"attempt": "one"}),
        ("orders/", {"attempt": "1e9"}),
        ("orders/", {"identifier": "\x00"}),
        ("orders/", {"flagged": "very"}),
        ("orders/", {"page_size": "0"}),
        ("orders/", {"page_size": "201"}),
        ("orders/", {"page_size": "-1"}),
        ("orders/", {"page_size": "²"}),
        ("orders/", {"cursor": "nonsense"}),
        ("orders/", {"cursor": "WzEsMl0"}),
        ("orders/", {"statuss": "ordered"}),
        ("flags/", {"order": "CO-1"}),
        ("flags/", {"acknowledged": "1"}),
        ("bottlenecks/", {"from": "yesterday"}),
        ("pools/", {"condition": "bad"}),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(client, path, query):
    answer = client.get(f"/api/v1/{path}", query)
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (400, PROBLEM, list(query))


@pytest.mark.parametrize("rows", [1, 3])
def test_every_filter_at_once_costs_no_query_more(world, client, rows, django_assert_num_queries):
    client.get("/api/v1/pools/")
    query = {"open": "true", "site": "oslo", "identifier": "CO-1", "flagged": "critical", "page_size": rows}
    with django_assert_num_queries(6):
        client.get("/api/v1/orders/", query)


def test_bottlenecks_are_found_by_time_and_line(world, client):
    suite, lane = make_pool(world.plant, "suite"), make_pool(world.plant, "qc_lane")
    for pool, start, end in ((suite, 0, 10), (lane, 10, 30), (suite, 30, None)):
        make_period(pool, at(start), at(end) if end else None)

    def found(**query) -> list[tuple[str, str]]:
        rows = client.get("/api/v1/bottlenecks/", {name.rstrip("_"): value for name, value in query.items()}).json()
        return [(row["pool"], row["started_at"][11:13]) for row in rows["results"]]

    assert found() == [("suite", "14")]
    assert found(line="plant") == [("suite", "14")]
    assert client.get("/api/v1/bottlenecks/", {"line": "oslo"}).status_code == 400  # no plant
    assert found(from_=at(5).isoformat(), to=at(30).isoformat()) == [("qc_lane", "18"), ("suite", "08")]
    assert found(from_=at(10).isoformat()) == [("suite", "14"), ("qc_lane", "18")]
    assert found(to=at(10).isoformat()) == [("suite", "08")]
