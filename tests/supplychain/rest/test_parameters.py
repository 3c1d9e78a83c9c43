"""A parameter that an address does not have is refused: what nobody reads may have been meant to change the answer."""

import pytest

from tests.batches.api_rows import make_flag
from tests.supplychain.api_clients import PROBLEM, client_of
from tests.supplychain.builders import World, report

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize("odd", ["raised=1", "verbose", "page_size=5", "format=json", "Status=open", "_=1"])
@pytest.mark.parametrize("address", ["me/", "catalogue/", "orders/{order}/", "flags/{flag}/"])
def test_what_one_thing_does_not_take_is_400(world, address, odd):
    order = world.order()
    path = API + address.format(order=order.pk, flag=make_flag(order).pk)
    client = client_of(world.source)
    answer = client.get(f"{path}?{odd}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert list(answer.json()["errors"]) == [odd.partition("=")[0]]
    assert "takes none" in str(answer.json()["errors"])
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("address", ["events/", "orders/", "flags/{flag}/acknowledge/"])
def test_nor_does_what_is_sent(world, address):
    order = world.order()
    path = API + address.format(flag=make_flag(order).pk)
    before = order.events.count()
    answer = client_of(world.source).send(f"{path}?dry_run=1", report(order, "started", "collection"))
    assert (answer.status_code, order.events.count()) == (400, before)


@pytest.mark.parametrize("odd", ["after=now&after=now", "since=now"])
def test_the_feed_names_what_it_takes(world, odd):
    answer = client_of(world.source).get(f"{API}changes/?{odd}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [odd.partition("=")[0]]


def test_a_value_that_is_no_choice_is_named_with_those_that_are(world):
    answer = client_of(world.source).get("/api/v1/flags/?severity=high")
    assert answer.status_code == 400
    assert answer.json()["errors"]["severity"] == ["“high” is none of those that there are: attention, critical."]


@pytest.mark.parametrize(
    "address",
    ["orders/?product=nix", "orders/?plant=nix", "orders/?stage=nix", "flags/?plant=nix", "durations/?stage=nix"],
)
def test_a_code_that_there_is_not_is_refused_with_those_that_there_are(world, address):
    """An empty list would read as “none are there”."""
    answer = client_of(world.source).get(API + address)
    name = address.partition("?")[2].partition("=")[0]
    known = {"product": world.flow.product.code, "plant": "plant", "stage": "collection"}[name]
    (told,) = answer.json()["errors"][name]
    assert (answer.status_code, told.startswith(f"There is no {name} “nix”; use one of ")) == (400, True)
    assert known in told
    assert client_of(world.source).get(API + address.replace("nix", known)).status_code == 200


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("orders/?page_size=0&cursor=x&product=nix&stage=nix", {"page_size", "cursor", "product", "stage"}),
        ("orders/?page_size=0&odd=1&plant=nix", {"page_size", "odd", "plant"}),
        ("flags/?page_size=x&severity=high", {"page_size", "severity"}),
        ("flags/?page_size=x&page_size=7&severity=high&code=", {"page_size", "severity", "code"}),
        ("changes/?page_size=0&after=x", {"page_size", "after"}),
        ("changes/?page_size=0&after=x&odd=1", {"page_size", "after", "odd"}),
        ("durations/?page_size=0&stage=nix", {"page_size", "stage"}),
    ],
)
def test_all_that_is_wrong_with_an_address_is_said_at_once(world, address, names):
    answer = client_of(world.source).get(API + address)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, names)
