"""The night in which the clocks go back: the form asks which of two equal times is meant, and takes the present one."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.utils import timezone

from supplychain.pages.fields import MomentField

FIRST, SECOND = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


class AskedForm(forms.Form):
    at = MomentField()


@pytest.fixture(autouse=True)
def in_oslo():
    with timezone.override(ZoneInfo("Europe/Oslo")):
        yield


def test_a_time_that_occurs_twice_is_asked_about():
    form = AskedForm({"at": "2026-10-25T02:30"})
    assert form.errors["at"] == ["This time occurs twice in that night: choose which is meant."]
    shown = str(form["at"])
    assert 'value="2026-10-25T02:30"' in shown
    assert '<option value="+02:00" >02:30 CEST: the first time' in shown
    assert '<option value="+01:00" >02:30 CET: the second time' in shown


@pytest.mark.parametrize(("offset", "moment"), [("+02:00", FIRST), ("+01:00", SECOND)])
def test_the_chosen_one_is_taken_and_shown_again(offset, moment):
    form = AskedForm({"at": "2026-10-25T02:30", "at_offset": offset})
    assert form.is_valid()
    assert form.cleaned_data["at"].astimezone(UTC) == moment
    assert f'<option value="{offset}" selected>' in str(form["at"])
    hidden = form["at"].as_hidden()
    assert f'value="2026-10-25T02:30{offset}"' in hidden


@pytest.mark.parametrize(("typed", "offset"), [("2026-10-25T02:30", "+05:00"), ("2026-10-25T04:30", "+02:00")])
def test_an_offset_that_does_not_belong_to_the_time_is_not_taken(typed, offset):
    form = AskedForm({"at": typed, "at_offset": offset})
    taken = form.cleaned_data["at"].astimezone(UTC) if form.is_valid() else None
    assert taken == (None if "02:30" in typed else datetime(2026, 10, 25, 3, 30, tzinfo=UTC))


@pytest.mark.parametrize(("moment", "offset"), [(FIRST, "+02:00"), (SECOND, "+01:00")])
def test_the_present_moment_is_proposed_with_its_offset(moment, offset):
    form = AskedForm(initial={"at": timezone.localtime(moment)})
    assert f'<option value="{offset}" selected>' in str(form["at"])


def test_on_every_other_day_nothing_is_asked():
    assert "<select" not in str(AskedForm({"at": "2026-10-24T02:30"})["at"])


def test_a_time_that_the_clocks_skip_is_refused():
    assert "does not occur in Europe/Oslo" in AskedForm({"at": "2026-03-29T02:30"}).errors["at"][0]
