"""Flags that somebody has taken on and can act on no longer are nobody's again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from batches.flags.actions.people import MOST_COMMENT, MOST_NAME, note_flip
from batches.flags.models import Flag
from batches.flags.queries.flags import handlers_of
from batches.flags.statuses import FlagChangeKind
from supplychain.people.models import User


@transaction.atomic
def give_back_flags(person: User, *, by: User | None, now: datetime) -> int:
    """Leave without an owner what `person` has and may handle no more: switched off, or without a role at a site of
    the order. `by` (None: a command) is who took that from them. Returns how many."""
    owned = Flag.objects.filter(owner=person, cleared_at=None).order_by("pk")
    flags = owned.select_for_update(of=("self",), no_key=True).select_related("order")
    left = [flag for flag in flags if not handlers_of(flag.order).filter(pk=person.pk).exists()]
    why = "is switched off" if not person.is_active else "no longer has a role at its sites"
    said: dict[str, Any] = {
        "person": str(by)[:MOST_NAME] if by else "a command",
        "comment": f"{person} {why}"[:MOST_COMMENT],
    }
    for flag in left:
        flag.owner = None
        flag.save(update_fields=["owner"])
        note_flip(flag, FlagChangeKind.GIVEN_BACK, now, **said)
    return len(left)
