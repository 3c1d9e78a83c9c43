"""Numbers from outside are of the digits 0 to 9, though Python reads others and calls digits what it cannot read."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.forms import ValidationError
from django.http import QueryDict

from batches.ramp_ups.forms import _rows_said
from supplychain.moments import looks_of
from supplychain.pages.fields import MeasuredField

ANY_DIGIT = re.compile(r"\\d")
# Patterns that only look for what seems to be a number, and those of Django's and msgspec's own words. The readers of
# loggers' files (conditions/rules) take the lines of a file, of which a date is ASCII.
LOOKED_FOR = {
    "supplychain/django_words.py", "supplychain/field_words.py", "supplychain/moments.py", "supplychain/sites/rules.py",
    *(f"supplychain/identifiers/rules/{name}.py" for name in ("characters", "codes", "gs1", "personal", "pseudonyms")),
}  # fmt: skip


def test_patterns_of_numbers_name_their_digits():
    base = Path(settings.BASE_DIR)
    code = [one for folder in ("supplychain", "batches", "dashboards") for one in (base / folder).rglob("*.py")]
    found = {str(one.relative_to(base)) for one in code if ANY_DIGIT.search(text := one.read_text())
             and "re.ASCII" not in text and "conditions/rules" not in str(one)}  # fmt: skip
    assert found <= LOOKED_FOR


@pytest.mark.parametrize("text", ["١٢", "1_0", "1e5", "nan", "inf", "0x1F", "²", "9" * 400, "1.2.3", "--1"])
def test_no_number_is_taken_that_nobody_writes(text):
    with pytest.raises(ValidationError, match="Enter a number, such as 8.5"):
        MeasuredField().clean(text)


def test_numbers_are_taken_with_point_or_comma():
    assert [MeasuredField().clean(text) for text in ("8.5", "8,5", "-3", "+12", "1 234")] == [8.5, 8.5, -3, 12, 1234]


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5_000, "\0", "", "-1"])
def test_the_rows_of_a_scenario_are_counted_by_names_that_are_numbers(number):
    data = QueryDict(mutable=True)
    data.update({f"change-{number}-kind": "x", "change-2-kind": "x"})
    assert _rows_said(data) == 3


def test_a_long_number_with_more_behind_it_is_no_moment():
    assert looks_of("1,234." + "5" * 60 + "x") == "is no moment in RFC 3339"
