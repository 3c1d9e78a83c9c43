"""Whom a plant tells next, in the administration."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from batches.capacity.admin.site_bound import SiteBoundAdmin
from batches.notifications.actions.escalations import (
    add_escalation_step,
    change_escalation_step,
    remove_escalation_step,
)
from batches.notifications.forms import EscalationStepForm, NewEscalationStepForm
from batches.notifications.models import EscalationStep
from batches.notifications.rules.notifications import USUAL_CHAIN
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind

USUAL = ", ".join(f"{Role(step.role).label} after {step.after_minutes} minutes" for step in USUAL_CHAIN)


@admin.register(EscalationStep, site=master_data)
class EscalationStepAdmin(SiteBoundAdmin):
    """The steps of plants that have a chain of their own."""

    form = EscalationStepForm
    new_form = NewEscalationStepForm
    site_field = "site"
    purpose = "Whom a plant tells next when nobody acknowledges a critical flag."
    advice = (
        f"A plant without steps of its own has the usual chain: {USUAL}. With its first step it has only its own: "
        "add one for every role that is to be told."
    )
    lasting = ("site", "role")
    list_display = ("site", "role", "after_minutes")
    list_display_links = ("site", "role")
    list_filter = ("role",)
    list_select_related = ("site",)
    search_fields = ("site__name", "site__code")
    ordering = ("site__name", "after_minutes")

    def may_add(self, reach: Reach) -> bool:
        """Who administers a plant."""
        return reach.governs_shared

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """Only plants."""
        field = super().formfield_for_foreignkey(db_field, request, **given)
        field.queryset = field.queryset.filter(kind=SiteKind.PLANT)
        return field

    def write(self, row: EscalationStep | None, data: dict[str, Any], request: HttpRequest) -> EscalationStep:
        """Add a step, or change its time."""
        told = {"after_minutes": data["after_minutes"], "reason": data["reason"], "by": request.user}
        if row is not None:
            return change_escalation_step(row, **told)
        return add_escalation_step(data["site"], role=data["role"], **told)

    def remove(self, row: EscalationStep, reason: str, request: HttpRequest) -> None:
        """Tell its role no more."""
        remove_escalation_step(row, reason=reason, by=request.user)
