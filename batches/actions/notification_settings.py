"""What people want to be told, and whom a plant tells next."""

from collections.abc import Sequence
from datetime import time
from uuid import UUID

from django.db import transaction

from batches.models import EscalationStep, NotificationPreference
from batches.rules.notifications import Step
from supplychain.actions.refusals import Refused, find_sites, refuse_unless_valid, told_by
from supplychain.models import User
from supplychain.statuses import Role

LONGEST_MINUTES = 24 * 60


@transaction.atomic
def set_preferences(
    *,
    email_critical: bool,
    email_attention: bool,
    digest_minutes: int,
    quiet_from: time | None,
    quiet_to: time | None,
    muted: Sequence[UUID] = (),
    by: User,
) -> NotificationPreference:
    """What `by` wants to be told. `muted`: ids of the memberships as which they hear nothing. Raises Refused."""
    if (quiet_from is None) != (quiet_to is None):
        raise Refused({"quiet_to": "Give both ends of the quiet hours, or neither."})
    if quiet_from is not None and quiet_from == quiet_to:
        raise Refused({"quiet_to": "Quiet hours end at another time than they begin."})
    own = set(by.memberships.values_list("id", flat=True))
    fields = {
        "email_critical": email_critical,
        "email_attention": email_attention,
        "digest_minutes": digest_minutes,
        "quiet_from": quiet_from,
        "quiet_to": quiet_to,
        "muted": sorted(own.intersection(muted)),
    }
    stored = NotificationPreference.objects.select_for_update().filter(person=by).first()
    preference = stored or NotificationPreference(person=by)
    for name, value in fields.items():
        setattr(preference, name, value)
    refuse_unless_valid(preference)
    with told_by("set_preferences", by):
        preference.save()
    return preference


@transaction.atomic
def set_escalation(*, site: str, steps: Sequence[Step], by: User | None) -> list[EscalationStep]:
    """Whom the plant of this code tells next, in place of what held before; none: the usual chain. Raises Refused."""
    place = find_sites([site], field="site")[0]
    minutes, roles = [step.after_minutes for step in steps], [step.role for step in steps]
    if any(role not in Role.values for role in roles):
        raise Refused({"role": f"A role is one of {', '.join(Role.values)}."})
    if any(not 1 <= one <= LONGEST_MINUTES for one in minutes):
        raise Refused({"after_minutes": f"Give 1 to {LONGEST_MINUTES} minutes."})
    if minutes != sorted(set(minutes)) or len(set(roles)) < len(roles):
        raise Refused({"after_minutes": "Each step comes later than the one before and tells another role."})
    with told_by("set_escalation", by):
        EscalationStep.objects.filter(site=place).delete()
        return EscalationStep.objects.bulk_create(
            EscalationStep(site=place, after_minutes=step.after_minutes, role=step.role) for step in steps
        )
