"""Finding orders by any identifier: in full first, else by its beginning or end, never by reading all orders."""

import pytest
from django.db import connection
from django.urls import reverse

from dashboards.orders.queries import search as order_search
from dashboards.orders.queries.search import find
from supplychain.orders.models import PatientOrder
from supplychain.pages.viewers import Viewer
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.query_plans import Explained, make_many

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    order = world.order(coi="CO26ABC", patient_reference="PX-100", hospital_order_number="OSL-1")
    world.say(order, "completed", "collection", 2, payload={"donation_number": "G123498654321"})
    world.say(order, "started", "inbound", 3, payload={"tracking_number": "PL77"})
    world.say(order, "started", "selection", 4, payload={"batch_number": "PLA-0001"})
    other = world.order(coi="CO26ABD", patient_reference="PX-200")
    world.say(other, "started", "selection", 4, payload={"batch_number": "PLA-0001-R1"})
    return world


def found(person, typed: str) -> tuple[list[str], bool]:
    """Chains of identity, and whether they bear it in full."""
    result = find(Viewer.of(person), typed)
    orders = PatientOrder.objects.filter(pk__in=result.ids).order_by("coi")
    return list(orders.values_list("coi", flat=True)), result.is_exact


@pytest.mark.parametrize(
    "typed",
    ["CO26ABC", "co26abc", " CO26ABC ", "&/CO26ABC", "PX-100", "px-100", "OSL-1", "G123498654321", "=G12349865432100",
     "PL77", "PLA-0001"],
)  # fmt: skip
def test_in_full_it_leads_to_its_order(world, typed):
    assert found(world.operations, typed) == (["CO26ABC"], True)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("CO26A", ["CO26ABC", "CO26ABD"]),
        ("co26", ["CO26ABC", "CO26ABD"]),
        ("PX-1", ["CO26ABC"]),
        ("=G1234", ["CO26ABC"]),
        ("PLA", ["CO26ABC", "CO26ABD"]),
        ("PLA-0001-", ["CO26ABD"]),
        ("26ABC", ["CO26ABC"]),
        ("abc", ["CO26ABC"]),
        ("54321", ["CO26ABC"]),
        ("G1234 98", ["CO26ABC"]),
        ("98 654321", ["CO26ABC"]),
        ("g1234 98 65", ["CO26ABC"]),
        ("26 abc", ["CO26ABC"]),
        ("PLA - 0001", []),
        ("-200", ["CO26ABD"]),
        ("BC", []),
        ("6AB", []),
        ("%", []),
        ("_O26", []),
        ("C\\", []),
        ("", []),
        ("x" * 65, []),
    ],
)
def test_its_beginning_or_end_leads_to_all_that_begin_or_end_so(world, typed, expected):
    codes, is_exact = found(world.operations, typed)
    assert codes == expected
    assert not (expected and is_exact)


def test_the_id_in_an_address_leads_to_its_order(world):
    order = PatientOrder.objects.get(coi="CO26ABC")
    assert found(world.operations, str(order.pk)) == (["CO26ABC"], True)
    assert found(world.stranger_person, str(order.pk)) == ([], False)


def test_orders_of_other_sites_are_not_found(world):
    world.order_of_bergen(coi="CO26XYZ", patient_reference="PX-300")
    for typed in ("CO26ABC", "CO26A", "PX-100", "PX-1", "PLA-0001"):
        assert found(world.stranger_person, typed)[0] == []
    assert found(world.stranger_person, "CO26")[0] == ["CO26XYZ"]
    assert found(world.operations, "PX-")[0] == ["CO26ABC", "CO26ABD", "CO26XYZ"]


def test_too_many_are_said_to_be_too_many(world, monkeypatch):
    monkeypatch.setattr(order_search, "MOST_FOUND", 1)
    assert find(Viewer.of(world.operations), "CO26").is_cut
    assert not find(Viewer.of(world.operations), "CO26ABC").is_cut
    assert "type more of it" in browser_of(world.operations).get(f"{reverse('orders')}?q=CO26").text


def test_a_search_looks_at_ended_orders_too_unless_told_otherwise(world):
    PatientOrder.objects.filter(coi="CO26ABC").update(status="closed")
    client = browser_of(world.operations)
    cois = {query: [line.order.coi for line in client.get(f"{reverse('orders')}?{query}").context["lines"]]
            for query in ("q=CO26ABC", "q=CO26ABC&status=open")}  # fmt: skip
    assert cois == {"q=CO26ABC": ["CO26ABC"], "q=CO26ABC&status=open": []}


@pytest.mark.parametrize("typed", ["CO26ABC", "CO26A", "PX-1"])
def test_every_part_of_a_search_reads_an_index(world, typed):
    make_many(PatientOrder.objects.get(coi="CO26ABC"))
    with connection.execute_wrapper(explained := Explained()):
        find(Viewer(world.operations, (), sees_all=True), typed)
    plans = "\n".join(explained.plans)
    assert "Seq Scan" not in plans
    assert "identifiers_by_start" in plans
    assert "orders_by_patient" in plans
