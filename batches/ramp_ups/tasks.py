"""Celery shells of the simulations of scenarios."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from batches.ramp_ups.actions import runs

# Workers are shared with the forecasts: after this long a simulation stands in the queue again.
LONGEST_SECONDS = 8


@shared_task(name=runs.TASK)
def run_ramp_up(run_id: str) -> None:
    """Work on a simulation for a while, then stand in the queue again."""
    if runs.work_on_run(UUID(run_id), now=timezone.now(), seconds=LONGEST_SECONDS):
        runs.send(UUID(run_id))


@shared_task(name="batches.ramp_ups.resume_ramp_ups")
def resume_ramp_ups() -> None:
    """Ask for every simulation that nobody works on: its worker was killed, or its message got lost."""
    for run_id in runs.claim_due_runs(now=timezone.now()):
        runs.send(run_id)


@shared_task(name="batches.ramp_ups.look_ahead")
def look_ahead() -> None:
    """Hold the model against the last weeks of every line, and simulate the next four, for the top of the page."""
    now = timezone.now()
    runs.start_replays(now=now)
    runs.start_outlooks(now=now)
