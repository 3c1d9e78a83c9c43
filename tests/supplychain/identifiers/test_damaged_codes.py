"""What a damaged label or a scanner that is set up otherwise sends: understood or unknown, never another order."""

import re
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from supplychain.identifiers.rules import codes
from supplychain.identifiers.rules.codes import read_code
from supplychain.identifiers.rules.coi import SERIAL_ALPHABET
from supplychain.identifiers.rules.donation_numbers import check_character, check_value, donation_number
from supplychain.identifiers.rules.donation_numbers import donation_problem as problem_of_donation
from supplychain.identifiers.rules.gs1 import check_digit
from supplychain.identifiers.statuses import IdentifierKind

# What a scanner set to the United States types on other keyboards; then with the caps lock on.
PLAIN, SHIFTED = "1234567890-=[];'\\,./", '!@#$%^&*()_+{}:"|<>?'
GERMAN = str.maketrans(PLAIN + SHIFTED + "yzYZ", "1234567890ß´ü+öä#,.-" + "!\"§$%&/()=?`Ü*ÖÄ';:_" + "zyZY")
FRENCH = str.maketrans(PLAIN + SHIFTED, "&é\"'(-è_çà)=^$mù*;:!" + "1234567890°+¨£M%µ./§")
FRENCH |= str.maketrans("aqzwmAQZWM", "qawz,QAWZ?")
KEYBOARDS = [lambda text: text.translate(GERMAN), lambda text: text.translate(FRENCH), str.swapcase]


RANDOM = Random(8)


def order(number: int) -> dict[IdentifierKind, str]:
    """One after another of the same hospital and plant: as alike as numbers become."""
    body = f"04012345{number:09}"
    return {
        IdentifierKind.COI: f"CHA999926{''.join(RANDOM.choices(SERIAL_ALPHABET, k=6))}",
        IdentifierKind.DONATION: f"A999926{100_000 + number}",
        IdentifierKind.BATCH: f"26-{4100 + number}",
        IdentifierKind.TRACKING: body + check_digit(body),
    }


ORDERS = [order(number) for number in range(30)]


def labels(one: dict[IdentifierKind, str]) -> list[str]:
    """One order's codes, each of which can be checked or holds more than one number."""
    coi, donation, batch, tracking = one.values()
    symbol = f"={donation}{60 + check_value(donation)}"
    return [
        symbol,
        f"]C1{symbol}",
        f"&/{coi}",
        f"=+03000{symbol}=<S1416XAb&/{coi}",
        coi + check_character(coi),
        f"{donation[:5]} {donation[5:7]} {donation[7:]} {check_character(donation)}",
        f"]d2010401234511111810{batch}\x1d21{coi}",
        f"(10){batch}(21){coi}",
        f"https://id.gs1.org/01/04012345111118/10/{batch}/21/{coi}",
        f"]C100{tracking}",
    ]


def named(text: str) -> set[int]:
    """Which of the orders a code leads to, by the rule of orders_read: every field of a marked code names its own."""
    reading = read_code(text)
    meant = [
        {place for place, one in enumerate(ORDERS) for kind, value in one.items()
         if key == value.lower() and field.kind in (None, kind)}
        for field, key in zip(reading.fields, reading.keys, strict=True)
    ]  # fmt: skip
    return set() if reading.is_marked and not all(meant) else set().union(*meant)


A_LABEL = st.tuples(st.integers(0, 29), st.integers(0, 9)).map(lambda at: (at[0], labels(ORDERS[at[0]])[at[1]]))


def test_every_label_leads_to_its_order():
    for place, one in enumerate(ORDERS):
        assert [named(label) for label in labels(one)] == [{place}] * 10


@st.composite
def damaged(draw) -> tuple[int, str]:
    place, label = draw(A_LABEL)
    at = draw(st.integers(0, len(label) - 2))
    rest, first, second = label[at + 2 :], label[at], label[at + 1]
    other = draw(st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ=&/()<>-\x1d]* "))
    return place, label[:at] + draw(
        st.sampled_from(
            ["", first, first + first + second + rest, second + first + rest, second + rest, other + second + rest,
             first + other + second + rest, first + "\t" + second + rest, first + "\r\n" + second + rest]
        )
    )  # fmt: skip


@given(damaged())
def test_a_damaged_code_is_its_order_or_unknown(given_code):
    place, text = given_code
    # Its flags changed places with the number's last digit, so that they are no check any more: what has none cannot
    # be checked.
    assume(not re.search(r"=A9999\d{8}[0-5]\d", text))
    assert named(text) in (set(), {place}) or place in named(text)


@given(A_LABEL, st.sampled_from(["\r", "\n", "\r\n", "\t", " ", "\r\n\t"]))
def test_what_a_scanner_sends_behind_a_code_changes_nothing(label, end):
    place, text = label
    assert named(text + end) == {place}


@given(A_LABEL, st.sampled_from(KEYBOARDS))
def test_on_another_keyboard_a_code_is_its_order_or_unknown(label, keyboard):
    place, text = label
    assert named(keyboard(text)) in (set(), {place})


@given(A_LABEL, A_LABEL, st.sampled_from(["", "\r", "\n", "\t", " "]))
def test_two_scans_without_a_break_never_lead_to_one_order_alone(one, other, between):
    found = named(one[1] + between + other[1])
    assert found in (set(), {one[0], other[0]})


MARKS = "=&/<>,+#$%()]dCQ13\x1d09ACGHZ:[ -\\{}'\"\t\r\n"


@given(st.one_of(st.text(), st.text(MARKS), st.text(MARKS).map("https://".__add__), st.text(MARKS).map("&$".__add__)))
@example("https://[")
@example("https://℀.com/01/2")
@example("=+" + "²" * 5)
@example("&#01²²A")
@example("(10)" + "1" * 396)
@example("]d2²")
def test_any_text_is_read_without_an_error(text):
    reading = read_code(text)
    assert reading.fields or reading.problem or not text.strip(" \t\r\n")
    assert not (reading.is_marked and reading.problem)
    for kind in (None, *IdentifierKind):
        codes.plain_number(text, kind)
    codes.keyboard_hint(text)
    codes.beginnings(text)
    donation_number(text)
    problem_of_donation(text)


@pytest.mark.parametrize(
    "typed", [label.translate(GERMAN) for label in labels(ORDERS[0]) if label[0] in "=&](" and "C100" not in label]
)
def test_a_german_keyboard_is_named(typed):
    assert "another keyboard" in codes.keyboard_hint(typed)


def test_no_keyboard_makes_an_assigned_number_of_another():
    for alphabet in (GERMAN, FRENCH):
        moved = {one for one in SERIAL_ALPHABET if chr(alphabet.get(ord(one), ord(one))) != one}
        assert {chr(alphabet[ord(one)]) for one in moved}.isdisjoint(SERIAL_ALPHABET)
