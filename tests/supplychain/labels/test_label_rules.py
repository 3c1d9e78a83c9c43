"""What stands on a label, which sizes there are, and what the reports of an order say of its labels."""

import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.identifiers.rules.codes import read_code
from supplychain.identifiers.rules.donation_numbers import donation_number
from supplychain.identifiers.rules.label_serials import is_serial, new_serial
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.labels.rules.folding import labels_of
from supplychain.labels.rules.layouts import LayoutProblem, read_layouts
from supplychain.labels.rules.texts import Labelled, coded, lines_of, short_lines
from supplychain.labels.statuses import LabelDoubt
from supplychain.orders.rules.states import Fact
from tests.supplychain.builders import at

SERIAL = "L26048152370919"
BAG = Labelled(
    "CO26D0ZE6HZ9M2", "CAR-T CD19", ("G123417654321",), "A2601-B1", "final_bag", "CD8", "≤ −150 °C",
    datetime(2027, 6, 30, 21, 59, tzinfo=UTC),
)  # fmt: skip


def test_a_label_says_all_that_is_known_and_nothing_of_the_patient():
    assert lines_of(BAG, is_reprint=True) == [
        "For autologous use only", "CoI CO26D0ZE6HZ9M2", "DIN G123417654321", "CAR-T CD19",
        "Final bag · CD8 · A2601-B1", "Store at ≤ −150 °C", "Expires 2027-06-30 21:59 UTC", "Printed again",
    ]  # fmt: skip
    assert lines_of(Labelled("X-1", "CAR-T"), is_reprint=False) == [
        "For autologous use only", "CoI X-1", "CAR-T", "Order",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (BAG, "A2601-B1"),
        (Labelled("CO26D0ZE6HZ9M2", "P"), "CO26D0ZE6HZ9M2"),
        (Labelled("CH9999926K7M3XQ", "P"), "&/CH9999926K7M3XQ"),
        # Another order's number, one that no scanner sends, one that a reader takes for something else.
        (Labelled("CO26D0ZE6HZ9M2", "P", (), "B-1", "vial", is_alone=False), "CO26D0ZE6HZ9M2"),
        (Labelled("CO26D0ZE6HZ9M2", "P", (), "Bære-1", "vial"), "CO26D0ZE6HZ9M2"),
        (Labelled("CO26D0ZE6HZ9M2", "P", (), "=ABC", "vial"), "CO26D0ZE6HZ9M2"),
        (Labelled("Ålesund 1", "P"), SERIAL),
    ],
)
def test_the_code_is_what_our_reader_reads_back(what, code):
    assert coded(what, SERIAL) == code


@given(st.text(max_size=64), st.text(min_size=1, max_size=64))
def test_a_code_says_its_own_number_or_order_and_nothing_else(number, coi):
    code = coded(Labelled(coi, "P", (), number, "vial"), SERIAL)
    values = {field.value.lower() for field in read_code(code).fields}
    assert values in ({number.strip().lower()}, {coi.strip().lower()}, {SERIAL.lower()})


def test_a_serial_number_is_read_as_one_and_as_no_donation_number():
    for _ in range(200):
        serial = new_serial(at(0))
        assert is_serial(serial)
        assert {field.kind for field in read_code(serial).fields} == {None, IdentifierKind.LABEL}
        assert donation_number(serial) == serial


def test_a_misread_digit_makes_no_other_serial_number():
    serial = new_serial(at(0))
    for place in range(1, len(serial)):
        for digit in "0123456789":
            other = serial[:place] + digit + serial[place + 1 :]
            assert other == serial or not is_serial(other)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "There is no label layout"), (["Bag"], "is no label layout"), (["Bag|a|50"], "numbers of millimetres"),
        (["Bag|19|50"], "20 to 300 mm wide"), (["Vial|25|9"], "no code could be read"),
        (["Bag|100|50", "Bag|70|35"], "a name of its own"),
        (["Bag|nan|50"], "20 to 300 mm wide"), ([f"{'B' * 65}|100|50"], "is no label layout"),
    ],
)  # fmt: skip
def test_a_size_that_cannot_be_used_is_told(entries, words):
    with pytest.raises(LayoutProblem, match=words):
        read_layouts(entries)


def test_sizes_are_read():
    assert read_layouts(["Bag|100|50|Clean room 2", "Vial|45|30"])["Bag"].words == "Bag, 100 × 50 mm, Clean room 2"


@pytest.mark.parametrize(("size", "is_small"), [("45|30", False), ("44|30", True), ("60|20", True), ("33|13", True)])
def test_which_sizes_have_no_room_for_a_bar_code(size, is_small):
    assert read_layouts([f"One|{size}"])["One"].is_small is is_small


def test_a_small_label_says_in_short_whose_it_is():
    assert short_lines(BAG, SERIAL, is_reprint=False) == [
        "Autologous #370919", "CO26D0ZE6HZ9M2", "DIN G123417654321", "CD8 A2601-B1", "CAR-T CD19",
        "Exp 2027-06-30 21:59Z",
    ]  # fmt: skip
    assert short_lines(Labelled("X-1", "CAR-T"), SERIAL, is_reprint=True) == [
        "Autologous, again #370919", "X-1", "Order", "CAR-T",
    ]  # fmt: skip


def fact(kind: str, hours: float, serial: str = "A", lacked: str = "", **payload) -> Fact:
    said = {"serial": serial} | payload
    return Fact(uuid4(), kind, "", None, at(hours), at(hours), "", said, "r", str(uuid4()), lacked)


SAID = [
    fact("label_printed", 1, number="B-1", stage="harvest", attempt=1, layout="Bag"),
    fact("label_used", 2),
    fact("label_destroyed", 3, reason="Peeled off again."),
    fact("label_printed", 2, "B", replaces="A", reason="The first one tore."),
    fact("label_printed", 4, "B"),
    fact("label_spoiled", 5, "C", reason="Smeared."),
    fact("label_used", 6, "B", lacked="events:materials"),
]


def test_the_first_end_counts_and_what_does_not_fit_is_kept():
    found = labels_of(SAID, ())
    assert (found["a"].status, found["a"].ended_at, found["a"].number) == ("used", at(2), "B-1")
    assert found["a"].doubts == {LabelDoubt.ENDED_OTHERWISE}
    assert (found["b"].status, found["b"].replaces, found["b"].printed_at) == ("open", "A", at(2))
    assert found["b"].doubts == {LabelDoubt.PRINTED_TWICE}
    assert (found["c"].status, found["c"].doubts) == ("spoiled", {LabelDoubt.UNPRINTED})


def test_order_and_repetition_change_nothing():
    expected = labels_of(SAID, ())
    for seed in range(20):
        mixed = random.Random(seed).choices(SAID, k=5) + SAID
        random.Random(seed).shuffle(mixed)
        assert labels_of(mixed, ()) == expected


def test_what_was_taken_back_does_not_count():
    found = labels_of(SAID, {str(SAID[1].event_id)})
    assert (found["a"].status, found["a"].reason, found["a"].doubts) == ("destroyed", "Peeled off again.", set())
    assert labels_of(SAID[:1], {str(SAID[0].event_id)}) == {}


def test_a_label_that_nobody_may_print_is_open_all_the_same():
    assert labels_of([fact("label_printed", 1, lacked="events:materials")], ())["a"].status == "open"
    assert isinstance(labels_of(SAID, ())["a"].printed_event, UUID)
