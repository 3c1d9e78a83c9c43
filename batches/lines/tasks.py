"""Celery shells of reviewing lines."""

from celery import shared_task
from django.utils import timezone

from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.verdicts import score_verdicts as score_due_verdicts
from supplychain.live import publish_change


@shared_task(name="batches.lines.review_pools")
def review_pools() -> None:
    """Review the pools that are due and name the bottleneck of their lines; apart, so that no flag waits for it."""
    publish_change({}, sites=review_due_pools(now=timezone.now(), clock=timezone.now))


@shared_task(name="batches.lines.score_verdicts")
def score_verdicts() -> None:
    """Write what the weeks after verdicts came to; a line has one a week, what is left waits for the next hour."""
    score_due_verdicts(now=timezone.now())
