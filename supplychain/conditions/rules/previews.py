"""What was understood of a file as a whole, before anything of it is taken. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from supplychain.conditions.rules.readings import Reading, Told, unit_doubt
from supplychain.flows.rules.storage import StorageCondition

# Of the lines that begin as readings so many may be none; a file with more is read wrongly. A line with a moment and a
# word for its temperature (a broken probe) is read rightly: it costs the readings before it nothing.
MOST_FAULTY = 0.5


@dataclass(slots=True)
class Preview:
    """Moments and temperatures of all readings of a file; `months`: first moments of the months that it needs."""

    first_at: datetime | None = None
    last_at: datetime | None = None
    temperatures: Counter[int] = field(default_factory=Counter)
    months: dict[tuple[int, int], datetime] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """One that goes on where another stopped."""
        if not kept:
            return cls()
        first, last = (datetime.fromisoformat(kept[name]) for name in ("first_at", "last_at"))
        months = [datetime.fromisoformat(text) for text in kept["months"]]
        temperatures = Counter({int(name): count for name, count in kept["temperatures"].items()})
        return cls(first, last, temperatures, {(one.year, one.month): one for one in months})

    @property
    def kept(self) -> dict[str, Any]:
        """As `of` reads it."""
        if self.first_at is None or self.last_at is None:
            return {}
        return {
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "months": [one.isoformat() for one in self.months.values()],
            "temperatures": self.temperatures,
        }

    def seen(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """The readings, looked at on their way."""
        for reading in readings:
            at = reading.read_at
            self.first_at = at if self.first_at is None else min(self.first_at, at)
            self.last_at = at if self.last_at is None else max(self.last_at, at)
            self.temperatures[reading.temperature] += 1
            self.months.setdefault((at.year, at.month), at)
            yield reading

    @property
    def middle(self) -> int:
        """The median temperature."""
        half, passed = self.temperatures.total() / 2, 0
        for temperature in sorted(self.temperatures):
            passed += self.temperatures[temperature]
            if passed >= half:
                return temperature
        return 0

    @property
    def said(self) -> dict[str, Any]:
        """As it is stored and shown."""
        if self.first_at is None or self.last_at is None:
            return {}
        return {
            "first_at": self.first_at.isoformat(),
            "last_at": self.last_at.isoformat(),
            "lowest": min(self.temperatures) / 100,
            "highest": max(self.temperatures) / 100,
        }


def refusal_of(told: Told) -> str:
    """Why a file is not taken, though it could be read; empty if it is."""
    if not told.readings:
        whys = [f" The first line that cannot be read, line {one.line}: {one.problem}" for one in told.faults[:1]]
        return "".join(("It has no readings that can be read.", *whys))
    misread = told.faulty - told.unmeasured
    if misread > MOST_FAULTY * (misread + told.readings):
        first = told.faults[0]
        return f"Most of its lines cannot be read; line {first.line}: {first.problem} Look at the unit and the zone."
    return ""


def warning_of(faulty: int, faults: Sequence[Mapping[str, Any]]) -> str:
    """What is said of a file that was taken though some of its lines are no reading; empty if all are."""
    if not faulty:
        return ""
    first = "".join(f"; the first is line {one['line']}: {one['problem']}" for one in faults[:1])
    return f"{faulty:,} of its lines {'is' if faulty == 1 else 'are'} no reading{first}"


def doubt_of(preview: Preview, unit: str, condition: StorageCondition | None) -> str:
    """Why somebody should look at the unit first; empty if nothing speaks against it."""
    if condition is None:
        return ""
    return unit_doubt(preview.middle, unit, condition.low, condition.high)
