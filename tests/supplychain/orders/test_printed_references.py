"""What a report calls its order may stand there as on the label: spaced, with its check character, with its marks."""

import pytest

from supplychain.identifiers.rules.codes import beginnings, printed_field
from supplychain.orders.actions.events import record_event
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import World, report

NUMBER = "G123498654321"


@pytest.fixture
def world(db) -> World:
    world = World()
    order = world.order(coi="CO26ABC")
    record_event(report(order, "completed", "collection", 2, payload={"donation_number": NUMBER}), by=world.reporter)
    return world


def answered(world: World, text: str) -> str:
    return record_event(report(text, "note", "collection", 3), by=world.reporter).outcome


@pytest.mark.parametrize(
    "text", [NUMBER, "G1234 98 654321", "g1234 98 654321", "G1234-98-654321", "=G12349865432100", "&/CO26ABC"]
)
def test_as_on_its_label_it_leads_to_the_order(world, text):
    assert answered(world, text) == ReportOutcome.CREATED


@pytest.mark.parametrize("text", ["=G12349865432199", "G1234 98 65432", "G1234 98 654322", "26ABC"])
def test_what_fits_no_number_in_full_leads_nowhere(world, text):
    assert answered(world, text) == ReportOutcome.REJECTED


def test_parts_are_looked_for_as_typed_and_without_their_gaps():
    assert beginnings("26 654321") == ["26 654321", "26654321"]
    assert [beginnings(text) for text in ("B-1", "B - 1", "=G1234")] == [["b-1"], ["b - 1"], ["g1234"]]
    assert [beginnings(text) for text in ("", " ", "x" * 65)] == [[], [], []]


def test_no_code_of_several_numbers_is_a_reference():
    assert printed_field("=G12349865432100&/CO26ABC") is None
    assert printed_field("Suite 3") is None
