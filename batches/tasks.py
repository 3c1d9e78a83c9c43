"""Celery shells: they read the clock, call one action after another and tell open pages."""

import time
from uuid import UUID

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from batches.actions import durations, outcomes, ramp_up_runs, scores
from batches.actions.evaluation import evaluate_due_orders
from batches.actions.learned_durations import refresh_learned_durations as learn_durations
from batches.actions.mails import Outcome, gather_mails, send_next_mail
from batches.actions.notifications import forget_old_notifications, tell_due_flips
from batches.actions.pools import review_due_pools
from batches.actions.predictions import forecast_due_lines
from batches.wake import forget_wish
from supplychain.live import publish_change

CLAIM = 300
# After this long the task gives way; beat's next one goes on where it stopped.
LONGEST_SECONDS = 20
LONGEST_SENDING_SECONDS = 10
RAMP_UP_SECONDS = 8
LINES = 8
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


@shared_task(name="batches.tasks.forecast_lines")
def forecast_lines() -> None:
    """Forecast the lines that are due; apart, so that no flag waits for it."""
    publish_change(forecast_due_lines(now=timezone.now(), limit=LINES))


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


@shared_task(name="batches.tasks.refresh_learned_durations")
def refresh_learned_durations() -> None:
    """Learn from the newest past how long stages take and how they end."""
    learn_durations(now=timezone.now())


@shared_task(name="batches.tasks.score_predictions")
def score_predictions() -> None:
    """Write what came of predictions whose orders have ended, and judge the forecast by it."""
    stop_at = time.monotonic() + LONGEST_SECONDS
    scored = scores.CHUNK
    while scored == scores.CHUNK and time.monotonic() < stop_at:
        scored = scores.score_predictions(now=timezone.now())
    scores.refresh_calibration(now=timezone.now())


@shared_task(name="batches.tasks.run_ramp_up")
def run_ramp_up(run_id: str) -> None:
    """Work on a simulation for a while, then stand in the queue again: workers are shared with the judgement."""
    if ramp_up_runs.work_on_run(UUID(run_id), now=timezone.now(), seconds=RAMP_UP_SECONDS):
        ramp_up_runs.send(UUID(run_id))


@shared_task(name="batches.tasks.resume_ramp_ups")
def resume_ramp_ups() -> None:
    """Ask for every simulation that nobody works on: its worker was killed, or its message got lost."""
    for run_id in ramp_up_runs.claim_due_runs(now=timezone.now()):
        ramp_up_runs.send(run_id)


@shared_task(name="batches.tasks.look_ahead")
def look_ahead() -> None:
    """Simulate the next four weeks of every line anew, for the top of the ramp-up page."""
    ramp_up_runs.start_outlooks(now=timezone.now())
