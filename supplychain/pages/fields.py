"""Fields of forms that more than one theme asks for."""

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from supplychain.moments import ClocksChange, UnreadableMoment, offset_words, read_day, read_moment
from supplychain.reasons import TOO_SHORT, is_no_reason

MINUTES = "%Y-%m-%dT%H:%M"
MINUTES_LENGTH = len("2026-03-01T14:05")


def says_why(text: str) -> None:
    """Validates the reason of a decision. Raises ValidationError for “x” or “ok”."""
    if is_no_reason(text):
        raise forms.ValidationError(TOO_SHORT)


class MomentInput(forms.DateTimeInput):
    """The browser's own field; where its time occurs twice, a choice of the offset beside it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={"type": "datetime-local", "data-moment": ""} | (attrs or {}), format=MINUTES)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, with the offset that was chosen if the time occurs twice."""
        typed, offset = super().value_from_datadict(data, files, name), data.get(f"{name}_offset")
        is_choice = offset and typed and offset in map(offset_words, _twice(typed))
        return f"{typed}{offset}" if is_choice else typed

    def format_value(self, value: Any) -> str | None:
        """The minute: the browser's field shows no offset."""
        return value[:MINUTES_LENGTH] if isinstance(value, str) else super().format_value(value)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The field, and the question which of two times is meant."""
        field = super().render(name, value, attrs, renderer)
        choices = _twice(self.format_value(value) or "")
        if not choices:
            return field
        chosen = _offset_of(value, choices)
        words = ("the first time, before the clocks go back", "the second time, after the clocks went back")
        offered = [
            (offset_words(one), "selected" if offset_words(one) == chosen else "", f"{one:%H:%M} {one:%Z}", said)
            for one, said in zip(choices, words, strict=True)
        ]
        options = format_html_join("", '<option value="{}" {}>{}: {}</option>', offered)
        label = "This time occurs twice in that night. Which is meant?"
        return format_html(
            '{}<select class="form-select" name="{}_offset" aria-label="{}"><option value="">{}</option>{}</select>',
            field, name, label, label, options,
        )  # fmt: skip


def _twice(text: str) -> tuple[datetime, ...]:
    """The two moments that a local time of the present zone can mean; empty for any other text."""
    try:
        read_moment(text, timezone.get_current_timezone())
    except ClocksChange as change:
        return change.choices
    except UnreadableMoment:
        pass
    return ()


def _offset_of(value: Any, choices: tuple[datetime, ...]) -> str:
    """Which of the two a value says: a text by its offset, a proposed moment by itself; empty: neither."""
    if isinstance(value, datetime):
        return offset_words(choices[value.fold])
    return value[MINUTES_LENGTH:] if isinstance(value, str) else ""


class MomentField(forms.DateTimeField):
    """A moment, typed to the minute in the person's zone, and read as every other one (supplychain/moments.py)."""

    def __init__(self, *, zone: tzinfo | None = None, widget: forms.Widget | None = None, **given: Any) -> None:
        self.zone = zone
        super().__init__(widget=widget or MomentInput({"class": "form-control"}), **given)

    def to_python(self, value: Any) -> datetime | None:
        """The moment. Raises ValidationError, saying what to do."""
        if value in self.empty_values or isinstance(value, datetime):
            return super().to_python(value)
        try:
            return read_moment(value, self.zone or timezone.get_current_timezone())
        except ClocksChange as problem:
            twice = "This time occurs twice in that night: choose which is meant."
            raise forms.ValidationError(twice if problem.choices else str(problem)) from problem
        except UnreadableMoment as problem:
            raise forms.ValidationError(str(problem)) from problem


class DayField(forms.DateField):
    """A date, read as every other one (supplychain/moments.py); the browser's own field shows it as its person does."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """The date. Raises ValidationError, saying how to write it."""
        if not isinstance(value, str) or value in self.empty_values:
            return super().to_python(value)
        if (day := read_day(value.strip())) is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


_THOUSANDS = re.compile(r"-?[0-9]{1,3}([.,][0-9]{3})+")
_MEASURED = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,15})?")


class MeasuredField(forms.CharField):
    """A number with a point or a comma before its decimals; one that could be read in two ways is asked about."""

    def to_python(self, value: Any) -> Any:
        """The number. Raises ValidationError."""
        text = str(super().to_python(value) or "").replace(" ", "")
        if not text:
            return None
        if "," in text and _THOUSANDS.fullmatch(text):
            plain, decimal = re.sub("[.,]", "", text), text.replace(",", ".")
            raise forms.ValidationError(
                f"Write it without a sign for thousands: {plain}, or {decimal} if that is meant."
            )
        if not _MEASURED.fullmatch(text):
            raise forms.ValidationError("Enter a number, such as 8.5.")
        return float(text.replace(",", "."))
