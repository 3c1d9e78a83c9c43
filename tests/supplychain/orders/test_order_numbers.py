"""Numbers of orders: one canonical form, one issuer, one order; twins are shown; all who ask at once hear the same."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.placing import PlacedOrder, place_order, place_orders
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.rules.placing import OrderRefused
from supplychain.sites.statuses import SiteKind
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, make_site, make_source, report

THREADS = 8


@pytest.fixture
def world(db) -> World:
    return World()


def request(**given) -> dict:
    return {
        "product": "product-small", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
    } | given  # fmt: skip


def refusal(by: Reporter, **given) -> OrderRefused:
    with pytest.raises(OrderRefused) as refused:
        place_order(by=by, **request(**given))
    return refused.value


@pytest.mark.parametrize("typed", ["abc-1", "ABC-1\n", "ABC-1 ", "\u00a0ABC-1", "Abc-1\t"])
@pytest.mark.parametrize("field", ["coi", "hospital_order_number"])
def test_another_spelling_is_the_same_number(world, field, typed):
    place_order(by=world.reporter, **request(**{field: "ABC-1"}))
    refused = refusal(world.reporter, patient_reference="p-0002", **{field: typed})
    assert (list(refused.errors), refused.is_conflict) == ([field], True)
    assert "already" in refused.errors[field]


@pytest.mark.parametrize(
    ("field", "typed"),
    [("hospital_order_number", "A\u200bBC"), ("hospital_order_number", "\u202eABC"), ("hospital_order_number", "A\nB"),
     ("hospital_order_number", "1.67683E+15"), ("coi", "1.67683E+15"), ("patient_reference", "1.67683E+15"),
     ("source_event_id", "1.67683E+15"), ("coi", "A\u200bB"), ("patient_reference", "p\u200b-1")],
)  # fmt: skip
def test_what_is_no_number_is_refused_with_what_it_is(world, field, typed):
    refused = refusal(world.reporter, **{field: typed})
    assert list(refused.errors) == [field]
    assert "hidden character" in refused.errors[field] or "spreadsheet" in refused.errors[field]
    assert not refused.is_conflict


@pytest.mark.parametrize("typed", ["0SL-I", "OSL_1", "ОSL-1", "OSL 1"])
def test_a_near_twin_is_shown_and_made_with_a_reason_only(world, typed):
    first = place_order(by=world.reporter, **request(hospital_order_number="OSL-1"))
    refused = refusal(world.reporter, hospital_order_number=typed)
    assert f"Order {first.coi} has “OSL-1”" in refused.errors["hospital_order_number"]
    with pytest.raises(OrderRefused, match="say why in twin_reason"):
        place_order(by=world.reporter, **request(hospital_order_number=typed, twin_reason="ok"))
    placed = place_order(by=world.reporter, **request(hospital_order_number=typed, twin_reason="Second therapy"))
    assert placed.created
    assert PatientOrder.objects.get(pk=placed.order_id).events.get().payload["twin_reason"] == "Second therapy"


def test_two_hospitals_may_number_their_orders_alike(world):
    both = Reporter.of_source(make_source("region", world.oslo, world.bergen))
    orders = [place_order(by=both, **request(ordering_site=site, hospital_order_number="1001"))
              for site in ("oslo", "bergen")]  # fmt: skip
    assert [order.created for order in orders] == [True, True]


def test_the_number_of_a_cancelled_order_is_free_again(world):
    for number in range(3):
        order = world.order(hospital_order_number="H-1", source_event_id=f"e-{number}")
        assert Identifier.objects.get(order=order, kind="hospital_order").reuse == number
        assert refusal(world.reporter, hospital_order_number="h-1", patient_reference="p-0009").is_conflict
        record_event(report(order, "cancelled", hours=number + 1), by=world.reporter)


def test_nobody_issues_for_another_site(world):
    bergen = make_source("ehr-bergen", world.bergen)
    for issuer in ("oslo", "plant", "cellops", "anything"):
        refused = refusal(Reporter.of_source(bergen), ordering_site="bergen", coi="A-1", coi_issuer=issuer)
        assert "Use bergen" in refused.errors["coi_issuer"]
    place_order(by=Reporter.of_source(bergen), **request(ordering_site="bergen", coi="A-1", coi_issuer="bergen"))
    place_order(by=Reporter.of_source(make_source("ehr-oslo", world.oslo)), **request(coi="A-1"))
    assert set(PatientOrder.objects.values_list("coi", "coi_issuer")) == {("A-1", "bergen"), ("A-1", "oslo")}


def test_the_plant_sees_that_a_chain_of_identity_stands_under_another_issuer(world):
    place_order(by=world.reporter, **request(coi="A-1"))
    refused = refusal(world.reporter, coi="a-1", coi_issuer="plant", patient_reference="p-0002")
    assert "issued by oslo" in refused.errors["coi"]


def test_the_same_words_again_are_the_same_order_even_without_an_id(world):
    first = place_order(by=world.reporter, **request(hospital_order_number="H-1"))
    again = place_order(by=world.reporter, **request(hospital_order_number="H-1"))
    assert (again.order_id, again.created) == (first.order_id, False)
    assert refusal(world.reporter, hospital_order_number="H-1", priority="urgent").is_conflict


def test_two_plants_order_for_one_hospital_which_gave_the_number_once(world):
    other = make_site("other", SiteKind.PLANT)
    plant, another = (Reporter.of_source(make_source(f"mes-{site.code}", site)) for site in (world.plant, other))
    first = place_order(by=plant, **request(hospital_order_number="H-1"))
    row = {"plant": "other", "patient_reference": "p-0002", "hospital_order_number": "h-1"}
    refused = refusal(another, **row)
    assert (refused.errors.keys(), refused.is_conflict) == ({"hospital_order_number"}, True)
    assert first.coi not in str(refused)
    assert first.coi not in str(refusal(another, **row | {"product": "nothing"}))
    assert "hospital_order_number" not in refusal(another, **row | {"product": "nothing"}).errors
    record_event(report(str(first.order_id), "cancelled", hours=1), by=world.reporter)
    placed = place_order(by=another, **request(**row))
    assert Identifier.objects.get(order=placed.order_id, kind="hospital_order").reuse == 1


def at_once(send) -> list:
    """What eight threads hear that ask at the same moment."""
    gate = Barrier(THREADS)

    def ask(number: int):
        try:
            gate.wait()
            return send(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(ask, range(THREADS)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("field", ["hospital_order_number", "coi"])
def test_one_number_by_eight_threads_makes_one_order(field):
    world = World()
    spellings = ("A-1", "a-1", "A-1 ", "\u00a0a-1")

    def send(number: int):
        row = request(source_event_id=f"e-{number}", **{field: spellings[number % len(spellings)]})
        return place_orders([row], by=world.reporter)[0]

    results = at_once(send)
    assert sum(isinstance(one, PlacedOrder) for one in results) == 1
    assert {next(iter(one.errors)) for one in results if isinstance(one, OrderRefused)} == {field}
    assert PatientOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("more", [{"source_event_id": "e-1"}, {"source_event_id": "e-1", "coi": "A-1"}, {"coi": "A-1"},
                                  {"source_event_id": "e-1", "hospital_order_number": "H-1"},
                                  {"hospital_order_number": "H-1"}])  # fmt: skip
def test_the_same_request_by_eight_threads_is_answered_alike(more):
    world = World()
    clients = [client_of(world.source) for _ in range(THREADS)]
    answers = at_once(lambda number: clients[number].send("/api/v1/orders/", request(**more)))
    assert sorted(answer.status_code for answer in answers) == [200] * (THREADS - 1) + [201]
    assert len({answer["Location"] for answer in answers}) == 1
    assert PatientOrder.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_crossing_lists_by_eight_threads_make_every_order_once():
    world = World()
    rows = [request(source_event_id=f"e-{number}", coi=f"C-{number}", ordering_site="oslo") for number in range(40)]
    results = at_once(lambda number: place_orders(rows if number % 2 else rows[::-1], by=world.reporter))
    assert sum(isinstance(one, PlacedOrder) and one.created for answer in results for one in answer) == len(rows)
    assert not any(isinstance(one, OrderRefused) for answer in results for one in answer)
    assert PatientOrder.objects.count() == len(rows)


def test_an_issuer_is_named_in_any_letters(world):
    capital = make_site("HUS")
    both = Reporter.of_source(make_source("region", world.oslo, capital))
    one = place_order(by=both, **request(ordering_site="HUS", coi="A-1"))
    place_order(by=both, **request(coi="A-1", twin_reason="Chance", patient_reference="p-0002"))
    for issuer in ("HUS", "hus"):
        row = report("A-1", "note", "collection", order_issuer=issuer) | {"source_event_id": issuer}
        assert record_event(row, by=both).order_id == one.order_id
