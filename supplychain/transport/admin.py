"""Lanes and shippers in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach, reach_of
from supplychain.administration.site import master_data
from supplychain.audit.refusals import Refused
from supplychain.sites.models import Site
from supplychain.transport.actions.lanes import change_lane, create_lane, delete_lane
from supplychain.transport.actions.shippers import change_shipper, create_shipper, delete_shipper
from supplychain.transport.forms import QUALIFICATION, LaneForm, NewLaneForm, NewShipperForm, ShipperForm
from supplychain.transport.models import Lane, Shipper


@admin.register(Lane, site=master_data)
class LaneAdmin(MasterDataAdmin):
    """The lanes to and from the sites of an administrator; who administers a plant changes them."""

    form = LaneForm
    new_form = NewLaneForm
    purpose = "How long a courier usually takes from one site to another: a shipment that takes longer is flagged."
    lasting = ("from_site", "to_site")
    list_display = ("from_site", "to_site", "courier", "usual_hours", "customs_hours", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("from_site", "to_site")
    search_fields = ("courier", "from_site__name", "to_site__name")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those that begin or end at a site within."""
        return rows.filter(reach.within("from_site") | reach.within("to_site")) if not reach.everywhere else rows

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def may_change(self, reach: Reach, row: Lane) -> bool:
        """As adding."""
        return reach.governs_shared

    def may_delete(self, reach: Reach, row: Lane) -> bool:
        """As adding."""
        return reach.governs_shared

    def get_form(self, request: HttpRequest, obj: Lane | None = None, change: bool = False, **given: Any) -> Any:
        """New lanes are between sites in use."""
        form = super().get_form(request, obj, change, **given)
        for name in {"from_site", "to_site"}.intersection(form.base_fields):
            form.base_fields[name].queryset = Site.objects.filter(is_active=True)
        return form

    def write(self, row: Lane | None, data: dict[str, Any], request: HttpRequest) -> Lane:
        """Add or change a lane."""
        told = {name: data[name] for name in ("courier", "usual_hours", "customs_hours", "cut_offs", "reason")}
        told["by"] = request.user
        if row is not None:
            return change_lane(row, is_active=data["is_active"], **told)
        ends = data["from_site"], data["to_site"]
        if not any(reach_of(request).holds([site.pk]) for site in ends):
            raise Refused({"from_site": "choose a lane that begins or ends at a site that you administer."})
        return create_lane(from_site=ends[0], to_site=ends[1], **told)

    def remove(self, row: Lane, reason: str, request: HttpRequest) -> None:
        """Delete a lane."""
        delete_lane(row, reason=reason, by=request.user)


@admin.register(Shipper, site=master_data)
class ShipperAdmin(MasterDataAdmin):
    """The shippers of the sites of an administrator, who changes those of the own sites."""

    form = ShipperForm
    new_form = NewShipperForm
    purpose = (
        "The containers in which cells travel: for which temperatures, how long and until when each is qualified. The "
        "report of a packing is compared with it, and keeps what stands here at that moment."
    )
    lasting = ("site", "number")
    list_display = ("number", "model", "site", "courier", "coldest", "warmest", "hold_hours", "qualified_until",
                    "is_retired")  # fmt: skip
    list_filter = ("is_retired",)
    list_select_related = ("site",)
    search_fields = ("number", "model", "courier", "site__name")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of a site within."""
        return rows.filter(reach.within("site"))

    def may_change(self, reach: Reach, row: Shipper) -> bool:
        """Who administers its site."""
        return reach.holds([row.site_id])

    def may_delete(self, reach: Reach, row: Shipper) -> bool:
        """As changing."""
        return reach.holds([row.site_id])

    def get_form(self, request: HttpRequest, obj: Shipper | None = None, change: bool = False, **given: Any) -> Any:
        """New shippers are of one's own sites in use."""
        form = super().get_form(request, obj, change, **given)
        if "site" in form.base_fields:
            form.base_fields["site"].queryset = reach_of(request).sites().filter(is_active=True)
        return form

    def write(self, row: Shipper | None, data: dict[str, Any], request: HttpRequest) -> Shipper:
        """Add or change a shipper."""
        told = {name: data[name] for name in (*QUALIFICATION, "reason")}
        if row is not None:
            return change_shipper(row, is_retired=data["is_retired"], by=request.user, **told)
        return create_shipper(site=data["site"], number=data["number"], by=request.user, **told)

    def remove(self, row: Shipper, reason: str, request: HttpRequest) -> None:
        """Delete a shipper."""
        delete_shipper(row, reason=reason, by=request.user)
