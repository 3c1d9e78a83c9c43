"""One reader of dates, whatever way a date comes in: 3/4/2026 is another day in Boston than in London."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.forms import ValidationError

from supplychain.administration.trail import TrailForm
from supplychain.conditions.rules.moments import offset_of, read_stamp
from supplychain.flows.rules.checklists import CheckItem, CheckKind
from supplychain.moments import read_day
from supplychain.orders.rules.collections import unread_problem
from supplychain.pages.fields import DayField
from supplychain.pages.periods import read_month
from supplychain.signatures.queries import SignatureFilter

NO_DAYS = [
    "3/4/2026",
    "03/04/2026",
    "03/04/26",
    "3.4.2026",
    "2026-3-4",
    "20260304",
    "2026-W13-3",
    "2026-063",
    "2026-02-30",
    "0026-03-04",
    "9999-12-31",
    "２０２６-03-04",
    "2026-03-04T00:00",
    "4 Mar 2026",
    "",
]


@pytest.mark.parametrize("text", [*NO_DAYS, None, 20260304, ["2026-03-04"]])
def test_no_way_in_takes_for_a_date_what_is_none(text):
    expires = CheckItem("kit_expires_on", "Kit expires on", CheckKind.DATE)
    assert read_day(text) is None
    assert SignatureFilter.read({"first": text}).first is None
    assert unread_problem(expires, text) == "must be a date such as 2027-03-31."
    assert read_month(str(text)[:-3]) is None or str(text)[:-3] in ("2026-02", "2026-03")


@pytest.mark.parametrize("text", [text for text in NO_DAYS if text])
def test_a_form_refuses_it(text):
    with pytest.raises(ValidationError):
        DayField().clean(text)


def test_a_date_is_read():
    assert read_day("2026-03-04") == DayField().clean(" 2026-03-04 ") == date(2026, 3, 4)
    assert DayField(required=False).clean("") is None


def test_the_field_of_a_date_is_the_browsers_own():
    for field in (TrailForm.base_fields["since"], DayField()):
        assert 'type="date"' in field.widget.render("x", date(2026, 3, 4))
        assert "2026-03-04" in field.widget.render("x", date(2026, 3, 4))


@pytest.mark.parametrize("said", ["+99", "+17:00", "-16:00", "+01:75", "UTC+99"])
def test_an_offset_that_no_clock_has_makes_a_loggers_stamp_unreadable(said):
    assert read_stamp(f"2026-03-01 14:30:00 {said}") is None
    assert offset_of(said) is None
    assert read_stamp("2026-03-01 14:30:00 +05:45") == (2026, 3, 1, 14, 30, 0, timedelta(hours=5, minutes=45))
    assert read_stamp("٢٠٢٦-03-01 14:30:00") is None


OWN = re.compile(r"forms\.DateField\(|\bdate\.fromisoformat\(|forms\.DateInput\(")
# The readers; a date that our own state keeps; the dates of a shipper as its packing was sealed.
READERS = {"supplychain/moments.py", "supplychain/pages/fields.py", "supplychain/transport/rules/packaging.py",
           "supplychain/transport/rules/packing_words.py"}  # fmt: skip


def test_no_other_module_reads_dates_in_a_way_of_its_own():
    base = Path(settings.BASE_DIR)
    code = [one for folder in ("supplychain", "batches", "dashboards") for one in (base / folder).rglob("*.py")]
    found = {str(one.relative_to(base)) for one in code if OWN.search(one.read_text())}
    assert found == READERS
