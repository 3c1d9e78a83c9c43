"""Whom a plant tells next, in the administration."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from batches.capacity.admin.site_bound import SiteBoundAdmin
from batches.notifications.actions.escalations import (
    add_escalation_step,
    change_escalation_step,
    remove_escalation_step,
)
from batches.notifications.forms import EscalationStepForm, NewEscalationStepForm
from batches.notifications.models import EscalationStep
from batches.notifications.rules.notifications import USUAL_CHAIN, Escalation
from supplychain.administration.reach import Reach
from supplychain.administration.site import master_data
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind


def chain_words(steps: Iterable[Escalation | EscalationStep]) -> str:
    """Whom a chain tells, and when."""
    return ", ".join(f"{Role(step.role).label} after {step.after_minutes} minutes" for step in steps)


USUAL = chain_words(USUAL_CHAIN)


@admin.register(EscalationStep, site=master_data)
class EscalationStepAdmin(SiteBoundAdmin):
    """The steps of plants that have a chain of their own."""

    form = EscalationStepForm
    new_form = NewEscalationStepForm
    site_field = "site"
    purpose = "Whom a plant tells next when nobody acknowledges a critical flag."
    advice = (
        f"A plant without steps of its own has the usual chain: {USUAL}. With its first step it has only its own, "
        "which begin with the usual ones unless you say otherwise."
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
            step = change_escalation_step(row, **told)
        else:
            told["keeps_usual"] = data["keeps_usual"]
            step = add_escalation_step(data["site"], role=data["role"], **told)
        self._tell_chain(request, step.site)
        return step

    def remove(self, row: EscalationStep, reason: str, request: HttpRequest) -> None:
        """Tell its role no more."""
        remove_escalation_step(row, reason=reason, by=request.user)
        self._tell_chain(request, row.site)

    def _tell_chain(self, request: HttpRequest, plant: Site) -> None:
        """Which chain holds now: with a first or without a last step it is another."""
        own = chain_words(EscalationStep.objects.filter(site=plant).order_by("after_minutes"))
        whose = f"its own: {own}" if own else f"the usual: {USUAL}"
        text = f"The chain of {plant.name} is now {whose}. Nobody else is told of a flag that nobody acknowledges."
        self.message_user(request, text, messages.INFO)
