"""Links for drivers in the administration: to read; they are made and taken back on the order's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from supplychain.administration.pages import ReadOnlyAdmin, read_only
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.custody.models import HandOverLink
from supplychain.orders.admin import MOST_COUNTED, ShortPaginator, orders_within


@admin.register(HandOverLink, site=master_data)
class LinkAdmin(ReadOnlyAdmin):
    """Links that were made for drivers of orders of the administrator's sites; of a token only its hash is kept."""

    purpose = "The links that were made for drivers: by whom, used when and by whom. They are made on the page Custody."
    advice = f"Newest first; the list goes back {MOST_COUNTED:,} links. Search by a chain of identity, in full."
    list_display = ("made_at", "order", "stage", "end", "made_by", "expires_at", "used_at", "driver", "revoked_at")
    list_filter = ("end",)
    search_fields = ("order__coi__exact",)
    list_select_related = ("order", "made_by")
    ordering = ("-pk",)  # made in the order of their making
    paginator = ShortPaginator
    fields = ("order", "stage", "attempt", "end", "made_by", "made_at", "expires_at", "used_at", "driver", "event",
              "revoked_by", "revoked_at")  # fmt: skip

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of orders in which one of the sites takes part."""
        orders = orders_within(reach)
        return rows if orders is None else rows.filter(order__in=orders)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """All fields."""
        return read_only(self.model, self.fields)
