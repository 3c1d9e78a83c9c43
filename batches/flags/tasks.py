"""Celery shells of judging."""

import time

from celery import shared_task
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.judgement.actions import forget_wish
from supplychain.live import publish_change

CLAIM = 300
# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20


@shared_task(name="batches.flags.evaluate_due")
def evaluate_due() -> None:
    """Judge the orders that are due, claim after claim."""
    forget_wish()
    stop_at = time.monotonic() + LONGEST_SECONDS
    claimed = CLAIM
    while claimed == CLAIM and time.monotonic() < stop_at:
        evaluation = evaluate_due_orders(now=timezone.now(), limit=CLAIM)
        publish_change(evaluation.orders)
        claimed = evaluation.claimed
