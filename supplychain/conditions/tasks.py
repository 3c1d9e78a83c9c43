"""Celery shells of reading loggers' files."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from supplychain.asking import ask_worker
from supplychain.conditions.actions import taking

# Its worker reads other things as well: after this long a file stands in the queue again.
LONGEST_SECONDS = 20


@shared_task(name=taking.TASK)
def read_file(delivery_id: str) -> None:
    """Read a file for a while, then stand in the queue again."""
    if taking.read_file(UUID(delivery_id), now=timezone.now(), seconds=LONGEST_SECONDS):
        ask_worker(taking.TASK, UUID(delivery_id))


@shared_task(name="supplychain.conditions.resume_files")
def resume_files() -> None:
    """Ask for every file that nobody reads: its worker was killed, or its message got lost."""
    for delivery_id in taking.claim_silent_files(now=timezone.now()):
        ask_worker(taking.TASK, delivery_id)
