"""Programs: what stops them, what survives them, and how one that ends is started again."""

import os
import signal
import subprocess
import sys
import textwrap

import psutil
import pytest

from cellops.services.folders import ServiceError, ServiceFolder
from cellops.services.processes import ManagedProcess, end_processes, leftovers, stop_together
from cellops.services.supervisor import Supervisor
from cellops.services.waiting import StopRequested, StopSignals, until
from tests.system import lives

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
WITH_CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[1]]).wait()"


def program(folder: ServiceFolder, *arguments: str, patience: float = 0.2) -> ManagedProcess:
    """Start a small Python program."""
    child = ManagedProcess(name="small", command=[sys.executable, *arguments], folder=folder, patience=patience)
    child.start()
    return child


def living(folder: ServiceFolder) -> list[psutil.Process]:
    """Return the folder's processes that run; one that only waits to be buried does not count."""
    return [process for process in leftovers(folder) if lives(process)]


def says_up(child: ManagedProcess) -> bool:
    """Tell whether the program has printed its first line."""
    return "up" in child.log.read_text()


def test_a_program_that_ignores_the_request_is_ended_with_its_own_children(folder):
    child = program(folder, "-c", WITH_CHILD, STUBBORN)
    assert until(lambda: says_up(child), seconds=10)
    assert len(living(folder)) == 2
    child.stop()
    assert until(lambda: not living(folder), seconds=5)


def test_several_programs_stop_within_the_patience_of_one(folder):
    children = [program(folder, "-c", STUBBORN, patience=600) for _ in range(3)]
    stop_together(children, hurry=lambda: True)
    assert [child.alive for child in children] == [False] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_programs_die_with_a_parent_that_was_killed(folder):
    parent = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from cellops.services.folders import ServiceFolder
        from cellops.services.processes import ManagedProcess
        command = [sys.executable, "-c", "print('up', flush=True); import time; time.sleep(600)"]
        ManagedProcess(name="small", command=command, folder=ServiceFolder(Path({str(folder.path)!r}))).start()
        time.sleep(600)
    """)
    process = subprocess.Popen([sys.executable, "-c", parent])
    log = folder.path / "log" / "small.log"
    assert until(lambda: log.exists() and "up" in log.read_text(), seconds=20)
    assert len(living(folder)) == 1
    process.kill()
    process.wait()
    assert until(lambda: not living(folder), seconds=5)


def test_what_a_crashed_run_left_is_found_by_its_folder_and_ended(folder, tmp_path):
    child = program(folder, "-c", STUBBORN)
    assert list(leftovers(ServiceFolder(tmp_path / "other"))) == []
    assert [process.pid for process in leftovers(folder)] == [child.pid]
    end_processes(list(leftovers(folder)), first=signal.SIGKILL)
    assert not child.alive


def test_waiting_ends_when_a_stop_was_requested():
    signals = StopSignals()
    previous = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, signals._note)
    try:
        os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(StopRequested):
            until(lambda: False, seconds=60, pause=signals.pause)
    finally:
        signal.signal(signal.SIGHUP, previous)


class Flimsy:
    """A child that ends as soon as it is looked at."""

    name = "flimsy"

    def __init__(self) -> None:
        self.starts, self.alive, self.refuses = 0, False, False

    def start(self) -> None:
        self.starts += 1
        if self.refuses:
            raise ServiceError("no disk")


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_program_that_keeps_ending_is_started_later_and_later():
    child, clock, said = Flimsy(), Clock(), []
    supervisor = Supervisor([child], say=said.append, clock=clock)
    starts_at = []
    for _ in range(140):
        before = child.starts
        supervisor.check()
        starts_at += [clock.now - 1000] if child.starts > before else []
        clock.now += 0.5
    assert starts_at == [1.0, 3.5, 8.0, 16.5, 33.0, 63.5]
    assert said[:2] == [
        "flimsy ended; starting it again in 1 s. See log/flimsy.log.",
        "flimsy was started again.",
    ]


def test_a_program_that_ran_well_for_a_minute_starts_again_soon():
    child, clock = Flimsy(), Clock()
    supervisor = Supervisor([child], say=lambda text: None, clock=clock)
    supervisor.watches[0].failures = 5
    child.alive = True
    clock.now += 61
    supervisor.check()
    child.alive = False
    supervisor.check()
    assert supervisor.watches[0].next_try_at == clock.now + 1


def test_a_server_that_cannot_start_is_tried_again_and_the_reason_is_said():
    child, clock, said = Flimsy(), Clock(), []
    child.refuses = True
    supervisor = Supervisor([child], say=said.append, clock=clock)
    supervisor.check()
    clock.now += 1
    supervisor.check()
    assert said[-1] == "flimsy could not start (no disk); starting it again in 2 s. See log/flimsy.log."
