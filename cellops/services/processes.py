"""One child process: started in a session of its own, stopped with a deadline, never left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from cellops.services.accounts import Account
from cellops.services.folders import CHECKOUT, ServiceFolder

# Every child carries its folder in this variable, so that a later run recognises what a crash left behind.
MARK = "CELLOPS_SERVICES_FOLDER"
SYSTEM_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(kw_only=True)
class ManagedProcess:
    """A program to run: how it starts, how it is asked to stop, and how many seconds it then has."""

    name: str
    command: Sequence[str | Path]
    folder: ServiceFolder
    environment: Mapping[str, str] = field(default_factory=dict)
    working_folder: Path = CHECKOUT
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """Return the file that takes the program's output."""
        return self.folder.log(self.name)

    @property
    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        """Return the process's number while it is known."""
        return self.process.pid if self.process else None

    def start(self) -> None:
        """Start the program; what a dead predecessor left in its group is ended first."""
        self._end_group()
        identity = self.account.as_popen_arguments() if self.account else {}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in self.command],
                cwd=self.working_folder,
                env={**os.environ, **self.environment, MARK: str(self.folder.path)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
                **identity,
            )

    def request_stop(self) -> None:
        """Ask the program to stop, without waiting."""
        if self.alive:
            self._signal(self.stop_signal)

    def wait_stopped(self, seconds: float) -> None:
        """Wait for the end, then end by force what is left of the program and its own children."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(seconds, 0.01))
            self._end_group()

    def stop(self) -> None:
        """Ask the program to stop and wait for it."""
        self.request_stop()
        self.wait_stopped(self.patience)

    def kill(self) -> None:
        """End the program at once, as a crash would."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def _end_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return what a new child runs so that the system signals it when its parent dies, even by SIGKILL (Linux)."""
    parent = os.getpid()

    def prepare() -> None:
        if SYSTEM_LIBRARY is not None:
            SYSTEM_LIBRARY.prctl(SET_PARENT_DEATH_SIGNAL, int(number))
            if os.getppid() != parent:  # The parent died before the line above.
                os._exit(1)

    return prepare


def leftovers(folder: ServiceFolder) -> Iterator[psutil.Process]:
    """Yield living processes that an earlier run started for this folder; call only while holding its lock."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == str(folder.path):
                yield process


def end_processes(processes: Sequence[psutil.Process], *, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask processes to stop; after five seconds, force them."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _, stubborn = psutil.wait_procs(processes, timeout=5)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)


def stop_together(children: Sequence[ManagedProcess], *, hurry: Callable[[], bool] = lambda: False) -> None:
    """Stop several programs at the same time, within the patience of the most patient one; `hurry` cuts it short."""
    for child in children:
        child.request_stop()
    end = time.monotonic() + max((child.patience for child in children), default=0)
    while time.monotonic() < end and not hurry() and any(child.alive for child in children):
        time.sleep(0.05)
    for child in children:
        child.wait_stopped(0)
