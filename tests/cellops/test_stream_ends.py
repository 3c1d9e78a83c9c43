"""The stream's process ends at once when it is told to, however many pages are open."""

import sys
import urllib.request
from pathlib import Path

import pytest

from cellops.services.folders import ServiceFolder
from cellops.services.ports import LOOPBACK
from cellops.services.processes import ManagedProcess
from cellops.services.programs import server
from tests.system import PATIENCE, ROOT, free_ports, wait_until

pytestmark = pytest.mark.long
# The stream with somebody who may listen, whoever asks.
OPEN_TO_ALL = """
from cellops.asgi import application
from dashboards.live import server
from dashboards.live.stream import Client

async def anybody(request):
    return Client(frozenset())

server._client = anybody
"""


def test_an_open_page_holds_nobody_up(tmp_path: Path, folder: ServiceFolder, valkey):
    [port] = free_ports(1)
    (tmp_path / "anybody.py").write_text(OPEN_TO_ALL)
    arguments = server("asginl", "anybody:application", host=LOOPBACK, port=port, workers=1, finish_seconds=60)
    stream = ManagedProcess(
        name="stream", command=[sys.executable, *arguments], folder=folder, working_folder=ROOT,
        environment={"PYTHONPATH": f"{tmp_path}:{ROOT}", "REDIS_URL": valkey.url, "ALLOWED_HOSTS": LOOPBACK},
    )  # fmt: skip
    stream.start()
    try:
        wait_until(lambda: "Started worker-1" in stream.log.read_text(), f"it listens; see {stream.log}")
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/stream/", timeout=PATIENCE) as page:
            assert b"event: hello" in page.read(30)
            stream.process.terminate()
            wait_until(lambda: not stream.alive, f"it ends; see {stream.log}")
            page.read()
        assert "Killing" not in stream.log.read_text()
    finally:
        stream.wait_stopped(0)
