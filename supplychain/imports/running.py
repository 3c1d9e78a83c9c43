"""One import from the first row to the last: chunks to the actions, refused rows to a file beside."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TextIO
from zoneinfo import ZoneInfo

import structlog

from supplychain.hidden_characters import shown
from supplychain.imports.columns import REJECT_COLUMNS
from supplychain.imports.csv_files import CsvFile, FileRow
from supplychain.imports.rows import RowRefused
from supplychain.orders.statuses import ReportOutcome
from supplychain.pages.spreadsheets import without_formula
from supplychain.sql import reason_of

log = structlog.get_logger(__name__)

CHUNK_ROWS = 1_000
# Rows that were taken and do not fit, named one by one; the orders' flags say all.
MOST_DOUBTS = 20
REFUSED = (ReportOutcome.REJECTED, ReportOutcome.CONFLICT)


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What the action said to one row."""

    outcome: ReportOutcome
    reason: str = ""


@dataclass(slots=True)
class Tally:
    """How many rows came to what; `last_line` is the line up to which everything is in; `doubts`: what is wrong with
    rows that were taken, the first MOST_DOUBTS of `doubted`."""

    outcomes: Counter[ReportOutcome] = field(default_factory=Counter)
    blank: int = 0
    last_line: int = 1
    doubts: list[str] = field(default_factory=list)
    doubted: int = 0

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return sum(self.outcomes[outcome] for outcome in REFUSED)

    def doubt(self, line: int, reason: str) -> None:
        """Count a row that was taken, and what does not fit about it."""
        self.doubted += 1
        if self.doubted <= MOST_DOUBTS:
            self.doubts.append(f"line {line}: {reason}")


class RejectedRows:
    """The rejected rows as a file that can be mended and imported again; it comes to be with the first of them."""

    def __init__(self, path: Path, source: CsvFile) -> None:
        self.path = path
        self.source = source
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._file:
            self._file.close()

    def add(self, row: FileRow, reason: str) -> None:
        """Write one row with its line and why it was not taken."""
        if self._file is None:
            # "x": an earlier file may hold somebody's half-finished corrections.
            encoding = "utf-8-sig" if self.source.has_bom else "utf-8"
            self._file = self.path.open("x", encoding=encoding, newline="")
            self._write([*REJECT_COLUMNS, *self._own(self.source.header)])
        self._write([str(row.line), shown(reason), *self._own(row.cells)])
        self.count += 1

    def _own(self, cells: Sequence[str]) -> list[str]:
        """Without the reject columns of a file that was rejected before; a line not read is one cell."""
        if len(cells) == 1:
            return list(cells)
        skipped = [index for index, name in enumerate(self.source.header) if name in REJECT_COLUMNS]
        return [cell for index, cell in enumerate(cells) if index not in skipped]

    def _write(self, cells: Sequence[str]) -> None:
        # A writer whose lines end with both quotes a cell with either of them.
        rows = csv.writer(self._file, delimiter=self.source.delimiter, lineterminator="\r\n")
        rows.writerow(map(without_formula, cells))


def free_path(path: Path) -> Path:
    """Where the rejected rows of the file `path` go: beside it, never over an earlier file of rejected rows."""
    wanted, number = path.with_suffix(".rejected.csv"), 1
    while wanted.exists():
        number += 1
        wanted = path.with_suffix(f".rejected-{number}.csv")
    return wanted


@dataclass(kw_only=True)
class Import:
    """A file on its way in: `read` makes a row of the cells under `names` (empty: skip), `send` stores a chunk."""

    file: CsvFile
    names: list[str]
    read: Callable[[Mapping[str, str], ZoneInfo | None], dict[str, Any]]
    send: Callable[[Sequence[dict[str, Any]]], list[RowAnswer]]
    rejected: RejectedRows
    zone: ZoneInfo | None = None
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self._nameless = [index for index, name in enumerate(self.file.header) if not name]

    def run(self) -> Iterator[int]:
        """Import everything; yields the bytes read so far after every chunk."""
        chunk: list[tuple[FileRow, dict[str, Any] | str]] = []
        for row in self.file.rows():
            if not row.cells:
                self.tally.blank += 1
                continue
            chunk.append((row, row.problem or self._prepared(row)))
            if len(chunk) == CHUNK_ROWS:
                self._send(chunk)
                yield self.file.bytes_read
                chunk = []
        if chunk:
            self._send(chunk)
        yield self.file.bytes

    def _prepared(self, row: FileRow) -> dict[str, Any] | str:
        """The row as the action takes it, or why it cannot be sent."""
        cells = {name: cell for name, cell in zip(self.names, row.cells, strict=True) if cell and name}
        if any(row.cells[index] for index in self._nameless):
            return "A cell stands under no column name; name the column or empty the cell."
        try:
            return self.read(cells, self.zone)
        except RowRefused as refused:
            return str(refused)
        except Exception as error:  # one row ends no file
            log.exception("row could not be read", file=str(self.file.path), line=row.line)
            return f"It cannot be read ({reason_of(error)}), and no more is known; report it with this row."

    def _send(self, chunk: list[tuple[FileRow, dict[str, Any] | str]]) -> None:
        answers = iter(self.send([row for _, row in chunk if isinstance(row, dict)]))
        for row, prepared in chunk:
            known = isinstance(prepared, dict)
            answer = next(answers) if known else RowAnswer(ReportOutcome.REJECTED, prepared)
            self.tally.outcomes[answer.outcome] += 1
            if answer.outcome in REFUSED:
                self.rejected.add(row, answer.reason)
            elif answer.reason:
                self.tally.doubt(row.line, shown(answer.reason))
        self.tally.last_line = chunk[-1][0].line
