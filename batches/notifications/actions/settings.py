"""What people want to be told."""

from collections.abc import Sequence
from datetime import time
from uuid import UUID

from django.db import transaction

from batches.notifications.models import NotificationPreference
from supplychain.audit.refusals import Refused, refuse_unless_valid, told_by
from supplychain.people.models import User


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
