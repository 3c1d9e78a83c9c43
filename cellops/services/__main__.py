"""`python -m cellops.services`: run one command with the servers it needs, be one of our programs, or tidy up.

python -m cellops.services run [--folder NAME] [--durable] -- COMMAND ...
python -m cellops.services program web|stream|worker|reviewer|simulator|beat [--host ADDRESS] [--port N]
python -m cellops.services clean
"""

import os
import shutil
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace

from cellops.services import ports
from cellops.services.folders import AlreadyRunningError, ServiceError, ServiceFolder
from cellops.services.homes import outside
from cellops.services.postgres import PostgresServer
from cellops.services.processes import end_processes, leftovers
from cellops.services.programs import USUAL_STREAM_PORT, USUAL_WEB_PORT, all_programs
from cellops.services.servers import running_throwaway


def main() -> int:
    """Do what the command line says; returns the exit code."""
    options = parse()
    try:
        return {"clean": clean, "program": become, "run": run}[options.action](options)
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1


def parse() -> Namespace:
    """Read the command line."""
    parser = ArgumentParser(prog="python -m cellops.services", description=__doc__.splitlines()[0])
    actions = parser.add_subparsers(dest="action", required=True)
    runner = actions.add_parser("run", help="run a command with PostgreSQL and Valkey, started unless you named yours")
    runner.add_argument("--folder", default="test", help="folder inside var/ (%(default)s)")
    runner.add_argument("--durable", action="store_true", help="write to the disk as in production, for measurements")
    runner.add_argument("command", nargs="+")
    program = actions.add_parser("program", help="be one of CellOps' programs, for a supervisor of yours")
    program.add_argument("name", choices=[one.name for one in all_programs() if not one.demo_only])
    program.add_argument("--host", default=ports.LOOPBACK, help="address that web or stream listens on (%(default)s)")
    program.add_argument(
        "--port", type=int, help=f"its port ({USUAL_WEB_PORT} for web, {USUAL_STREAM_PORT} for stream)"
    )
    actions.add_parser("clean", help="stop what a crash left, and remove the data of all embedded servers")
    return parser.parse_args()


def become(options: Namespace) -> int:
    """Turn into the program; never returns."""
    chosen = all_programs(
        host=options.host, web_port=options.port or USUAL_WEB_PORT, stream_port=options.port or USUAL_STREAM_PORT
    )
    command = next(program.command for program in chosen if program.name == options.name)
    os.execv(command[0], command)


def run(options: Namespace) -> int:
    """Run the command; returns its exit code."""
    with running_throwaway(options.folder, durable=options.durable) as servers:
        command = subprocess.Popen(options.command, env={**os.environ, **servers.environment()})
        # The terminal sends Ctrl-C to the command as well: it ends, then the servers do. Others are passed on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, frame: command.send_signal(received))
        return command.wait()


def clean(options: Namespace) -> int:
    """Remove `var/`, after stopping what still runs there; refuses while somebody uses it."""
    root = ServiceFolder.named()
    nested = [ServiceFolder(path) for path in sorted(root.path.glob("*")) if (path / "run").is_dir()]
    for folder in (root, *nested):
        with folder.locked():
            end_processes(list(leftovers(folder)))
            if (folder.path / "postgres").exists() or outside(folder).exists():
                PostgresServer(folder).end_leftovers()
            shutil.rmtree(outside(folder), ignore_errors=True)
    shutil.rmtree(root.path, ignore_errors=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AlreadyRunningError as error:
        sys.exit(str(error))
