"""The lot of a collection kit is traced like any other: from a recall to every patient, from a dose back to the kit."""

import pytest
from django.urls import reverse

from supplychain.materials.models import LotUse
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.materials.test_trace import ask, made, parts
from tests.supplychain.materials.words import lot_used, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def kit(order, lot: str, hours: float = 2, **answers) -> dict:
    payload = {"answers": {"kit_lot": lot} | answers}
    return report(order, "collection_checked", "collection", hours, payload=payload) | {
        "source_event_id": f"{order.pk}-kit-{lot}-{hours}"
    }


def test_from_the_lot_of_a_kit_to_all_that_was_made_of_those_cells_and_back(world):
    order, other = made(world, 1), made(world, 2)
    tell(world, kit(order, "L2602", kit_expires_on="2027-03-31"), kit(other, "L2603"))
    (found,) = ask(lot="l2602")
    assert found.id == order.pk
    assert set(parts(found).values()) == {"perhaps"}
    assert [(one.kind, one.words, one.material) for one in found.lots] == [("kit", "Collection kit L2602", None)]
    assert "Collection kit L2602" in [one.words for one in ask(material="1-BAG-1")[0].lots]
    assert "Collection kit L2602" in [one.words for one in ask(order=order.coi)[0].lots]


def test_the_corrected_lot_counts_and_an_expired_kit_is_said(world):
    order = world.order()
    tell(world, report(order, "started", "collection", 1), kit(order, "L2602"), kit(order, "L2604", 3))
    tell(world, kit(order, "L2604", 4, kit_expires_on="2020-01-31"))
    assert ask(lot="L2602") == []
    (use,) = ask(lot="L2604")[0].lots
    assert use.used_at == at(1)
    assert use.was_expired
    assert LotUse.objects.filter(order=order).count() == 1


def test_an_answer_that_is_taken_back_leaves_no_lot_and_a_rebuild_finds_the_same(world):
    order, other = world.order(), world.order(patient_reference="other")
    row = kit(order, "L2602")
    tell(world, row, kit(other, "L2602"), lot_used(order, "LV-7"))
    wrong = StatusEvent.objects.get(order=order, kind="collection_checked")
    for name in ("kari", "nina"):
        who = make_user(name, world.oslo, role=Role.SITE_COORDINATOR)
        withdraw_report(wrong.pk, by=who, reason="The form of another patient.", now=at(100))
    assert [one.id for one in ask(lot="L2602")] == [other.pk]
    before = list(LotUse.objects.order_by("id").values())
    assert rebuild_orders([order, other], now=at(101)) == {}
    assert list(LotUse.objects.order_by("id").values()) == before


def test_a_kit_of_a_collection_without_moments_was_used_when_its_lot_was_first_answered(world):
    order = world.order()
    tell(world, kit(order, "L2602", 2), kit(order, "L2602", 3, kit_expires_on="2026-03-02"))
    tell(world, report(order, "completed", "inbound", 200))
    assert LotUse.objects.get(order=order).used_at == at(2)
    assert rebuild_orders([order], now=at(300)) == {}
    assert LotUse.objects.get(order=order).used_at == at(2)
    assert not ask(lot="L2602")[0].lots[0].was_expired


def test_all_orders_of_a_recalled_kit_are_held_from_the_page(client, world):
    orders = [world.order(patient_reference=f"pseudonym-{number}") for number in range(2)]
    tell(world, *(kit(order, "L2602") for order in orders))
    client.force_login(make_user("there", world.plant))
    page = client.get(reverse("trace"), {"lot": "L2602"})
    assert "Hold all 2 orders" in page.content.decode()
    assert "from the record of the collection" in page.content.decode()
    (hold,) = page.context["holds"]
    assert all(order.coi in client.get(hold["address"]).content.decode() for order in orders)
    (line, _) = client.get(reverse("trace"), {"lot": "L2602", "csv": "1"}).content.decode().splitlines()[1:]
    assert "Collection kit L2602" in line


def test_by_rest_and_never_reported_as_a_reagent(client, world):
    order = world.order()
    tell(world, kit(order, "L2602"))
    client = client_of(world.source)
    (lot,) = client.get("/api/v1/lots/", {"kind": "kit"}).json()["results"]
    assert (lot["product"], lot["number"], lot["orders"]) == ("Collection kit", "L2602", 1)
    (found,) = client.get("/api/v1/trace/", {"lot": "L2602", "product": "collection kit"}).json()["results"]
    assert (found["coi"], found["lots"][0]["stage"]) == (order.coi, "collection")
    (result,) = tell(world, lot_used(order, "L2602", kind="kit"))
    assert "reagent, vector" in str(result.errors)


def test_pages_say_a_kits_last_day_as_it_stands_on_the_kit(client, world):
    order = world.order()
    tell(world, kit(order, "L2602", kit_expires_on="2027-12-10"))
    client.force_login(make_user("there", world.plant))
    page = client.get(f"{reverse('trace')}?lot=L2602").content.decode()
    assert "expires 10 Dec 2027" in page
    assert "11 Dec" not in page
