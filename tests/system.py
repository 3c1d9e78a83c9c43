"""The whole system as separate processes on the test's own database: web, worker and beat."""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import psutil
from django.conf import settings
from django.db import connection

from cellops.services.folders import ServiceFolder
from cellops.services.processes import ManagedProcess
from cellops.services.programs import Program, all_programs
from cellops.services.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0  # seconds; only ever used up by a failure


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on, all different: one is held until all are chosen, or it may be chosen again."""
    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def listens(port: int) -> bool:
    """Tell whether somebody takes connections there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def database_url() -> str:
    """The address of the database that the tests use."""
    at = connection.settings_dict
    login = f"{quote(at['USER'])}:{quote(at['PASSWORD'])}@" if at["USER"] else ""
    host = at["HOST"] or at.get("OPTIONS", {}).get("host", "")
    place = f"{host}:{at['PORT']}" if at["PORT"] else quote(host, safe="")
    return f"postgresql://{login}{place}/{at['NAME']}"


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = PATIENCE) -> None:
    """Look again and again until `condition` holds; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def lives(process: psutil.Process) -> bool:
    """Tell whether it runs; one that only waits to be buried does not, nor one that ends while we look."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def runs(process: psutil.Process, words: str) -> bool:
    """Tell whether it lives and its command line contains these words."""
    try:
        return words in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # psutil's ZombieProcess is one
        return False


class RunningSystem:
    """Some of CellOps' programs, started for one test, supervised as `manage.py up` does it, stopped after it."""

    def __init__(self, folder: Path) -> None:
        self.folder = ServiceFolder(folder)
        self.folder.prepare()
        (folder / "var/run").mkdir(parents=True)
        self.port, self.stream_port = free_ports(2)
        self.environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "CELLOPS_DEMO": "1",
            "CELLOPS_STREAM_PORT": str(self.stream_port),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        programs = all_programs(web_port=self.port, stream_port=self.stream_port)
        self.programs: dict[str, Program] = {program.name: program for program in programs}
        self.running: dict[str, ManagedProcess] = {}
        self.supervisor = Supervisor([], say=print)
        self.changing, self.stopping = threading.Lock(), threading.Event()
        self.watchman = threading.Thread(target=self._watch, daemon=True)
        self.watchman.start()

    def _watch(self) -> None:
        while not self.stopping.wait(0.5):
            with self.changing:
                self.supervisor.check()

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *names: str) -> None:
        """Start these programs; waits for the stream to listen and the web to answer."""
        with self.changing:
            for name in names:
                self.running[name] = ManagedProcess(
                    name=name,
                    command=self.programs[name].command,
                    folder=self.folder,
                    environment=self.environment,
                    working_folder=self.folder.path,
                )
                self.running[name].start()
            self._supervise()
        if "stream" in names:
            log = self.folder.log("stream")
            wait_until(lambda: listens(self.stream_port), f"the stream listens; see {log}")
        if "web" in names:
            log = self.folder.log("web")
            wait_until(lambda: self.get("/healthz/") == 200, f"web answers; see {log}")

    def _supervise(self) -> None:
        self.supervisor = Supervisor(list(self.running.values()), say=print)

    def kill(self, name: str) -> None:
        """End a program and its children at once, as a power cut would; it is not started again by itself."""
        with self.changing:
            child = self.running.pop(name)
            self._supervise()
            child.wait_stopped(0)

    def run_only(self, *names: str) -> None:
        """End all others, and start what of these does not run."""
        for name, child in list(self.running.items()):
            if name not in names or not child.alive:
                self.kill(name)
        self.start(*(name for name in names if name not in self.running))

    def stop(self) -> None:
        """End everything that still runs."""
        for name in list(self.running):
            self.kill(name)
        self.stopping.set()
        self.watchman.join()

    def get(self, path: str) -> int:
        """The status of a page, 0 if nobody answers."""
        return self.ask("GET", path, None, {})[0]

    def post(self, path: str, body: object, token: str) -> tuple[int, dict]:
        """Status and decoded answer of a REST call, (0, {}) if nobody answers."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self.ask("POST", path, json.dumps(body), headers)

    def ask(self, method: str, path: str, body: str | None, headers: dict) -> tuple[int, dict]:
        """Status and decoded answer of any request, (0, {}) if nobody answers."""
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
