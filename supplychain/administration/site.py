"""The administration pages as a whole: who may enter, what stands where, and the audit trail."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from supplychain.administration.reach import reach_of
from supplychain.audit.trails import TrailScope
from supplychain.people.statuses import RECORD_READERS

# People sign in, out and change their password where they always do; nothing here leads to rows by content type.
NOT_OURS = {"login", "logout", "password_change", "password_change_done", "view_on_site", "autocomplete"}
GROUPS = (
    ("Sites and people", ("Site", "Lane", "Shipper", "User", "Membership")),
    ("Products", ("Product", "Flow")),
    ("Capacity", ("Pool", "PoolCapacity", "Suite")),
    ("Flags and alarms", ("RiskThreshold", "EscalationStep")),
    ("Systems", ("SourceSystem",)),
    ("Records, to read only", ("StatusEvent", "FlagChange", "IdentityCheck", "HandOverLink")),
)


class MasterDataSite(AdminSite):
    """Open to administrators, QA and inspectors of at least one site, and to superusers; `is_staff` opens nothing."""

    site_header = site_title = "Master data"
    index_title = "Master data"
    index_template = "admin/master_data.html"
    empty_value_display = "–"
    final_catch_all_view = False
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person may enter at all."""
        user = request.user
        return user.is_active and (user.is_superuser or not getattr(user, "roles", set()).isdisjoint(RECORD_READERS))

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Serve `view` to them; who is not signed in is led to the login, who is gets a plain no."""

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return update_wrapper(never_cache(csrf_protect(guarded)), view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses without those for signing in, and the audit trail."""
        from supplychain.administration.trail import audit_trail  # it shows this site's tables

        kept = [url for url in super().get_urls() if getattr(url, "name", None) not in NOT_OURS]
        return [path("history/", self.admin_view(audit_trail), name="audit_trail"), *kept]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        """Our floors are no groups that people think in: the one page with all tables."""
        return HttpResponseRedirect(reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The tables in groups that people think in, each with what it is for."""
        known = {
            model["object_name"]: model | {"purpose": self._registry[model["model"]].purpose}
            for app in super().get_app_list(request, app_label)
            for model in app["models"]
        }
        groups = [(name, [known[table] for table in tables if table in known]) for name, tables in GROUPS]
        return [
            {"name": name, "app_label": name.lower(), "app_url": "", "has_module_perms": True, "models": models}
            for name, models in groups
            if models
        ]

    def trail_scopes(self, request: HttpRequest) -> list[TrailScope]:
        """What this person may read of the history."""
        reach = reach_of(request)
        return [scope for page in self._registry.values() for scope in page.trail_scopes(reach)]


master_data = MasterDataSite(name="admin")
