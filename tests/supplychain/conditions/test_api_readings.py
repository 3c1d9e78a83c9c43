"""Readings through the interface: a result a row, paged, few points, and only of one's own sites."""

from datetime import timedelta

import pytest
from django.utils import timezone

from supplychain.conditions.rules.readings import NOT_MEASURED_YET
from supplychain.flows.queries import flow_plan
from tests.supplychain.api_clients import PROBLEM, client_of
from tests.supplychain.builders import at
from tests.supplychain.conditions.warm import WarmWorld


@pytest.fixture
def world(db) -> WarmWorld:
    yield WarmWorld()
    flow_plan.cache_clear()


def address(order, what: str = "readings") -> str:
    return f"/api/v1/orders/{order.pk}/{what}/"


def reading(minutes: float, temperature: float, **more):
    return {
        "stage": "inbound", "logger": "LT-1", "read_at": at(10 + minutes / 60).isoformat(), "temperature": temperature,
    } | more  # fmt: skip


def test_readings_are_sent_with_a_result_a_row_and_read_in_pages(world):
    order, client = world.shipped(), client_of(world.source)
    sent = client.send(address(order), [reading(10 * each, 5 + each) for each in range(5)] + [reading(0, 900)])
    assert sent.status_code == 200
    results = sent.json()["results"]
    assert [one["outcome"] for one in results] == [*["created"] * 5, "rejected"]
    assert set(results[-1]["errors"]) == {"temperature"}
    again = client.send(address(order), reading(0, 5)).json()["results"]
    assert again == [{"outcome": "duplicate"}]
    first = client.get(address(order), {"page_size": 3, "logger": "lt-1", "stage": "inbound"}).json()
    assert [one["temperature"] for one in first["results"]] == [5, 6, 7]
    rest = client.get(first["next"]).json()
    assert [one["temperature"] for one in rest["results"]] == [8, 9]
    assert (rest["results"][0]["stage"], rest["results"][0]["file"]) == ("inbound", "")


def test_other_temperatures_of_a_moment_are_listed_and_none_is_called_the_worse(world):
    order, client = world.shipped(), client_of(world.source)
    client.send(address(order), [reading(0, 12.5), reading(10, 5)])
    (told,) = client.send(address(order), reading(0, 13)).json()["results"]
    assert told["outcome"] == "conflict"
    assert told["reason"].endswith("the worse one counts. Known before: 12.5 °C.")
    rows = client.get(address(order)).json()["results"]
    assert [(one["temperature"], one["others"]) for one in rows] == [(12.5, [13]), (5, [])]


def test_a_moment_to_come_is_refused_and_the_others_are_kept(world):
    order, client = world.shipped(), client_of(world.source)
    to_come = (timezone.now() + timedelta(days=30)).isoformat()
    results = client.send(address(order), [reading(0, 5), reading(0, 5, read_at=to_come)]).json()["results"]
    assert [one["outcome"] for one in results] == ["created", "rejected"]
    assert results[1]["errors"] == {"read_at": [NOT_MEASURED_YET]}


def test_the_condition_has_limits_points_excursions_and_decisions(world):
    order, client = world.shipped(), client_of(world.source)
    client.send(address(order), [reading(10 * each, 9 if each else 5) for each in range(6)])
    (shipment,) = client.get(address(order, "condition")).json()["shipments"]
    assert (shipment["stage"], shipment["storage"]) == ("inbound", "Refrigerated, 2 °C to 8 °C")
    (logger,) = shipment["loggers"]
    assert (logger["readings"], logger["highest"], len(logger["points"])) == (6, 9, 6)
    (excursion,) = shipment["excursions"]
    assert (excursion["worst"], excursion["decision"]) == (9, "")


def test_another_site_and_a_system_without_the_scope_get_nothing(world):
    order = world.shipped()
    for what in ("readings", "condition"):
        assert client_of(world.stranger).get(address(order, what)).status_code == 404
    assert client_of(world.stranger).send(address(order), [reading(0, 5)]).status_code == 404
    assert client_of(world.source, "orders:read").send(address(order), [reading(0, 5)]).status_code == 403


def test_too_many_rows_and_an_unknown_parameter_are_problems(world):
    order, client = world.shipped(), client_of(world.source)
    many = client.send(address(order), [reading(0, 5)] * 5_001)
    assert (many.status_code, many["Content-Type"]) == (413, PROBLEM)
    assert client.get(address(order), {"loger": "x"}).status_code == 400
