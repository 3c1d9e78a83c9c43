"""Reading a CSV file row by row: bounded memory, every line accounted for, no value guessed at."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from supplychain.pages.spreadsheets import with_formula

DELIMITERS = (",", ";", "\t")
# One row in characters; the largest payload has 16 KiB.
MOST_ROW_CHARACTERS = 64 * 1024
SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?[,;\t]*\r?\n', re.IGNORECASE)  # Excel's word for the delimiter
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
            self.has_bom = skip_marks(file)
            begin = read_beginning(file)
            self.first_row_at = file.tell()
        self.first_row_line = begin.next_line
        delimiters = (begin.delimiter,) if begin.delimiter else DELIMITERS
        self.delimiter, self.header = sniff_header(begin.header, known_columns, delimiters, begin.line)
        self.bytes = path.stat().st_size
        self.bytes_read = self.first_row_at

    def rows(self) -> Iterator[FileRow]:
        """Every row that is not blank; one that cannot be read comes with its problem."""
        with self.path.open("rb") as file:
            file.seek(self.first_row_at)
            lines = _Lines(file, first_line=self.first_row_line)
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
        if not any(cells := [with_formula(cell.strip()) for cell in cells]):
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
            if file.tell() == len(block):
                _check_first_block(block)
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


def _check_first_block(block: bytes) -> None:
    """Raise FileRefused for UTF-16 and UTF-32, with or without their marks, and for what is no text at all."""
    if encoding := _wide_encoding(block):
        raise FileRefused(f"The file is in {encoding}. Save it as “CSV UTF-8” and import it again.")
    if block[:1_000].count(0) > len(block[:1_000]) / 4:
        text = "The file holds NUL characters where text should be: it is damaged, or no CSV. Save it again."
        raise FileRefused(text)


def _wide_encoding(block: bytes) -> str:
    """UTF-16 or UTF-32, by its mark, or where in each letter of mostly Latin text its NULs lie; empty: neither.

    UTF-16 has a letter and a NUL in turn, UTF-32 three NULs of four; a file of NULs alone is neither.
    """
    if block.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "UTF-32"
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "UTF-16"
    shares = [part.count(0) / max(len(part), 1) for part in (block[place:1_000:4] for place in range(4))]
    empty = [share > 1 / 4 for share in shares]
    if sum(empty) == 3 and empty[1:3] == [True, True]:
        return "UTF-32"
    return "UTF-16" if empty in ([True, False, True, False], [False, True, False, True]) else ""


def skip_marks(file: BinaryIO) -> bool:
    """Step over the byte order mark; some programs write two or more. Whether there was one."""
    length = 0
    while file.read(3) == codecs.BOM_UTF8:
        length += 3
    file.seek(length)
    return length > 0


class Beginning(NamedTuple):
    """A file up to its rows: the header's text, the line it begins on, the first row's line, the delimiter told."""

    header: str
    line: int
    next_line: int
    delimiter: str


def read_beginning(file: BinaryIO) -> Beginning:
    """The header, which may have line breaks in quotes; before it Excel's `sep=;`. Raises FileRefused."""
    line, told = 1, ""
    header = _line_of(file)
    if directive := SEPARATOR.fullmatch(header):
        line, told = 2, directive.group(1)
        if told not in DELIMITERS:
            raise FileRefused(f"Line 1 says that “{told}” parts the cells; use a comma, a semicolon or a tab.")
        header = _line_of(file).lstrip("\ufeff")
    if not header.strip():
        raise FileRefused(f"Line {line} is empty: it must hold the names of the columns.")
    next_line = line + 1
    while header.count('"') % 2 and len(header) < MOST_ROW_CHARACTERS and (more := _line_of(file)):
        header, next_line = header + more, next_line + 1
    if len(header) >= MOST_ROW_CHARACTERS:
        raise FileRefused(f"Line {line} has more than {MOST_ROW_CHARACTERS:,} characters, which no header has.")
    return Beginning(header, line, next_line, told)


def _line_of(file: BinaryIO) -> str:
    return file.readline(MOST_ROW_CHARACTERS).decode(errors="replace")


def _not_utf8(line: int) -> FileRefused:
    return FileRefused(f"Line {line} is not in UTF-8. Save the file as “CSV UTF-8” and import it again.")


def sniff_header(
    text: str, known_columns: Collection[str], delimiters: Collection[str] = DELIMITERS, line: int = 1
) -> tuple[str, list[str]]:
    """The delimiter and the header's cells: the delimiter that yields most known names, then most cells."""
    readings, problems = [], []
    for delimiter in delimiters:
        try:
            cells = [*map(column_name, _only_row(text, delimiter))]
        except csv.Error as error:
            problems.append(str(error))
            continue
        readings.append((len(set(cells).intersection(known_columns)), len(cells), delimiter, cells))
    if not readings:
        raise FileRefused(_header_problem(problems, line))
    fitting, _, delimiter, cells = max(readings, key=lambda reading: reading[:2])
    if not fitting and (problem := _shape_problem(text, cells, known_columns)):
        raise FileRefused(f"Line {line}: {problem}")
    return delimiter, cells


def _shape_problem(text: str, cells: list[str], known_columns: Collection[str]) -> str:
    """Why no column is known, where the line's shape says it; empty where it does not."""
    parted = {column_name(cell.strip().strip('"')) for cell in text.split("|")}
    if len(parted.intersection(known_columns)) > 1:
        return "“|” parts its cells; use a comma, a semicolon or a tab."
    if len(cells) == 1 and text.lstrip().startswith('"') and any(one in cells[0] for one in DELIMITERS):
        return "The whole line stands in quotes, so that it is one cell; save the file without them."
    is_typeset = any(cell.startswith(("“", "”", "„", "«")) for cell in cells)
    return 'Its quotes are those of a word processor (“ ”); write them as " or leave them out.' if is_typeset else ""


def _only_row(text: str, delimiter: str) -> list[str]:
    """The cells of a text that is one row; raises csv.Error where more follows, for that would be lost."""
    row, *others = csv.reader(StringIO(text, newline="\n"), delimiter=delimiter, strict=True)
    if others:
        raise csv.Error("unexpected end")
    return row


def _header_problem(problems: list[str], line: int) -> str:
    if any("new-line" in problem for problem in problems):
        text = "A line ends with a carriage return alone (old Macintosh), so that rows would be taken for the header."
        return f"Line {line}: {text} Save the file as “CSV UTF-8” and import it again."
    return f"Line {line} cannot be read: a quote is not closed. It must hold the names of the columns."


def column_name(cell: str) -> str:
    """A header cell as the columns are written: `Occurred at`, whatever blanks or line breaks, is `occurred_at`."""
    return "_".join(with_formula(cell.strip()).lower().replace("-", " ").split())
