"""The whole system as separate processes on the test's own database: web, worker and beat."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from cellops.services.programs import Program, all_programs

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def database_url() -> str:
    """The address of the database that the tests use."""
    at = connection.settings_dict
    login = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}@" if at["USER"] else ""
    host = at["HOST"] or at.get("OPTIONS", {}).get("host", "")
    place = f"{host}:{at['PORT']}" if at["PORT"] else quote(host, safe="")
    return f"postgresql://{login}{place}/{at['NAME']}"


def wait_until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Look again and again until `condition` holds; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


class RunningSystem:
    """Some of CellOps' programs, started for one test and stopped after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "var/run").mkdir(parents=True)
        self.port, self.stream_port = free_port(), free_port()
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "CELLOPS_DEMO": "1",
            "CELLOPS_STREAM_PORT": str(self.stream_port),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "cellops.settings",
        }
        programs = all_programs(web_port=self.port, stream_port=self.stream_port)
        self.programs: dict[str, Program] = {program.name: program for program in programs}
        self.running: dict[str, subprocess.Popen] = {}

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str) -> None:
        """Start these programs; waits for the web to answer."""
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.programs[name].command,
                    cwd=self.folder,
                    env=self.environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            wait_until(lambda: self.get("/healthz/") == 200, 120, f"web answers; see {self.folder}/web.log")

    def kill(self, name: str) -> None:
        """End a program and its children at once, as a power cut would."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything that still runs."""
        for name in list(self.running):
            self.kill(name)

    def get(self, path: str) -> int:
        """The status of a page, 0 if nobody answers."""
        return self._ask("GET", path, None, {})[0]

    def post(self, path: str, body: object, token: str) -> tuple[int, dict]:
        """Status and decoded answer of a REST call, (0, {}) if nobody answers."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self._ask("POST", path, json.dumps(body), headers)

    def _ask(self, method: str, path: str, body: str | None, headers: dict) -> tuple[int, dict]:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            web.request(method, path, body, headers)
            answer = web.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, json.loads(text) if is_json and text else {}
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            web.close()
