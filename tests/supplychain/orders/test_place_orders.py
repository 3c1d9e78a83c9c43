"""Orders are placed once, by those who may, and refused with what to do."""

import pytest

from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.placing import place_order, place_orders
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import Identifier, PatientOrder, StageRun
from supplychain.orders.rules.placing import OrderRefused
from tests.supplychain.builders import T0, World, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def request(**given) -> dict:
    return {
        "product": "product-small", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
    } | given  # fmt: skip


def test_an_order_keeps_what_was_asked_for(world):
    placed = place_order(
        by=world.reporter,
        now=at(1),
        **request(coi="CO-1", hospital_order_number="H1", infusion_site="bergen", promised_at=at(900)),
    )
    order = PatientOrder.objects.get(pk=placed.order_id)
    assert (order.coi, order.coi_issuer, order.ordered_at, order.promised_at) == ("CO-1", "oslo", at(1), at(900))
    assert (order.ordering_site, order.collection_site, order.infusion_site) == (world.oslo, world.oslo, world.bergen)
    assert (order.flow, order.version, order.events.get().kind) == (world.flow, 1, "ordered")
    assert StageRun.objects.filter(order=order).count() == 7
    assert set(Identifier.objects.values_list("kind", "issuer", "value")) == {
        ("coi", "oslo", "CO-1"), ("hospital_order", "oslo", "H1"),
    }  # fmt: skip
    assert list(broken_seals()) == []


def test_an_order_without_a_chain_of_identity_gets_one(world):
    first, second = (place_order(by=world.reporter, now=T0, **request()) for _ in range(2))
    assert first.coi != second.coi
    assert (first.coi[:4], len(first.coi)) == ("CO26", 14)


def test_the_same_request_again_is_the_same_order(world):
    asked = request(source_event_id="ehr-1", ordered_at=at(0), promised_at=at(900))
    first, again = (place_order(by=world.reporter, **asked) for _ in range(2))
    assert (first.created, again.created, first.order_id) == (True, False, again.order_id)
    assert PatientOrder.objects.count() == 1


def test_the_same_id_with_another_request_is_refused(world):
    place_order(by=world.reporter, **request(source_event_id="ehr-1"))
    with pytest.raises(OrderRefused, match="other content") as refused:
        place_order(by=world.reporter, **request(source_event_id="ehr-1", patient_reference="p-0002"))
    assert refused.value.is_conflict


def test_one_chain_of_identity_belongs_to_one_order(world):
    rows = [request(coi="CO-1"), request(coi="CO-1"), request(coi="CO-2")]
    results = place_orders(rows, by=world.reporter)
    assert [isinstance(result, OrderRefused) for result in results] == [False, True, False]


@pytest.mark.parametrize(
    ("change", "field", "hint"),
    [
        ({"product": "x"}, "product", "use one of product-small"),
        ({"flow": "x"}, "flow", "use one of small"),
        ({"ordering_site": "x"}, "ordering_site", "use one of oslo, plant"),
        ({"infusion_site": "x"}, "infusion_site", "is no site"),
        ({"plant": "bergen"}, "plant", "use one of plant"),
        ({"patient_reference": "Kari Nordmann"}, "patient_reference", "pseudonym"),
        ({"priority": "now"}, "priority", "one of routine, urgent"),
        ({"promised_at": "2026-05-01"}, "promised_at", "has no time of day"),
        ({"name": "Kari"}, "order", "name"),
    ],
)
def test_what_cannot_be_ordered_is_refused_by_field(world, change, field, hint):
    result = place_orders([request(**change)], by=world.reporter)[0]
    assert list(result.errors) == [field]
    assert hint in result.errors[field]


def test_nobody_orders_for_a_site_that_is_not_theirs(world):
    with pytest.raises(OrderRefused, match="none of your sites"):
        place_order(by=Reporter.of_source(world.stranger), **request())


def test_a_refused_row_costs_no_other(world):
    results = place_orders([request(product="x"), request(), request(plant="x")], by=world.reporter)
    assert [isinstance(result, OrderRefused) for result in results] == [True, False, True]
    assert PatientOrder.objects.count() == 1


def test_one_hospital_order_number_of_a_site_belongs_to_one_order(world):
    rows = [
        request(hospital_order_number="H1"),
        request(hospital_order_number="H1"),
        request(hospital_order_number="H2"),
    ]
    results = place_orders(rows, by=world.reporter)
    assert [isinstance(result, OrderRefused) for result in results] == [False, True, False]


def test_another_moment_under_the_same_id_is_another_request(world):
    place_order(by=world.reporter, **request(source_event_id="ehr-1", ordered_at=at(1)))
    with pytest.raises(OrderRefused, match="other content"):
        place_order(by=world.reporter, **request(source_event_id="ehr-1", ordered_at=at(2)))


def test_whose_site_it_is_comes_before_what_orders_it_has(world):
    """Another hospital's chains of identity and numbers are asked for, and the answer is the same: not your site."""
    place_order(by=world.reporter, **request(coi="CO-1", hospital_order_number="H1"))
    eve = Reporter.of_source(world.stranger)
    tried = [
        request(coi="CO-1"),
        request(coi="CO-2"),
        request(hospital_order_number="H1"),
        request(hospital_order_number="H2"),
    ]
    results = place_orders(tried, by=eve)
    assert len({(str(result), result.is_conflict) for result in results}) == 1
    assert list(results[0].errors) == ["ordering_site"]
