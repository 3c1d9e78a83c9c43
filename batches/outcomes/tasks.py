"""Celery shells of the outcomes of orders."""

import time
from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from batches.outcomes import actions

# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20
# As beat asks (cellops/schedule.py): one run of an hour falls into its first minutes.
EVERY_MINUTES = 2
# To compare all orders that ever were with their outcomes takes longer with every year.
NEWS = timedelta(days=1)


@shared_task(name="batches.outcomes.refresh_outcomes")
def refresh_outcomes() -> None:
    """Bring the outcomes of orders up to date for the key figures, part by part: of those with news of the last day,
    once an hour of all, should one have been missed."""
    now, stop_at = timezone.now(), time.monotonic() + LONGEST_SECONDS
    since = actions.EVER if now.minute < EVERY_MINUTES else now - NEWS
    while actions.refresh_outcomes(since=since) == actions.CHUNK and time.monotonic() < stop_at:
        pass
