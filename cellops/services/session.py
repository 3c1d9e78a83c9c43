"""One run of CellOps on one machine, from the first server's start to the last one's stop."""

import http.client
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from cellops.services import ports
from cellops.services.folders import AlreadyRunningError, ServiceError, ServiceFolder, last_lines
from cellops.services.processes import ManagedProcess, stop_together
from cellops.services.programs import Program
from cellops.services.servers import Servers, forget_environment, write_environment
from cellops.services.supervisor import Supervisor
from cellops.services.waiting import StopRequested, StopSignals

TELL_SECONDS = 30  # how often it is said that the pages do not answer yet; a program that ends ends the waiting


@dataclass(frozen=True)
class Step:
    """A `manage.py` command that runs to its end before the programs start."""

    arguments: tuple[str, ...]
    shown: bool = False

    @property
    def name(self) -> str:
        """Return the command's own name, which also names its log."""
        return self.arguments[0]


@dataclass
class Session:
    """What to run, where, and in which order."""

    folder: ServiceFolder
    programs: Sequence[Program]
    steps: Sequence[Step] = ()
    variables: dict[str, str] = field(default_factory=dict)
    web_port: int | None = None
    ports: dict[str, int] = field(default_factory=dict)
    banner: Callable[["Session"], str] = lambda session: "CellOps runs. Ctrl-C stops it."
    signals: StopSignals = field(default_factory=StopSignals)
    children: list[ManagedProcess] = field(default_factory=list)
    servers: Servers | None = None

    def run(self) -> int:
        """Run until asked to stop; returns the exit code (0: stopped as asked, 1: could not run)."""
        self.signals.listen()
        try:
            with self.folder.locked():
                return self._run_locked()
        except AlreadyRunningError as error:
            say(f"{error} Stop it with Ctrl-C in its terminal first.")
            return 1
        except ServiceError as error:
            say(str(error))
            return 1

    def _run_locked(self) -> int:
        try:
            self._start()
            self._supervise()
        except StopRequested:
            say("Stopping.")
            return 0
        except ServiceError as error:
            say(f"CellOps could not start. {error}")
            return 1
        finally:
            self._stop()
        return 0

    def _start(self) -> None:
        forget_environment(self.folder)
        self.servers = Servers.usual(self.folder, pause=self.signals.pause)
        say(f"Starting {', '.join(server.name for server in self.servers.own) or 'with the servers you named'}.")
        self.servers.start()
        for note in self.servers.notes():
            say(note)
        self.variables |= self.servers.environment()
        write_environment(self.folder, self.variables)
        for step in self.steps:
            self._run_step(step)
        for program in self.programs:
            self._launch(program.name, program.command)
        self._await_web()
        self.folder.remember_ports(self.ports)
        say(self.banner(self))

    def _launch(self, name: str, command: Sequence[str]) -> ManagedProcess:
        child = ManagedProcess(name=name, command=command, folder=self.folder, environment=self.variables)
        self.children.append(child)
        child.start()
        return child

    def _run_step(self, step: Step) -> None:
        say(f"Running {step.name}.")
        child = self._launch(step.name, [sys.executable, "manage.py", *step.arguments])
        start = child.log.stat().st_size
        while child.alive:
            self.signals.pause(0.05)
        self.children.remove(child)
        if child.process.returncode:
            raise ServiceError(f"{step.name} failed:\n{last_lines(child.log, 40)}")
        if step.shown:
            say(child.log.read_bytes()[start:].decode(errors="replace").strip())

    def _await_web(self) -> None:
        if self.web_port is None:
            return
        began = told = time.monotonic()
        while not self._web_answers():
            self.signals.pause(0.05)
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                say(f"The pages do not answer yet, after {told - began:.0f} s; this machine is busy. Ctrl-C stops it.")
        self._refuse_strangers()

    def _refuse_strangers(self) -> None:
        own = [child.pid for child in self.children if child.pid]
        for name, port in ({"web": self.web_port} | self.ports).items():
            if others := ports.strangers(port, own):
                raise ServiceError(
                    f"{', '.join(others)} listens on port {port} of {name} too: requests would go to either. "
                    "Stop that program, or choose other ports with --port and --stream-port."
                )

    def _web_answers(self) -> bool:
        for child in self.children:
            if not child.alive:
                raise ServiceError(f"{child.name} ended:\n{self._tail(child.name)}")
        connection = http.client.HTTPConnection(ports.LOOPBACK, self.web_port, timeout=10)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz/")
            return connection.getresponse().status == http.client.OK
        return False

    def _tail(self, name: str) -> str:
        return "\n".join(f"{name} | {line}" for line in last_lines(self.folder.log(name)).splitlines())

    def _supervise(self) -> None:
        supervisor = Supervisor([*self.servers.own, *self.children], say=say)
        while True:
            self.signals.pause(0.5)
            supervisor.check()

    def _stop(self) -> None:
        # A second Ctrl-C means: now.
        asked = self.signals.count
        stop_together(self.children, hurry=lambda: self.signals.count > asked)
        if self.servers:
            self.servers.stop()
        self.folder.environment_file.unlink(missing_ok=True)


def say(text: str) -> None:
    """Print for the person at the terminal, which may be closed already."""
    try:
        print(text, flush=True)
    except OSError:
        # Python would complain once more when it flushes at its end.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
