"""Where the time goes inside one process: statements, commits and named functions."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from django.db import connection

# Where a statement begins; several are sent together with a semicolon between them.
BEGINNING = re.compile(r"(?:^\s*|; )(?:SELECT|INSERT INTO|UPDATE [a-z_]+ |DELETE|WITH|SAVEPOINT|RELEASE)")
TABLE = re.compile(r'\b(INSERT INTO|UPDATE|FROM)\s+"?([a-z]+_[a-z_]+)"?')
LOCK = re.compile(r"\bFOR (NO KEY )?UPDATE\b")
SQL, COMMIT = "SQL: ", "COMMIT, waiting for the disk"


@dataclass(slots=True)
class Stopwatch:
    """Seconds and calls by label; a label's seconds include those of labels inside it."""

    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    def add(self, label: str, seconds: float) -> None:
        """Count one call."""
        self.seconds[label] = self.seconds.get(label, 0.0) + seconds
        self.calls[label] = self.calls.get(label, 0) + 1

    @contextmanager
    def measuring(self, label: str) -> Iterator[None]:
        """Count the time of a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add(label, time.perf_counter() - start)

    def around(self, label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted."""

        def counted(*arguments: Any, **named: Any) -> Any:
            with self.measuring(label):
                return function(*arguments, **named)

        return counted

    @contextmanager
    def watching(self, functions: dict[str, tuple[Any, str]]) -> Iterator[None]:
        """Count the database's work and these functions: label → (module, name)."""
        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(self._execute))
            stack.enter_context(patch.object(connection, "_commit", self.around(COMMIT, connection._commit)))
            for label, (module, name) in functions.items():
                stack.enter_context(patch.object(module, name, self.around(label, getattr(module, name))))
            yield

    def _execute(self, execute: Callable, statement: Any, parameters: Any, many: bool, context: dict) -> Any:
        with self.measuring(SQL + statement_label(statement)):
            return execute(statement, parameters, many, context)


def statement_label(statement: str | bytes) -> str:
    """What a statement, or several sent together, do: their verbs and tables."""
    text = statement.decode(errors="replace") if isinstance(statement, bytes) else str(statement)
    return "; ".join(_part_label(text[found.start() :]) for found in BEGINNING.finditer(text))


def _part_label(part: str) -> str:
    verb = part.lstrip("; \n").split(None, 1)[0].upper()
    table = TABLE.search(part)
    lock = " for update" if verb == "SELECT" and LOCK.search(part) else ""
    return f"{verb} {table[2].removeprefix('supplychain_').removeprefix('batches_')}{lock}" if table else verb
