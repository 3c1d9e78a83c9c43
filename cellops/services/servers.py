"""The two servers together, and the environment that leads to them."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from cellops.services import ports, postgres, valkey
from cellops.services.folders import AlreadyRunningError, ServiceFolder, write_private
from cellops.services.postgres import PostgresServer
from cellops.services.processes import end_processes, leftovers
from cellops.services.valkey import ValkeyServer
from cellops.services.waiting import Pause


@dataclass
class Servers:
    """What this folder runs itself; None where the environment names a server already."""

    folder: ServiceFolder
    postgres: PostgresServer | None
    valkey: ValkeyServer | None

    @classmethod
    def usual(cls, folder: ServiceFolder, *, pause: Pause = time.sleep) -> "Servers":
        """Make durable servers on the usual ports, or on the next free ones."""
        database_port = ports.choose(postgres.USUAL_PORT)
        return cls(
            folder,
            PostgresServer(folder, port=database_port, pause=pause) if needed("DATABASE_URL") else None,
            ValkeyServer(folder, port=ports.choose(valkey.USUAL_PORT), pause=pause) if needed("REDIS_URL") else None,
        )

    @classmethod
    def throwaway(cls, folder: ServiceFolder, *, durable: bool = False) -> "Servers":
        """Make servers on ports that nobody uses; without `durable` they trade safety for speed."""
        return cls(
            folder,
            PostgresServer(folder, durable=durable) if needed("DATABASE_URL") else None,
            ValkeyServer(folder) if needed("REDIS_URL") else None,
        )

    @property
    def own(self) -> list[PostgresServer | ValkeyServer]:
        """Return the servers that this folder runs itself, in the order in which they start."""
        return [server for server in (self.postgres, self.valkey) if server]

    def start(self) -> None:
        """Start the servers after ending what a crash of an earlier run left; the folder must be locked."""
        end_processes(list(leftovers(self.folder)))
        for server in self.own:
            server.start()

    def stop(self) -> None:
        """Stop the servers."""
        for server in reversed(self.own):
            server.stop()

    def notes(self) -> list[str]:
        """Return what a person should know about where things are."""
        home = self.postgres.home if self.postgres else None
        if home is None or home.data.is_relative_to(self.folder.path):
            return []
        return [f"PostgreSQL's data are in {home.data}: its account may not enter {self.folder.path}."]

    def environment(self) -> dict[str, str]:
        """Return the variables that lead programs to the servers; what the environment has already is kept."""
        found = {"CELLOPS_DEMO": os.environ.get("CELLOPS_DEMO", "1")}
        found["SECRET_KEY"] = os.environ.get("SECRET_KEY") or self.folder.secret("secret_key")
        found["DATABASE_URL"] = self.postgres.url if self.postgres else os.environ["DATABASE_URL"]
        found["REDIS_URL"] = self.valkey.url if self.valkey else os.environ["REDIS_URL"]
        return found


def needed(variable: str) -> bool:
    """Tell whether the environment names no server of this kind."""
    return not os.environ.get(variable)


def write_environment(folder: ServiceFolder, variables: dict[str, str]) -> None:
    """Tell other terminals of this checkout the addresses."""
    write_private(folder.environment_file, "".join(f"{key}={value}\n" for key, value in variables.items()))


def forget_environment(folder: ServiceFolder) -> None:
    """Remove the addresses that a crashed run left in its file, and in our environment if the settings read them."""
    if folder.environment_file.exists():
        for line in folder.environment_file.read_text().splitlines():
            key, _, value = line.partition("=")
            if os.environ.get(key) == value:
                del os.environ[key]
        folder.environment_file.unlink()


@contextmanager
def running_throwaway(name: str, *, durable: bool = False) -> Iterator[Servers]:
    """Run throwaway servers in `var/NAME` or, where another process uses that, in `var/NAME-2` and so on."""
    with ExitStack() as stack:
        folder = _first_unused(name, stack)
        servers = Servers.throwaway(folder, durable=durable)
        stack.callback(servers.stop)
        servers.start()
        yield servers


def _first_unused(name: str, stack: ExitStack) -> ServiceFolder:
    for number in range(1, 10):
        folder = ServiceFolder.named(name if number == 1 else f"{name}-{number}")
        with suppress(AlreadyRunningError):
            stack.enter_context(folder.locked())
            return folder
    raise AlreadyRunningError(f"Nine other processes use var/{name} and its neighbours.")
