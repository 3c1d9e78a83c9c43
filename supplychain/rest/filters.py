"""Filters as people need them. A value that cannot be read is refused, never ignored."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from supplychain.django_words import own_words
from supplychain.flows.models import Product, Stage
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

# So many codes are named where one is misspelled.
MOST_CODES = 40
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
            yield from (own_words(text, name) for text in problem.messages)
            continue
        known = ", ".join(str(value) for value, _ in choices if value not in ("", "null"))
        yield f"“{problem.params['value']}” is none of those that there are: {known}."


class YesNoFilter(django_filters.ChoiceFilter):
    """`true` or `false`; django-filter's own takes every other word as no filter at all."""

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=YES_NO, **given)


class CodeFilter(django_filters.CharFilter):
    """A code that everybody's catalogue has: a misspelled one is refused, for an empty list would read as “none”.

    `known`: all there are, asked of the database when it is needed; `what` they are codes of, for the refusal.
    """

    def __init__(
        self, field_name: str | None = None, *, known: Callable[[], QuerySet], what: str, **given: Any
    ) -> None:
        super().__init__(field_name, validators=[self._check], **given)
        self._known, self._what = known, what

    def _check(self, code: str) -> None:
        codes = self._known().order_by("code").values_list("code", flat=True).distinct()
        if not codes.filter(code=code).exists():
            there = ", ".join(codes[:MOST_CODES])
            raise forms.ValidationError(f"There is no {self._what} “{code}”; use one of {there}.")


def plant_filter(field_name: str) -> CodeFilter:
    """By the code of a plant."""
    plants = Site.objects.filter(kind=SiteKind.PLANT)
    return CodeFilter(field_name, known=plants.all, what="plant", help_text="Code of the plant.")


def product_filter(field_name: str) -> CodeFilter:
    """By the code of a product."""
    return CodeFilter(field_name, known=Product.objects.all, what="product", help_text="Code of the product.")


def stage_filter(field_name: str = "stage", help_text: str = "Code of the stage.") -> CodeFilter:
    """By the code of a stage, of flows in use or before."""
    return CodeFilter(field_name, known=Stage.objects.all, what="stage", help_text=help_text)


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
