"""Asking a worker to judge now rather than at beat's next tick.

Only a wish: a lost one costs the seconds until beat runs `evaluate_due` anyway.
"""

import logging

import redis
from celery import current_app
from kombu.exceptions import OperationalError

from supplychain.live import client

TASK = "batches.flags.evaluate_due"
WANTED = "cellops:evaluation-wanted"
# While one wish stands no other is sent. It ends by itself should its task get lost.
WISH_MILLISECONDS = 1000
# A wish that finds no worker within this time is dropped: beat has asked meanwhile.
EXPIRES_SECONDS = 10

log = logging.getLogger(__name__)


def wake_evaluation() -> None:
    """Have the due orders judged soon. Call it on commit; a burst of events sends one task. Never raises."""
    try:
        if client().set(WANTED, 1, nx=True, px=WISH_MILLISECONDS):
            current_app.send_task(TASK, expires=EXPIRES_SECONDS)
    except (redis.RedisError, OperationalError, OSError) as error:
        log.warning("No worker was woken, beat will find what is due: %s", error)


def forget_wish() -> None:
    """Let the next event wake a worker again. The task calls it before it claims, never after.

    An event committed after this call sends a new task; one committed before it is found by the claim.
    """
    try:
        client().delete(WANTED)
    except redis.RedisError as error:
        log.warning("The wish to judge was not taken back, it ends by itself: %s", error)
