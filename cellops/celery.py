"""The Celery application: workers and beat start from here."""

import logging
import os
from typing import Any

from celery import Celery, signals
from django.conf import settings

from cellops import workers
from cellops.logs import configure_logging
from cellops.schedule import DEFAULTS
from supplychain.garbage import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")

app = Celery("cellops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(DEFAULTS)
app.autodiscover_tasks(["supplychain.conditions", "supplychain.sign_in"])
app.autodiscover_tasks(
    ["supplychain.orders"] + [f"batches.{theme}" for theme in (
        "flags", "lines", "forecasts", "durations", "notifications", "outcomes", "calibration", "ramp_ups",
        "trials",
    )]
)  # fmt: skip


@signals.setup_logging.connect
def log_as_the_others_do(loglevel: int = logging.INFO, **kwargs: Any) -> None:
    """One format for all programs; without this Celery brings its own. Worker and beat do this before anything else."""
    workers.prepare_folder()
    configure_logging(level=logging.getLevelName(loglevel), as_json=not settings.DEMO)


@signals.worker_process_init.connect
def collect_garbage_seldom(**kwargs: Any) -> None:
    """Once for each process that works."""
    collect_seldom()
