"""One canonical form of an identifier, the same in Python and in the database."""

import re
import sys
import unicodedata

import pytest
from django.db import IntegrityError, connection, transaction

from supplychain.hidden_characters import HIDDEN, UNSEEN, numbered, shown
from supplychain.identifiers.rules.characters import (
    canonical,
    identifier_problem,
    likeness,
    lookup_key,
    visible,
)
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.models import Identifier
from tests.supplychain.builders import T0, World

NASTY = ["a\u200bb", "\u202eab", "a\u2066b", "a\u00adb", "a\tb", "a\nb", "a\x1db", "a\ufe0fb", "a\u3164b", "a\u2800b",
         "a\U000e0041b", "a\ue000b", "\ufeffab"]  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["ABC-1", "ABC-1\n", "ABC-1 ", "\u00a0ABC-1", "\tABC-1\r\n", "\u2003ABC-1\u3000", "ABC-1\u2028"]
)
def test_blanks_at_the_ends_are_nothing(typed):
    assert (canonical(typed), identifier_problem(typed)) == ("ABC-1", "")


def test_every_blank_inside_is_one_space_and_letters_are_composed():
    assert canonical("A\u00a0B  C\u2009 D") == "A B C D"
    assert canonical("e\u0301-1") == "\u00e9-1"


@pytest.mark.parametrize("typed", NASTY)
def test_hidden_characters_are_refused_and_shown(typed):
    assert "‹U+" in identifier_problem(typed)
    assert "hidden character" in identifier_problem(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1.67683E+15",
        "1,67683E+15",
        "1E+15",
        "9.9e+10",
        " 1.67683E+15 ",
        "-1.2E+15",
        "16.7683E+14",
        "1.67683E15",
        "1.E+15",
        "$1.6E+15",
        "1.67683E +15",
        "167,683e13",
    ],
)
def test_numbers_that_a_spreadsheet_rounded_are_refused(typed):
    assert "a spreadsheet has rounded" in identifier_problem(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "219E01",
        "1E15",
        "12E+15",
        "A1.5E+15",
        "1.5E-15",
        "4.1E2",
        "B+1",
        "é-1",
        "А-1",
        "0",
        "#12",
        "MAR-12",
        "01-MAR",
        "NAN-1",
        "日本",
    ],
)
def test_other_codes_are_taken(typed):
    assert identifier_problem(typed) == ""


@pytest.mark.parametrize(
    "typed",
    ["#N/A", "#######", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#SPILL!", "#NV", "#BEZUG!", "#WERT!", "Err:502"],
)
def test_what_a_spreadsheet_shows_in_place_of_a_value_is_refused(typed):
    assert "shows in place of a value" in identifier_problem(typed)


@pytest.mark.parametrize(
    "typed",
    ["01-Mar", "1-Dec", "Mar-26", "01. Mrz", "01-mar", "1. mar", "01-mars", "1-maj", "01-avr", "01-avr.", "02-okt",
     "01. mrz", "3-d\u00e9c", "05-ago", "mar-26", "2026-01-03 00:00:00", "2026-01-03T00:00",
     "01/02/2026", "1.12.2026", "12/31/1999"],
)  # fmt: skip
def test_a_date_that_a_spreadsheet_made_is_refused(typed):
    assert "a spreadsheet has made of a number" in identifier_problem(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "2026-01-02",
        "01/02-2026",
        "45/02/2026",
        "01/02/3026",
        "A01/02/2026",
        "1/2/26",
        "1-set",
        "1-gen",
        "B-01-mar",
        "01-MAR",
        "1-mary",
        "219E01",
        "12.0",
        "2026-01-03",
    ],
)
def test_what_only_looks_a_little_like_it_is_taken(typed):
    assert identifier_problem(typed) == ""


@pytest.mark.parametrize("typed", ["1676830000000000.0", "2100345.0"])
def test_a_number_of_a_data_frame_is_refused(typed):
    assert "a spreadsheet has rounded" in identifier_problem(typed)


