"""The bench's own databases, beside whatever else the server holds; dropped at the end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

TEMPLATE = "bench_migrated"


def url_of(database: str) -> str:
    """The address of another database on the server of DATABASE_URL."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}"))


def connect(database: str) -> Connection:
    """A connection in which every statement is its own transaction."""
    connection = psycopg2.connect(url_of(database))
    connection.autocommit = True
    return connection


def execute(database: str, statement: str, parameters: tuple | None = None) -> list[tuple]:
    """The rows of one statement; none for a statement without any."""
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def databases(*names: str) -> Iterator[None]:
    """Databases of these names with all tables and no rows."""
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as server:
        server.autocommit = True
        made = (TEMPLATE, *names)
        _drop(server, made)
        try:
            _run(server, "CREATE DATABASE {}", TEMPLATE)
            migrate(TEMPLATE)
            for name in names:
                _run(server, "CREATE DATABASE {} TEMPLATE {}", name, TEMPLATE)
            yield
        finally:
            _drop(server, made)


def copy(source: str, target: str) -> None:
    """Make `target` anew as it stands in `source`, to which nobody may be connected."""
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as server:
        server.autocommit = True
        _drop(server, (target,))
        _run(server, "CREATE DATABASE {} TEMPLATE {}", target, source)


def migrate(database: str) -> None:
    """Create the tables; raises CalledProcessError with what the command said."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": url_of(database)}, check=True)


def _drop(server: Connection, names: tuple[str, ...]) -> None:
    for name in names:
        try:
            _run(server, "DROP DATABASE IF EXISTS {}", name)
        except psycopg2.errors.ObjectInUse:  # A program that was killed has not let go yet.
            _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(server: Connection, statement: str, *names: str) -> None:
    with server.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
