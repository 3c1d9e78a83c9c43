"""Readings out of the lines of a logger's file: every line becomes a reading, a fault that is told, or an end. Pure.

What stands behind the last reading (statistics, a signature) is no fault, unless it begins with a date as readings do;
a last line that is cut off is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from supplychain.conditions.rules.forms import FAHRENHEIT, NUMBER, WHOLE, FileForm, bare, cells_of, filled, is_shifted
from supplychain.conditions.rules.moments import dated, instant, read_stamp, zone_of
from supplychain.moments import CLOCK_TOLERANCE

# Colder than liquid nitrogen or hotter than a van in the sun is a broken probe, or another unit.
PLAUSIBLE = range(-20_000, 7_001)
BEGINNING = re.compile(r"\d{1,4}($|[-./]\d)")
DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d")
NO_TEMPERATURE = "no temperature."
NOT_MEASURED_YET = "This moment has not come yet: look at the logger’s clock and its time zone."
MOST_FAULTS = 200
MOST_SHOWN = 120  # characters of a line that cannot be read


class Reading(NamedTuple):
    """One temperature, in hundredths of a degree Celsius."""

    read_at: datetime
    temperature: int


class Fault(NamedTuple):
    """A line (from 1) that is no reading, and why."""

    line: int
    problem: str
    text: str


@dataclass(slots=True)
class Told:
    """What became of the lines of a file; at most MOST_FAULTS of the faults are kept.

    `unmeasured`: how many of the faulty have a moment and no number; `behind`: lines behind the last reading so far.
    """

    readings: int = 0
    faulty: int = 0
    unmeasured: int = 0
    behind: int = 0
    is_cut: bool = False
    faults: list[Fault] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """What is needed to go on behind a reading, beside the faults."""
        return {"readings": self.readings, "faulty": self.faulty, "unmeasured": self.unmeasured}

    def add(self, faults: Iterable[Fault]) -> None:
        """Count what could not be read."""
        for fault in faults:
            self.faulty += 1
            self.unmeasured += fault.problem.endswith(NO_TEMPERATURE)
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)

    def settle(self, waiting: list[Fault]) -> None:
        """The lines that seemed to be behind the last reading are faults: one follows, or they are too many."""
        self.faulty += self.behind - len(waiting)
        self.behind = 0
        self.add(waiting)
        waiting.clear()


class LineReader:
    """Reads line by line; remembers the reading before, its line, and the most decimals that this logger writes.

    `line`: how many lines it has passed. One that is made of `place` goes on where another one was. `came_at`: when
    the file came; what was measured later was not (None: nobody knows).
    """

    def __init__(
        self, form: FileForm, place: Mapping[str, Any] | None = None, *, came_at: datetime | None = None
    ) -> None:
        self.form, self.came_at = form, came_at
        self.zone = zone_of(form.zone) or UTC
        said = place or {}
        self.line: int = said.get("line", 0)
        self.before = datetime.fromisoformat(said["before"]) if said.get("before") else None
        self.decimals: int = said.get("decimals", 0)
        self.last: str = said.get("last", "")

    @property
    def place(self) -> dict[str, Any]:
        """Where it stands, right behind a reading."""
        before = self.before.isoformat() if self.before else ""
        return {"line": self.line, "before": before, "decimals": self.decimals, "last": self.last}

    def read(self, line: str) -> Reading | str:
        """The reading, or why it is none."""
        form = self.form
        cells = cells_of(line, form.delimiter)
        if len(cells) < form.width:
            return f"It has {len(cells)} cells where a reading has {form.width}."
        if is_shifted(cells, form):
            return f"It has {filled(cells)} cells where the header has {form.most}: which is the temperature?"
        said = self._moment(form.stamp(cells))
        if isinstance(said, str):
            return said
        if self.came_at and is_to_come(said, self.came_at):
            return NOT_MEASURED_YET
        text = bare(cells[form.temperature])
        if not NUMBER.fullmatch(text):
            return f"“{text[:40]}” is {NO_TEMPERATURE}" if text else f"It has {NO_TEMPERATURE}"
        found = hundredths(text, form.unit)
        if found not in PLAUSIBLE:
            return f"{found / 100:g} °C cannot be: the probe is broken, or the unit is another."
        self.before, self.last, self.decimals = said, line, max(self.decimals, _decimals(text))
        return Reading(said, found)

    def _moment(self, text: str) -> datetime | str:
        stamp = read_stamp(text)
        local = dated(stamp, self.form.order) if stamp else None
        if stamp is None or local is None:
            return f"“{text[:40]}” is no date and time."
        if stamp[6] is not None:
            return local.replace(tzinfo=UTC) - stamp[6]
        if not self.form.zone:
            return f"{text[:40]} has no offset where the others have one."
        moment = instant(local, self.zone, self.before, self.form.is_newest_first)
        return moment or f"{text[:40]} does not exist there: the clocks went on by an hour. Is the zone right?"

    def is_cut(self, line: str) -> bool:
        """Whether a reading, which no line break ends, may have lost what stood behind, by how this logger writes."""
        if line.count('"') % 2:
            return True
        form = self.form
        cells, before = cells_of(line, form.delimiter), cells_of(self.last, form.delimiter)
        place, cell = len(cells) - 1, cells[-1]
        if place >= len(before):
            return False
        if place in (form.date, form.clock):
            return len(cell) < len(before[place])
        if place != form.temperature:
            return False
        if place < len(before) - 1 or (before[place][-1:].isdigit() < cell[-1:].isdigit()):
            return True
        return cell[-1:].isdigit() and _lacks_digits(bare(cell), bare(before[place]), self.decimals)


def readings_of(lines: Iterable[tuple[str, bool]], reader: LineReader, told: Told) -> Iterator[Reading]:
    """The readings in `lines` (each with whether it has an end), in the file's order; `told` learns of the others."""
    form, waiting, passed = reader.form, list[Fault](), max(reader.line, reader.form.first)
    for number, (line, has_end) in enumerate(lines):
        if number < passed or not line.strip():
            continue
        reader.line = number + 1
        found = "The file is cut off here." if not has_end and reader.is_cut(line) else reader.read(line)
        if isinstance(found, Reading):
            told.settle(waiting)
            told.readings += 1
            yield found
            continue
        fault = Fault(number + 1, found, line[:MOST_SHOWN])
        told.is_cut = not has_end and _begins_with(BEGINNING, line, form)
        if told.is_cut or _begins_with(DATE, line, form) or _is_undated(line, form):
            told.add([fault])
            continue
        told.behind += 1
        if len(waiting) < MOST_FAULTS:
            waiting.append(fault)
    if told.behind > MOST_FAULTS:
        told.settle(waiting)
    told.faults.sort()


