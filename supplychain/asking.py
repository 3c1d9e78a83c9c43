"""Asking a worker for something. Only a wish: what is due stands in the database, and beat asks for it again."""

from uuid import UUID

import redis
import structlog
from celery import current_app
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def ask_worker(task: str, row_id: UUID) -> None:
    """Ask a worker to run `task` for the row of this id. Never raises."""
    try:
        current_app.send_task(task, args=[str(row_id)], expires=60)
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("no worker was asked, beat will", task=task, row=str(row_id), why=str(error))
