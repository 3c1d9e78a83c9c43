"""Status events in the administration: to read, never to change."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import cached_property

from supplychain.administration.filters import WithinReachFilter
from supplychain.administration.pages import ReadOnlyAdmin, read_only
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.characters import lookup_key
from supplychain.orders.models import Identifier, PatientOrder, StatusEvent
from supplychain.orders.queries import Stands
from supplychain.orders.rules.interlocks import OVERRIDE
from supplychain.orders.rules.verbs import event_words_in, kind_said
from supplychain.sites.models import Site

MOST_COUNTED, MOST_FOUND, MOST_SHOWN = 5_000, 100, 300


class ShortPaginator(Paginator):
    """Counts no further than anybody pages: counting every event would take longer than showing a page of them."""

    @cached_property
    def count(self) -> int:
        """How many rows, or MOST_COUNTED if there are more."""
        return len(self.object_list.order_by().values_list("pk")[:MOST_COUNTED])


def orders_within(reach: Reach) -> QuerySet | None:
    """The orders that exist for the reader; None: every one, so that nothing need be asked for each event."""
    if reach.everywhere or not Site.objects.exclude(pk__in=reach.read_ids).exists():
        return None
    return PatientOrder.objects.of_sites(reach.read_ids)


@admin.register(StatusEvent, site=master_data)
class EventAdmin(ReadOnlyAdmin):
    """What was reported about the orders of the administrator's sites, as it was said."""

    purpose = "What was reported, as it was said. The database refuses to change it."
    advice = (
        f"Newest first; the list goes back {MOST_COUNTED:,} events. Search by an identifier or the event id, in full."
    )
    list_display = ("recorded_at", "occurred_at", "order", "what", "attempt", "said_by", "why")
    list_filter = ("kind", ("source", WithinReachFilter))
    search_fields = ("order__coi__exact", "source_event_id__exact")
    list_select_related = ("order", "source", "user")
    ordering = ("-pk",)  # made in the order of their recording
    paginator = ShortPaginator
    fields = (
        "order", "position", "kind", "stage", "attempt", "occurred_at", "recorded_at", "source", "user",
        "source_event_id", "resource", "said", "hash",
    )  # fmt: skip

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of orders in which one of the sites takes part."""
        orders = orders_within(reach)
        return rows if orders is None else rows.filter(order__in=orders)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        """All fields."""
        return read_only(self.model, self.fields)

    @admin.display(description="payload")
    def said(self, event: StatusEvent) -> str:
        """What was reported besides, in words."""
        return render_to_string("supplychain/pages/_said.html", {"said": event.payload})

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Events of the orders that bear the identifier, looked up as everywhere; else those with the event id."""
        named = Identifier.objects.filter(Stands(), key=lookup_key(search_term)).values_list("order", flat=True)
        if search_term.strip() and (orders := list(named[:MOST_FOUND])):
            return queryset.filter(order__in=orders), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="what")
    def what(self, event: StatusEvent) -> str:
        """What it says, as the order's page does; that its sender had no right to, so that it may not count."""
        stages = flow_plan(event.order.flow_id).stages
        said = event_words_in(stages, event.stage, kind_said(event.kind, event.payload))
        return f"{said} – its sender has no right to report this" if event.lacked_scope else said

    @admin.display(description="reason")
    def why(self, event: StatusEvent) -> str:
        """The reason given, and that and why it was said in spite of a critical flag."""
        reason, override = (str(event.payload.get(name, ""))[:MOST_SHOWN] for name in ("reason", OVERRIDE))
        return " ".join(filter(None, (reason, f"In spite of a critical flag: {override}" if override else "")))

    @admin.display(description="said by")
    def said_by(self, event: StatusEvent) -> str:
        """The system or person."""
        return str(event.source or event.user)
