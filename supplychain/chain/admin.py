"""Identity checks in the administration: to read, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from supplychain.administration.pages import ReadOnlyAdmin, read_only
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.chain.models import IdentityCheck
from supplychain.identifiers.rules.characters import visible
from supplychain.orders.admin import MOST_COUNTED, ShortPaginator, orders_within


@admin.register(IdentityCheck, site=master_data)
class CheckAdmin(ReadOnlyAdmin):
    """Codes that were read with orders of the administrator's sites in hand. To which other order one leads is told on
    the order's page, to whoever may see that one."""

    purpose = "Every code that was read, with what it was. The database refuses to change it."
    advice = f"Newest first; the list goes back {MOST_COUNTED:,} checks. Search by a chain of identity, in full."
    list_display = ("recorded_at", "order", "outcome", "what", "stage", "place", "read_by")
    list_filter = ("outcome", "place")
    search_fields = ("order__coi__exact",)
    list_select_related = ("order", "source", "user")
    ordering = ("-pk",)  # made in the order of their recording
    paginator = ShortPaginator
    fields = ("order", "outcome", "why", "what", "read_kind", "read_value", "stage", "place", "device", "read_by",
              "read_at", "recorded_at")  # fmt: skip

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of orders in which one of the sites takes part."""
        orders = orders_within(reach)
        return rows if orders is None else rows.filter(order__in=orders)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """All fields."""
        return read_only(self.model, self.fields)

    @admin.display(description="read")
    def what(self, check: IdentityCheck) -> str:
        """Exactly what was read, with what nobody sees shown by its number."""
        return visible(check.read)

    @admin.display(description="read by")
    def read_by(self, check: IdentityCheck) -> str:
        """The system or person."""
        return str(check.source or check.user)
