"""Celery shells: they read the clock, call one action after another and tell open pages."""

import time

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from batches.actions import durations, outcomes
from batches.actions.evaluation import evaluate_due_orders
from batches.actions.mails import Outcome, gather_mails, send_next_mail
from batches.actions.notifications import forget_old_notifications, tell_due_flips
from batches.actions.pools import review_due_pools
from batches.wake import forget_wish
from supplychain.live import publish_change

CLAIM = 300
# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20
LONGEST_SENDING_SECONDS = 10
STOPS = (Outcome.NONE, Outcome.UNREACHED)


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


@shared_task(name="batches.tasks.deliver_notifications")
def deliver_notifications() -> None:
    """Tell people of the flips that are due, and gather what is to be mailed; apart from judging, so that no flag
    waits for it."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    told = CLAIM
    while told == CLAIM and time.monotonic() < stop_at:
        told = tell_due_flips(now=timezone.now(), limit=CLAIM)
    gather_mails(now=timezone.now())


@shared_task(name="batches.tasks.send_mails")
def send_mails() -> None:
    """Send the e-mails that are due, one after another over one connection; a slow server holds up nothing else."""
    server = get_connection()
    stop_at = time.monotonic() + LONGEST_SENDING_SECONDS
    try:
        while time.monotonic() < stop_at and send_next_mail(now=timezone.now(), server=server) not in STOPS:
            pass
    finally:
        server.close()


@shared_task(name="batches.tasks.forget_old_notifications")
def forget_old() -> None:
    """Delete read messages of half a year ago."""
    forget_old_notifications(now=timezone.now())


@shared_task(name="batches.tasks.refresh_outcomes")
def refresh_outcomes() -> None:
    """Bring the outcomes of orders up to date for the key figures, part by part."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    while outcomes.refresh_outcomes() == outcomes.CHUNK and time.monotonic() < stop_at:
        pass
