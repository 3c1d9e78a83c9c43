"""Filters as people need them. A value that cannot be read is refused, never ignored."""

from typing import Any

import django_filters

YES_NO = [("true", "Yes"), ("false", "No")]


class YesNoFilter(django_filters.ChoiceFilter):
    """`true` or `false`; django-filter's own takes every other word as no filter at all."""

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=YES_NO, **given)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A moment in ISO 8601, best with its offset (`+` written as `%2B`) or `Z`."""
