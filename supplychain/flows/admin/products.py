"""Products in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.actions import uses_of
from supplychain.audit.trails import TrailScope
from supplychain.flows.actions import change_product, delete_product
from supplychain.flows.forms import ProductForm
from supplychain.flows.models import Flow, Product
from supplychain.orders.statuses import OPEN_ORDER_STATUSES


@admin.register(Product, site=master_data)
class ProductAdmin(MasterDataAdmin):
    """The therapies that can be ordered; a new one comes with its flow."""

    form = ProductForm
    purpose = "The therapies that can be ordered."
    advice = "A product comes into being with its flow: adding one asks for the flow's file."
    lasting = ("code",)
    list_display = ("name", "code", "is_active", "default_flow", "open_orders")
    list_filter = ("is_active",)
    search_fields = ("code", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Every product, with its default flow and how many wait for it."""
        rows = super().get_queryset(request).prefetch_related("flows")
        return rows.annotate(waiting=Count("orders", filter=Q(orders__status__in=OPEN_ORDER_STATUSES)))

    @admin.display(description="default flow")
    def default_flow(self, product: Product) -> SafeString | str:
        """The flow of an order that names none."""
        flow = next((flow for flow in product.flows.all() if flow.is_current and flow.is_default), None)
        if flow is None:
            return "none: orders must name their flow"
        address = reverse("admin:supplychain_flow_change", args=[flow.pk])
        return format_html('<a href="{}">{} v{}</a>', address, flow.code, flow.version)

    @admin.display(description="open orders")
    def open_orders(self, product: Product) -> int:
        """How many patients wait for it."""
        return product.waiting

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def may_change(self, reach: Reach, row: Product) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def may_delete(self, reach: Reach, row: Product) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """Products are everybody's."""
        return [TrailScope(Product, Q())]

    def add_view(self, request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        """The page that loads a flow."""
        return HttpResponseRedirect(reverse("admin:supplychain_flow_add"))

    def write(self, row: Product | None, data: dict[str, Any], request: HttpRequest) -> Product:
        """Change a product."""
        told = {name: data[name] for name in ("name", "requirements", "is_active", "reason")}
        return change_product(row, **told, by=request.user)

    def remove(self, row: Product, reason: str, request: HttpRequest) -> None:
        """Delete a product that was never ordered."""
        delete_product(row, reason=reason, by=request.user)

    def uses(self, row: Product) -> list[str]:
        """What refers to the product besides its own flows."""
        return uses_of(row, along=[Flow])
