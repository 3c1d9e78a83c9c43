"""ISBT 128 codes as they are published (ST-001, ST-012, ST-017): what each field says, and what cannot be trusted."""

from datetime import date, datetime

import pytest

from supplychain.identifiers.rules.codes import read_code
from supplychain.identifiers.rules.donation_numbers import (
    check_character,
    check_value,
    donation_number,
    donation_problem,
)
from supplychain.identifiers.rules.fields import CodeProblem
from supplychain.identifiers.rules.isbt128 import isbt_structures
from supplychain.identifiers.statuses import IdentifierKind

LABEL = "=+05000=Z54991712345600=%T300=<T0416003&>0183652359&,4PL001499Z549917123456A00T041600320181231"
DEVICE = "=+06000=/A9999XYZ100T0476=,000025=A99971712345600=>019032=}017032&,1000000000000XYZ123"


def said(code: str) -> list[tuple]:
    """Name and value of each field; of those that name an order kind and number."""
    return [(one[1], one[0]) if len(one) == 2 else (one.name, one.value) for one in isbt_structures(code)]


def test_a_published_label_says_all_its_fields():
    assert said(LABEL) == [
        (IdentifierKind.DONATION, "Z549917123456"),
        ("blood group", "T300"),
        ("product", ("T0416", "0", "03")),
        ("expiry", datetime(2018, 12, 31, 23, 59)),  # noqa: DTZ001
        ("Single European Code", "PL001499Z549917123456A00T041600320181231"),
    ]
    reading = read_code(LABEL)
    assert (reading.fields, reading.problem) == ((("Z549917123456", IdentifierKind.DONATION),), "")


def test_a_published_device_label_says_all_its_fields():
    assert said(DEVICE) == [
        ("processor's product", "A9999XYZ100T0476"),
        ("division", "000025"),
        (IdentifierKind.DONATION, "A999717123456"),
        ("expiry", date(2019, 2, 1)),
        ("production", date(2017, 2, 1)),
        ("lot number", "000000000000XYZ123"),
    ]


GRID = "9991A23B56C89E124"
EACH = {
    "=<S1416XAb": ("product", ("S1416", "X", "Ab")),
    "=,000012": ("division", "000012"),
    "&*0170091330": ("collection", datetime(2017, 1, 9, 13, 30)),  # noqa: DTZ001
    "=*020366": ("collection", date(2020, 12, 31)),
    "=#0119560229": ("date of birth", date(1956, 2, 29)),
    "&#0105ABC12": ("patient", "0105ABC12"),
    f"&$02{'01000100001000' * 2}": ("dimensions", f"02{'01000100001000' * 2}"),
    "='A9999123456": ("staff member", "A9999123456"),
    "=$A999926000010102": ("consignment", "A999926000010102"),
    "=(1201202612311530": ("moment", "1201202612311530"),
    "&+A9999AB12C1": ("processing facility", "A9999AB12C1"),
    "=/A9997AB3456T0123": ("processor's product", "A9997AB3456T0123"),
    f"&:{GRID}{check_value(GRID):02}": ("registered donor", GRID),
    "&/CHA999926K7M3XQ": (IdentifierKind.COI, "CHA999926K7M3XQ"),
    "=A99991712345600": (IdentifierKind.DONATION, "A999917123456"),
}


@pytest.mark.parametrize("code", EACH)
def test_each_field_is_read_by_its_identifier(code):
    assert said(code) == [EACH[code]]
    assert said(f"=+02000{code}=,000001") == [EACH[code], ("division", "000001")]
    with pytest.raises(CodeProblem):
        isbt_structures(f"=+02000{code}")


@pytest.mark.parametrize("code", [one for one in EACH if not one.startswith("&/")])
def test_a_field_that_is_cut_off_says_nothing(code):
    with pytest.raises(CodeProblem):
        isbt_structures(code[:-1])


@pytest.mark.parametrize(
    "code",
    ["=>019366", "=>019000", "=>01903x", "&>0183652460", "&>0183652400", "=#0120260230", "=<s1416XAb", "=<S14 6XAb",
     f"&:{GRID}{(check_value(GRID) + 1) % 37:02}", "&#01x1A", "=+01000", "=+05000=,000012", "&$99", "=?1", "=>+19001"],
)  # fmt: skip
def test_what_cannot_be_says_nothing(code):
    with pytest.raises(CodeProblem):
        isbt_structures(code)
    assert read_code(code).fields == ()


@pytest.mark.parametrize(
    ("number", "check"),
    [("G123498654321", "H"), ("G123417654321", "A"), ("A999818123456", "N")],
)
def test_check_characters_are_those_published(number, check):
    assert check_character(number) == check
    assert read_code(f"{number[:5]} {number[5:7]} {number[7:]} {check}").fields[1].value == number


def test_the_check_value_of_two_digits_is_the_published_one():
    assert check_value("A9990ABC123T0480") == 8


def test_a_printed_chain_of_identity_with_one_wrong_character_is_never_another():
    coi = "CHA999926K7M3XQ"
    printed = coi + check_character(coi)
    assert read_code(printed).fields[1] == (coi, IdentifierKind.COI)
    wrong = {
        printed[:place] + other + printed[place + 1 :]
        for place in range(len(printed))
        for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    } | {
        printed[:place] + printed[place + 1] + printed[place] + printed[place + 2 :]
        for place in range(len(printed) - 1)
    }  # fmt: skip
    for text in wrong - {printed}:
        assert [one for one in read_code(text).fields if one.kind] == [], text


@pytest.mark.parametrize("typed", ["A9999 26 10000 8", "A999926-10000-8"])
def test_a_check_character_is_not_taken_for_the_digit_that_is_missing(typed):
    assert "missing before its check character" in donation_problem(typed)
    assert donation_number(typed) == typed
    reading = read_code(typed)
    assert [one.kind for one in reading.fields] == [None]
    assert "missing before its check character" in reading.problem
    assert donation_problem("A9999 26 100008") == donation_problem("A999926100008") == ""
