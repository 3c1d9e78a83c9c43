"""Work done inside CellOps, without HTTP: a process per database, since Django knows one database a process."""

import multiprocessing
import os
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from typing import Any

from tests.bench.databases import url_of


class InsideError(Exception):
    """What the other process raised."""


class Inside:
    """The functions of tests.bench.deeds, run in the other process one at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def do(self, deed: str, *arguments: Any) -> Any:
        """Run the deed and return what it returns. Raises InsideError with the other process's traceback."""
        self._pipe.send((deed, arguments))
        succeeded, answer = self._pipe.recv()
        if not succeeded:
            raise InsideError(answer)
        return answer


@contextmanager
def inside(*names: str) -> Iterator[list[Inside]]:
    """One process for each of these databases."""
    with ExitStack() as stack:
        yield [stack.enter_context(_one(name)) for name in names]


@contextmanager
def _one(database: str) -> Iterator[Inside]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    # No daemon: what verifies seals has processes of its own. It ends by itself when the pipe is closed.
    process = context.Process(target=_serve, args=(theirs, database))
    process.start()
    theirs.close()
    try:
        yield Inside(ours)
    finally:
        ours.close()
        process.join(5)
        process.kill()


def _serve(pipe: Connection, database: str) -> None:
    os.environ |= {"DATABASE_URL": url_of(database), "DJANGO_SETTINGS_MODULE": "cellops.settings"}
    # Imported here: only now do the settings lead to this process's database.
    import django

    django.setup()
    from tests.bench import deeds

    while True:
        try:
            deed, arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, getattr(deeds, deed)(*arguments)))
        except Exception:  # noqa: BLE001  # Whatever it is, the other process shall see it.
            pipe.send((False, traceback.format_exc()))
