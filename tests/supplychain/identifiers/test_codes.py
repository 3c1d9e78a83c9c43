"""What a scanned or typed code says: its fields, each of its own kind, and nothing that only looks like it."""

import pytest

from supplychain.identifiers.rules.codes import beginnings, keyboard_hint, plain_number, read_code
from supplychain.identifiers.rules.donation_numbers import check_character
from supplychain.identifiers.rules.gs1 import check_digit
from supplychain.identifiers.statuses import IdentifierKind

BATCH, COI, DONATION, TRACKING = (
    IdentifierKind.BATCH, IdentifierKind.COI, IdentifierKind.DONATION, IdentifierKind.TRACKING,
)  # fmt: skip
GTIN = "0104012345111118"
SPACED_CHECK = check_character("Z990826173432")


def fields(typed: str) -> list[tuple[str, IdentifierKind | None]]:
    return [tuple(field) for field in read_code(typed).fields]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  g1234 \n", [("g1234", None)]),
        ("]C0CO26ABC", [("CO26ABC", None)]),
        ("219E01", [("219E01", None)]),
        ("=G12341765432170", [("G123417654321", DONATION)]),
        ("]C1=G12341765432170", [("G123417654321", DONATION)]),
        ("&/CH1234526ABCDEF", [("CH1234526ABCDEF", COI)]),
        ("&/CO26ABC", [("CO26ABC", COI)]),
        ("=+03000=G12341765432170=<S1234100&/CHZ990126A1B2C3", [("G123417654321", DONATION), ("CHZ990126A1B2C3", COI)]),
        ("Z9908 26 173432", [("Z9908 26 173432", None), ("Z990826173432", DONATION)]),
        (f"Z9908 26 173432 {SPACED_CHECK}", [(f"Z9908 26 173432 {SPACED_CHECK}", None), ("Z990826173432", DONATION)]),
        (f"]d2{GTIN}1726123110B-1", [("B-1", BATCH)]),
        (f"]d2{GTIN}1125010110B-1\x1d21S1", [("B-1", BATCH), ("S1", COI)]),
        (f"]C110B-1\x1d{GTIN}", [("B-1", BATCH)]),
        ("(01)04012345111118(11)250101(10)B-1(21)S1", [("B-1", BATCH), ("S1", COI)]),
        ("(21)S1(01)04012345111118", [("S1", COI)]),
        ("(00)040123450000001112", [("040123450000001112", TRACKING)]),
        ("https://id.gs1.org/01/04012345111118/10/B-1/21/S%2F1?17=261231", [("B-1", BATCH), ("S/1", COI)]),
        ("https://example.org/p/01/04012345111118/10/B-1?linkType=x", [("B-1", BATCH)]),
        (f"]d2{GTIN}10{'B' * 20}\x1d21{'S' * 20}\x1d91{'x' * 60}", [("B" * 20, BATCH), ("S" * 20, COI)]),
        (f"{GTIN}10B-1", [(f"{GTIN}10B-1", None), ("B-1", BATCH)]),
        (f"]d2{GTIN}10B-1<GS>70032612311530\x1d21S1", [("B-1", BATCH), ("S1", COI)]),
        (f"]C1{GTIN}10B-1{{FNC1}}8004AB12␝21S1", [("B-1", BATCH), ("S1", COI)]),
        ("", []),
    ],
)
def test_a_code_says_its_fields(typed, said):
    reading = read_code(typed)
    assert (fields(typed), reading.problem) == (said, "")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("=G1234176543217", "not whole"),
        ("=G12341765432171", "check digits do not fit"),
        ("=G12341765432199", "check digits do not fit"),
        ("=G12349865432100=G12341765432170", "Two codes came as one"),
        ("=G12349865432100X", "no ISBT 128 field"),
        ("=+04000=G12341765432170=<S1234100", "another number of fields"),
        ("=<S1234100", "but no order"),
        ("(01)04012345111119(10)B-1", "check digit of its field (01)"),
        ("(01)0401234511111(10)B-1", "field (01) is cut off"),
        (f"]d2{GTIN}17261331", "date in its field (17)"),
        (f"]d2{GTIN}ZZ", "no GS1 field"),
        (f"]d2{GTIN}10B-1\x1d10B-2", "Two codes came as one"),
        ("(01)04012345111118", "but no order"),
        ("x(10)B\x1d", "no GS1 field"),
        ("(10)B-7\x1d7", "field (10) is cut off"),
        ("(10)B-\x1d77(21)S", "field (10) is cut off"),
        ("https://example.org/orders/7", "no GS1 Digital Link"),
        ("(17)260229(10)A", "The date in its field (17) is none"),
        ("(17)260431(10)A", "The date in its field (17) is none"),
        ("(17)261300(10)A", "The date in its field (17) is none"),
        ("(7003)2613001200(10)A", "The date in its field (7003) is none"),
        ("=G12341765432170\r\n=G12341765432170", "Two codes came as one"),
        ("CO26ABC\tCO26DEF", "Two codes came as one"),
        ("https://[", "no address"),
        ("&/", "cut off or misread"),
        ("&/ ", "cut off or misread"),
        ("&/A\u200bB", "cut off or misread"),
        ("1.67683E+15", "a spreadsheet has rounded"),
        ("A\u200bB", "U+200B, zero width space"),
        ("\u202eABC", "U+202E"),
        ("x" * 65, "longer than any identifier"),
        ("x" * 500, "longer than any code"),
    ],
)
def test_a_code_that_cannot_be_trusted_says_why_and_nothing_else(typed, why):
    reading = read_code(typed)
    assert reading.fields == ()
    assert why in reading.problem


