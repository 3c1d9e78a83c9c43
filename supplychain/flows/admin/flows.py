"""Flows in the administration: files that are checked, loaded, drawn, and never edited."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from supplychain.administration.pages import ReadOnlyAdmin
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.refusals import check_reason
from supplychain.audit.trails import TrailScope, trail_of
from supplychain.flows.actions import SHIPPED_FLOWS, FlowRefused, LoadedFlow, load_flow
from supplychain.flows.forms import CHECK, LOAD, FlowFileForm
from supplychain.flows.models import Flow
from supplychain.flows.queries import flow_plan
from supplychain.flows.rules.checks import ProductDefinition
from supplychain.flows.rules.drawings import draw_flow, duration
from supplychain.flows.rules.texts import explained, write_flow
from supplychain.flows.statuses import StageKind, StagePlace
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.people.models import User

TRAIL_SIZE = 20


@admin.register(Flow, site=master_data)
class FlowAdmin(ReadOnlyAdmin):
    """Every version of every product's journey; a new one is a checked file."""

    purpose = "The journeys of the products, by version."
    advice = "A loaded flow never changes, since orders are pinned to it. To change a journey load its next version."
    list_display = ("code", "version", "product", "name", "is_current", "is_default", "open_orders", "loaded_at")
    list_filter = ("is_current", "product")
    search_fields = ("code", "name", "product__code", "product__name")
    list_select_related = ("product",)
    ordering = ("-is_current", "product__code", "code", "-version")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With how many wait on each."""
        waiting = Count("orders", filter=Q(orders__status__in=OPEN_ORDER_STATUSES))
        return super().get_queryset(request).annotate(waiting=waiting)

    @admin.display(description="open orders")
    def open_orders(self, flow: Flow) -> int:
        """How many patients are on this version."""
        return flow.waiting

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant answers for the journeys."""
        return reach.governs_shared

    def trail_scopes(self, reach: Reach) -> list[TrailScope]:
        """Flows are everybody's."""
        return [TrailScope(Flow, Q())]

    def get_urls(self) -> list[URLPattern]:
        """Besides Django's: the file."""
        view = self.admin_site.admin_view(self.file_view)
        return [path("<uuid:flow_id>/file/", view, name="supplychain_flow_file"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **given: Any) -> HttpResponse:
        """The flow drawn, and as a table."""
        flow = self.get_object(request, object_id)
        if request.method != "GET":
            raise PermissionDenied
        stages = list(flow_plan(flow.pk).stages.values())
        context = {
            "title": str(flow),
            "flow": flow,
            "drawing": draw_flow(stages),
            "stages": [_row(stage) for stage in stages],
            "orders": flow.orders.count(),
            "open_orders": flow.orders.filter(status__in=OPEN_ORDER_STATUSES).count(),
            "newest": _newest(flow),
            "changes": trail_of(flow, size=TRAIL_SIZE),
            "may_add": self.has_add_permission(request),
        }
        return self._page(request, "flow.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = self.admin_site.each_context(request) | {"opts": self.opts} | context
        return TemplateResponse(request, f"admin/supplychain/flow/{template}", context)

    def file_view(self, request: HttpRequest, flow_id: Any) -> HttpResponse:
        """The flow as a file, to keep or to change."""
        flow = self.get_object(request, str(flow_id))
        response = HttpResponse(file_of(flow), content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{flow.code}-v{flow.version}.yaml"'
        return response

    def add_view(self, request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        """Check a file and say what is wrong with it; load it when it is right and the person wants it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self._loading_page(request, FlowFileForm(initial=self._starting_text(request)))
        form = FlowFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._loading_page(request, form)
        return self._check_or_load(request, form)

    def _starting_text(self, request: HttpRequest) -> dict[str, Any]:
        """The text of the flow to start from: a loaded one by its id, or one of those that come with CellOps."""
        wanted = request.GET.get("from", "")
        if wanted in shipped():
            return {"text": (SHIPPED_FLOWS / f"{wanted}.yaml").read_text(encoding="utf-8")}
        if not wanted:
            return {}
        flow = self.get_object(request, wanted)
        return {"text": file_of(flow), "based_on": flow.pk}

    def _check_or_load(self, request: HttpRequest, form: FlowFileForm) -> HttpResponse:
        text, now = form.cleaned_data["text"], timezone.now()
        if LOAD in request.POST and (newer := _loaded_meanwhile(form)):
            form.add_error(None, _superseded(newer))
            return self._loading_page(request, form)
        try:
            if LOAD in request.POST:
                return self._loaded(request, load(text, form.cleaned_data["reason"], request.user, now))
            return self._loading_page(request, form, outcome=tried(text, now))
        except FlowRefused as refusal:
            return self._loading_page(request, form, findings=explained(text, refusal.problems))

    def _loading_page(self, request: HttpRequest, form: FlowFileForm, **found: Any) -> HttpResponse:
        context = {"title": "Load a flow", "form": form, "shipped": shipped(), "check": CHECK, "load": LOAD, **found}
        return self._page(request, "load.html", context)

    def _loaded(self, request: HttpRequest, loaded: list[LoadedFlow]) -> HttpResponse:
        for each in loaded:
            text = f"{each.flow}: {each.outcome.label.lower()}{'' if each.changed else ', nothing was to be changed'}."
            messages.success(request, text)
        return HttpResponseRedirect(reverse("admin:supplychain_flow_change", args=[loaded[0].flow.pk]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Flow:
        """The flow with its product; nobody changes it, so nothing is locked."""
        flow = Flow.objects.filter(pk=object_id).select_related("product").first() if _is_id(object_id) else None
        if flow is None:
            raise Http404
        return flow


def _is_id(text: str) -> bool:
    try:
        Flow._meta.pk.to_python(text)
    except Exception:  # noqa: BLE001 - Django's own ValidationError; whatever it says, there is no such flow
        return False
    return True


def shipped() -> list[str]:
    """The flows that come with CellOps."""
    return sorted(path.stem for path in SHIPPED_FLOWS.glob("*.yaml"))


def load(text: str, reason: str, by: User, now: datetime) -> list[LoadedFlow]:
    """Load the file for good. Raises FlowRefused."""
    return load_flow(text, by=by, now=now, reason=check_reason(reason))


def tried(text: str, now: datetime) -> list[LoadedFlow]:
    """What loading the file would do: it is loaded and taken back, so the answer is true. Raises FlowRefused."""
    with transaction.atomic():
        loaded = load_flow(text, by=None, now=now)
        transaction.set_rollback(True)
    return loaded


def file_of(flow: Flow) -> str:
    """The flow as a file, for every product that has the same journey now."""
    same = Flow.objects.filter(code=flow.code, definition=flow.definition, is_current=True).exclude(pk=flow.pk)
    flows = [flow, *same.select_related("product")]
    names = {one.product.code: ProductDefinition(one.product.code, one.product.name, one.is_default) for one in flows}
    return write_flow(flow.definition, names.values())


def _newest(flow: Flow) -> Flow | None:
    """The version that took its place; None: it is current itself."""
    return (
        None
        if flow.is_current
        else Flow.objects.filter(product=flow.product_id, code=flow.code, is_current=True)
        .select_related("product")
        .first()
    )


def _loaded_meanwhile(form: FlowFileForm) -> Flow | None:
    """A newer version than the one that the text was made from; the form is then based on it."""
    based_on = Flow.objects.filter(pk=form.cleaned_data["based_on"]).select_related("product").first()
    newer = _newest(based_on) if based_on else None
    if newer is not None:
        form.data = form.data.copy()
        form.data["based_on"] = str(newer.pk)
    return newer


def _superseded(newer: Flow) -> str:
    return (
        f"{newer} was loaded while you had this page open, so nothing was loaded. Compare your text with it; "
        "load again if yours is to replace it."
    )


def _row(stage: Any) -> dict[str, Any]:
    """A stage as a row of the table."""
    wait = stage.longest_wait_hours
    return {
        "stage": stage,
        "kind": StageKind(stage.kind).label,
        "place": StagePlace(stage.place).label,
        "planned": duration(stage.planned_hours),
        "worst": duration(stage.worst_hours),
        "wait": "any" if wait is None else duration(wait),
    }
