"""Changes of capacity that are planned already, as scenarios start with them and pages name them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any

import msgspec

from batches.ramp_ups.rules.lines import SimulatedLine
from supplychain.words import date_words


class PlannedCapacity(msgspec.Struct, frozen=True):
    """From the moment `at` (ISO 8601) on, a pool has `places` instead of `before`."""

    pool: str
    name: str
    at: str
    places: int
    before: int


def planned_changes(line: SimulatedLine, *, within: float) -> list[PlannedCapacity]:
    """Changes of places recorded with a date in the next `within` hours, first to last."""
    made_at = datetime.fromisoformat(line.made_at)
    found = []
    for pool in line.pools:
        before = pool.places
        for at, places in pool.steps:
            if 0 < at <= within and places != before:
                found.append((at, PlannedCapacity(pool.code, pool.name, "", places, before)))
            before = places if at > 0 else before
    found.sort(key=lambda one: (one[0], one[1].pool))
    return [
        msgspec.structs.replace(one, at=(made_at + timedelta(hours=at)).isoformat(timespec="seconds"))
        for at, one in found
    ]


def planned_words(planned: Iterable[Mapping[str, Any]], now: datetime, zone: tzinfo) -> list[str]:
    """Each change for people: “from 12 Jan: 8 Suites instead of 6”."""
    return [
        f"from {date_words(datetime.fromisoformat(one['at']), now, zone)}: "
        f"{one['places'] or 'no'} {one['name']} instead of {one['before'] or 'none'}"
        for one in planned
    ]
