"""Whom a plant tells next when nobody acknowledges a critical flag."""

from django.db import transaction

from batches.notifications.models import EscalationStep
from batches.notifications.rules.notifications import USUAL_CHAIN
from supplychain.audit.refusals import Refused, check_reason, refuse_unless_valid, told_by
from supplychain.people.models import User
from supplychain.people.statuses import ACTING_ROLES
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind

LONGEST_MINUTES = 24 * 60


@transaction.atomic
def add_escalation_step(
    plant: Site, *, role: str, after_minutes: int, keeps_usual: bool = False, reason: str, by: User | None
) -> EscalationStep:
    """Tell this role of the plant, too. A plant's first step takes the place of the usual chain, whose other steps
    become its own if `keeps_usual`. Raises Refused."""
    if plant.kind != SiteKind.PLANT:
        raise Refused({"site": f"{plant.name} is no plant: flags escalate at the plant of their order."})
    if role not in ACTING_ROLES:
        raise Refused({"role": f"A role is one of {', '.join(ACTING_ROLES)}."})
    step = EscalationStep(site=plant, role=role, after_minutes=after_minutes)
    others = [usual for usual in USUAL_CHAIN if usual.role != role] if keeps_usual else []
    if others and not EscalationStep.objects.filter(site=plant).exists():
        for usual in others:
            kept = EscalationStep(site=plant, role=usual.role, after_minutes=usual.after_minutes)
            _kept(kept, "add_escalation_step", reason, by)
    return _kept(step, "add_escalation_step", reason, by)


@transaction.atomic
def change_escalation_step(step: EscalationStep, *, after_minutes: int, reason: str, by: User | None) -> EscalationStep:
    """Tell its role sooner or later. Raises Refused."""
    step.after_minutes = after_minutes
    return _kept(step, "change_escalation_step", reason, by)


@transaction.atomic
def remove_escalation_step(step: EscalationStep, *, reason: str, by: User | None) -> None:
    """Tell its role no more; without any step left the plant has the usual chain again. Raises Refused."""
    with told_by("remove_escalation_step", by, check_reason(reason)):
        step.delete()


def _kept(step: EscalationStep, action: str, reason: str, by: User | None) -> EscalationStep:
    if not 1 <= step.after_minutes <= LONGEST_MINUTES:
        raise Refused({"after_minutes": f"Give 1 to {LONGEST_MINUTES} minutes."})
    others = EscalationStep.objects.filter(site=step.site_id).exclude(pk=step.pk)
    if others.filter(role=step.role).exists():
        raise Refused({"role": "The plant tells this role already: change that step."})
    if others.filter(after_minutes=step.after_minutes).exists():
        raise Refused({"after_minutes": "Another role is told at this time: each step has a time of its own."})
    refuse_unless_valid(step)
    with told_by(action, by, check_reason(reason)):
        step.save()
    return step
