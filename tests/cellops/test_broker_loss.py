"""A worker that loses its broker with a message in hand works again when the broker is back."""

import sys
from collections.abc import Iterator

import pytest
import redis

from cellops.services.processes import ManagedProcess
from cellops.services.valkey import ValkeyServer
from tests.cellops.small_worker import app
from tests.system import ROOT, wait_until

pytestmark = pytest.mark.long


@pytest.fixture
def worker(folder, valkey) -> Iterator[ManagedProcess]:
    child = ManagedProcess(
        name="worker",
        command=[
            sys.executable, "-m", "celery", "-A", "tests.cellops.small_worker", "worker", "--concurrency", "2",
            "--loglevel", "warning",
        ],
        folder=folder,
        environment={"REDIS_URL": valkey.url, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        working_folder=folder.path,
    )  # fmt: skip
    child.start()
    yield child
    child.kill()
    child.wait_stopped(0)


def send(valkey: ValkeyServer, name: str, *arguments: str) -> None:
    """Put a message into the queue as a program of its own does."""
    with app.connection_for_write(valkey.url) as connection:
        app.send_task(name, arguments, connection=connection)


def test_the_worker_consumes_again_after_its_broker_was_lost_with_a_message_in_hand(folder, valkey, worker):
    path = folder.path
    for number in "12":
        send(valkey, "hold", str(path), number)
    wait_until(lambda: (path / "holds 1").exists() and (path / "holds 2").exists(), "both processes work")
    # One message waits for a free process; there is room for another, so the worker asks the broker while it is lost.
    send(valkey, "note", str(path), "in hand")
    with redis.Redis.from_url(valkey.url) as client:
        wait_until(lambda: client.hlen("unacked") == 1, "a message waits in the worker")
    valkey.restart()
    (path / "go").touch()
    send(valkey, "note", str(path), "afterwards")
    wait_until((path / "afterwards").exists, f"a message after the loss is worked at; see {worker.log}")
    assert worker.alive
    assert "Unrecoverable error" not in worker.log.read_text()