def test_a_wrong_check_character_leaves_the_text_alone():
    reading = read_code("Z9908 26 173432 A")
    assert reading.fields == (("Z9908 26 173432 A", None),)
    assert "check character" in reading.problem


@pytest.mark.parametrize("other", [("baß-1", "BASS-1"), ("ıd-1", "ID-1"), ("İd-1", "id-1"), ("A-1", "А-1")])
def test_two_different_letters_never_become_one(other):
    first, second = (read_code(each).keys for each in other)
    assert first != second


@pytest.mark.parametrize(
    ("digits", "check"),
    [("629104150021", "3"), ("890400021003", "7"), ("04012345000000111", "2"), ("14012345112223334", "1"),
     ("0401234511111", "8")],
)  # fmt: skip
def test_check_digits_are_those_published(digits, check):
    assert check_digit(digits) == check


def test_what_is_typed_in_part_is_looked_up_without_marks():
    assert [beginnings(typed) for typed in ("=G1234", "&/CO26", "]C1=G12", " co ", "1.6E+15", "a\u200b")] == [
        ["g1234"], ["co26"], ["g12"], ["co"], [], [],
    ]  # fmt: skip


def test_a_number_field_takes_its_own_kind_from_a_label():
    label = f"]d2{GTIN}10B-1\x1d21S1"
    assert [plain_number(label, kind) for kind in (BATCH, COI)] == ["B-1", "S1"]
    assert plain_number(" B-1 ", BATCH) == "B-1"


@pytest.mark.parametrize(
    ("typed", "is_hinted"), [("CO26ABC", False), ("&é\"'(-è_çà", True), ("baßß1", True), ("CO-\"'(", True)]
)
def test_a_scanner_with_another_keyboard_is_named(typed, is_hinted):
    assert bool(keyboard_hint(typed)) == is_hinted


@pytest.mark.parametrize(
    "code",
    [
        "]d24307US\x1d21CO-1", "]d221CO-1\x1d8030SGVsbG8", "(4300)ACME-GMBH(21)CO-1", "]d221CO-1\x1d39221999",
        "]d2715123\x1d21CO-1", "]d28009A-1\x1d21CO-1", "(8026)123456789012345678(21)CO-1", "]d2703512A-1\x1d21CO-1",
        "]d221CO-1\x1d4330-00100",
    ],
)  # fmt: skip
def test_a_label_with_a_field_that_seldom_occurs_is_known_all_the_same(code):
    assert (read_code(code).problem, len(read_code(code).fields)) == ("", 1)
