"""Pools, their capacity over time and their named places in the administration."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from batches.capacity.actions import (
    create_pool,
    create_suite,
    delete_pool,
    delete_suite,
    goes_with_pools,
    rename_pool,
    set_capacity,
    withdraw_capacity,
)
from batches.capacity.admin.site_bound import SiteBoundAdmin
from batches.capacity.forms import CapacityForm, NewCapacityForm, NewPoolForm, PoolForm, SuiteForm
from batches.capacity.models import Pool, PoolCapacity, Suite
from batches.capacity.queries import why_capacity_stays
from batches.capacity.rules import TAKEN_BACK_WITHIN
from supplychain.administration.filters import WithinReachFilter
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.audit.actions import uses_of
from supplychain.orders.models import StageRun
from supplychain.words import HOUR, in_zone


def _rows(steps: list[PoolCapacity], now: datetime) -> list[dict[str, Any]]:
    """Steps, newest first, each with its moment in the site's zone, and whether it counts now or has yet to come."""
    current = next((step.pk for step in steps if step.starts_at <= now), None)
    return [
        {
            "step": step,
            "at": in_zone(step.starts_at, step.pool.site.time_zone),
            "now": step.pk == current,
            "coming": step.starts_at > now,
        }
        for step in steps
    ]


@admin.register(Pool, site=master_data)
class PoolAdmin(SiteBoundAdmin):
    """The pools of the administrator's sites."""

    form = PoolForm
    new_form = NewPoolForm
    change_form_template = "admin/batches/pool/change_form.html"
    site_field = "site"
    purpose = "What a stage needs at its site: suites, QC lanes, couriers, chairs. A queue forms where it is full."
    advice = "Site and code last: stages name the pool by its code."
    lasting = ("site", "code")
    list_display = ("name", "site", "code", "places_now", "next_change")
    list_filter = (("site", WithinReachFilter), "code")
    search_fields = ("code", "name", "site__name")
    list_select_related = ("site",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """With the capacity now and what comes next."""
        now = timezone.now()
        steps = PoolCapacity.objects.filter(pool=OuterRef("pk"))
        past, coming = steps.filter(starts_at__lte=now).order_by("-starts_at"), steps.filter(starts_at__gt=now)
        coming = coming.order_by("starts_at")
        return (
            super()
            .get_queryset(request)
            .annotate(
                now_places=Subquery(past.values("places")[:1]),
                next_at=Subquery(coming.values("starts_at")[:1]),
                next_places=Subquery(coming.values("places")[:1]),
            )
        )

    @admin.display(description="places now", ordering="now_places")
    def places_now(self, pool: Pool) -> str:
        """How many orders it serves at once."""
        return "not set" if pool.now_places is None else str(pool.now_places)

    @admin.display(description="next change", ordering="next_at")
    def next_change(self, pool: Pool) -> str:
        """The next step."""
        return f"{pool.next_places} from {in_zone(pool.next_at, pool.site.time_zone)}" if pool.next_at else "–"

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **given: Any) -> HttpResponse:
        """The pool with its capacities and named places."""
        key = self.key_of(object_id)
        steps = list(PoolCapacity.objects.filter(pool=key).select_related("pool__site").order_by("-starts_at"))
        extra = {"capacities": _rows(steps, timezone.now()), "suites": Suite.objects.filter(pool=key)}
        return super().change_view(request, object_id, *args, extra_context=extra, **given)

    def write(self, row: Pool | None, data: dict[str, Any], request: HttpRequest) -> Pool:
        """Add or rename a pool."""
        if row is not None:
            return rename_pool(row, name=data["name"], reason=data["reason"], by=request.user)
        told = {name: data[name] for name in ("site", "code", "name", "places", "starts_at", "reason")}
        return create_pool(**told, by=request.user, now=timezone.now())

    def remove(self, row: Pool, reason: str, request: HttpRequest) -> None:
        """Delete a pool that no order needed."""
        delete_pool(row, reason=reason, by=request.user)

    def uses(self, row: Pool) -> list[str]:
        """What refers to it, or needed it."""
        needed = StageRun.objects.filter(site=row.site_id, pool=row.code).exists()
        return [*uses_of(row, along=goes_with_pools()), *(["orders that have needed it"] if needed else [])]


@admin.register(PoolCapacity, site=master_data)
class CapacityAdmin(SiteBoundAdmin):
    """How many places each pool has, from which moment on."""

    form = CapacityForm
    new_form = NewCapacityForm
    purpose = "How many orders each pool serves at once, from which moment on."
    advice = (
        "A capacity counts until the next one begins. The pool is judged again as soon as it is saved. One added by "
        f"mistake can be deleted until it has been in force for {TAKEN_BACK_WITHIN // HOUR} hours; after that correct "
        "its places, or add another."
    )
    lasting = ("pool", "starts")
    list_display = ("pool", "starts", "places")
    list_display_links = ("pool", "starts")
    list_filter = (("pool__site", WithinReachFilter), "pool__code")
    search_fields = ("pool__code", "pool__name", "pool__site__name")
    list_select_related = ("pool__site",)
    ordering = ("pool__site__name", "pool__code", "-starts_at")

    @admin.display(description="from", ordering="starts_at")
    def starts(self, step: PoolCapacity) -> str:
        """The moment in the site's zone."""
        return in_zone(step.starts_at, step.pool.site.time_zone)

    def write(self, row: PoolCapacity | None, data: dict[str, Any], request: HttpRequest) -> PoolCapacity:
        """Set the capacity from its moment on."""
        pool, starts_at = (data["pool"], data["starts_at"]) if row is None else (row.pool, row.starts_at)
        told = {"places": data["places"], "starts_at": starts_at, "reason": data["reason"]}
        return set_capacity(pool, **told, by=request.user, now=timezone.now())

    def remove(self, row: PoolCapacity, reason: str, request: HttpRequest) -> None:
        """Take back one that has not begun, or only just."""
        withdraw_capacity(row, reason=reason, by=request.user, now=timezone.now())

    def uses(self, row: PoolCapacity) -> list[str]:
        """What rests on it."""
        return [why] if (why := why_capacity_stays(row, timezone.now())) else []


@admin.register(Suite, site=master_data)
class SuiteAdmin(SiteBoundAdmin):
    """The named places of pools."""

    form = SuiteForm
    purpose = "The named places of a pool, as reports and batch records name them."
    advice = "A name lasts: batch records refer to it."
    lasting = ("pool", "code")
    list_display = ("code", "pool")
    list_filter = (("pool__site", WithinReachFilter), "pool__code")
    search_fields = ("code", "pool__name")
    list_select_related = ("pool__site",)

    def may_change(self, reach: Reach, row: Suite) -> bool:
        """Nobody: its name lasts."""
        return False

    def write(self, row: Suite | None, data: dict[str, Any], request: HttpRequest) -> Suite:
        """Add a named place."""
        return create_suite(data["pool"], code=data["code"], reason=data["reason"], by=request.user)

    def remove(self, row: Suite, reason: str, request: HttpRequest) -> None:
        """Delete one in which nothing was made."""
        delete_suite(row, reason=reason, by=request.user)

    def uses(self, row: Suite) -> list[str]:
        """The batches made in it."""
        return uses_of(row)
