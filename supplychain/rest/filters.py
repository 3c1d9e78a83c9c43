"""Filters as people need them. A value that cannot be read is refused, never ignored."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from supplychain.moments import UnreadableMoment, read_moment

YES_NO = [("true", "Yes"), ("false", "No")]


class Filters(DjangoFilterBackend):
    """Says what cannot be read in the filter's own words; django-filter's own takes a % in them for a place to fill."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        """The rows asked for. Raises ValidationError by name of the filter."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        if not filterset.is_valid():
            raise ValidationError({name: list(_words(filterset.form, name)) for name in filterset.errors})
        return filterset.qs


def _words(form: forms.Form, name: str) -> Iterator[str]:
    """What is wrong with a filter; of a value that is none of its choices which they are."""
    for problem in form.errors.as_data()[name]:
        choices = getattr(form.fields.get(name), "choices", ())
        if problem.code != "invalid_choice" or not choices:
            yield from problem.messages
            continue
        known = ", ".join(str(value) for value, _ in choices if value not in ("", "null"))
        yield f"“{problem.params['value']}” is none of those that there are: {known}."


class YesNoFilter(django_filters.ChoiceFilter):
    """`true` or `false`; django-filter's own takes every other word as no filter at all."""

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=YES_NO, **given)


class FilterMomentField(forms.Field):
    """A moment as the whole interface writes them."""

    def to_python(self, value: Any) -> datetime | None:
        """The moment. Raises ValidationError, saying what to write."""
        if value in self.empty_values:
            return None
        try:
            return read_moment(value)
        except UnreadableMoment as problem:
            raise forms.ValidationError(str(problem)) from problem


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A moment with its offset (`+` written as `%2B`) or `Z`."""

    field_class = FilterMomentField