@pytest.mark.parametrize(
    "typed",
    ["nan", "NULL", "None", "n/a", " N/A ", "NA", "Unknown", "TBD", "VRAI", "ukjent", "(null)", "-", "---", "?", "."],
)
def test_what_stands_for_no_number_is_refused(typed):
    assert "would be the same for all" in identifier_problem(typed)


@pytest.mark.parametrize("typed", ["M\ufffd-1", "\ufffd", "M\ufffc1"])
def test_what_lost_a_letter_is_refused(typed):
    assert "lost a character in an earlier conversion" in identifier_problem(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("OSL-1", "0SL-I"),
        ("ABC-1", "АВС-1"),
        ("abc_1", "ABC-1"),
        ("ABC 1", "ABC.1"),
        ("Ａ-1", "A-1"),
        ("É-1", "E-1"),
        ("ʙᴏx-1", "BOX-1"),
        ("ɪᴅ-1", "ID-1"),
        ("ՕՍ-1", "OU-1"),
        ("Øł-1", "OL-1"),
        ("ᎪᏢ-1", "AP-1"),
    ],
)
def test_what_looks_alike_is_alike(one, other):
    assert likeness(one) == likeness(other)
    assert lookup_key(one) != lookup_key(other)


def test_look_alikes_and_hidden_characters_are_made_visible():
    assert visible("A\u200bВ\u00a0é1") == "A‹U+200B›В‹U+0412›‹U+00A0›é1"


def every_character() -> list[str]:
    return [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]


def test_no_control_or_format_character_and_no_odd_blank_is_left_out():
    hidden = re.compile(HIDDEN)
    forgotten = [
        f"U+{ord(one):04X}"
        for one in every_character()
        if unicodedata.category(one) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Co") and one != " " and not hidden.match(one)
    ]
    assert forgotten == []


@pytest.mark.django_db
def test_the_database_makes_the_same_key_of_every_character():
    kept = [one for one in every_character() if canonical(one) == one and unicodedata.category(one) != "Cn"]
    with connection.cursor() as cursor:
        cursor.execute('SELECT one, lower(one COLLATE "pg_unicode_fast") FROM unnest(%s) AS one', [kept])
        rows = cursor.fetchall()
    assert [(one, key) for one, key in rows if lookup_key(one) != key] == []


@pytest.mark.django_db
@pytest.mark.parametrize("value", [*NASTY, " ab", "ab ", "a  b", "e\u0301", ""])
def test_the_database_keeps_nothing_that_is_not_canonical(value):
    order = World().order()
    with pytest.raises(IntegrityError, match="identifier_is_canonical"), transaction.atomic():
        Identifier.objects.create(order=order, kind=IdentifierKind.BATCH, value=value, recorded_at=T0)


@pytest.mark.django_db
def test_the_database_gives_one_number_of_one_issuer_to_one_order():
    world = World()
    first, second = world.order(), world.order(patient_reference="pseudonym-2")
    given = {"kind": IdentifierKind.HOSPITAL_ORDER, "issuer": "oslo", "recorded_at": T0}
    Identifier.objects.create(order=first, value="Ab-1", **given)
    with pytest.raises(IntegrityError, match="one_order_per_issued_number"), transaction.atomic():
        Identifier.objects.create(order=second, value="aB-1", **given)
    assert Identifier.objects.get(value="Ab-1").key == "ab-1"


def test_whatever_an_identifier_may_not_hold_is_shown_wherever_it_is_printed():
    unseen = [one for one in every_character() if UNSEEN.match(one)]
    assert [one for one in unseen if shown(f"A{one}B") != f"A{numbered(one)}B"] == []
    for one in "\u034f\u115f\u3164\u2800\ufe0f":
        assert shown(one) == visible(one) == numbered(one)
