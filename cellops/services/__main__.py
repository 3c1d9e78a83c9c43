"""`python -m cellops.services`: run one command with the servers it needs, or tidy up.

python -m cellops.services run [--folder NAME] [--durable] -- COMMAND ...
python -m cellops.services clean
"""

import os
import shutil
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace

from cellops.services.folders import AlreadyRunningError, ServiceError, ServiceFolder
from cellops.services.homes import outside
from cellops.services.postgres import PostgresServer
from cellops.services.processes import end_processes, leftovers
from cellops.services.servers import running_throwaway


def main() -> int:
    """Do what the command line says; returns the exit code."""
    options = parse()
    try:
        return clean() if options.action == "clean" else run(options)
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
    actions.add_parser("clean", help="stop what a crash left, and remove the data of all embedded servers")
    return parser.parse_args()


def run(options: Namespace) -> int:
    """Run the command; returns its exit code."""
    with running_throwaway(options.folder, durable=options.durable) as servers:
        command = subprocess.Popen(options.command, env={**os.environ, **servers.environment()})
        # The terminal sends Ctrl-C to the command as well: it ends, then the servers do. Others are passed on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda received, frame: command.send_signal(received))
        return command.wait()


def clean() -> int:
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
