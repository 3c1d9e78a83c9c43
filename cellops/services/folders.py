"""The folder that holds one set of servers: data, logs, secrets, and the lock that says it is in use."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 5_000_000  # bytes; a longer log is set aside when its program starts


class ServiceError(Exception):
    """Something could not be started or reached; the message says what and where to look."""


class AlreadyRunningError(ServiceError):
    """Another living process uses this folder."""


@dataclass(frozen=True)
class ServiceFolder:
    """One set of servers' folder: `var` for `manage.py up`, `var/test` for the tests."""

    path: Path

    @classmethod
    def named(cls, name: str = "") -> "ServiceFolder":
        """Return the checkout's own folder `var`, or the one called `name` inside it."""
        return cls(CHECKOUT / "var" / name)

    @property
    def run(self) -> Path:
        """Return where short-lived files are: the lock, the environment, configuration."""
        return self.path / "run"

    @property
    def environment_file(self) -> Path:
        """Return the file that tells other terminals the addresses while the servers run."""
        return self.run / "environment"

    def prepare(self) -> None:
        """Make the folders: secrets, and logs that name people, are nobody else's to read.

        The data's folder above them stays open to enter, for the account that PostgreSQL runs under when root started
        it. Raises ServiceError where nothing can be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.run, self.path / "log"):
                folder.mkdir(exist_ok=True)
                folder.chmod(0o700)
            (self.run / "lock").touch()
        except OSError as error:
            raise ServiceError(
                f"CellOps cannot write into {self.path} ({error.strerror}), where it keeps data, logs and secrets. "
                "Make that folder writable for this account, or put the checkout where it is."
            ) from error

    def log(self, name: str) -> Path:
        """Return a program's log file, which only its owner reads, after setting a very long old one aside."""
        path = self.path / "log" / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.old"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.chmod(0o600)
        return path

    def secret(self, name: str) -> str:
        """Return the secret of this name: made once, then kept in a file that only its owner reads."""
        path = self.path / name
        if not path.exists() or not path.read_text().strip():
            write_private(path, secrets.token_hex(32))
        return path.read_text().strip()

    def ports(self) -> dict[str, int]:
        """The ports of the programs in the last run, by name; addresses that people have kept go on working."""
        try:
            lines = (self.path / "ports").read_text().split()
        except OSError:
            return {}
        pairs = [line.partition("=") for line in lines]
        return {name: int(port) for name, _, port in pairs if port.isdecimal() and 0 < int(port) < 65536}

    def remember_ports(self, ports: dict[str, int]) -> None:
        """Keep them for the next run."""
        if ports:
            (self.path / "ports").write_text("".join(f"{name}={port}\n" for name, port in ports.items()))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; the system lets go of it however the process ends.

        Raises AlreadyRunningError when another living process holds it.
        """
        self.prepare()
        with (self.run / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                message = f"Process {lock.read().strip() or '?'} already runs the servers in {self.path}."
                raise AlreadyRunningError(message) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def last_lines(path: Path, count: int = 20) -> str:
    """Return the end of a log file, for a person who must see why something failed."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20_000))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
