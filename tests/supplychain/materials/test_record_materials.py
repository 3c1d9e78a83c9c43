"""What people say of materials on the order's page: forms for what their role may say, under the order's interlocks."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from supplychain.materials.models import LotUse, Material
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, make_user
from tests.supplychain.materials.test_materials import tree
from tests.supplychain.materials.words import material, status, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world):
    return world.order()


def said(say: str, /, **more) -> dict[str, str]:
    moment = f"{timezone.localtime():%Y-%m-%dT%H:%M}"
    return {"say": say, "token": str(uuid4()), "occurred_at": moment} | more


def address(order) -> str:
    return reverse("order_materials", args=[order.pk])


@pytest.mark.parametrize(
    ("role", "site", "forms", "statuses"),
    [
        (Role.OPERATIONS, "plant", {"material", "lot_used", "material_is"}, {"quarantine", "shipped", "destroyed"}),
        (
            Role.QA,
            "plant",
            {"material", "lot_used", "material_is"},
            {"quarantine", "released", "rejected", "shipped", "destroyed"},
        ),
        (
            Role.SITE_COORDINATOR,
            "oslo",
            {"material", "lot_used", "material_is"},
            {"quarantine", "shipped", "infused", "destroyed"},
        ),
        (Role.INSPECTOR, "plant", set(), set()),
    ],
)
def test_everybody_is_offered_what_their_role_says(client, world, order, role, site, forms, statuses):
    tell(world, material(order, "BAG-1"))
    client.force_login(make_user("one", getattr(world, site), role=role))
    page = client.get(address(order))
    assert set(page.context["forms"]) == forms
    if statuses:
        assert {value for value, _ in page.context["forms"]["material_is"].fields["status"].choices} - {""} == statuses


def test_an_order_of_other_sites_does_not_exist(client, world, order):
    client.force_login(make_user("one", world.bergen))
    assert client.get(address(order)).status_code == 404
    assert client.post(address(order), said("material")).status_code == 404


def test_a_bag_is_recorded_once_with_the_name_of_who_did_it(client, world, order):
    user = make_user("one", world.plant)
    client.force_login(user)
    tell(world, material(order, "CD4-1", "intermediate"))
    sent = said(
        "material", number=" BAG-1 ", kind="final_bag", stage="harvest", parents=["CD4-1"], volume_ml="50",
        expires_at="2027-06-30T12:00",
    )  # fmt: skip
    for _ in range(2):
        assert client.post(address(order), sent).status_code == 302
    bag = Material.objects.get(number="BAG-1")
    assert (bag.kind, bag.volume_ml, bag.stage) == ("final_bag", 50, "harvest")
    assert bag.expires_at is not None
    assert bag.parent_links.get().parent.number == "CD4-1"
    assert StatusEvent.objects.get(user=user).payload["number"] == "BAG-1"


def test_a_lot_and_a_status_are_recorded(client, world, order):
    client.force_login(make_user("one", world.plant))
    tell(world, material(order, "BAG-1"))
    client.post(address(order), said("lot_used", kind="vector", product="V", lot="LV-1", stage="selection"))
    assert LotUse.objects.get().lot.number == "LV-1"
    seen = {"seen_version": client.get(address(order)).context["forms"]["material_is"]["seen_version"].value()}
    page = client.post(address(order), said("material_is", number="BAG-1", status="destroyed", **seen))
    assert page.status_code == 422
    assert "without a reason" in page.content.decode()
    leaked = said("material_is", number="BAG-1", status="destroyed", reason="Leaked at thawing.", **seen)
    client.post(address(order), leaked)
    assert Material.objects.get(number="BAG-1").status == "destroyed"


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"number": "B", "kind": "final_bag", "stage": "collection"}, "cannot be chosen"),
        ({"number": "null", "kind": "final_bag", "stage": "harvest"}, "names nothing"),
        ({"number": "", "kind": "final_bag", "stage": "harvest"}, "Its number"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(client, world, order, sent, words):
    client.force_login(make_user("one", world.plant))
    page = client.post(address(order), said("material", **sent))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert not Material.objects.exists()


def test_the_order_page_shows_the_tree(client, world, order):
    tell(world, *tree(order))
    client.force_login(make_user("one", world.plant))
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    for words in ("BAG-1", "Final bag", "CD8", "Released", "Lenti CD19 LV-7", "BEADS-3", "also from this one"):
        assert words in page
    assert client.get(reverse("order_record", args=[order.pk])).json()["lots"][0]["lot_number"] == "LV-7"


def test_nobody_releases_over_a_quarantine_that_they_did_not_see(client, world, order):
    client.force_login(make_user("one", world.plant, role=Role.QA))
    tell(world, material(order, "BAG-1"))
    form = client.get(address(order)).context["forms"]["material_is"]
    tell(world, status(order, "BAG-1", "quarantine", reason="Leaks at the port."))
    sent = said("material_is", number="BAG-1", status="released", seen_version=form["seen_version"].value())
    page = client.post(address(order), sent)
    assert page.status_code == 422
    assert "The order changed meanwhile" in page.text
    assert "BAG-1 (Final bag; Quarantine: Leaks at the port.)" in page.text
    assert Material.objects.get(number="BAG-1").status == "quarantine"
    sent |= {"seen_version": page.context["forms"]["material_is"]["seen_version"].value()}
    assert client.post(address(order), sent).status_code == 302
    assert Material.objects.get(number="BAG-1").status == "released"
