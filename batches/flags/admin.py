"""Flips of flags in the administration: to read, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from batches.flags.models import FlagChange
from supplychain.administration.pages import ReadOnlyAdmin, read_only
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.flows.queries import stage_name
from supplychain.orders.admin import MOST_COUNTED, ShortPaginator, orders_within
from supplychain.sentences import said_in


@admin.register(FlagChange, site=master_data)
class FlagChangeAdmin(ReadOnlyAdmin):
    """Every flip of every flag of the orders of the administrator's sites."""

    purpose = "When which flag was raised, became worse, was acknowledged, was cleared. The database keeps it."
    advice = f"Newest first; the list goes back {MOST_COUNTED:,} changes. Search by chain of identity."
    list_display = ("changed_at", "order", "code", "stage", "kind", "severity", "person", "comment", "said")
    list_filter = ("kind", "severity", "flag__code")
    search_fields = ("flag__order__coi__exact",)
    list_select_related = ("flag__order",)
    ordering = ("-pk",)  # made in the order of their happening
    paginator = ShortPaginator
    fields = (
        "order",
        "code",
        "stage",
        "kind",
        "severity",
        "changed_at",
        "person",
        "source",
        "comment",
        "said",
        "inputs",
    )

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of orders in which one of the sites takes part."""
        orders = orders_within(reach)
        return rows if orders is None else rows.filter(flag__order__in=orders)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """All fields."""
        return read_only(self.model, self.fields)

    @admin.display(description="why", ordering="why")
    def said(self, change: FlagChange) -> str:
        """Why, with its moments in the reader's zone."""
        return said_in(change.why, timezone.get_current_timezone(), timezone.now())

    @admin.display(description="what the rule read")
    def inputs(self, change: FlagChange) -> str:
        """The evidence, in words."""
        return render_to_string("supplychain/pages/_evidence.html", {"evidence": change.evidence})

    @admin.display(description="order")
    def order(self, change: FlagChange) -> str:
        """Whose flag it is."""
        return change.flag.order.coi

    @admin.display(description="flag")
    def code(self, change: FlagChange) -> str:
        """Which flag."""
        return change.flag.title

    @admin.display(description="stage")
    def stage(self, change: FlagChange) -> str:
        """Of which stage, by its name; empty: of the whole order."""
        return stage_name(change.flag.order.flow_id, change.flag.stage)
