"""Which flags."""

import django_filters
from django.db.models import QuerySet

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Remedy, Severity
from supplychain.orders.api.filters import takes_part
from supplychain.rest.filters import MomentFilter, YesNoFilter, plant_filter, product_filter, stage_filter


class FlagFilter(django_filters.FilterSet):
    """Which flags; without `raised` those raised now."""

    raised = YesNoFilter(method="filter_raised", help_text="`false`: those that were cleared. Without it: raised ones.")
    severity = django_filters.MultipleChoiceFilter(choices=Severity.choices)
    code = django_filters.MultipleChoiceFilter(choices=FlagCode.choices)
    remedy = django_filters.MultipleChoiceFilter(choices=Remedy.choices)
    pool = django_filters.CharFilter("cause", help_text="Code of the pool for a place in which the order waits.")
    stage = stage_filter()
    order = django_filters.UUIDFilter("order_id")
    site = django_filters.CharFilter(method="filter_site", help_text="Code of a site that takes part in the order.")
    plant = plant_filter("order__plant__code")
    product = product_filter("order__product__code")
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
