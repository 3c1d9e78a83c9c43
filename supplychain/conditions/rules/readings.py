"""Readings out of the lines of a logger's file: every line becomes a reading, a fault that is told, or an end. Pure.

What stands behind the last reading (statistics, a signature) is no fault; a last line that is cut off is told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from supplychain.conditions.rules.forms import FAHRENHEIT, NUMBER, FileForm, bare, cells_of
from supplychain.conditions.rules.moments import dated, instant, read_stamp, zone_of

# Colder than liquid nitrogen or hotter than a van in the sun is a broken probe, or another unit.
PLAUSIBLE = range(-20_000, 7_001)
BEGINNING = re.compile(r"\d{1,4}($|[-./]\d)")
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
    """What became of the lines of a file; at most MOST_FAULTS of the faults are kept."""

    readings: int = 0
    faulty: int = 0
    behind: int = 0
    is_cut: bool = False
    faults: list[Fault] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """Count what could not be read."""
        for fault in faults:
            self.faulty += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)


class _Reader:
    """Reads line by line; remembers the reading before, and the decimals that this logger writes."""

    def __init__(self, form: FileForm) -> None:
        self.form = form
        self.zone = zone_of(form.zone) or UTC
        self.before: datetime | None = None
        self.decimals = 0

    def read(self, line: str) -> Reading | str:
        """The reading, or why it is none."""
        form = self.form
        cells = cells_of(line, form.delimiter)
        if len(cells) < form.width:
            return f"It has {len(cells)} cells where a reading has {form.width}."
        said = self._moment(form.stamp(cells))
        if isinstance(said, str):
            return said
        text = bare(cells[form.temperature])
        if not NUMBER.fullmatch(text):
            return "It has no temperature." if not text else f"“{text[:40]}” is no temperature."
        found = hundredths(text, form.unit)
        if found not in PLAUSIBLE:
            return f"{found / 100:g} °C cannot be: the probe is broken, or the unit is another."
        self.before, self.decimals = said, _decimals(text)
        return Reading(said, found)

    def _moment(self, text: str) -> datetime | str:
        stamp = read_stamp(text)
        local = dated(stamp, self.form.order) if stamp else None
        if stamp is None or local is None:
            return f"“{text[:40]}” is no date and time."
        if stamp[6] is not None:
            return local.replace(tzinfo=UTC) - stamp[6]
        moment = instant(local, self.zone, self.before, self.form.is_newest_first)
        return moment or f"{text[:40]} does not exist there: the clocks went on by an hour. Is the zone right?"

    def is_short(self, line: str) -> bool:
        """Whether the temperature at the end of a file has fewer decimals than those before: the file is cut."""
        cells = cells_of(line, self.form.delimiter)
        is_last = len(cells) == self.form.temperature + 1
        return is_last and _decimals(bare(cells[-1])) < self.decimals


def readings_of(lines: Iterable[tuple[str, bool]], form: FileForm, told: Told) -> Iterator[Reading]:
    """The readings in `lines` (each with whether it has an end), in the file's order; `told` learns of the others."""
    reader, waiting = _Reader(form), []
    for number, (line, has_end) in enumerate(lines):
        if number < form.first or not line.strip():
            continue
        found = "The file is cut off here." if not has_end and reader.is_short(line) else reader.read(line)
        if isinstance(found, Reading):
            told.add(waiting)
            waiting = []
            told.readings += 1
            yield found
        elif len(waiting) < MOST_FAULTS:
            waiting.append(Fault(number + 1, found, line[:MOST_SHOWN]))
            told.is_cut = not has_end and _begins_as_reading(line, form)
        else:
            told.faulty += 1
    if told.is_cut:
        told.add(waiting[-1:])
    told.behind = len(waiting) - told.is_cut


def _begins_as_reading(line: str, form: FileForm) -> bool:
    """Whether the last line looks like the beginning of a reading."""
    cells = cells_of(line, form.delimiter)
    return len(cells) > form.date and BEGINNING.match(cells[form.date]) is not None


def hundredths(text: str, unit: str) -> int:
    """A number, with a comma or a point, as hundredths of a degree Celsius."""
    number = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    return round((number - 32) * 500 / 9) if unit == FAHRENHEIT else round(number * 100)


def _decimals(text: str) -> int:
    return len(text.replace(",", ".").partition(".")[2])


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
