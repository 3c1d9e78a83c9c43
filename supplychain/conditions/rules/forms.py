"""What a logger's file says of itself before its readings: columns, unit, decimal mark, zone, serial number. Pure.

Whatever it does not say is asked (`asks`), never guessed: a wrong unit or zone would judge other cells than these.
"""

import csv
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from supplychain.conditions.rules.moments import date_orders, dated, read_stamp
from supplychain.conditions.rules.texts import FileUnreadable
from supplychain.conditions.rules.zones import zone_said

DELIMITERS = (";", "\t", ",")
# Lines in which the columns must be found, and by which the order of dates is known.
MOST_HEAD = 2_000
CELSIUS, FAHRENHEIT = "C", "F"
LONGEST_SERIAL = 40
TEMPERATURES = re.compile(
    r"temp|°|\bdeg\b|celsius|fahrenheit|\b(ch|channel|kanal|probe|sensor|fühler)[ _-]?\d+\b|\bvalue\b|\bwert\b",
    re.IGNORECASE,
)
STATISTICS = re.compile(
    r"%|\b(min|max|avg|mean|minimum|maximum|average|alarm|limit|high|low|humid|feuchte|dew|mkt|kinetic|batter)",
    re.IGNORECASE,
)
WHOLE = re.compile(r"[+-]?\d+")
UNIT = re.compile(r"(?:°|º|deg(?:rees?)?\.? ?)\s?([CF])\b|\b(celsius|fahrenheit)\b|[\[(]([CF])[\])]", re.IGNORECASE)
# What names one logger, the surest first: a device or a model alone is one of many.
SERIALS = [
    re.compile(rf"^\W*(?:{words})\W*$", re.IGNORECASE)
    for words in (
        r"(?:(?:logger|device|sensor)[ _-]?)?(?:serial(?:[ _-]?(?:no|nr|number|id))?|s/n|sn|seriennummer|serien-?nr)",
        r"(?:logger|device|sensor)[ _-]?(?:no|nr|number|id|nummer)",
        r"(?:data[ _-]?)?logger",
    )
]
NUMBER = re.compile(r"[+\N{MINUS SIGN}-]?\d{1,4}(?:[.,]\d{1,6})?")
SEPARATOR = re.compile(r'"?sep=([^"])"?[,;\t]*', re.IGNORECASE)
ASKED = {
    "probe": "Which column is the temperature of the cells? More than one may be it.",
    "zone": "In which time zone does the logger's clock run? The file does not say.",
    "unit": "Are its temperatures in °C or °F? The file does not say.",
    "order": "Which comes first in its dates, the day or the month? Both are possible.",
    "logger": "Which logger is it? The file has no serial number.",
}


