"""Sites in the administration."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.actions import uses_of
from supplychain.people.actions import create_site_with_administrator
from supplychain.sites.actions import change_site, delete_site
from supplychain.sites.forms import SiteForm
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


@admin.register(Site, site=master_data)
class SiteAdmin(MasterDataAdmin):
    """The sites that an administrator administers."""

    form = SiteForm
    purpose = "Where patients are treated, cells are collected and doses are made."
    advice = "Code and kind last: systems and files name the site by its code. What has been used is switched off."
    lasting = ("code", "kind")
    list_display = ("name", "code", "kind", "time_zone", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("code", "name")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Their own."""
        return rows.filter(reach.within("pk"))

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant may add a site, and administers it from then on."""
        return reach.governs_shared

    def may_delete(self, reach: Reach, row: Site) -> bool:
        """As adding."""
        return reach.governs_shared

    def get_fieldsets(self, request: HttpRequest, obj: Site | None = None) -> list:
        """A new site is in use."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            fieldsets[0][1]["fields"].remove("is_active")
        return fieldsets

    def write(self, row: Site | None, data: dict[str, Any], request: HttpRequest) -> Site:
        """Add or change a site."""
        names = ("name", "time_zone", "telephone", "facilities", "reason")
        told = {name: data[name] for name in names} | {"by": request.user}
        if row is not None:
            return change_site(row, is_active=data["is_active"], **told)
        administrator = None if request.user.is_superuser else request.user
        return create_site_with_administrator(
            code=data["code"], kind=SiteKind(data["kind"]), administrator=administrator, **told
        )

    def remove(self, row: Site, reason: str, request: HttpRequest) -> None:
        """Delete a site that was never used."""
        delete_site(row, reason=reason, by=request.user)

    def uses(self, row: Site) -> list[str]:
        """What refers to the site."""
        return uses_of(row)
