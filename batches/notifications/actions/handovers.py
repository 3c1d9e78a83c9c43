"""Handing a shift over, and taking it over."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from batches.flags.actions.people import FlagActionRefused, take_on_flag
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.notifications.models import HandOver, TakeOver
from batches.notifications.queries.handovers import HANDING_ROLES, Shift, figures_of
from supplychain.audit.refusals import Refused
from supplychain.orders.models import PatientOrder
from supplychain.people.models import User

MOST_TEXT = 4000
MOST_NAME = 150
MOST_REMARK = 500
# By what somebody comes to have a flag.
TAKING = (FlagChangeKind.TAKEN_ON, FlagChangeKind.ASSIGNED)


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


@transaction.atomic
def take_over(
    handover_id: UUID, *, remark: str, takes_flags: bool = False, by: User, now: datetime
) -> tuple[TakeOver, int]:
    """Keep that `by` has read a hand-over and takes the shift over, and how many flags with it. Raises Refused.

    Once, and by somebody else than handed over: what one person tells themselves is no hand-over. `takes_flags`: what
    whoever handed over has of the site's flags, and had then, is theirs from now on.
    """
    handover = HandOver.objects.select_for_update(of=("self",)).filter(pk=handover_id).first()
    if handover is None or handover.site_id not in by.site_ids(*HANDING_ROLES):
        raise Refused({"handover": "There is no such hand-over at a site where you take shifts over."})
    if handover.by_id == by.pk:
        raise Refused({"handover": "You handed this shift over yourself: whoever comes takes it over."})
    if taken := TakeOver.objects.filter(handover=handover).first():
        raise Refused({"handover": f"{taken.person} has taken this shift over already."})
    words = remark.replace("\x00", "").strip()
    if len(words) > MOST_REMARK:
        raise Refused({"remark": f"This has {len(words)} characters; use at most {MOST_REMARK}."})
    taken = TakeOver.objects.create(handover=handover, by=by, person=str(by)[:MOST_NAME], remark=words, taken_at=now)
    return taken, _take_flags(handover, by, now) if takes_flags else 0


def _take_flags(handover: HandOver, by: User, now: datetime) -> int:
    """Take on what whoever handed over has there and had then; what is cleared at this moment needs nobody any more."""
    orders = PatientOrder.objects.of_sites([handover.site_id])
    since = FlagChange.objects.filter(flag=OuterRef("pk"), kind__in=TAKING, changed_at__gt=handover.made_at)
    theirs = Flag.objects.filter(owner=handover.by_id, cleared_at=None, raised_at__lte=handover.made_at)
    theirs = theirs.filter(~Exists(since))
    taken = 0
    for flag_id in theirs.filter(order__in=orders).order_by("pk").values_list("pk", flat=True):
        try:
            take_on_flag(flag_id, by=by, now=now)
        except FlagActionRefused:
            continue
        taken += 1
    return taken
