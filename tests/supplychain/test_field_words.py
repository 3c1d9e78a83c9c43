"""What is wrong with a field that cannot be read, in words: its name, what is expected, never a type or a pattern."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from msgspec import Meta

from supplychain.field_words import struct_problems
from supplychain.moments import EXAMPLE
from supplychain.orders.rules.placing import OrderRefused, OrderRequest, read_order_request
from supplychain.orders.rules.reading import Unreadable, read_report
from supplychain.orders.statuses import Priority

GOOD = {"product": "p", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant"}


class Shape(msgspec.Struct):
    name: Annotated[str, Meta(min_length=3, max_length=5)]
    count: Annotated[int, Meta(ge=1, le=20)] | None = None
    priority: Priority = Priority.ROUTINE
    share: float = 0.0
    more: dict[str, str] = {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, {"name": "The name is missing; give a short word."}),
        ({"name": "abc", "priority": None}, {"priority": "The priority must be a text, not nothing."}),
        ({"name": ""}, {"name": "The name must have at least 3 characters; give a short word."}),
        ({"name": "longer"}, {"name": "The name must have at most 5 characters; give a short word."}),
        ({"name": 7}, {"name": "The name must be a text, not a whole number; give a short word."}),
        ({"name": "abc", "count": 0}, {"count": "The count must be 1 or more."}),
        ({"name": "abc", "count": 21}, {"count": "The count must be 20 or less."}),
        ({"name": "abc", "count": "1"}, {"count": "The count must be a whole number, not a text."}),
        ({"name": "abc", "priority": "x"}, {"priority": "The priority is none of those that there are: “x”."}),
        ({"name": "abc", "share": []}, {"share": "The share must be a number, not a list."}),
        ({"name": "abc", "more": 1}, {"more": "The more must be a JSON object, not a whole number."}),
        ({"name": "abc", "odd": 1}, {"odd": "There is no field “odd”; use name, count, priority, share, more."}),
    ],
)
def test_each_field_says_what_is_expected(given, said):
    assert struct_problems(given, Shape, {"name": "a short word"}) == said


class Needs(msgspec.Struct):
    text: Annotated[str, Meta(min_length=3)]
    at: datetime
    read_at: datetime
    priority: Priority
    ids: list[UUID]
    share: float | None


def test_a_field_that_is_left_out_says_what_to_give():
    assert struct_problems({}, Needs) == {
        "text": "The text is missing; give a text.",
        "at": f"The at is missing; give a moment such as {EXAMPLE}.",
        "read_at": f"“read_at” is missing; give a moment such as {EXAMPLE}.",
        "priority": "The priority is missing; give one of routine, urgent.",
        "ids": "The ids is missing; give a list.",
        "share": "The share is missing; give a number.",
    }


def test_an_order_names_every_field_that_cannot_be_read_at_once():
    with pytest.raises(OrderRefused) as refused:
        read_order_request(
            {"product": 7, "patient_reference": "", "ordering_site": "oslo", "promised_at": "tomorrow", "odd": "x"}
        )
    errors = refused.value.errors
    assert sorted(errors) == ["order", "patient_reference", "plant", "product", "promised_at"]
    assert errors["order"].startswith("There is no field “odd”; use product, patient_reference, ")
    assert errors["patient_reference"].startswith(
        "The patient reference must have at least 3 characters; give a pseudonym"
    )
    assert refused.value.readable == OrderRequest(product="", patient_reference="", ordering_site="oslo", plant="")


@pytest.mark.parametrize("name", [field for field in OrderRequest.__struct_fields__ if field not in GOOD])
@pytest.mark.parametrize("value", [-7, [], {}, "\x00", "x" * 2_000])
def test_no_error_of_an_order_names_a_type_or_a_pattern(name, value):
    with pytest.raises(OrderRefused) as refused:
        read_order_request(GOOD | {name: value})
    text = refused.value.errors[name]
    assert "`" not in text
    assert "regex" not in text


def test_an_event_names_every_field_that_cannot_be_read_at_once():
    with pytest.raises(Unreadable) as refused:
        read_report({"order": 7, "kind": "started", "occurred_at": "soon", "attempt": "2"})
    text = str(refused.value)
    assert "source_event_id: The source event id is missing; give your own id of this event, for ever the same." in text
    assert "order: The order must be a text, not a whole number; give the order's id, " in text
    assert "attempt: The attempt must be a whole number, not a text." in text
    assert "occurred_at: “soon” " in text
    assert EXAMPLE in text
    assert "`" not in text


def test_an_event_that_can_be_read_names_every_field_that_cannot_be_taken_at_once():
    with pytest.raises(Unreadable) as refused:
        read_report(
            {"source_event_id": "#N/A", "order": "NULL", "kind": "ordered", "stage": "selection",
             "occurred_at": "2026-03-01T14:05:00+01:00"}
        )  # fmt: skip
    assert [name in str(refused.value) for name in ("order: ", "source_event_id: ", "kind: ")] == [True] * 3
