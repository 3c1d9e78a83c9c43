"""Celery shells of telling people."""

import time

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from batches.notifications.actions import notices, notifications
from batches.notifications.actions.mails import MailOutcome, gather_mails, send_next_mail

CLAIM = 300
# After this long a task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20
LONGEST_SENDING_SECONDS = 10
STOPS = (MailOutcome.NONE, MailOutcome.UNREACHED)


@shared_task(name="batches.notifications.deliver_notifications")
def deliver_notifications() -> None:
    """Tell people of the flips that are due, and gather what is to be mailed; apart from judging, so that no flag
    waits for it."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    told = CLAIM
    try:
        while told == CLAIM and time.monotonic() < stop_at:
            told = notifications.tell_due_flips(now=timezone.now(), limit=CLAIM)
        notices.tell_failing_reviews(now=timezone.now())
    finally:  # who was told before is mailed whatever becomes of the rest
        gather_mails(now=timezone.now())


@shared_task(name="batches.notifications.send_mails")
def send_mails() -> None:
    """Send the e-mails that are due, one after another over one connection; a slow server holds up nothing else."""
    server = get_connection()
    stop_at = time.monotonic() + LONGEST_SENDING_SECONDS
    try:
        while time.monotonic() < stop_at and send_next_mail(now=timezone.now(), server=server) not in STOPS:
            pass
    finally:
        server.close()


@shared_task(name="batches.notifications.forget_old_notifications")
def forget_old_notifications() -> None:
    """Delete read messages of half a year ago."""
    notifications.forget_old_notifications(now=timezone.now())
