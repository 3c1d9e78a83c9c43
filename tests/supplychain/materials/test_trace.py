"""From a lot to every patient, and from an order back to what it was made from; page, file and REST say the same."""

import json

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from supplychain.materials.queries import ORDER_COLUMNS, TraceQuestion, materials_of_order, trace
from supplychain.materials.rules.tracing import Links, branches
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder
from supplychain.people.statuses import Role
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.materials.test_materials import tree
from tests.supplychain.materials.words import lot_used, material, status, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def made(world: World, number: int) -> PatientOrder:
    """An order whose materials have numbers of their own."""
    order = world.order(patient_reference=f"pseudonym-{number}")
    rows = tree(order)
    for row in rows:
        said = row["payload"]
        if "number" in said:
            said["number"] = f"{number}-{said['number']}"
        if "parents" in said:
            said["parents"] = [f"{number}-{one}" for one in said["parents"]]
    tell(world, *rows)
    return PatientOrder.objects.get(pk=order.pk)


def ask(now=None, **given) -> list:
    question = TraceQuestion(**given)
    rows = question.orders_among(PatientOrder.objects.all()).order_by("ordered_at", "id")
    return trace(list(rows.values_list(*ORDER_COLUMNS)), question, now or at(1000))


def parts(traced) -> dict[str, str]:
    return {one.piece.number: str(one.part) for one in traced.pieces}


def test_from_a_lot_forward(world):
    order = made(world, 1)
    (found,) = ask(lot="lv-7")
    assert found.id == order.pk
    assert parts(found) == {"1-CD4-1": "went_into", "1-CD8-1": "went_into", "1-BAG-1": "made_from"}
    assert [one.number for one in found.lots] == ["LV-7", "LV-7"]


def test_a_lot_of_which_only_the_stage_is_known_may_be_in_all_that_came_after(world):
    made(world, 1)
    (found,) = ask(lot="BEADS-3")
    assert parts(found) == {"1-CD4-1": "perhaps", "1-CD8-1": "perhaps", "1-BAG-1": "perhaps"}


def test_from_a_material_both_ways(world):
    made(world, 1)
    (found,) = ask(material="1-cd4-1")
    assert parts(found) == {"1-COL-1": "origin", "1-CD4-1": "asked", "1-BAG-1": "made_from"}
    assert [one.number for one in found.lots] == ["LV-7", "BEADS-3"]
    (bag,) = ask(material="1-BAG-1")
    assert parts(bag)["1-CD8-1"] == "origin"
    assert len(bag.lots) == 3


def test_from_an_order_everything(world):
    order = made(world, 1)
    for given in (str(order.pk), order.coi, order.coi.lower()):
        (found,) = ask(order=given)
        assert set(parts(found).values()) == {"own"}
        assert len(found.pieces) == 4
    assert ask(order="CO-NONE") == []
    assert ask() == []


def test_a_lot_of_another_product_with_the_same_number_is_another_lot(world):
    made(world, 1)
    other = world.order(patient_reference="other")
    tell(world, lot_used(other, "LV-7", product="Other vector"))
    assert len(ask(lot="LV-7")) == 2
    assert [one.id for one in ask(lot="LV-7", product="other VECTOR")] == [other.pk]


def test_the_same_number_on_two_orders_is_said(world):
    first, second = world.order(), world.order(patient_reference="other")
    tell(world, material(first, "BAG-1"), material(second, "bag-1"), material(second, "BAG-2"))
    (found,) = ask(order=second.coi)
    assert {one.piece.number: list(one.doubts) for one in found.pieces} == {"bag-1": ["elsewhere"], "BAG-2": []}
    assert len(ask(material="BAG-1")) == 2


def test_a_parent_of_another_order_is_kept_as_missing_and_said(world):
    first, second = world.order(), world.order(patient_reference="other")
    tell(world, material(first, "CD4-1", "intermediate"), material(second, "BAG-2", parents=["CD4-1"]))
    (found,) = ask(order=second.coi)
    assert {one.piece.number: list(one.doubts) for one in found.pieces} == {
        "BAG-2": [],
        "CD4-1": ["unrecorded", "elsewhere"],
    }
    assert [one.id for one in ask(material="BAG-2")] == [second.pk]


