"""Celery shell of trying verdicts."""

from celery import shared_task
from django.utils import timezone

from batches.trials import actions


@shared_task(name="batches.trials.try_verdicts")
def try_verdicts() -> None:
    """Try the verdict on a few more simulated lines of one line's own rates; nothing to do for most of the week."""
    actions.ask_for_trials(now=timezone.now())
    actions.go_on_with_trials(now=timezone.now())
