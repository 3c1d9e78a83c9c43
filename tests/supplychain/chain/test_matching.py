"""What a code says beside the order in hand."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.chain.rules.matching import CodeRead, compare, find
from supplychain.chain.statuses import CheckOutcome
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.codes import CodeReading, read_code
from supplychain.identifiers.rules.fields import Field
from supplychain.identifiers.statuses import IdentifierKind
from tests.supplychain.identifiers.test_damaged_codes import ORDERS, labels

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


def beside(text: str, own: dict[IdentifierKind, str]) -> CheckOutcome:
    """What this text says beside the order that has these numbers, and no other is known."""
    reading, standing = read_code(text), {str(kind): {lookup_key(value)} for kind, value in own.items()}
    own_keys = {lookup_key(value) for value in own.values()}
    led = [{MINE} if lookup_key(field.value) in own_keys else set() for field in reading.fields]
    return compare(CodeRead(text, reading, led), MINE, standing).outcome


def as_lost(text: str) -> list[str]:
    """The text with a stretch cut off, one character left out or doubled, or its separators written otherwise."""
    places = range(1, len(text))
    cuts = [part for at in places for part in (text[:at], text[at:])]
    single = [text[:at] + rest for at in places for rest in (text[at + 1 :], text[at - 1 :])]
    return cuts + single + [text.replace("\x1d", mark) for mark in ("", "^", "~d029", "~1", "|", " ")]


OWN = {COI: "CO26ABCDEFGHJK", DONATION: "G123426654321", BATCH: "B-1"}


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(ORDERS), st.sampled_from(range(10)))
def test_a_damaged_label_of_the_right_bag_is_never_another_ones(own, which):
    for text in as_lost(labels(own)[which]):
        assert beside(text, own) in (MATCH, UNKNOWN), text


@pytest.mark.parametrize(
    "text",
    [
        "&/CO26ABCDEFGHJK&/CO26ABCDEFGHJK", "&/CO26ABCDEFGHJK=G12342665432100", "=G12342665432100&/CO26ABCDEFGHJK",
        "=G12342665432100&/CO26ABCDEFGHJK=<S1416XAb", "&/CO26ABCDEFGHJK=<S1416XAb=G12342665432100",
    ],
)  # fmt: skip
def test_own_numbers_behind_one_another_are_no_other_ones(text):
    assert beside(text, OWN) in (MATCH, UNKNOWN)


@pytest.mark.parametrize("text", ["]E04012345111118", "4012345111118", "]E44012345111118"])
def test_a_products_bar_code_is_no_donation_number(text):
    assert beside(text, OWN) == UNKNOWN


@pytest.mark.parametrize(
    "text", ["(77)123(21)CO26ABCDEFGHJK", "https://x.org/01/04012345111118/21/CO26ABCDEFGHJK/77/1",
             "https://x.org/01/04012345111118/21/CO26ABCDEFGHJK?77=1", "(4399)1(21)CO26ABCDEFGHJK"]
)  # fmt: skip
def test_a_field_that_nobody_knows_is_left_over_in_every_writing(text):
    assert beside(text, OWN) == UNKNOWN


@pytest.mark.parametrize(
    "text", ["&/CO26ABCDEFGHJM", "=G12342665432200", "(10)B-2(21)CO26ABCDEFGHJK", "(10)C-1", "(21)CO26ABCDEFGHJM",
             "G123426654322"]
)  # fmt: skip
def test_another_number_of_the_same_length_stays_a_mismatch(text):
    assert beside(text, OWN) == MISMATCH


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
