"""Which orders."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from batches.flags.models import Flag
from batches.flags.queries.flags import ASKS
from batches.judgement.statuses import Severity
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.api.filters import takes_part
from supplychain.orders.models import Identifier, PatientOrder
from supplychain.orders.queries import Stands
from supplychain.orders.statuses import OPEN_ORDER_STATUSES, OrderStatus, Priority
from supplychain.rest.filters import MomentFilter, YesNoFilter, plant_filter, product_filter, stage_filter


class OrderFilter(django_filters.FilterSet):
    """Which orders."""

    status = django_filters.MultipleChoiceFilter(choices=OrderStatus.choices)
    open = YesNoFilter(method="filter_open", help_text="Whether the patient still waits.")
    product = product_filter("product__code")
    plant = plant_filter("plant__code")
    site = django_filters.CharFilter(method="filter_site", help_text="Code of a site that takes part in any way.")
    priority = django_filters.ChoiceFilter(choices=Priority.choices)
    attempt = django_filters.NumberFilter("attempt", min_value=1, max_value=99, decimal_places=0)
    stage = stage_filter("current_stage", "Code of the stage that the order is at.")
    promised_before = MomentFilter("promised_at", "lt")
    promised_after = MomentFilter("promised_at", "gte")
    ordered_before = MomentFilter("ordered_at", "lt")
    ordered_after = MomentFilter("ordered_at", "gte")
    updated_since = MomentFilter("last_recorded_at", "gte", help_text="We have recorded something of it since.")
    identifier = django_filters.CharFilter(method="filter_identifier", help_text="Any identifier, in full.")
    patient_reference = django_filters.CharFilter("patient_reference")
    flagged = django_filters.MultipleChoiceFilter(
        choices=Severity.choices,
        method="filter_flagged",
        help_text="A flag of this severity is raised, and open.",
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
        return orders.filter(pk__in=Identifier.objects.filter(Stands(), key=lookup_key(value)).values("order"))

    def filter_flagged(self, orders: QuerySet, name: str, severities: list[str]) -> QuerySet:
        """Orders with a raised flag of one of the severities that quality assurance has not settled."""
        if not severities:
            return orders
        raised = Flag.objects.filter(ASKS, order=OuterRef("pk"), cleared_at=None, severity__in=severities)
        return orders.filter(Exists(raised))
