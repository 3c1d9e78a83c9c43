"""Celery shells: they read the clock, call one action after another and tell open pages."""

import time

from celery import shared_task
from django.utils import timezone

from batches.actions import durations
from batches.actions.evaluation import evaluate_due_orders
from batches.actions.pools import review_due_pools
from batches.wake import forget_wish
from supplychain.live import publish_change

CLAIM = 300
# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20


@shared_task(name="batches.tasks.evaluate_due")
def evaluate_due() -> None:
    """Judge the orders that are due, claim after claim."""
    forget_wish()
    stop_at = time.monotonic() + LONGEST_SECONDS
    claimed = CLAIM
    while claimed == CLAIM and time.monotonic() < stop_at:
        evaluation = evaluate_due_orders(now=timezone.now(), limit=CLAIM)
        publish_change(evaluation.orders)
        claimed = evaluation.claimed


@shared_task(name="batches.tasks.review_pools")
def review_pools() -> None:
    """Review the pools that are due and name the bottleneck of their lines; apart, so that no flag waits for it."""
    publish_change({}, sites=review_due_pools(now=timezone.now()))


@shared_task(name="batches.tasks.refresh_typical_durations")
def refresh_typical_durations() -> None:
    """Take the usual stage durations from the newest past."""
    durations.refresh_typical_durations(now=timezone.now())
