"""Learned durations over REST, for those whose site it is."""

import pytest

from tests.batches.durations.learned_rows import DRIFT, make_learned
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, make_source

pytestmark = pytest.mark.django_db
PATH = "/api/v1/durations/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def product(world):
    return world.flow.product


@pytest.fixture
def client(world):
    return client_of(world.source)


def rows_of(answer) -> list[dict]:
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_a_duration_is_shown_with_all_that_is_known(world, client, product):
    kept = make_learned(product, world.plant, hours=14, drift=DRIFT, is_drifting=True)
    (row,) = rows_of(client.get(PATH))
    quantiles = row.pop("quantiles")
    assert quantiles == pytest.approx(kept.quantiles)
    assert row == {
        "id": str(kept.pk), "product": "product-small", "site": "plant", "stage": "selection", "resource": "",
        "planned_hours": 12.0, "median_hours": pytest.approx(14), "p90_hours": pytest.approx(kept.p90_hours),
        "completed": 30, "failed": 2, "withdrawn": 1, "censored": 4, "own_weight": 0.75, "failed_share": 0.05,
        "failed_low": 0.02, "failed_high": 0.1, "withdrawn_share": 0.02, "is_drifting": True, "drift": DRIFT,
        "refreshed_at": "2026-03-06T11:00:00Z",
    }  # fmt: skip


def test_durations_are_found_by_product_site_stage_drift_and_resource(world, client, product):
    make_learned(product, world.plant)
    make_learned(product, world.plant, resource="Suite 1")
    make_learned(product, world.oslo, "infusion", is_drifting=True)
    found = {
        "site=plant": [("selection", "")], "stage=infusion": [("infusion", "")], "drifting=true": [("infusion", "")],
        "drifting=false": [("selection", "")], "resources=true": [("selection", "Suite 1")],
        "product=product-small&resources=false": [("infusion", ""), ("selection", "")],
    }  # fmt: skip
    for query, rows in found.items():
        assert [(row["stage"], row["resource"]) for row in rows_of(client.get(f"{PATH}?{query}"))] == rows, query


def test_the_durations_of_other_sites_are_not_there(world, product):
    make_learned(product, world.plant)
    make_learned(product, None)
    assert rows_of(client_of(world.stranger).get(PATH)) == []


def test_all_sites_together_are_for_who_has_every_site(world, client, product):
    make_learned(product, None)
    make_learned(product, world.oslo)
    assert [row["site"] for row in rows_of(client.get(PATH))] == ["oslo"]
    everybody = client_of(make_source("all", world.plant, world.oslo, world.bergen))
    assert [row["site"] for row in rows_of(everybody.get(PATH))] == ["oslo", None]


def test_pages_lead_through_all_of_them(world, product):
    stages = ["collection", "harvest", "selection"]
    for stage in stages:
        make_learned(product, None, stage)
        make_learned(product, world.oslo, stage)
    client = client_of(make_source("all", world.plant, world.oslo, world.bergen))
    seen, address = [], f"{PATH}?page_size=1"
    while address:
        answer = client.get(address).json()
        seen += [(row["stage"], row["site"]) for row in answer["results"]]
        address = answer["next"]
    assert seen == [(stage, site) for stage in stages for site in ("oslo", None)]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_two_queries_however_long(world, client, product, rows, django_assert_num_queries):
    for number in range(rows):
        make_learned(product, world.plant, f"stage-{number}")
    client.get(PATH)
    with django_assert_num_queries(2):  # whether there are other sites, the rows
        assert len(rows_of(client.get(PATH))) == rows


def test_who_may_not_read_capacity_is_refused(world):
    assert client_of(world.source, "orders:read").get(PATH).status_code == 403
