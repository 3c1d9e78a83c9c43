"""Telling a site's administrators that its pools cannot be reviewed, and that it has ended."""

from datetime import datetime

from django.db import transaction

from batches.notifications.models import ReviewNotice
from batches.notifications.queries.notices import administrators_of, failing_sites


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
