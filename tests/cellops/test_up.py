"""`manage.py up`: it starts, says what happens, and whatever ends it leaves nothing behind."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from cellops.management.commands.up import chosen, steps, wanted
from cellops.services import ports
from cellops.services.folders import CHECKOUT, ServiceFolder
from cellops.services.postgres import PostgresServer
from cellops.services.processes import leftovers
from cellops.services.programs import all_programs
from cellops.services.waiting import until

SMALL = """
import sys
from pathlib import Path
from cellops.services.folders import ServiceFolder
from cellops.services.programs import Program
from cellops.services.session import Session, Step

folder, port, *steps = sys.argv[1:]
pages = Path(folder) / "pages" / "healthz"
pages.mkdir(parents=True, exist_ok=True)
web = Program("web", ("-m", "http.server", port, "--bind", "127.0.0.1", "--directory", str(pages.parent)))
idle = Program("idle", ("-c", "import time; time.sleep(600)"))
session = Session(ServiceFolder(Path(folder)), [web, idle], [Step((step,)) for step in steps], web_port=int(port))
sys.exit(session.run())
"""


class Run:
    """A run of a small CellOps in a process of its own."""

    def __init__(self, folder: ServiceFolder, *steps: str) -> None:
        self.folder, self.output = folder, folder.path / "console"
        command = [sys.executable, "-c", SMALL, str(folder.path), str(ports.any_free()), *steps]
        without = {"DATABASE_URL", "REDIS_URL"}
        environment = {key: value for key, value in os.environ.items() if key not in without}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    def said(self, text: str) -> bool:
        """Wait until the console shows a text."""
        return until(lambda: text in self.output.read_text() or self._over(), seconds=30) and (
            text in self.output.read_text()
        )

    def _over(self) -> bool:
        return self.process.poll() is not None

    def ended(self) -> int:
        """Wait for the end; returns the exit code."""
        return self.process.wait(30)


@pytest.fixture
def start(service_folder) -> Iterator[Callable[..., Run]]:
    """Return what starts a small CellOps; what still runs at the end of the test is ended."""
    runs: list[Run] = []

    def begin(*steps: str) -> Run:
        runs.append(Run(service_folder, *steps))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(30)


def living(folder: ServiceFolder) -> list[psutil.Process]:
    """Return the folder's living programs and servers."""
    found = [*leftovers(folder), *PostgresServer(folder).cluster_processes()]
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def named(folder: ServiceFolder, words: str) -> psutil.Process:
    """Return the folder's program whose command line contains these words."""
    return next(process for process in living(folder) if words in " ".join(process.cmdline()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_leaves_no_process_and_no_address_behind(start, service_folder, number):
    run = start()
    assert run.said("Ctrl-C stops it")
    assert living(service_folder) != []
    run.process.send_signal(number)
    assert run.ended() == 0
    assert living(service_folder) == []
    assert not service_folder.environment_file.exists()


def test_other_terminals_find_the_addresses_in_a_private_file(start, service_folder):
    assert start().said("Ctrl-C stops it")
    lines = service_folder.environment_file.read_text().splitlines()
    assert [line.partition("=")[0] for line in lines] == ["CELLOPS_DEMO", "SECRET_KEY", "DATABASE_URL", "REDIS_URL"]
    assert stat.S_IMODE(service_folder.environment_file.stat().st_mode) == 0o600


def test_a_second_run_of_the_same_checkout_is_refused(start):
    first = start()
    assert first.said("Ctrl-C stops it")
    second = start()
    assert second.ended() == 1
    assert f"Process {first.process.pid} already runs the servers" in second.output.read_text()
    assert first.process.poll() is None


def test_after_a_crash_the_next_run_ends_the_orphans_and_starts(start, service_folder):
    crashed = start()
    assert crashed.said("Ctrl-C stops it")
    crashed.process.kill()
    crashed.process.wait()
    again = start()
    assert again.said("Ctrl-C stops it")
    again.process.send_signal(signal.SIGINT)
    assert again.ended() == 0
    assert living(service_folder) == []


def test_programs_and_servers_that_die_are_started_again(start, service_folder):
    run = start()
    assert run.said("Ctrl-C stops it")
    named(service_folder, "time.sleep").kill()
    named(service_folder, "bin/postgres").kill()
    assert run.said("idle was started again")
    assert run.said("postgres was started again")


def test_a_step_that_fails_shows_its_output_and_stops_everything(start, service_folder):
    run = start("no_such_command")
    assert run.ended() == 1
    assert "Unknown command: 'no_such_command'" in run.output.read_text()
    assert living(service_folder) == []


def test_ctrl_c_during_a_step_stops_at_once(start, service_folder):
    run = start("shell")
    assert run.said("Running shell")
    run.process.send_signal(signal.SIGINT)
    assert run.ended() == 0
    assert living(service_folder) == []


def test_a_port_that_was_asked_for_and_is_taken_is_an_error():
    port = ports.any_free()
    assert chosen(port, 8000) == port
    with pytest.raises(CommandError, match=f"Port {port} is taken"):
        chosen(port, 8000, not_these=frozenset({port}))


def test_the_command_refuses_a_taken_port_before_it_starts_anything():
    with socket.create_server((ports.LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CommandError, match="is taken"):
            call_command("up", port=port)


def test_the_options_choose_the_programs_and_steps():
    def names(**options: bool) -> list[str]:
        given = {"only_services": False, "no_demo": False, "no_live": False, **options}
        return [program.name for program in all_programs() if wanted(program, given)]

    assert names() == ["web", "stream", "worker", "simulator", "beat", "live_demo"]
    assert names(no_demo=True) == names(no_live=True) == ["web", "stream", "worker", "simulator", "beat"]
    assert names(only_services=True) == []
    assert [step.name for step in steps(demo=True)] == ["migrate", "seed_demo"]
    assert [step.name for step in steps(demo=False)] == ["migrate"]


def test_every_program_is_python_run_from_the_checkout():
    assert all(program.command[0] == sys.executable for program in all_programs())
    assert Path(CHECKOUT / "manage.py").is_file()
