"""Filters as people need them. A value that cannot be read is refused, never ignored."""

from datetime import datetime
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from batches.models import BottleneckPeriod, Flag, Pool
from batches.statuses import FlagCode, PoolCondition, Severity
from supplychain.models import Identifier, PatientOrder
from supplychain.statuses import OPEN_ORDER_STATUSES, OrderStatus, Priority

YES_NO = [("true", "Yes"), ("false", "No")]


class YesNoFilter(django_filters.ChoiceFilter):
    """`true` or `false`; django-filter's own takes every other word as no filter at all."""

    def __init__(self, **given: Any) -> None:
        super().__init__(choices=YES_NO, **given)


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A moment in ISO 8601, best with its offset (`+` written as `%2B`) or `Z`."""


class OrderFilter(django_filters.FilterSet):
    """Which orders."""

    status = django_filters.MultipleChoiceFilter(choices=OrderStatus.choices)
    open = YesNoFilter(method="filter_open", help_text="Whether the patient still waits.")
    product = django_filters.CharFilter("product__code", help_text="Code of the product.")
    plant = django_filters.CharFilter("plant__code", help_text="Code of the plant.")
    site = django_filters.CharFilter(method="filter_site", help_text="Code of a site that takes part in any way.")
    priority = django_filters.ChoiceFilter(choices=Priority.choices)
    attempt = django_filters.NumberFilter("attempt", min_value=1, max_value=99, decimal_places=0)
    stage = django_filters.CharFilter("current_stage", help_text="Code of the stage that the order is at.")
    promised_before = MomentFilter("promised_at", "lt")
    promised_after = MomentFilter("promised_at", "gte")
    ordered_before = MomentFilter("ordered_at", "lt")
    ordered_after = MomentFilter("ordered_at", "gte")
    updated_since = MomentFilter("last_recorded_at", "gte", help_text="We have recorded something of it since.")
    identifier = django_filters.CharFilter(method="filter_identifier", help_text="Any identifier, in full.")
    patient_reference = django_filters.CharFilter("patient_reference")
    flagged = django_filters.MultipleChoiceFilter(
        choices=Severity.choices, method="filter_flagged", help_text="A flag of this severity is raised."
    )

    class Meta:
        model = PatientOrder
        fields: tuple[str, ...] = ()

    def filter_open(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        """Orders whose patient still waits, or the others."""
        still_open = Q(status__in=OPEN_ORDER_STATUSES)
        return orders.filter(still_open if value == "true" else ~still_open)

    def filter_site(self, orders: QuerySet, name: str, code: str) -> QuerySet:
        """Orders in which the site takes part."""
        return orders.filter(takes_part(code))

    def filter_identifier(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        """Orders to which the identifier leads."""
        return orders.filter(pk__in=Identifier.objects.filter(value=value).values("order"))

    def filter_flagged(self, orders: QuerySet, name: str, severities: list[str]) -> QuerySet:
        """Orders with a raised flag of one of the severities."""
        if not severities:
            return orders
        raised = Flag.objects.filter(order=OuterRef("pk"), cleared_at=None, severity__in=severities)
        return orders.filter(Exists(raised))


class FlagFilter(django_filters.FilterSet):
    """Which flags; without `raised` those raised now."""

    raised = YesNoFilter(method="filter_raised", help_text="`false`: those that were cleared. Without it: raised ones.")
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices)
    code = django_filters.MultipleChoiceFilter(choices=FlagCode.choices)
    stage = django_filters.CharFilter(help_text="Code of the stage.")
    order = django_filters.UUIDFilter("order_id")
    site = django_filters.CharFilter(method="filter_site", help_text="Code of a site that takes part in the order.")
    plant = django_filters.CharFilter("order__plant__code", help_text="Code of the plant.")
    product = django_filters.CharFilter("order__product__code", help_text="Code of the product.")
    acknowledged = YesNoFilter(method="filter_acknowledged", help_text="Whether a person has acknowledged it.")
    owner = django_filters.CharFilter("owner__username", help_text="Login name of the person who took it on.")
    owned = YesNoFilter(method="filter_owned", help_text="Whether anybody has taken it on.")
    due_before = MomentFilter("due", "lt", help_text="The slack is used up before this moment.")

    class Meta:
        model = Flag
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Raised flags unless asked otherwise."""
        flags = super().filter_queryset(queryset)
        return flags if self.form.cleaned_data["raised"] else flags.filter(cleared_at=None)

    def filter_raised(self, flags: QuerySet, name: str, value: str) -> QuerySet:
        """Raised now, or cleared."""
        return flags.filter(cleared_at__isnull=value == "true")

    def filter_site(self, flags: QuerySet, name: str, code: str) -> QuerySet:
        """Flags of orders in which the site takes part."""
        return flags.filter(takes_part(code, "order__"))

    def filter_acknowledged(self, flags: QuerySet, name: str, value: str) -> QuerySet:
        """Seen by a person, or by nobody yet."""
        return flags.filter(acknowledged_at__isnull=value == "false")

    def filter_owned(self, flags: QuerySet, name: str, value: str) -> QuerySet:
        """Taken on by a person, or by nobody yet."""
        return flags.filter(owner__isnull=value == "false")


class BottleneckFilter(django_filters.FilterSet):
    """Which bottleneck periods; without `from` and `to` those going on now."""

    line = django_filters.CharFilter("line__code", help_text="Code of the plant.")

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


def takes_part(code: str, prefix: str = "") -> Q:
    """The site with this code is one of the order's four."""
    places = ("ordering_site", "collection_site", "infusion_site", "plant")
    condition = Q()
    for place in places:
        condition |= Q(**{f"{prefix}{place}__code": code})
    return condition
