"""The pytest plugin that gives the tests a real PostgreSQL and a real Valkey before Django reads its settings.

Servers named by DATABASE_URL or REDIS_URL are used as they are. With pytest-xdist the leading process starts PostgreSQL
for all, since each worker has a database of its own there; each worker starts a Valkey, for a channel of one must not
be heard by another. What restarts servers runs without xdist and has both to itself.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest
from psycopg2 import sql

from cellops.services.postgres import ROLE, SUPERUSER, PostgresServer
from cellops.services.servers import Servers, running_throwaway

ROOT = Path(__file__).resolve().parents[1]
running = ExitStack()
servers_key = pytest.StashKey[Servers]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the servers; as a wrapper this runs before pytest-django's hook loads the settings."""
    only_asks = {"-h", "--help", "--version", "-V"} & set(early_config.invocation_params.args)
    if not only_asks:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        servers = running.enter_context(running_throwaway(f"test-{worker}" if worker else "test"))
        early_config.stash[servers_key] = servers
        os.environ.update(servers.environment())
        compiling = None if worker else subprocess.Popen([sys.executable, "-m", "tests.compiling"], cwd=ROOT)
        if servers.postgres:
            os.environ["TEST_TEMPLATE"] = migrated_database(servers.postgres)
        if compiling and compiling.wait():
            raise pytest.UsageError("The simulation could not be compiled; see above.")
        if getattr(early_config.known_args_namespace, "numprocesses", None) and not worker:
            del os.environ["REDIS_URL"]  # each worker's own
    return (yield)


def migrated_database(server: PostgresServer) -> str:
    """The name of a migrated database to copy the tests' from: migrating takes half a minute, copying a moment.

    Kept between runs, under the digest of all migrations, their names included; those of other digests go.
    """
    files = sorted(path for app in ("supplychain", "batches") for path in (ROOT / app / "migrations").glob("*.py"))
    digest = hashlib.sha256()
    for path in (*files, ROOT / "requirements.txt"):
        digest.update(path.name.encode() + path.read_bytes())
    name = f"migrated_{digest.hexdigest()[:12]}"
    with contextlib.closing(server.connect(SUPERUSER, SUPERUSER)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            # Under another name first: an interrupted run must not look like a migrated database.
            draft, owner = sql.Identifier(f"{name}_draft"), sql.Identifier(ROLE)
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'migrated_')")
            for (left,) in cursor.fetchall():
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(left)))
            cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(draft, owner))
            address = {"DATABASE_URL": f"{server.url.rsplit('/', 1)[0]}/{name}_draft"}
            command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(command, cwd=ROOT, env=os.environ | address, check=True)
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(draft, sql.Identifier(name)))
    return name


def pytest_unconfigure() -> None:
    """Stop the servers, after Ctrl-C too."""
    running.close()


@pytest.fixture(scope="session")
def embedded_services(pytestconfig: pytest.Config) -> Servers:
    """The servers of this test run, to restart, kill or flush; skips where they are not this process's own."""
    servers = pytestconfig.stash.get(servers_key, None)
    if servers is None or servers.postgres is None or servers.valkey is None:
        pytest.skip("needs servers of its own to restart: unset DATABASE_URL and REDIS_URL, run without xdist")
    return servers
