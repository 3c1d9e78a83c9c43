"""Celery shells of judging."""

import time

from celery import shared_task
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.judgement.actions import forget_wish
from supplychain.live import publish_change

# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20


@shared_task(name="batches.flags.evaluate_due")
def evaluate_due() -> None:
    """Judge the orders that are due, claim after claim: each begins anew with what was heard of meanwhile."""
    forget_wish()
    stop_at = time.monotonic() + LONGEST_SECONDS
    claimed = True
    while claimed and time.monotonic() < stop_at:
        evaluation = evaluate_due_orders(now=timezone.now())
        publish_change(evaluation.orders)
        claimed = evaluation.claimed > 0
