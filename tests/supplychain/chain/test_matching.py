"""What a code says beside the order in hand."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.chain.rules.matching import CodeRead, compare, find
from supplychain.chain.statuses import CheckOutcome
from supplychain.identifiers.rules.codes import CodeReading, read_code
from supplychain.identifiers.rules.fields import Field
from supplychain.identifiers.statuses import IdentifierKind

MINE, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))
STANDING = {"coi": {"co-1"}, "donation": {"g123417654321"}, "batch": {"pla-1"}}
MATCH, _, MISMATCH, UNKNOWN, FOUND = CheckOutcome
COI, DONATION, BATCH = IdentifierKind.COI, IdentifierKind.DONATION, IdentifierKind.BATCH


def read(*fields: tuple[str, IdentifierKind | None, set[UUID]], is_marked: bool = False, problem: str = "") -> CodeRead:
    reading = CodeReading(tuple(Field(value, kind) for value, kind, _ in fields), problem, is_marked)
    return CodeRead("what was read", reading, [led for _, _, led in fields])


@pytest.mark.parametrize(
    ("code", "outcome", "other"),
    [
        (read(("CO-1", None, {MINE})), MATCH, None),
        (read(("CO-2", None, {OTHER})), MISMATCH, OTHER),
        (read(("X", None, {OTHER, THIRD})), MISMATCH, None),
        (read(("PLA-1", None, {MINE, OTHER})), UNKNOWN, None),
        (read(("nothing", None, set())), UNKNOWN, None),
        # What is sure by its form is compared even where it leads nowhere.
        (read(("G123426000001", None, set()), ("G123426000001", DONATION, set())), MISMATCH, None),
        # Without marks a batch number is a guess.
        (read(("10PLA-9", None, set()), ("PLA-9", BATCH, set())), UNKNOWN, None),
        (read(("PLA-9", BATCH, set()), is_marked=True), MISMATCH, None),
        # It may be this one's or that one's: nobody knows which.
        (read(("CO-1", None, {MINE}), ("CO-2", None, {OTHER})), UNKNOWN, None),
        # Of a label with marks each number must be this order's.
        (read(("PLA-1", BATCH, {MINE}), ("CO-1", COI, {MINE}), is_marked=True), MATCH, None),
        (read(("PLA-1", BATCH, {MINE}), ("CO-2", COI, {OTHER}), is_marked=True), MISMATCH, OTHER),
        (read(("PLA-1", BATCH, {MINE}), ("SN-7", None, set()), is_marked=True), UNKNOWN, None),
        (read(problem="Two codes came as one: scan each by itself."), UNKNOWN, None),
        (read(), UNKNOWN, None),
    ],
)  # fmt: skip
def test_only_a_number_of_this_order_alone_is_a_match(code, outcome, other):
    found = compare(code, MINE, STANDING)
    assert (found.outcome, found.other) == (outcome, other)
    assert ("Stop:" in found.why) == (outcome == MISMATCH)


def test_a_number_that_does_not_stand_on_the_order_is_a_mismatch_only_where_another_of_its_kind_does():
    code = read(("G123426000001", DONATION, set()), is_marked=True)
    assert compare(code, MINE, STANDING).outcome == MISMATCH
    assert compare(code, MINE, {"coi": {"co-1"}}).outcome == UNKNOWN


@pytest.mark.parametrize(
    ("code", "outcome", "other"),
    [
        (read(("CO-1", None, {MINE})), FOUND, MINE),
        (read(("X", None, {MINE, OTHER})), UNKNOWN, None),
        (read(("X", None, set())), UNKNOWN, None),
        (read(("PLA-1", BATCH, {MINE}), ("SN-7", None, set()), is_marked=True), UNKNOWN, None),
        (read(problem="It is longer than any code."), UNKNOWN, None),
    ],
)
def test_without_an_order_in_hand_nothing_matches(code, outcome, other):
    found = find(code)
    assert (found.outcome, found.other) == (outcome, other)


led_to = st.sets(st.sampled_from([MINE, OTHER, THIRD]))
fields = st.tuples(
    st.sampled_from(["CO-1", "PLA-9", "G123426000001"]), st.sampled_from([None, *IdentifierKind]), led_to
)


@given(st.lists(fields, max_size=4), st.booleans())
def test_what_leads_to_another_order_alone_is_never_a_match(some, is_marked):
    code = read(*some, is_marked=is_marked)
    found = compare(code, MINE, STANDING)
    if found.outcome == MATCH:
        assert any(led == {MINE} for _, _, led in some)
        assert not any(led and MINE not in led for _, _, led in some)
    if found.outcome == MISMATCH:
        assert found.other != MINE
    assert found.why


@given(st.text(max_size=450))
def test_whatever_was_read_is_answered(text):
    reading = read_code(text)
    code = CodeRead(text, reading, [set()] * len(reading.fields))
    assert compare(code, MINE, STANDING).outcome in (UNKNOWN, MISMATCH)
    assert find(code).outcome == UNKNOWN
