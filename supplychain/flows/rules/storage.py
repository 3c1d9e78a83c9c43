"""At which temperature cells are kept during a stage: what its flow's file says, and the limits that follow. Pure.

Temperatures are whole hundredths of a degree Celsius, so that a reading of 30.0 is at the limit of 30.0 and one of 29.9
is not, whatever floating point makes of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_LIMITS = 12
LONGEST_NAME = 40
COLDEST, WARMEST = -27_315, 20_000
MOST_MINUTES = 30 * 24 * 60


class StorageProblem(ValueError):
    """What is wrong with a storage condition, and what to write instead."""


@dataclass(frozen=True, slots=True)
class TemperatureLimit:
    """A temperature at or beyond which cells may be for less than `minutes`: in one go, or all times together.

    The threshold itself is inside the alarm; with 0 minutes one reading is enough.
    """

    at: int
    is_warm: bool
    minutes: float = 0
    is_cumulative: bool = False

    def is_reached(self, temperature: int) -> bool:
        """Whether a reading is at the threshold or beyond it."""
        return temperature >= self.at if self.is_warm else temperature <= self.at

    @property
    def words(self) -> str:
        """“8.1 °C or warmer for 30 minutes”."""
        beyond = f"{degrees(self.at)} or {'warmer' if self.is_warm else 'colder'}"
        if not self.minutes:
            return f"{beyond} at any time"
        return f"{beyond} for {self.minutes:g} minutes{' in all' if self.is_cumulative else ''}"


@dataclass(frozen=True, slots=True)
class StorageCondition:
    """`low`, `high`: the range for which cells are labelled (None: open); `mean_kinetic`: the highest mean kinetic
    temperature over 24 hours, None where there is none: of frozen cells it says nothing (USP <1079.2>)."""

    name: str
    low: int | None
    high: int | None
    limits: tuple[TemperatureLimit, ...]
    mean_kinetic: int | None = None

    @property
    def is_frozen(self) -> bool:
        """Whether the cells are to be below zero at all times."""
        return self.high is not None and self.high < 0

    def farthest(self, celsius: Sequence[float]) -> float:
        """Which of these temperatures (°C) lies farthest outside the range."""
        low = -math.inf if self.low is None else self.low / 100
        high = math.inf if self.high is None else self.high / 100
        return max(celsius, key=lambda one: max(low - one, one - high))

    @property
    def words(self) -> str:
        """“Refrigerated, 2 °C to 8 °C”."""
        if self.low is None:
            return f"{self.name}, at most {degrees(self.high or 0)}"
        if self.high is None:
            return f"{self.name}, at least {degrees(self.low)}"
        return f"{self.name}, {degrees(self.low)} to {degrees(self.high)}"


def degrees(hundredths: int) -> str:
    """“−150 °C”, “8.1 °C”."""
    return f"{hundredths / 100:g} °C".replace("-", "\N{MINUS SIGN}")


def storage_condition(said: Mapping[str, Any]) -> StorageCondition | None:
    """The condition as a checked flow has it; None: the flow says nothing of the stage."""
    return read_storage(said) if said else None


def read_storage(said: Any) -> StorageCondition:
    """The condition in a group of fields. Raises StorageProblem."""
    fields = _fields(said, {"name", "from", "to", "limits", "mean_kinetic"}, "storage")
    name = fields.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise StorageProblem(f"name: must be one line of 1 to {LONGEST_NAME} characters")
    low, high = (_degrees(fields[end], end) if end in fields else None for end in ("from", "to"))
    if low is None and high is None:
        raise StorageProblem("needs “from”, “to” or both: the range for which the cells are labelled, in °C")
    if low is not None and high is not None and low >= high:
        raise StorageProblem("“from” must be colder than “to”")
    mean = _degrees(fields["mean_kinetic"], "mean_kinetic") if "mean_kinetic" in fields else None
    condition = StorageCondition(name.strip(), low, high, _limits(fields.get("limits"), low, high), mean)
    if mean is not None and condition.is_frozen:
        raise StorageProblem("mean_kinetic: it says nothing of frozen cells; leave it out")
    return condition


def _limits(said: Any, low: int | None, high: int | None) -> tuple[TemperatureLimit, ...]:
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_LIMITS:
        raise StorageProblem(f"limits: must be a list of 1 to {MOST_LIMITS}")
    limits = tuple(_limit(one, f"limits[{index}]") for index, one in enumerate(said))
    for index, limit in enumerate(limits):
        end = high if limit.is_warm else low
        if end is not None and (limit.at < end if limit.is_warm else limit.at > end):
            raise StorageProblem(f"limits[{index}]: it lies inside the labelled range, so that every dose breaks it")
    return limits


def _limit(said: Any, where: str) -> TemperatureLimit:
    fields = _fields(said, {"at_least", "at_most", "minutes", "cumulative"}, where)
    ends = [end for end in ("at_least", "at_most") if end in fields]
    if len(ends) != 1:
        raise StorageProblem(f"{where}: needs either “at_least” (too warm) or “at_most” (too cold), in °C")
    minutes, cumulative = fields.get("minutes", 0), fields.get("cumulative", False)
    if not _is_number(minutes) or not 0 <= minutes <= MOST_MINUTES:
        raise StorageProblem(f"{where}: minutes must be a number from 0 to {MOST_MINUTES}")
    if not isinstance(cumulative, bool):
        raise StorageProblem(f"{where}: cumulative must be true or false")
    return TemperatureLimit(
        _degrees(fields[ends[0]], f"{where}.{ends[0]}"), ends[0] == "at_least", float(minutes), cumulative
    )


def _fields(said: Any, known: set[str], where: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise StorageProblem(f"{where}: must be a group of fields ({', '.join(sorted(known))})")
    if strange := [str(name) for name in said if name not in known]:
        raise StorageProblem(f"{where}: the field “{strange[0]}” is unknown; use {', '.join(sorted(known))}")
    return said


def _degrees(value: Any, where: str) -> int:
    if not _is_number(value) or not COLDEST <= value * 100 <= WARMEST:
        raise StorageProblem(f"{where}: must be a temperature in °C, from −273.15 to 200")
    return round(value * 100)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
