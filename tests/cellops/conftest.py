"""Folders for servers that a test starts itself."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cellops.services.folders import ServiceFolder
from cellops.services.homes import outside
from cellops.services.postgres import PostgresServer
from cellops.services.processes import end_processes, leftovers
from cellops.services.valkey import ValkeyServer


@pytest.fixture(scope="module")
def service_folder() -> Iterator[ServiceFolder]:
    """A folder for servers, shared by the tests of one file: making a cluster takes a second."""
    parent = ServiceFolder.named("scratch").path
    parent.mkdir(parents=True, exist_ok=True)
    folder = ServiceFolder(Path(tempfile.mkdtemp(dir=parent)))
    # Unlike pytest's own temporary folders, open to the account that runs PostgreSQL when root tests.
    folder.path.chmod(0o755)
    folder.prepare()
    yield folder
    remove(folder)


@pytest.fixture
def postgres(service_folder: ServiceFolder) -> Iterator[PostgresServer]:
    """A running PostgreSQL of the test's own."""
    server = PostgresServer(service_folder, durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """A folder of one test's own, for programs and for servers that root may run."""
    folder = ServiceFolder(tmp_path)
    folder.prepare()
    return folder


@pytest.fixture
def valkey(folder: ServiceFolder) -> Iterator[ValkeyServer]:
    """A running Valkey of the test's own."""
    server = ValkeyServer(folder)
    server.start()
    yield server
    server.stop()


def remove(folder: ServiceFolder) -> None:
    """End whatever a failed test left in the folder, and remove it."""
    end_processes(list(leftovers(folder)))
    shutil.rmtree(folder.path, ignore_errors=True)
    shutil.rmtree(outside(folder), ignore_errors=True)
