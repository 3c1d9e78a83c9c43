"""Celery shells of reviewing lines."""

from celery import shared_task
from django.utils import timezone

from batches.lines.actions.pools import review_due_pools
from supplychain.live import publish_change


@shared_task(name="batches.lines.review_pools")
def review_pools() -> None:
    """Review the pools that are due and name the bottleneck of their lines; apart, so that no flag waits for it."""
    publish_change({}, sites=review_due_pools(now=timezone.now()))
