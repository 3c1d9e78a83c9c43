"""Celery shells of the outcomes of orders."""

import time

from celery import shared_task

from batches.outcomes import actions

# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20


@shared_task(name="batches.outcomes.refresh_outcomes")
def refresh_outcomes() -> None:
    """Bring the outcomes of orders up to date for the key figures, part by part."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    while actions.refresh_outcomes() == actions.CHUNK and time.monotonic() < stop_at:
        pass
