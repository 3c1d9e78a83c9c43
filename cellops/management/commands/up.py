"""`manage.py up`: run all of CellOps on this machine."""

import socket
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cellops.services import ports
from cellops.services.folders import ServiceFolder
from cellops.services.programs import USUAL_STREAM_PORT, USUAL_WEB_PORT, Program, all_programs
from cellops.services.session import Session, Step

# Where no demo made sites and people.
FIRST_STEPS = """No demo data were loaded. In another terminal, make the first site and the first person:
  .venv/bin/python manage.py create_site --code plant-oslo --name "Plant Oslo" --kind plant --time-zone Europe/Oslo
  .venv/bin/python manage.py create_user --username olga --role administrator --sites plant-oslo
Once logged in, the control tower lists what else is needed."""


class Command(BaseCommand):
    """Starts PostgreSQL, Valkey, the pages, the live stream, the workers and the beat; Ctrl-C stops them all.

    DATABASE_URL and REDIS_URL in the environment: those servers are used, none is started. It never touches the
    database itself: the steps and programs are processes of their own, with the addresses in their environment.
    """

    help = "Run CellOps on this machine: servers, pages, worker, beat and demo. Ctrl-C stops everything."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default=ports.LOOPBACK, help="address that the pages listen on (%(default)s)")
        parser.add_argument("--port", type=int, help=f"port of the pages ({USUAL_WEB_PORT} or the next free one)")
        parser.add_argument("--stream-port", type=int, help="port of the live stream (the next free one)")
        parser.add_argument("--no-demo", action="store_true", help="load no demo data")
        parser.add_argument("--no-live", action="store_true", help="let no demo events happen")
        parser.add_argument("--only-services", action="store_true", help="start PostgreSQL and Valkey, nothing else")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Run until stopped."""
        folder = ServiceFolder.named()
        known = folder.ports()
        # Held until the end: minutes may pass before the servers listen, and they would share it with anybody.
        with (
            chosen(options["port"], known.get("web"), USUAL_WEB_PORT) as web,
            chosen(options["stream_port"], known.get("stream"), USUAL_STREAM_PORT) as stream,
        ):
            code = self._run(folder, options, web.getsockname()[1], stream.getsockname()[1])
        if code:
            sys.exit(code)

    def _run(self, folder: ServiceFolder, options: dict[str, Any], web_port: int, stream_port: int) -> int:
        programs = all_programs(host=options["host"], web_port=web_port, stream_port=stream_port)
        session = Session(
            folder=folder,
            programs=[program for program in programs if wanted(program, options)],
            steps=[] if options["only_services"] else steps(demo=not options["no_demo"]),
            variables={
                "CELLOPS_WEB_PORT": str(web_port),
                "CELLOPS_STREAM_PORT": str(stream_port),
                "CELLOPS_DEMO_DATA": "0" if options["no_demo"] else "1",
            },
            web_port=None if options["only_services"] else web_port,
            ports={} if options["only_services"] else {"web": web_port, "stream": stream_port},
            banner=banner,
        )
        return session.run()


def chosen(asked: int | None, known: int | None, usual: int) -> socket.socket:
    """Hold the port that was asked for, or that of the last run, or the usual or next free one.

    Raises CommandError if the first is taken.
    """
    if asked is None:
        return ports.hold_first(*([known] if known else []), usual)
    if holder := ports.hold(asked):
        return holder
    raise CommandError(f"Port {asked} is taken. Leave the option out to get a free one.")


def wanted(program: Program, options: dict[str, Any]) -> bool:
    """Tell whether the options ask for this program."""
    if options["only_services"]:
        return False
    return not (program.demo_only and (options["no_demo"] or options["no_live"]))


def steps(*, demo: bool) -> list[Step]:
    """Return the commands that must end before the programs start."""
    found = [Step(("migrate", "--no-input"))]
    return [*found, Step(("seed_demo", "--if-empty", "--show-logins"), shown=True)] if demo else found


def banner(session: Session) -> str:
    """Return what the person at the terminal should know."""
    if session.web_port is None:
        return f"The servers run; their addresses are in {session.folder.environment_file}. Ctrl-C stops them."
    logs = session.folder.path / "log"
    said = f"CellOps runs at http://localhost:{session.web_port}/ (logs: {logs}). Ctrl-C stops it."
    return said if session.variables.get("CELLOPS_DEMO_DATA") != "0" else f"{said}\n{FIRST_STEPS}"