def _is_undated(line: str, form: FileForm) -> bool:
    """Whether a line has a temperature in its place and no words: statistics have a name."""
    cells = cells_of(line, form.delimiter)
    is_measured = len(cells) > form.temperature and NUMBER.fullmatch(bare(cells[form.temperature]))
    return bool(is_measured) and not any(map(str.isalpha, "".join(map(bare, cells))))


def _begins_with(beginning: re.Pattern[str], line: str, form: FileForm) -> bool:
    """Whether a line has there, where readings have their date, the beginning of one."""
    cells = cells_of(line, form.delimiter)
    return len(cells) > form.date and beginning.match(cells[form.date]) is not None


def is_to_come(read_at: datetime, now: datetime) -> bool:
    """Whether nothing can have been measured then, by clocks that agree well enough."""
    return read_at > now + CLOCK_TOLERANCE


def hundredths(text: str, unit: str) -> int:
    """A number, with a comma or a point, as hundredths of a degree Celsius."""
    number = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    return round((number - 32) * 500 / 9) if unit == FAHRENHEIT else round(number * 100)


def _decimals(text: str) -> int:
    return len(text.replace(",", ".").partition(".")[2])


def _lacks_digits(text: str, before: str, decimals: int) -> bool:
    """Whether a number may be the beginning of a longer one: it has fewer decimals than are usual, or it is whole, as
    all are, and has fewer digits than the one before, or with one more would lie about as near to it."""
    if decimals or not (WHOLE.fullmatch(text) and WHOLE.fullmatch(before)):
        return _decimals(text) < decimals
    apart = abs(int(text) - int(before))
    longer = min(abs(int(f"{text}{digit}") - int(before)) for digit in range(10))
    return len(text) < len(before) or longer <= 2 * apart


def unit_doubt(middle: int, unit: str, low: int | None, high: int | None) -> str:
    """Why the unit may be wrong: in the other one half the readings would be where the cells are kept; else empty.

    `middle`: the median of the readings in hundredths of a degree, read in `unit`.
    """
    if _is_inside(middle, low, high):
        return ""
    said = middle * 9 / 5 + 3200 if unit == FAHRENHEIT else (middle - 3200) * 5 / 9
    if not _is_inside(round(said), low, high):
        return ""
    other = "°C" if unit == FAHRENHEIT else "°F"
    return f"Most readings lie where the cells may never be; in {other} they would be right. Look at the unit."


def _is_inside(middle: int, low: int | None, high: int | None) -> bool:
    near = 300
    return (low is None or middle >= low - near) and (high is None or middle <= high + near)
