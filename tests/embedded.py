"""The pytest plugin that gives the tests a real PostgreSQL and a real Valkey before Django reads its settings.

Servers named by DATABASE_URL or REDIS_URL are used as they are. With pytest-xdist each worker has servers of its own,
for a channel or a restart of one must not be seen by another; the controlling process runs no test and needs none.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from cellops.services.servers import Servers, running_throwaway

running = ExitStack()
servers_key = pytest.StashKey[Servers]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the servers; as a wrapper this runs before pytest-django's hook loads the settings."""
    only_asks = {"-h", "--help", "--version", "-V"} & set(early_config.invocation_params.args)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    only_leads = not worker and getattr(early_config.known_args_namespace, "numprocesses", None)
    if not only_asks and not only_leads:
        servers = running.enter_context(running_throwaway(f"test-{worker}" if worker else "test"))
        early_config.stash[servers_key] = servers
        os.environ.update(servers.environment())
    return (yield)


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
