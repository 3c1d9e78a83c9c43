"""An order that comes without a chain of identity gets one: of its site's own, never one that was given before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection

from supplychain.identifiers.rules import coi as rules
from supplychain.identifiers.rules.characters import likeness
from supplychain.identifiers.rules.coi import SERIAL_ALPHABET, new_coi
from supplychain.identifiers.rules.isbt128 import COI
from supplychain.orders.actions import numbering
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.placing import place_order, place_orders
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.sites.models import Site
from tests.supplychain.builders import T0, World, make_source

SENDERS = 8


@pytest.fixture
def world() -> World:
    return World()


def request(**given) -> dict:
    return {
        "product": "product-small", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
    } | given  # fmt: skip


def registered(**facilities: list[str]) -> None:
    """Give sites, by code, their facility numbers."""
    for code, numbers in facilities.items():
        Site.objects.filter(code=code).update(facilities=numbers)


def issued(by: Reporter, **given) -> tuple[str, str]:
    """First seven characters and issuer of what an order without a chain of identity gets."""
    order = PatientOrder.objects.get(pk=place_order(by=by, now=T0, **request(**given)).order_id)
    kept = Identifier.objects.get(order=order, kind="coi")
    assert (kept.value, kept.issuer) == (order.coi, order.coi_issuer)
    return order.coi[:7], order.coi_issuer


@pytest.mark.django_db
def test_the_ordering_site_issues_under_its_first_facility_number(world):
    registered(oslo=["A9999", "A9998"], plant=["W0000"])
    assert issued(world.reporter) == ("CHA9999", "oslo")
    made = PatientOrder.objects.get().coi
    assert COI.fullmatch(made)
    assert made[7:9] == "26"


@pytest.mark.django_db
def test_the_plant_issues_where_it_orders_or_the_ordering_site_has_no_number(world):
    registered(plant=["W0000"])
    assert issued(world.reporter) == ("CHW0000", "plant")
    registered(oslo=["A9999"])
    assert issued(Reporter.of_source(make_source("mes", world.plant))) == ("CHW0000", "plant")


@pytest.mark.django_db
def test_nobody_issues_under_the_number_of_another_site(world):
    registered(oslo=["A9999"], bergen=["A9998"], plant=["W0000"])
    bergen = Reporter.of_source(make_source("ehr-bergen", world.bergen))
    assert issued(bergen, ordering_site="bergen", collection_site="oslo") == ("CHA9998", "bergen")
    registered(bergen=[])
    start, issuer = issued(bergen, ordering_site="bergen", collection_site="oslo")
    assert (start[:4], issuer) == ("CO26", "cellops")


@pytest.mark.django_db
def test_what_is_sent_is_kept(world):
    registered(oslo=["A9999"])
    assert place_order(by=world.reporter, **request(coi="OURS-1")).coi == "OURS-1"


@pytest.mark.django_db
def test_a_number_that_any_order_has_under_any_issuer_is_never_given_again(world, monkeypatch):
    registered(oslo=["A9999"])
    place_order(by=world.reporter, **request(coi="cha999926C0CCCC", coi_issuer="plant"))
    drawn = iter(["CCCCCC", "C0CCCC", "CCCCCC", "DDDDDD", "FFFFFF"])
    monkeypatch.setattr(numbering, "new_coi", lambda now, facility: f"CH{facility}26{next(drawn)}")
    rows = [request(patient_reference=f"p-{number}") for number in range(3)]
    placed = place_orders(rows, by=world.reporter, now=T0)
    assert sorted(one.coi[9:] for one in placed) == ["CCCCCC", "DDDDDD", "FFFFFF"]


@pytest.mark.django_db(transaction=True)
def test_of_two_drawn_at_the_same_moment_the_later_is_drawn_again(world, monkeypatch):
    """Eight senders and hardly more numbers than orders: each order gets one of its own."""
    registered(oslo=["A9999"])
    monkeypatch.setattr(rules, "SERIAL_ALPHABET", "CD")

    def send(number: int) -> str:
        try:
            return place_order(by=world.reporter, now=T0, **request(patient_reference=f"p-{number}")).coi
        finally:
            connection.close()

    with ThreadPoolExecutor(SENDERS) as senders:
        made = list(senders.map(send, range(32)))
    assert len(set(made)) == 32


def test_no_character_is_mistaken_for_another_and_no_word_comes_about():
    assert len({likeness(character) for character in SERIAL_ALPHABET}) == len(SERIAL_ALPHABET)
    assert not set("AEIOUBSZL") & set(SERIAL_ALPHABET)
    many = {new_coi(datetime(2031, 1, 1, tzinfo=UTC), "A9999") for _ in range(500)}
    assert len(many) > 498
    assert all(COI.fullmatch(coi) and coi.startswith("CHA999931") for coi in many)
