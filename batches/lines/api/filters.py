"""Which bottleneck periods and pools."""

from datetime import datetime

import django_filters
from django.db.models import Q, QuerySet

from batches.capacity.models import Pool
from batches.lines.models import BottleneckPeriod
from batches.lines.statuses import PoolCondition
from supplychain.rest.filters import MomentFilter, plant_filter


class BottleneckFilter(django_filters.FilterSet):
    """Which bottleneck periods; without `from` and `to` those going on now."""

    line = plant_filter("line__code")

    class Meta:
        model = BottleneckPeriod
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Periods that overlap the asked one, or the open ones."""
        periods = super().filter_queryset(queryset)
        start, end = self.form.cleaned_data["from"], self.form.cleaned_data["to"]
        if not start and not end:
            return periods.filter(ended_at=None)
        if start:
            periods = periods.filter(Q(ended_at=None) | Q(ended_at__gt=start))
        return periods.filter(started_at__lt=end) if end else periods


def _left_to_the_set(queryset: QuerySet, name: str, value: datetime) -> QuerySet:
    return queryset


# `from` is a word of Python's own, so these two cannot be written as attributes.
for _name, _text in (("from", "Start of the period asked for."), ("to", "End of the period asked for.")):
    BottleneckFilter.base_filters[_name] = MomentFilter(method=_left_to_the_set, help_text=_text)


class PoolFilter(django_filters.FilterSet):
    """Which pools."""

    site = django_filters.CharFilter("site__code", help_text="Code of the site.")
    code = django_filters.CharFilter(help_text="Code of the pool.")
    condition = django_filters.MultipleChoiceFilter("state__condition", choices=PoolCondition.choices)

    class Meta:
        model = Pool
        fields: tuple[str, ...] = ()
