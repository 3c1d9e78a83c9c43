"""A Celery worker with CellOps' settings and two tasks of its own: for tests of what a broker does to it."""

import time
from pathlib import Path

from celery import Celery

from cellops.schedule import DEFAULTS

app = Celery("small", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(DEFAULTS)


@app.task(name="hold")
def hold(folder: str, number: str) -> None:
    """Say that it runs, then work until the file `go` is there."""
    (Path(folder) / f"holds {number}").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.05)


@app.task(name="note")
def note(folder: str, name: str) -> None:
    """Leave a file of this name."""
    (Path(folder) / name).touch()
