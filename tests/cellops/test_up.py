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

from cellops.management.commands.up import banner, chosen, steps, wanted
from cellops.services import ports
from cellops.services.folders import CHECKOUT, ServiceFolder
from cellops.services.postgres import PostgresServer
from cellops.services.processes import leftovers
from cellops.services.programs import all_programs
from cellops.services.session import Session
from cellops.services.waiting import until
from tests.system import lives, runs

SMALL = """
import contextlib
import sys
from pathlib import Path
from cellops.services.folders import ServiceFolder
from cellops.services.programs import Program
from cellops.services.session import Session, Step

folder, port, *steps = sys.argv[1:]
pages = Path(folder) / "pages" / "healthz"
with contextlib.suppress(OSError):
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
    return [process for process in found if lives(process)]


def named(folder: ServiceFolder, words: str) -> psutil.Process:
    """Return the folder's program whose command line contains these words."""
    return next(process for process in living(folder) if runs(process, words))


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
    with chosen(port, None, 8000) as held:
        assert held.getsockname()[1] == port
        with pytest.raises(CommandError, match=f"Port {port} is taken"):
            chosen(port, None, 8000)


def test_a_port_is_held_from_its_choice_on_and_only_servers_that_share_it_may_listen():
    with ports.hold_first(ports.any_free()) as held:
        port = held.getsockname()[1]
        assert not ports.is_free(port)
        assert ports.hold(port) is None
        with ports.hold_first(port) as other:
            assert other.getsockname()[1] != port
        with socket.socket() as server:  # as granian does
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            server.bind((ports.LOOPBACK, port))
            server.listen()
            assert ports.answers(port)
            assert ports.strangers(port, []) == [f"process {os.getpid()} ({psutil.Process().name()})"]
            assert ports.strangers(port, [os.getsid(0)]) == []


def test_a_worker_that_began_to_listen_during_the_look_is_no_stranger(monkeypatch):
    """The system's list is read after that of the programs: a listener that came between has no program in it."""
    with ports.hold_first(ports.any_free()) as held:
        port = held.getsockname()[1]
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            server.bind((ports.LOOPBACK, port))
            server.listen()
            looks = iter([lambda found: [one._replace(pid=None) for one in found], lambda found: found])
            look = psutil.net_connections
            monkeypatch.setattr(ports.psutil, "net_connections", lambda kind: next(looks)(look(kind)))
            monkeypatch.setattr(ports.time, "sleep", lambda seconds: None)
            assert ports.strangers(port, [os.getsid(0)]) == []


def test_the_ports_of_the_last_run_are_taken_again(service_folder):
    assert service_folder.ports() == {}
    first, second = ports.any_free(), ports.any_free()
    service_folder.remember_ports({"web": first, "stream": second})
    assert service_folder.ports() == {"web": first, "stream": second}
    with chosen(None, first, 8000) as held, chosen(None, first, second) as other:
        assert (held.getsockname()[1], other.getsockname()[1]) == (first, second)


def test_who_listens_besides_own_programs_is_told(start, service_folder):
    run = start()
    assert run.said("Ctrl-C stops it")
    port = int(named(service_folder, "http.server").cmdline()[3])
    assert ports.strangers(port, [named(service_folder, "http.server").pid]) == []
    assert len(ports.strangers(port, [os.getpid()])) == 1


def test_the_command_refuses_a_taken_port_before_it_starts_anything():
    with socket.create_server((ports.LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(CommandError, match="is taken"):
            call_command("up", port=port)


def test_the_options_choose_the_programs_and_steps():
    def names(**options: bool) -> list[str]:
        given = {"only_services": False, "no_demo": False, "no_live": False, **options}
        return [program.name for program in all_programs() if wanted(program, given)]

    assert names() == ["web", "stream", "worker", "reviewer", "simulator", "beat", "live_demo"]
    assert names(no_demo=True) == names(no_live=True) == ["web", "stream", "worker", "reviewer", "simulator", "beat"]
    assert names(only_services=True) == []
    assert [step.name for step in steps(demo=True)] == ["migrate", "seed_demo"]
    assert [step.name for step in steps(demo=False)] == ["migrate"]


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path):
    (tmp_path / "var").write_text("a file where the folder should be")
    run = subprocess.run(
        [sys.executable, "-c", SMALL, str(tmp_path / "var"), "1"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert (run.returncode, "Traceback" in run.stderr) == (1, False)
    assert f"CellOps cannot write into {tmp_path / 'var'}" in run.stdout


def test_without_demo_data_it_says_how_to_begin_and_pages_call_nothing_a_demo(service_folder):
    session = Session(service_folder, [], web_port=8000, variables={"CELLOPS_DEMO_DATA": "0"})
    assert "manage.py create_user --username olga --role administrator" in banner(session)
    session.variables["CELLOPS_DEMO_DATA"] = "1"
    assert "create_user" not in banner(session)


def test_every_program_is_python_run_from_the_checkout():
    assert all(program.command[0] == sys.executable for program in all_programs())
    assert Path(CHECKOUT / "manage.py").is_file()
