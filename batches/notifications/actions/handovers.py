"""Handing a shift over."""

from django.db import transaction

from batches.notifications.models import HandOver
from batches.notifications.queries.handovers import HANDING_ROLES, Shift, figures_of
from supplychain.audit.refusals import Refused
from supplychain.people.models import User

MOST_TEXT = 4000
MOST_NAME = 150


@transaction.atomic
def hand_over(shift: Shift, *, text: str, by: User) -> HandOver:
    """Keep what `by` tells the next shift, with the shift's figures as they are now. Raises Refused."""
    if shift.site.pk not in by.site_ids(*HANDING_ROLES):
        raise Refused({"site": "You do not work for operations, QA or administration there."})
    words = text.replace("\x00", "").strip()
    if not words:
        raise Refused({"text": "Write what the next shift must know."})
    if len(words) > MOST_TEXT:
        raise Refused({"text": f"This has {len(words)} characters; use at most {MOST_TEXT}."})
    return HandOver.objects.create(
        site=shift.site,
        by=by,
        person=str(by)[:MOST_NAME],
        text=words,
        from_at=shift.start,
        to_at=shift.now,
        made_at=shift.now,
        figures=figures_of(shift),
    )
