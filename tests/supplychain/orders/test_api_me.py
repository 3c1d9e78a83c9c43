"""What a developer asks first: who am I here, and which codes may I name."""

import pytest

from supplychain.flows.models import Flow, Product
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.rest.authentication import forget_tokens
from supplychain.sites.models import Site
from tests.supplychain.api_clients import PROBLEM, ApiClient, client_of, session_of
from tests.supplychain.builders import STAGES, World, make_user

pytestmark = pytest.mark.django_db
ME, CATALOGUE = "/api/v1/me/", "/api/v1/catalogue/"


@pytest.fixture
def world() -> World:
    return World()


def test_a_system_learns_its_sites_and_the_scopes_it_has_now(world):
    client = client_of(world.source, "events:write", "events:custody")
    site = {"is_active": True, "roles": [], "time_zone": "UTC"}
    assert client.get(ME).json() == {
        "kind": "system", "code": "hospital-oslo", "name": "hospital-oslo",
        "scopes": ["events:custody", "events:write"],
        "sites": [
            site | {"code": "oslo", "name": "Oslo", "kind": "treatment_centre"},
            site | {"code": "plant", "name": "Plant", "kind": "plant"},
        ],
    }  # fmt: skip


def test_what_a_system_may_report_goes_with_the_right_to_report(world):
    def scopes(*of_token: str) -> list[str]:
        client = client_of(world.source, *of_token)
        world.source.scopes = ["events:write", "events:custody", "orders:read"]
        world.source.save()
        forget_tokens()
        return client.get(ME).json()["scopes"]

    assert scopes("events:write") == ["events:custody", "events:write"]
    assert scopes("orders:read", "events:custody") == ["orders:read"]


def test_a_person_learns_their_roles_and_what_follows_from_them(world):
    person = make_user("quynh", world.plant, role=Role.QA)
    Membership.objects.create(user=person, site=world.oslo, role=Role.OPERATIONS)
    body = session_of(person).get(ME).json()
    assert (body["kind"], body["code"]) == ("person", "quynh")
    assert [(site["code"], site["roles"]) for site in body["sites"]] == [("oslo", ["operations"]), ("plant", ["qa"])]
    assert "orders:write" in body["scopes"]
    assert session_of(make_user("nobody")).get(ME).json()["scopes"] == []


def test_a_stranger_learns_nothing():
    for path in (ME, CATALOGUE):
        answer = ApiClient().get(path)
        assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_the_catalogue_has_what_orders_and_events_may_name(world):
    body = client_of(world.source).get(CATALOGUE).json()
    assert [(site["code"], site["is_yours"]) for site in body["sites"]] == [("oslo", True), ("plant", True)]
    [product] = body["products"]
    [flow] = product["flows"]
    assert (product["code"], flow["code"], flow["version"], flow["is_default"]) == ("product-small", "small", 1, True)
    assert [stage["code"] for stage in flow["stages"]] == [row[0] for row in STAGES]
    assert flow["stages"][1] == {
        "code": "inbound", "name": "Inbound", "kind": "transport", "place": "plant", "direction": "inbound",
        "after": ["collection"], "planned_hours": 24.0, "worst_hours": 60.0, "longest_wait_hours": 24.0,
        "pool": "courier", "may_end_after_release": False, "report_scope": "events:transport",
    }  # fmt: skip


def test_the_catalogue_names_plants_but_no_other_hospital_and_nothing_that_is_past(world):
    stranger = client_of(world.stranger)
    sites = [(site["code"], site["is_yours"]) for site in stranger.get(CATALOGUE).json()["sites"]]
    assert sites == [("bergen", True), ("plant", False)]
    Site.objects.filter(pk=world.plant.pk).update(is_active=False)
    Product.objects.update(is_active=False)
    body = stranger.get(CATALOGUE).json()
    assert ([site["code"] for site in body["sites"]], body["products"]) == (["bergen"], [])


@pytest.mark.parametrize("flows", [1, 3])
def test_the_catalogue_takes_as_many_queries_however_long_it_is(world, django_assert_num_queries, flows):
    for number in range(flows):
        Flow.objects.create(
            product=world.flow.product, code=f"more-{number}", version=1, name="More", restart_stage="a", definition={},
            loaded_at=world.flow.loaded_at,
        )  # fmt: skip
    client = client_of(world.source)
    client.get(ME)
    with django_assert_num_queries(4):
        assert len(client.get(CATALOGUE).json()["products"][0]["flows"]) == flows + 1
