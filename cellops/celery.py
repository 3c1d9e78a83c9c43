"""The Celery application: workers and beat start from here."""

import gc
import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cellops.settings")

app = Celery("cellops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["supplychain.orders"] + [f"batches.{theme}" for theme in (
        "flags", "lines", "forecasts", "durations", "notifications", "outcomes", "calibration", "ramp_ups",
    )]
)  # fmt: skip


@signals.worker_process_init.connect
def collect_garbage_seldom(**kwargs: Any) -> None:
    """A claim makes many short-lived tuples and no cycles: looking for cycles took a third of its time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
