"""Telling people of what is no flag: pools that cannot be reviewed, attempts to sign that were refused."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from batches.notifications.models import ReviewNotice, SigningNotice
from batches.notifications.queries.notices import administrators_of, failing_sites, people_to_tell
from supplychain.audit.models import RefusedSigning
from supplychain.people.models import User


@transaction.atomic
def tell_failing_reviews(*, now: datetime) -> int:
    """One notice for each administrator of a site whose reviews fail, however often they do; those of sites whose
    reviews succeed again end. Returns how many notices are new."""
    failing = failing_sites()
    standing = ReviewNotice.objects.filter(ended_at=None)
    standing.exclude(site__in=failing).update(ended_at=now)
    if not failing:
        return 0
    told = set(standing.values_list("site_id", "person_id"))
    notices = [
        ReviewNotice(
            site_id=site, person_id=person, failing_since=failing[site].since, why=failing[site].why, created_at=now
        )
        for site, person in administrators_of(failing)
        if (site, person) not in told
    ]
    # Another worker may tell them at the same moment: the database keeps one.
    ReviewNotice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


@transaction.atomic
def tell_refused_signing(refused: RefusedSigning) -> int:
    """A notice for each who has to know that somebody could not sign, unless one about the same signer and order waits
    for them. Returns how many were told of it."""
    notices = [
        SigningNotice(
            refused=refused, order=refused.order, signer=refused.user, person_id=person, created_at=refused.refused_at
        )
        for person in people_to_tell(refused)
    ]
    SigningNotice.objects.bulk_create(notices, ignore_conflicts=True)
    return len(notices)


def see_signing_notice(notice_id: UUID, *, by: User, now: datetime) -> None:
    """Note that the person has seen it; nobody sees another one's."""
    SigningNotice.objects.filter(pk=notice_id, person=by, ended_at=None).update(ended_at=now)
