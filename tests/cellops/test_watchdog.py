"""A program that hangs or works at nothing is ended, with its children, and whoever started it starts it again."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from cellops.services.folders import ServiceFolder
from cellops.services.processes import ManagedProcess
from cellops.services.supervisor import Supervisor
from cellops.services.watchdog import Silence, end
from tests.system import ROOT, lives, runs, wait_until

pytestmark = pytest.mark.long
CELERY = [sys.executable, "-m", "celery", "-A", "cellops"]
WORKER, BEAT = [*CELERY, "worker", "--concurrency", "1"], [*CELERY, "beat", "--schedule", "var/run/schedule"]
# Touches its sign as long as it is let, with a child that does nothing.
BUSY = """
import subprocess, sys, time
from pathlib import Path
from cellops.services.watched import watch_over_me
sign = Path("busy.ran")
sign.touch()
watch_over_me(sign, 8)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("up", flush=True)
while True:
    sign.touch()
    time.sleep(0.1)
"""


def test_silence_is_told_by_the_file_and_not_by_the_clock_on_the_wall(tmp_path):
    sign, now = tmp_path / "celery@one.ran", 1000.0
    watch = Silence(sign, 60, clock=lambda: now)
    now = 1060.0
    assert not watch.is_too_long()
    sign.touch()
    now = 1061.0
    assert not watch.is_too_long()
    os.utime(sign, (9_999_999_999, 9_999_999_999))  # somebody sets the clock
    now = 1121.0
    assert not watch.is_too_long()
    now = 1181.0
    assert not watch.is_too_long()
    now = 1181.5
    assert watch.is_too_long()


def program(folder: ServiceFolder, command: list[str], **variables: str) -> ManagedProcess:
    return ManagedProcess(
        name="program", command=command, folder=folder, working_folder=folder.path,
        environment={"PYTHONPATH": str(ROOT), **variables},
    )  # fmt: skip


def watchdogs(child: ManagedProcess) -> list[psutil.Process]:
    """Those that have begun for it."""
    return [one for one in psutil.Process(child.pid).children() if runs(one, "cellops.services.watchdog")]


def test_a_process_that_has_ended_lives_and_runs_no_more():
    """It may end while it is looked at, and waits to be buried or is gone."""
    ended = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = psutil.Process(ended.pid)
    assert lives(process)
    assert runs(process, "input()")
    ended.stdin.close()
    wait_until(lambda: not lives(process), "it waits to be buried")
    assert not runs(process, "input()")
    ended.wait()
    assert not lives(process)
    assert not runs(process, "input()")


def test_a_program_that_was_stopped_is_ended_with_its_children_and_started_again(folder):
    busy, said = program(folder, [sys.executable, "-c", BUSY]), []
    busy.start()
    try:
        wait_until(lambda: watchdogs(busy) and "up" in busy.log.read_text(), "it is up and watched")
        first, watched = busy.pid, psutil.Process(busy.pid).children(recursive=True)
        assert len(watched) == 2
        os.killpg(first, signal.SIGSTOP)  # all of its session: the watchdog has one of its own
        wait_until(lambda: not busy.alive, "it is ended")
        wait_until(lambda: not any(map(lives, watched)), "all are")
        assert "busy.ran has not been touched for 8 s" in busy.log.read_text()
        supervisor = Supervisor([busy], say=said.append)
        wait_until(lambda: supervisor.check() or busy.pid != first, "it is started again")
        assert busy.alive
    finally:
        busy.wait_stopped(0)


def test_children_end_before_their_program_as_the_watchdog_ends_with_it():
    """The kernel ends a watchdog with its program at once: whatever it would do after that it may not get to."""
    said: list[str] = []

    class Told:
        def __init__(self, name: str, pid: int) -> None:
            self.name, self.pid = name, pid

        def suspend(self) -> None:
            said.append(f"stop {self.name}")

        def kill(self) -> None:
            said.append(f"kill {self.name}")
            if self.name == "another's":
                raise psutil.AccessDenied(self.pid)

        def children(self, *, recursive: bool) -> list["Told"]:
            return [Told("another's", 1), Told("child", 2), Told("watchdog", os.getpid())]

    end(Told("program", 3))
    assert said == ["stop program", "kill another's", "kill child", "kill program"]


def test_a_watchdog_ends_with_its_program(folder):
    busy = program(folder, [sys.executable, "-c", BUSY])
    busy.start()
    try:
        wait_until(lambda: watchdogs(busy), "it is watched")
        [watchdog] = watchdogs(busy)
        busy.kill()
        wait_until(lambda: not lives(watchdog), "it ends")
    finally:
        busy.wait_stopped(0)


@pytest.mark.parametrize(("command", "sign"), [(WORKER, "celery@"), (BEAT, "beat.ran")])
def test_a_process_of_celery_that_hangs_is_ended(command, sign, folder, valkey):
    """The worker of this test has no database: nothing that it is asked for succeeds."""
    hung = program(folder, command, REDIS_URL=valkey.url, WORKER_SILENT_SECONDS="4")
    hung.start()
    try:
        wait_until(lambda: watchdogs(hung), f"it is watched; see {hung.log}")
        os.kill(hung.pid, signal.SIGSTOP)
        wait_until(lambda: not hung.alive, f"it is ended; see {hung.log}")
        assert hung.process.returncode == -signal.SIGKILL
        said = hung.log.read_text()
        assert f"var/run/{sign}" in said
        assert "found in sys.modules" not in said
    finally:
        hung.wait_stopped(0)


def test_a_worker_that_works_at_nothing_is_ended(folder, valkey):
    idle = program(folder, WORKER, REDIS_URL=valkey.url, WORKER_SILENT_SECONDS="2")
    idle.start()
    try:
        wait_until(lambda: not idle.alive, f"the worker ends; see {idle.log}")
        assert "has not been touched for 2 s" in idle.log.read_text()
    finally:
        idle.wait_stopped(0)
