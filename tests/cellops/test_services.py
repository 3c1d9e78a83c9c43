"""The embedded PostgreSQL and Valkey: they start anywhere, keep data, and survive crashes."""

import os
import socket
import stat
from contextlib import closing

import psutil
import psycopg2
import pytest
import redis

from cellops.services import ports
from cellops.services.folders import AlreadyRunningError, ServiceFolder
from cellops.services.postgres import DATABASE, PASSWORD_FILE, ROLE, SUPERUSER, PostgresServer
from cellops.services.servers import (
    Servers,
    forget_environment,
    needed,
    running_throwaway,
    write_environment,
)
from cellops.services.valkey import ValkeyServer
from tests.cellops.conftest import remove


def ask(server: PostgresServer, statement: str) -> list[tuple]:
    """Run one statement as CellOps' own role and return its rows."""
    with closing(psycopg2.connect(server.url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_a_second_start_keeps_what_was_stored(service_folder, postgres):
    ask(postgres, "CREATE TABLE doses (code text)")
    ask(postgres, "INSERT INTO doses VALUES ('A')")
    postgres.stop()
    again = PostgresServer(service_folder, durable=False)
    again.start()
    try:
        assert ask(again, "SELECT code FROM doses") == [("A",)]
        ask(again, "DROP TABLE doses")
    finally:
        again.stop()


def test_a_killed_postgres_comes_back_on_its_port_with_what_was_committed(postgres):
    ask(postgres, "CREATE TABLE bags AS SELECT 1 AS number")
    port = postgres.port
    postgres.kill()
    assert not postgres.alive
    postgres.start()
    assert (postgres.port, ask(postgres, "TABLE bags")) == (port, [(1,)])
    ask(postgres, "DROP TABLE bags")


def test_a_restart_cuts_open_sessions_and_answers_again(postgres):
    with closing(psycopg2.connect(postgres.url)) as connection:
        postgres.restart()
        with pytest.raises(psycopg2.OperationalError):
            connection.cursor().execute("SELECT 1")
    assert ask(postgres, "SELECT 1") == [(1,)]


def test_a_server_that_a_crashed_run_left_is_ended_by_the_next_start(service_folder, postgres):
    orphan = psutil.Process(postgres.process.pid)
    again = PostgresServer(service_folder, durable=False)
    again.start()
    try:
        assert postgres.process.process.wait(5) == 0
        assert not orphan.is_running()
        assert ask(again, "SELECT 1") == [(1,)]
    finally:
        again.stop()


def test_a_lock_file_that_names_a_stranger_does_not_stop_the_start(postgres):
    postgres.stop()
    (postgres.home.data / "postmaster.pid").write_text(f"{os.getppid()}\n{postgres.home.data}\n0\n5432\n\n\n\n")
    postgres.start()
    assert ask(postgres, "SELECT 1") == [(1,)]


def test_a_lost_password_is_replaced(service_folder, postgres):
    postgres.stop()
    (service_folder.path / PASSWORD_FILE).unlink()
    postgres.start()
    assert ask(postgres, "SELECT current_user::text") == [(ROLE,)]


def test_the_database_asks_for_the_password(postgres):
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host=ports.LOOPBACK, port=postgres.port, user=SUPERUSER, password="guess", dbname=DATABASE)


def test_cellops_role_may_create_databases_but_is_no_superuser(postgres):
    rows = ask(postgres, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user")
    assert rows == [(False, True)]


def test_an_interrupted_initdb_is_done_again_in_a_folder_whose_name_is_very_long_and_odd(service_folder):
    folder = ServiceFolder(service_folder.path / ("deep " * 20) / ("'$x\" é" * 10))
    folder.prepare()
    (folder.path / "postgres.draft").mkdir()
    (folder.path / "postgres.draft" / "PG_VERSION").write_text("18\n")
    servers = Servers(folder, PostgresServer(folder, durable=False), ValkeyServer(folder))
    try:
        servers.start()
        assert ask(servers.postgres, "SELECT 1") == [(1,)]
    finally:
        servers.stop()
        remove(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another account for PostgreSQL")
def test_root_in_a_private_folder_gets_a_cluster_outside_it_and_is_told_so(tmp_path):
    tmp_path.chmod(0o700)
    folder = ServiceFolder(tmp_path / "var")
    folder.prepare()
    servers = Servers(folder, PostgresServer(folder, durable=False), None)
    try:
        servers.start()
        assert ask(servers.postgres, "SELECT 1") == [(1,)]
        assert not servers.postgres.home.data.is_relative_to(tmp_path)
        assert servers.notes() == [
            f"PostgreSQL's data are in {servers.postgres.home.data}: its account may not enter {folder.path}."
        ]
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
    finally:
        servers.stop()
        remove(folder)


def test_valkey_asks_for_its_password_and_restarts_empty_on_its_port(service_folder):
    server = ValkeyServer(service_folder)
    server.start()
    try:
        with redis.Redis.from_url(server.url) as client:
            client.set("key", "value")
            server.restart()
            assert client.get("key") is None
            server.kill()
            server.start()
            client.set("key", "value")
            server.flush()
            assert client.keys() == []
        with pytest.raises(redis.AuthenticationError), redis.Redis(port=server.port, retry=None) as stranger:
            stranger.ping()
    finally:
        server.stop()
    assert not ports.answers(server.port)


def test_a_taken_port_leads_to_the_next_free_one():
    with socket.create_server((ports.LOOPBACK, 0)) as listener:
        taken = listener.getsockname()[1]
        assert not ports.is_free(taken)
        assert taken < ports.choose(taken) <= taken + 100


def test_a_port_taken_on_every_address_is_not_free():
    with socket.create_server(("0.0.0.0", 0)) as listener:
        assert not ports.is_free(listener.getsockname()[1])


def test_secrets_are_made_once_and_only_their_owner_reads_them(service_folder):
    secret = service_folder.secret("test_secret")
    assert len(secret) == 64
    assert service_folder.secret("test_secret") == secret
    assert stat.S_IMODE((service_folder.path / "test_secret").stat().st_mode) == 0o600


def test_a_folder_has_one_user_at_a_time(service_folder):
    with service_folder.locked(), pytest.raises(AlreadyRunningError, match=str(os.getpid())), service_folder.locked():
        pass
    with service_folder.locked():
        pass


def test_a_second_test_run_gets_a_neighbouring_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("cellops.services.folders.CHECKOUT", tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/cellops")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with running_throwaway("test") as first, running_throwaway("test") as second:
        assert (first.folder.path, second.folder.path) == (tmp_path / "var/test", tmp_path / "var/test-2")


def test_servers_that_the_environment_names_are_used_and_none_is_started(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/cellops")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    monkeypatch.setenv("SECRET_KEY", "known")
    servers = Servers.usual(ServiceFolder(tmp_path))
    servers.start()
    assert servers.own == []
    assert servers.environment() == {
        "CELLOPS_DEMO": os.environ["CELLOPS_DEMO"],
        "SECRET_KEY": "known",
        "DATABASE_URL": "postgresql://elsewhere/cellops",
        "REDIS_URL": "redis://elsewhere/0",
    }


def test_addresses_that_a_crashed_run_left_are_not_taken_for_somebodys_servers(monkeypatch, service_folder):
    write_environment(service_folder, {"DATABASE_URL": "postgresql://dead/cellops", "REDIS_URL": "redis://dead/0"})
    monkeypatch.setenv("DATABASE_URL", "postgresql://dead/cellops")
    monkeypatch.setenv("REDIS_URL", "redis://mine/0")
    forget_environment(service_folder)
    assert needed("DATABASE_URL")
    assert os.environ["REDIS_URL"] == "redis://mine/0"
    assert not service_folder.environment_file.exists()


@pytest.mark.bad_luck
def test_the_servers_of_this_test_run_can_be_restarted_under_the_tests(embedded_services):
    embedded_services.valkey.restart()
    embedded_services.postgres.restart()
    assert ask(embedded_services.postgres, "SELECT 1") == [(1,)]