def test_a_dose_is_not_released_before_its_order_is(world):
    order = world.order()
    tell(world, material(order, "B"), material(order, "C", "intermediate"))
    tell(world, status(order, "B", "released"), status(order, "C", "released"))
    (found,) = ask(order=order.coi)
    assert {one.piece.number: list(one.doubts) for one in found.pieces} == {"B": ["undecided"], "C": []}
    assert [one.piece.number for one in materials_of_order(order, at(100)).not_to_use] == ["B"]
    tell(world, report(order, "completed", "release", 50))
    (found,) = ask(order=order.coi)
    assert not any(one.doubts for one in found.pieces)


@pytest.mark.parametrize("said", ["released", "shipped"])
def test_a_released_dose_whose_test_failed_is_never_told_as_released_alone(world, said):
    order = world.order()
    tell(world, material(order, "B"), material(order, "C", "intermediate"))
    tell(world, report(order, "completed", "release", 15), status(order, "B", said), status(order, "C", "released"))
    assert not any(one.doubts for one in ask(order=order.coi)[0].pieces)
    tell(world, report(order, "failed", "sterility", 50))
    (found,) = ask(order=order.coi)
    assert {one.piece.number: list(one.doubts) for one in found.pieces} == {"B": ["test_failed"], "C": []}
    (again,) = [one for one in materials_of_order(order, at(100)).branches if one.piece.number == "B"]
    assert list(again.doubts) == ["test_failed"]


@pytest.mark.parametrize(("bags", "words"), [(1, {"infused"}), (2, {""})])
def test_the_only_dose_of_an_infused_order_was_infused(world, bags, words):
    order = world.order()
    tell(world, *(material(order, f"B{number}") for number in range(bags)))
    tell(world, report(order, "completed", "infusion", 50))
    (found,) = ask(order=order.coi)
    assert {one.piece.status for one in found.pieces} == words
    assert (found.infused_at, found.is_given) == (at(50), True)
    (before,) = ask(order=order.coi, now=at(49))
    assert ({one.piece.status for one in before.pieces}, before.is_given) == ({""}, False)


def test_a_tree_in_lines_loses_nothing_in_a_cycle(world):
    order = world.order()
    tell(world, material(order, "A", parents=["B"]), material(order, "B", hours=11, parents=["A"]))
    pieces = [one.piece for one in ask(order=order.coi)[0].pieces]
    links = Links.of([(pieces[0].id, pieces[1].id), (pieces[1].id, pieces[0].id)])
    assert [(one.piece.number, one.depth, one.is_repeated) for one in branches(pieces, links)] == [
        ("A", 0, False), ("B", 1, False), ("A", 2, True),
    ]  # fmt: skip


def test_as_many_queries_for_many_orders_as_for_one(world, django_assert_num_queries):
    for number in range(5):
        made(world, number)
    question = TraceQuestion(lot="LV-7")
    rows = list(question.orders_among(PatientOrder.objects.all()).values_list(*ORDER_COLUMNS))
    trace(rows[:1], question, at(1000))
    with django_assert_num_queries(5):
        assert len(trace(rows, question, at(1000))) == 5


@pytest.fixture
def orders(world) -> list[PatientOrder]:
    return [made(world, number) for number in range(2)]


def test_the_page_shows_only_orders_of_the_persons_sites(client, world, orders):
    client.force_login(make_user("there", world.plant))
    page = client.get(reverse("trace"), {"lot": "LV-7"})
    assert all(order.coi in page.content.decode() for order in orders)
    assert "Hold all 2 orders" in page.content.decode()
    client.force_login(make_user("elsewhere", world.bergen, role=Role.SITE_COORDINATOR))
    page = client.get(reverse("trace"), {"lot": "LV-7"}).content.decode()
    assert not any(order.coi in page for order in orders)
    assert "Nothing of your sites’ orders" in page


def test_a_pickup_that_is_reported_for_later_is_still_to_come(client, world):
    order = world.order()
    tell(world, material(order, "A"), report(order, "started", "inbound", 30), hours=29)
    client.force_login(make_user("there", world.plant))
    with time_machine.travel(at(29), tick=False):
        page = client.get(reverse("trace"), {"order": order.coi}).content.decode()
    assert "under way since" not in page
    assert "still to come" in page


