"""Codes that systems and people send with an order in hand."""

import pytest

from supplychain.chain.models import IdentityCheck
from supplychain.orders.models import StatusEvent
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import at
from tests.supplychain.chain.checking import CheckedWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CheckedWorld:
    return CheckedWorld()


def address(order) -> str:
    return f"/api/v1/orders/{order.pk}/identity-checks/"


def test_what_was_read_is_answered_and_kept_once(world):
    client = client_of(world.source, "identity:write", "orders:read")
    said = {"id": "s-1", "read": "CO-MINE\r", "stage": "inbound", "device": "Dock 3", "read_at": at(6).isoformat()}
    answer = client.send(address(world.mine), said)
    assert answer.status_code == 201
    body = answer.json()
    check = IdentityCheck.objects.get()
    assert (body["id"], body["outcome"], body["read"], body["by"]) == (
        str(check.pk), "match", "CO-MINE\r", "hospital-oslo",
    )  # fmt: skip
    assert (body["place"], body["stage"], body["device"], body["other_order"]) == ("rest", "inbound", "Dock 3", None)
    again = client.send(address(world.mine), said)
    assert (again.status_code, again.json()) == (200, body)
    assert client.send(address(world.mine), said | {"read": "CO-THEIRS"}).status_code == 409
    assert IdentityCheck.objects.count() == 1


def test_a_mismatch_names_the_other_order_to_who_may_see_it_and_is_an_event(world):
    client = client_of(world.source)
    body = client.send(address(world.mine), {"id": "s-1", "read": "CO-THEIRS"}).json()
    assert (body["outcome"], body["other_order"]) == ("mismatch", str(world.theirs.pk))
    assert StatusEvent.objects.get(order=world.mine, kind="mismatch").source == world.source
    world.theirs.__class__.objects.filter(pk=world.theirs.pk).update(
        ordering_site=world.bergen, collection_site=world.bergen, infusion_site=world.bergen
    )
    (row,) = session_of(world.coordinator).get(address(world.mine)).json()["results"]
    assert (row["outcome"], row["other_order"]) == ("mismatch", None)


def test_the_list_is_paged_the_newest_first_and_filtered(world):
    for number, read in enumerate(("CO-MINE", "CO-THEIRS", "CO-NOBODY")):
        world.check(read, hours=6 + number)
    client = session_of(world.inspector)
    first = client.get(address(world.mine), {"page_size": 2}).json()
    assert [row["outcome"] for row in first["results"]] == ["unknown", "mismatch"]
    rest = client.get(first["next"]).json()
    assert [row["outcome"] for row in rest["results"]] == ["match"]
    some = client.get(address(world.mine), {"outcome": "mismatch"}).json()["results"]
    assert [row["by"] for row in some] == ["ola"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"read": "CO-MINE"}, "id"),
        ({"id": "1"}, "read"),
        ({"id": "1", "read": "CO-MINE", "stage": "nowhere"}, "stage"),
        ({"id": "1", "read": "CO-MINE", "read_at": "yesterday"}, "read_at"),
        ({"id": "1", "read": "CO-MINE", "order": "x"}, "order"),
    ],
)
def test_what_cannot_be_used_is_said_by_field(world, said, field):
    answer = client_of(world.source).send(address(world.mine), said)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {field})
    assert IdentityCheck.objects.count() == 0


def test_it_takes_the_right_and_an_order_of_ones_own_sites(world):
    said = {"id": "1", "read": "CO-MINE"}
    assert client_of(world.source, "orders:read").send(address(world.mine), said).status_code == 403
    assert client_of(world.stranger).send(address(world.mine), said).status_code == 404
    assert client_of(world.stranger).get(address(world.mine)).status_code == 404
    assert session_of(world.foreigner).get(address(world.mine)).status_code == 404
    assert IdentityCheck.objects.count() == 0
