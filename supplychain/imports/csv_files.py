"""Reading a CSV file row by row: bounded memory, every line accounted for, no value guessed at."""

import codecs
import csv
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

DELIMITERS = (",", ";", "\t")
# One row in characters; the largest payload has 16 KiB.
MOST_ROW_CHARACTERS = 64 * 1024
SHOWN_CHARACTERS = 500  # of a line that cannot be read
BLOCK_BYTES = 1 << 20


class FileRefused(Exception):
    """A file of which nothing can be imported; the message says what to do."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row: the line it begins on (from 1), its cells, and why it cannot be read (empty: it can)."""

    line: int
    cells: list[str]
    problem: str = ""


class _TooLong(Exception):
    """A row is longer than any real one."""


class _Lines:
    """Physical lines for csv.reader; it keeps those of the present row, so that they can be read again."""

    def __init__(self, file: BinaryIO, first_line: int) -> None:
        self.file = file
        self.next_line = first_line
        self.row: list[tuple[str, bool]] = []
        self.again: deque[tuple[str, bool]] = deque()
        self.characters = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        text, whole = self.again.popleft() if self.again else self._read()
        self.next_line += 1
        self.row.append((text, whole))
        self.characters += len(text)
        if not whole or self.characters > MOST_ROW_CHARACTERS:
            raise _TooLong
        return text

    def _read(self) -> tuple[str, bool]:
        """The next line and whether it is whole: of one without end only the beginning is kept."""
        raw = self.file.readline(MOST_ROW_CHARACTERS)
        if not raw:
            raise StopIteration
        if len(raw) < MOST_ROW_CHARACTERS or raw.endswith(b"\n"):
            return self._decoded(raw), True
        while (rest := self.file.readline(BLOCK_BYTES)) and not rest.endswith(b"\n"):
            pass
        return raw[:SHOWN_CHARACTERS].decode(errors="ignore"), False

    @staticmethod
    def _decoded(raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            raise FileRefused("The file changed while it was read; import it again.") from error

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.row, self.characters = [], 0

    def give_up_first(self) -> str:
        """Set aside the first line of the present row, and hand out the others again."""
        (first, _), *others = self.row
        self.again.extendleft(reversed(others))
        self.next_line -= len(others)
        return first.rstrip("\r\n")[:SHOWN_CHARACTERS]


class CsvFile:
    """A CSV file in UTF-8 with a header line; the delimiter is the one under which the header makes most sense.

    Raises FileRefused when it is opened, before anything is imported.
    """

    def __init__(self, path: Path, known_columns: Collection[str]) -> None:
        self.path = path
        check_encoding(path)
        with path.open("rb") as file:
            self.has_bom = file.read(3) == codecs.BOM_UTF8
            file.seek(3 if self.has_bom else 0)
            header = file.readline(MOST_ROW_CHARACTERS)
            self.first_row_at = file.tell()
        if not header.strip():
            raise FileRefused("Line 1 is empty: it must hold the names of the columns.")
        self.delimiter, self.header = sniff_header(header.decode(errors="replace"), known_columns)
        self.bytes = path.stat().st_size
        self.bytes_read = self.first_row_at

    def rows(self) -> Iterator[FileRow]:
        """Every row that is not blank; one that cannot be read comes with its problem."""
        with self.path.open("rb") as file:
            file.seek(self.first_row_at)
            lines = _Lines(file, first_line=2)
            reader = self._reader(lines)
            while True:
                lines.begin_row()
                line = lines.next_line
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except (csv.Error, _TooLong) as error:
                    yield FileRow(line, [lines.give_up_first()], _what_to_do(error))
                    reader = self._reader(lines)
                else:
                    yield self._row(line, cells)
                self.bytes_read = file.tell()

    def _reader(self, lines: _Lines) -> "csv._reader":
        return csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _row(self, line: int, cells: list[str]) -> FileRow:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            return FileRow(line, [])
        if len(cells) != len(self.header):
            problem = (
                f"It has {len(cells)} cells, the header has {len(self.header)}; an empty cell needs its delimiter."
            )
            return FileRow(line, cells, problem)
        if "\0" in "".join(cells):
            return FileRow(line, [cell.replace("\0", "\N{REPLACEMENT CHARACTER}") for cell in cells], NUL_PROBLEM)
        return FileRow(line, cells)


NUL_PROBLEM = "It holds a NUL character (shown here as \N{REPLACEMENT CHARACTER}); remove it."


def _what_to_do(error: Exception) -> str:
    if isinstance(error, _TooLong):
        reason = f"It has more than {MOST_ROW_CHARACTERS:,} characters: a quote not closed, or no row at all"
    elif "unexpected end" in str(error):
        reason = "A quote that it opens is never closed"
    elif "new-line" in str(error):
        reason = "It has a carriage return in the middle; quote the cell or remove it"
    else:
        reason = f"Its quotes cannot be read ({error}); a quote inside a quoted cell is written twice"
    return f"{reason}. The line's beginning stands in the first cell."


def check_encoding(path: Path) -> None:
    """Raise FileRefused, naming the line, unless the whole file is UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            if line == 1 and block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                raise FileRefused("The file is in UTF-16. Save it as “CSV UTF-8” and import it again.")
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                raise _not_utf8(line + block.count(b"\n", 0, max(error.start - pending, 0))) from error
            line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _not_utf8(line) from error


def _not_utf8(line: int) -> FileRefused:
    return FileRefused(f"Line {line} is not in UTF-8. Save the file as “CSV UTF-8” and import it again.")


def sniff_header(text: str, known_columns: Collection[str]) -> tuple[str, list[str]]:
    """The delimiter and the header's cells: the delimiter that yields most known names, then most cells."""
    readings = []
    for delimiter in DELIMITERS:
        try:
            cells = [column_name(cell) for cell in next(csv.reader([text], delimiter=delimiter, strict=True))]
        except csv.Error:
            continue
        readings.append((len(set(cells).intersection(known_columns)), len(cells), delimiter, cells))
    if not readings:
        raise FileRefused("Line 1 cannot be read: a quote is not closed. It must hold the names of the columns.")
    best = max(readings, key=lambda reading: reading[:2])
    return best[2], best[3]


def column_name(cell: str) -> str:
    """A header cell as the columns are written: `Occurred at` is `occurred_at`."""
    return cell.strip().lower().replace(" ", "_").replace("-", "_")
