"""`manage.py up`: run all of CellOps on this machine."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cellops.services import ports
from cellops.services.folders import ServiceFolder
from cellops.services.programs import USUAL_STREAM_PORT, USUAL_WEB_PORT, Program, all_programs
from cellops.services.session import Session, Step


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
        web_port = chosen(options["port"], USUAL_WEB_PORT)
        stream_port = chosen(options["stream_port"], USUAL_STREAM_PORT, not_these=frozenset({web_port}))
        programs = all_programs(host=options["host"], web_port=web_port, stream_port=stream_port)
        session = Session(
            folder=ServiceFolder.named(),
            programs=[program for program in programs if wanted(program, options)],
            steps=[] if options["only_services"] else steps(demo=not options["no_demo"]),
            variables={"CELLOPS_WEB_PORT": str(web_port), "CELLOPS_STREAM_PORT": str(stream_port)},
            web_port=None if options["only_services"] else web_port,
            banner=banner,
        )
        if code := session.run():
            sys.exit(code)


def chosen(asked: int | None, usual: int, *, not_these: frozenset[int] = frozenset()) -> int:
    """Return the port that was asked for, or the usual or next free one; raises CommandError if the first is taken."""
    if asked is None:
        return ports.choose(usual, not_these=not_these)
    if asked in not_these or not ports.is_free(asked):
        raise CommandError(f"Port {asked} is taken. Leave the option out to get a free one.")
    return asked


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
    return f"CellOps runs at http://localhost:{session.web_port}/ (logs: {logs}). Ctrl-C stops it."