def test_the_hold_leads_to_the_worklist_with_the_deed(client, world, orders):
    client.force_login(make_user("there", world.plant))
    (hold,) = client.get(reverse("trace"), {"lot": "LV-7"}).context["holds"]
    page = client.get(hold["address"])
    assert page.status_code == 200
    assert all(order.coi in page.content.decode() for order in orders)
    record_event(report(orders[0], "held", hours=200, payload={"reason": "Recall."}), by=world.reporter, now=at(201))
    again = client.get(reverse("trace"), {"lot": "LV-7"})
    assert [one["number"] for one in again.context["holds"]] == [1]
    assert "1 order of them is on hold already" in again.content.decode()


def test_a_coordinator_is_told_who_holds(client, world, orders):
    client.force_login(make_user("coordinator", world.oslo, role=Role.SITE_COORDINATOR))
    page = client.get(reverse("trace"), {"lot": "LV-7"})
    assert page.context["holds"] == []
    assert "not by you" in page.content.decode()


def test_the_files_have_every_material(client, world, orders):
    client.force_login(make_user("there", world.plant))
    lines = client.get(reverse("trace"), {"lot": "LV-7", "csv": "1"}).content.decode().splitlines()
    assert len(lines) == 1 + 2 * 3
    assert lines[1].startswith(f"{orders[1].coi},pseudonym-1,")
    rows = json.loads(client.get(reverse("trace"), {"lot": "LV-7", "json": "1"}).content)
    assert [one["coi"] for one in rows] == [orders[1].coi, orders[0].coi]
    assert rows[0]["materials"][0]["lots"] == ["Lenti CD19 LV-7"]


def test_an_order_of_which_only_a_lot_is_known_stands_in_the_file(client, world):
    order = world.order()
    tell(world, lot_used(order, "LV-9"))
    client.force_login(make_user("there", world.plant))
    (line,) = client.get(reverse("trace"), {"lot": "LV-9", "csv": "1"}).content.decode().splitlines()[1:]
    assert order.coi in line
    assert "Lenti CD19 LV-9" in line


def test_strangers_are_led_to_the_login(client):
    assert client.get(reverse("trace")).status_code == 302


def test_a_page_without_a_question_asks_for_one(client, world):
    client.force_login(make_user("there", world.plant))
    assert "What to trace" in client.get(reverse("trace"), {"page": "x"}).content.decode()


def test_by_rest(client, world, orders):
    client.force_login(make_user("there", world.plant))
    tell(world, status(orders[0], "0-BAG-1", "shipped", 50))
    found = client.get("/api/v1/trace/", {"lot": "LV-7", "page_size": 1}).json()
    assert found["results"][0]["coi"] == orders[1].coi
    assert client.get(found["next"]).json()["results"][0]["coi"] == orders[0].coi
    assert client.get("/api/v1/trace/").status_code == 400
    materials = client.get("/api/v1/materials/", {"status": "shipped"}).json()["results"]
    assert [(one["number"], one["parents"]) for one in materials] == [("0-BAG-1", ["0-CD4-1", "0-CD8-1"])]
    assert len(client.get("/api/v1/materials/", {"lot": "lv-7", "order": str(orders[0].pk)}).json()["results"]) == 2
    (lot,) = client.get("/api/v1/lots/", {"kind": "vector"}).json()["results"]
    assert (lot["number"], lot["orders"]) == ("LV-7", 2)
    assert lot["expires_at"] == "2027-01-31T23:59:00Z"


def test_by_rest_nothing_of_other_sites(client, world, orders):
    client.force_login(make_user("elsewhere", world.bergen))
    for address in ("trace/?lot=LV-7", "materials/", "lots/", f"trace/?order={orders[0].pk}"):
        assert client.get(f"/api/v1/{address}").json()["results"] == []


def test_a_dose_that_is_being_given_is_told_first_and_does_not_wait(world):
    order, other = made(world, 1), made(world, 2)
    record_event(report(order, "started", "infusion", 900), by=world.reporter, now=at(900))
    client = Client()
    client.force_login(make_user("quynh", world.plant, role=Role.QA))
    with time_machine.travel(at(901), tick=False):
        page = client.get(reverse("trace"), {"lot": "LV-7"})
        file = client.get(reverse("trace"), {"lot": "LV-7", "json": ""}).json()
    text = " ".join(page.text.split())
    assert "The dose of 1 order is being given now: call there first." in text
    assert "Infusion under way since" in text
    assert "1 patient still waits" in text
    assert [(one["coi"], one["infusion_started_at"] is not None) for one in file] == [
        (order.coi, True), (other.coi, False)
    ]  # fmt: skip