@dataclass(frozen=True, slots=True)
class FileForm:
    """How a file is read. `first`: the line (from 0) at which readings begin; `clock`: the column of the time of day,
    where it stands apart from the date; empty texts: not known; `most`: cells that a line may have; `probes`: all
    columns that may be the temperature, by name; `probe`: the one that is, empty until somebody has said it."""

    delimiter: str
    first: int
    date: int
    clock: int | None
    temperature: int
    most: int = 0
    probes: Mapping[str, int] = field(default_factory=dict)
    probe: str = ""
    unit: str = ""
    zone: str = ""
    order: str = ""
    logger: str = ""
    is_newest_first: bool = False
    has_offsets: bool = False

    @property
    def asks(self) -> tuple[str, ...]:
        """What somebody must say before it can be read."""
        known = {
            "probe": self.probe, "zone": self.zone or self.has_offsets, "unit": self.unit or not self.probe,
            "order": self.order, "logger": self.logger,
        }  # fmt: skip
        return tuple(name for name in ASKED if not known[name])

    def told(self, answers: Mapping[str, str]) -> "FileForm":
        """With what somebody said of zone, unit, order and logger: that counts before what the file says."""
        return replace(self, **{name: text for name, text in answers.items() if name in ASKED and text})

    def stamp(self, cells: Sequence[str]) -> str:
        """The date and time of a line."""
        if self.clock is None:
            return cells[self.date]
        return f"{cells[self.date]} {cells[self.clock]}"

    @property
    def width(self) -> int:
        """Cells that a line must have."""
        return max(self.date, self.clock or 0, self.temperature) + 1


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line; a quote that is never closed is a letter like any other."""
    if '"' not in line:
        return [cell.strip() for cell in line.split(delimiter)]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return [cell.strip(' "') for cell in line.split(delimiter)]


def filled(cells: Sequence[str]) -> int:
    """How many cells a line has, without empty ones at its end."""
    return max((at for at, cell in enumerate(cells, 1) if cell), default=0)


def form_of(head: Sequence[str], probe: str = "") -> FileForm:
    """How a file that begins so is read; `probe`: the column that somebody chose. Raises FileUnreadable."""
    told = SEPARATOR.fullmatch(head[0].strip()) if head else None
    forms = [found for one in ([told.group(1)] if told else DELIMITERS) if (found := _columns(head, one))]
    if not forms:
        raise FileUnreadable(
            "No readings were found: no line has a date, a time and a temperature. Export the list of readings from "
            "the logger's program as CSV or text; its summary alone is not enough."
        )
    form = _chosen(max(forms, key=lambda one: _readable(head, one)), probe)
    rows = [cells for line in head[form.first :] if len(cells := cells_of(line, form.delimiter)) >= form.width]
    _refuse_what_is_unsure(form, rows)
    stamps = [stamp for cells in rows if (stamp := read_stamp(form.stamp(cells)))]
    orders = date_orders(stamps)
    order = orders[0] if len(orders) == 1 else _only_ascending(stamps, orders)
    header = _above(head, form.first)
    return replace(
        form,
        order=order,
        unit=_unit(header, form, rows) if form.probe else "",
        zone=_zone(header, form, rows),
        logger=_serial(header, form.delimiter),
        is_newest_first=_goes_back(stamps, order or (orders[0] if orders else "year")),
        has_offsets=bool(stamps) and all(stamp[6] is not None for stamp in stamps),
    )


def _columns(head: Sequence[str], delimiter: str) -> FileForm | None:
    """Where most lines with a date, a time and a number have them, and which of the numbers is the temperature."""
    split = [cells_of(line, delimiter) for line in head]
    timed = [(first, cells, when) for first, cells in enumerate(split) if (when := _when(cells))]
    found = [(first, when, numbers) for first, cells, when in timed if (numbers := _numbers(cells, when))]
    if not found:
        return None
    usual = Counter(when for _, when, _ in found).most_common(1)[0][0]
    rows = {line: cells for line, cells, when in timed if when == usual}
    first = _beginning(head, rows, next(line for line, when, _ in found if when == usual))
    numbers = sorted({at for line, when, some in found if when == usual and line >= first for at in some})
    above = _above(head, first)
    header = cells_of(above[-1], delimiter) if above else []
    columns = _temperatures(header, numbers, max(usual))
    names = {_name(header, at): at for at in columns}
    most = filled(header) if filled(header) > columns[0] else max(map(filled, rows.values()))
    return FileForm(delimiter, first, usual[0], usual[1] if len(usual) > 1 else None, columns[0], most, names)


def _name(header: Sequence[str], at: int) -> str:
    """The name of a column, by which somebody chooses it."""
    name = header[at][:60] if at < len(header) else ""
    if not name:
        return f"column {at + 1}"
    return name if header.count(header[at]) == 1 else f"{name} (column {at + 1})"


def _chosen(form: FileForm, probe: str) -> FileForm:
    """With the one column that may be the temperature, or the one that somebody named."""
    names = [probe] if probe in form.probes else list(form.probes)
    return replace(form, probe=names[0], temperature=form.probes[names[0]]) if len(names) == 1 else form


def _above(head: Sequence[str], first: int) -> Sequence[str]:
    """The lines above the readings, down to the last that is not blank."""
    while first and not head[first - 1].strip():
        first -= 1
    return head[:first]


def _beginning(head: Sequence[str], rows: Container[int], first: int) -> int:
    """The first of the lines with a date and time before `first` in one row: a probe may begin broken."""
    for line in range(first - 1, -1, -1):
        if line in rows:
            first = line
        elif head[line].strip():
            break
    return first


def _refuse_what_is_unsure(form: FileForm, rows: Iterable[Sequence[str]]) -> None:
    """Raises FileUnreadable where another number than the one that is read may belong to the temperature."""
    if form.delimiter == "," and any(_has_decimal_comma(cells, form) for cells in rows):
        raise FileUnreadable(
            "It has decimal commas, and commas between its columns as well: where a temperature ends is not sure, and "
            "nothing was taken. Export it with semicolons between the columns, or with decimal points."
        )


def is_shifted(cells: Sequence[str], form: FileForm) -> bool:
    """Whether a line has more cells than the header, and numbers among them: which is the temperature is not sure."""
    if filled(cells) <= form.most:
        return False
    return _has_decimal_comma(cells, form) or any(NUMBER.fullmatch(bare(cell)) for cell in cells[form.most :])


def _has_decimal_comma(cells: Sequence[str], form: FileForm) -> bool:
    """Whether a line has more cells than the header, and a whole number where the temperature is and behind it."""
    parts = [bare(cell) for cell in cells[form.temperature : form.temperature + 2]]
    return filled(cells) > form.most and all(WHOLE.fullmatch(part) for part in parts)


def _numbers(cells: Sequence[str], but: Sequence[int]) -> list[int]:
    """The columns that hold a number."""
    return [i for i, cell in enumerate(cells) if i not in but and NUMBER.fullmatch(bare(cell))]


def _when(cells: Sequence[str]) -> tuple[int, ...] | None:
    """The column of date and time, or the two columns."""
    for index, cell in enumerate(cells):
        if read_stamp(cell):
            return (index,)
        if index + 1 < len(cells) and read_stamp(f"{cell} {cells[index + 1]}"):
            return index, index + 1
    return None


def _temperatures(header: Sequence[str], numbers: Sequence[int], after: int) -> list[int]:
    """The columns that may be it: by their names in the header, else every number behind the time."""
    names = dict(enumerate(header))
    named = [at for at in numbers if TEMPERATURES.search(names.get(at, ""))]
    behind = [at for at in numbers if at > after]
    for some in (named, behind):
        if plain := [at for at in some if not STATISTICS.search(names.get(at, ""))]:
            return plain
    return named or behind or list(numbers)


def _readable(head: Sequence[str], form: FileForm) -> int:
    rows = (cells_of(line, form.delimiter) for line in head[form.first : form.first + 50])
    return sum(1 for cells in rows if len(cells) >= form.width and read_stamp(form.stamp(cells)))


def bare(cell: str) -> str:
    """A temperature without its unit."""
    return UNIT.sub("", cell).replace("\N{MINUS SIGN}", "-").rstrip("CFcf°º ").strip()


def _unit(header: Sequence[str], form: FileForm, rows: Sequence[Sequence[str]]) -> str:
    """From the name of the column, the line itself, or what stands above it."""
    names = cells_of(header[-1], form.delimiter) if header else []
    places = [names[form.temperature]] if form.temperature < len(names) else []
    places += [cells[form.temperature] for cells in rows[:1]]
    found = [unit for text in places if (unit := _unit_in(text))]
    if found:
        return found[0]
    above = {unit for line in header if (unit := _unit_in(line))}
    return above.pop() if len(above) == 1 else ""


def _unit_in(text: str) -> str:
    match = UNIT.search(text)
    said = next((part for part in match.groups() if part), "") if match else ""
    return said[:1].upper()


def _zone(header: Sequence[str], form: FileForm, rows: Sequence[Sequence[str]]) -> str:
    """The zone that the file says of the times that are read."""
    names = cells_of(header[-1], form.delimiter) if header else []
    whens = {form.date, form.date if form.clock is None else form.clock}
    read, beside = ([name for at, name in enumerate(names) if (at in whens) == it] for it in (True, False))
    more = any(read_stamp(cell) for cells in rows[:1] for at, cell in enumerate(cells) if at not in whens)
    return zone_said(header, form.delimiter, read, beside, more)


def _serial(header: Iterable[str], delimiter: str) -> str:
    """The serial number of the logger, or what else names it alone, as the lines above the readings give it."""
    lines = [[cell for cell in re.split(rf"[:{re.escape(delimiter)}=]", line) if cell.strip()] for line in header]
    said = [(cells[0].strip(' "'), cells[1].strip(' "')) for cells in lines if len(cells) > 1]
    named = (text for words in SERIALS for name, text in said if words.match(name) and 0 < len(text) <= LONGEST_SERIAL)
    return next(named, "")


def _only_ascending(stamps: Sequence[Any], orders: Sequence[str]) -> str:
    """The one order of dates in which readings follow one another within a day; empty: both, or neither."""
    fitting = [order for order in orders if _is_steady([dated(stamp, order) for stamp in stamps])]
    return fitting[0] if len(fitting) == 1 else ""


def _is_steady(moments: Sequence[Any]) -> bool:
    """Whether two that follow one another are never more than two days apart."""
    return len(moments) > 1 and all(abs((two - one).total_seconds()) <= 2 * 86_400 for one, two in pairwise(moments))


def _goes_back(stamps: Sequence[Any], order: str) -> bool:
    """Whether the newest reading stands first."""
    moments = [dated(stamp, order) for stamp in stamps]
    steps = [(two > one) - (two < one) for one, two in pairwise(moments) if one and two]
    return sum(steps) < 0
