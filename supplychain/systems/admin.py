"""Reporting systems in the administration: their rights, and secrets that are shown once."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from supplychain.administration.forms import reason_field
from supplychain.administration.pages import MasterDataAdmin
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.actions import uses_of
from supplychain.audit.refusals import Refused
from supplychain.audit.trails import TrailScope
from supplychain.pages.missing import PlainForm
from supplychain.systems.actions import (
    USUAL_SCOPES,
    SourceCredentials,
    change_source,
    create_source,
    delete_source,
    rotate_secret,
)
from supplychain.systems.forms import NewSourceForm, SourceForm
from supplychain.systems.models import SourceSite, SourceSystem
from supplychain.systems.statuses import SourceKind


class RotationForm(PlainForm):
    """Why a source gets a new secret."""

    reason = reason_field()


@admin.register(SourceSystem, site=master_data)
class SourceAdmin(MasterDataAdmin):
    """The systems that report about the administrator's sites."""

    form = SourceForm
    new_form = NewSourceForm
    change_form_template = "admin/supplychain/sourcesystem/change_form.html"
    purpose = "Hospital records, MES, laboratories, couriers and loggers that report to us."
    advice = "A system gets what its kind needs and no more, and sees only the orders of its sites."
    lasting = ("code", "kind", "client_id", "secret_set_at", "unusual_scopes")
    list_display = ("name", "code", "kind", "its_sites", "unusual_scopes", "is_active", "secret_set_at")
    list_filter = ("kind", "is_active")
    search_fields = ("code", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With their sites and clients."""
        return super().get_queryset(request).select_related("application").prefetch_related("sites")

    def rows_within(self, rows: QuerySet, reach: Reach) -> QuerySet:
        """Those of at least one of the sites."""
        if reach.everywhere:
            return rows
        return rows.filter(pk__in=SourceSite.objects.filter(reach.within("site")).values("sourcesystem"))

    def may_change(self, reach: Reach, row: SourceSystem) -> bool:
        """Only if all its sites are the administrator's."""
        return reach.holds(row.sites.values_list("pk", flat=True))

    def may_delete(self, reach: Reach, row: SourceSystem) -> bool:
        """As changing."""
        return self.may_change(reach, row)

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """The systems and which sites they were given and lost."""
        return [*super().trail_scopes(reach), TrailScope(SourceSite, reach.within("site"))]

    @admin.display(description="sites")
    def its_sites(self, source: SourceSystem) -> SafeString | str:
        """Whose orders it sees."""
        return format_html_join(", ", "{}", [(site.name,) for site in source.sites.all()]) or "none"

    @admin.display(description="more than usual")
    def unusual_scopes(self, source: SourceSystem) -> str:
        """What it may and other systems of its kind usually may not: worth a look."""
        usual = USUAL_SCOPES.get(source.kind, ())
        return ", ".join(scope for scope in source.scopes if scope not in usual) or "nothing"

    @admin.display(description="client id")
    def client_id(self, source: SourceSystem) -> str:
        """What it signs in with, besides its secret."""
        return source.application.client_id if source.application else "none"

    def get_fieldsets(self, request: HttpRequest, obj: SourceSystem | None = None) -> list:
        """A new source is in use, and as limited as any other."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            for name in ("is_active", "request_limit"):
                fieldsets[0][1]["fields"].remove(name)
        return fieldsets

    def write(self, row: SourceSystem | None, data: dict[str, Any], request: HttpRequest) -> SourceSystem:
        """Add or change a source."""
        sites = [site.code for site in data["sites"]]
        told = {"name": data["name"], "sites": sites, "reason": data["reason"], "by": request.user}
        if row is not None:
            rights = {name: data[name] for name in ("scopes", "is_active", "request_limit")}
            return change_source(row, **rights, **told)
        scopes = data["scopes"] or None
        made = create_source(code=data["code"], kind=SourceKind(data["kind"]), scopes=scopes, **told)
        request.credentials = made  # kept for this answer only
        return made.source

    def response_add(self, request: HttpRequest, obj: SourceSystem, *args: Any) -> HttpResponse:
        """The secret, this once."""
        return self._show_secret(request, request.credentials)

    def _show_secret(self, request: HttpRequest, made: SourceCredentials) -> HttpResponse:
        context = self.admin_site.each_context(request) | {"title": "The secret, shown once", "made": made}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/supplychain/sourcesystem/secret.html", context | {"opts": self.opts})

    def get_urls(self) -> list[URLPattern]:
        """Besides Django's: a new secret."""
        view = self.admin_site.admin_view(self.rotate_view)
        return [path("<path:object_id>/rotate/", view, name="supplychain_sourcesystem_rotate"), *super().get_urls()]

    def rotate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then give the source a new secret and show it this once."""
        with transaction.atomic():
            source = self.get_object(request, unquote(object_id))
            if not self.has_change_permission(request, source):
                raise PermissionDenied
            form = RotationForm(request.POST or None)
            if request.method == "POST" and form.is_valid():
                try:
                    made = rotate_secret(source, reason=form.cleaned_data["reason"], by=request.user)
                except Refused as refusal:
                    form.add_error(None, " ".join(refusal.errors.values()))
                else:
                    return self._show_secret(request, made)
        context = self.admin_site.each_context(request) | {"title": "New secret", "form": form, "original": source}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/supplychain/sourcesystem/rotate.html", context | {"opts": self.opts})

    def remove(self, row: SourceSystem, reason: str, request: HttpRequest) -> None:
        """Delete a source that never reported."""
        delete_source(row, reason=reason, by=request.user)

    def uses(self, row: SourceSystem) -> list[str]:
        """What refers to it: what it reported and placed."""
        return uses_of(row)
