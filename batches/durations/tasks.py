"""Celery shells of learning how long stages take."""

from celery import shared_task
from django.utils import timezone

from batches.durations.actions import learned, typical


@shared_task(name="batches.durations.refresh_typical_durations")
def refresh_typical_durations() -> None:
    """Take the usual stage durations from the newest past."""
    typical.refresh_typical_durations(now=timezone.now())


@shared_task(name="batches.durations.refresh_learned_durations")
def refresh_learned_durations() -> None:
    """Learn from the newest past how long stages take and how they end."""
    learned.refresh_learned_durations(now=timezone.now())
