"""The fingerprint of a document as it is printed, typed from paper and compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.documents.rules.fingerprints import compare, fingerprint_of, printed, typed_fingerprint

PRINT = fingerprint_of("what it says")


@pytest.mark.parametrize(
    "typed",
    [
        PRINT, printed(PRINT), printed(PRINT).upper(), f" {PRINT}\n", "-".join(printed(PRINT).split()),
        f"https://cells.example/documents/check/?fingerprint={PRINT}",
    ],
)  # fmt: skip
def test_it_is_understood_however_it_was_typed(typed):
    assert typed_fingerprint(typed) == PRINT


def test_its_beginning_is_enough():
    assert typed_fingerprint(printed(PRINT)[:14]) == PRINT[:12]


@pytest.mark.parametrize("typed", ["", PRINT[:11], f"{PRINT}0", "CO26AAAABBBBCC", "g" * 12, "１" * 12])
def test_what_is_none_is_none(typed):
    assert typed_fingerprint(typed) == ""


@given(st.text())
def test_any_text_is_answered(text):
    found = typed_fingerprint(text)
    assert found == "" or set(found) <= set("0123456789abcdef")


def test_a_document_holds_while_itself_and_its_events_are_unaltered():
    now = {"head_now": "seal", "events_now": 7}
    held = compare("what it says", PRINT, 5, "seal", **now)
    assert (held.holds, held.added) == (True, 2)
    assert not compare("what it said", PRINT, 5, "seal", **now).is_whole
    assert not compare("what it says", PRINT, 5, "seal", **now | {"head_now": "another"}).is_in_record
    assert not compare("what it says", PRINT, 5, "seal", head_now="", events_now=4).holds
