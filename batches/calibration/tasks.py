"""Celery shells of scoring forecasts."""

import time

from celery import shared_task
from django.utils import timezone

from batches.calibration import actions

# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20


@shared_task(name="batches.calibration.replay_past_weeks")
def replay_past_weeks() -> None:
    """Try the refinements of the forecast on one past week of one line."""
    actions.replay_next(now=timezone.now())


@shared_task(name="batches.calibration.score_predictions")
def score_predictions() -> None:
    """Write what came of predictions whose orders have ended, and judge the forecast by it."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    scored = actions.CHUNK
    try:
        while scored == actions.CHUNK and time.monotonic() < stop_at:
            scored = actions.score_predictions(now=timezone.now())
    finally:  # what was scored before counts whatever becomes of the rest
        actions.refresh_calibration(now=timezone.now())
