"""In which hours of the week a site begins its stages, learned from when they could have begun and did.

The rate of starts of an hour of the week (site's time) = starts in it ÷ hours of it in which a stage could have begun
and had not: a hazard, constant within the hour (occurrence over exposure; Andersen, Borgan, Gill and Keiding,
Statistical Models Based on Counting Processes, 1993, chapter 4). Where nothing is begun it is 0, where all begin at
once very large.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DAY, WEEK = 24, 168
FEWEST_STARTS, FEWEST_WEEKS = 40, 8
# Of an hour of the week: what fewer runs passed through is taken from hours like it.
FEWEST_PASSING = 5
# Half a second to the next start on the mean: at once.
MOST_AN_HOUR = 7200.0
# A stage that begins within so many hours of when it could, on the mean, has no hours of its own.
LEAST_DELAY = 0.5
# What waited longer than that waited for something else.
LONGEST_DELAY = timedelta(days=21)
HOUR = timedelta(hours=1)
# As far as the forecast looks (batches/simulation/rules/futures.py).
HOURS_AHEAD = 400 * 24 + 1


class Started(NamedTuple):
    """A stage that was begun at a site: since when it could have been (a place was free), and when it was."""

    site: str
    zone: str
    stage: str
    could_at: datetime
    started_at: datetime


class WeekHours(NamedTuple):
    """When a stage is begun at a site: starts an hour, for each of the 168 hours of a week from Monday 0:00 in `zone`
    on."""

    site: str
    stage: str
    zone: str
    rates: tuple[float, ...]


StartHours = tuple[WeekHours, ...]
ChancesAhead = tuple[float, Numbers]


def learn_start_hours(starts: Iterable[Started]) -> StartHours:
    """The hours of each stage at each site with FEWEST_STARTS in FEWEST_WEEKS, where they make anybody wait."""
    by_stage: dict[tuple[str, str, str], list[Started]] = defaultdict(list)
    for one in starts:
        if one.started_at - one.could_at <= LONGEST_DELAY:
            by_stage[one.site, one.stage, one.zone].append(one)
    found = []
    for (site, stage, zone), some in sorted(by_stage.items()):
        weeks = {one.started_at.isocalendar()[:2] for one in some}
        waited = sum((max(one.started_at - one.could_at, timedelta(0)) for one in some), timedelta(0)) / HOUR
        if len(some) >= FEWEST_STARTS and len(weeks) >= FEWEST_WEEKS and waited >= LEAST_DELAY * len(some):
            found.append(WeekHours(site, stage, zone, _rates(some, zone)))
    return tuple(found)


def _rates(starts: list[Started], zone: str) -> tuple[float, ...]:
    since = min(min(one.could_at, one.started_at) for one in starts)
    until = max(one.started_at for one in starts)
    offset, weekly = week_hours(zone, since, int((until - since) / HOUR) + 3)
    begun, passing, hours = np.zeros(WEEK), np.zeros(WEEK), np.zeros(WEEK)
    for one in starts:
        to = (one.started_at - since) / HOUR + offset
        first = min((one.could_at - since) / HOUR + offset, to)
        begun[weekly[int(to)]] += 1
        edges = np.arange(int(first), int(to) + 1)
        np.add.at(hours, weekly[edges], np.minimum(edges + 1, to) - np.maximum(edges, first))
        # An hour that ended as work began was none to pass through.
        np.add.at(passing, weekly[edges], 1)
    return tuple(round(float(one), 6) for one in _pooled(begun, passing, hours))


def _pooled(begun: Numbers, passing: Numbers, hours: Numbers) -> Numbers:
    """Starts an hour: of the hour of the week itself; where too few passed through it of the same hour of all working
    days, or of both of the weekend; else with the hours around it, ever more of them."""
    of_days = [_by_kind_of_day(one) for one in (begun, passing, hours)]
    rates, known = np.zeros(WEEK), np.zeros(WEEK, bool)
    for around in range(-1, DAY // 2 + 1):
        some = (begun, passing, hours) if around < 0 else [_with_neighbours(one, around) for one in of_days]
        takes = ~known & (some[1] >= FEWEST_PASSING)
        rates[takes] = _rate(some[0], some[2])[takes]
        known |= takes
    rates[~known] = _rate(begun.sum(keepdims=True), hours.sum(keepdims=True))
    return rates


def _rate(begun: Numbers, hours: Numbers) -> Numbers:
    return np.where(begun > 0, begun / np.maximum(hours, np.maximum(begun, 1) / MOST_AN_HOUR), 0.0)


def _by_kind_of_day(one: Numbers) -> Numbers:
    """Sums over the working days and over the weekend, by hour; 2 × 24."""
    by_day = one.reshape(7, DAY)
    return np.stack([by_day[:5].sum(axis=0), by_day[5:].sum(axis=0)])


def _with_neighbours(of_days: Numbers, around: int) -> Numbers:
    """The sums with those of so many hours before and after, of the same kind of day; for each hour of the week."""
    sums = sum(np.roll(of_days, shift, axis=1) for shift in range(-around, around + 1))
    return np.concatenate([np.tile(sums[0], 5), np.tile(sums[1], 2)])


def week_hours(zone: str, since: datetime, count: int) -> tuple[float, NDArray[np.int64]]:
    """So many hours of the clock from the one in which `since` lies on: how far into the first it lies (0–1), and of
    each which hour of the week it is in `zone`. An hour that summer time skips or repeats is none or two of them."""
    local = since.astimezone(ZoneInfo(zone))
    into = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    first = (since - into).astimezone(UTC)
    weekly = np.empty(count, np.int64)
    for at in range(count):
        here = (first + at * HOUR).astimezone(local.tzinfo)
        weekly[at] = here.weekday() * DAY + here.hour
    return into / HOUR, weekly


def chances_ahead(hours: StartHours, now: datetime, count: int = HOURS_AHEAD) -> dict[tuple[str, str], ChancesAhead]:
    """Of each stage (site, stage): how many hours before `now` the count begins, and how many starts there are on the
    mean by each of `count` hours of the clock."""
    of_zone = {zone: week_hours(zone, now, count) for zone in {one.zone for one in hours}}
    found = {}
    for one in hours:
        offset, weekly = of_zone[one.zone]
        found[one.site, one.stage] = offset, np.concatenate(([0.0], np.cumsum(np.array(one.rates)[weekly])))
    return found


Between = tuple[datetime, datetime]


class Held(NamedTuple):
    """A stay in a pool: from when, and to when its place was held; None: it still is."""

    since: datetime
    until: datetime | None


def free_since(ready_at: datetime, started_at: datetime, busy: Iterable[Between]) -> datetime:
    """Since when a stage could have begun: since it was ready, or since its pool was last full while it waited;
    `busy`: from when to when it was, by time."""
    could = ready_at
    for since, until in busy:
        if since >= started_at:
            break
        if until > could:
            could = min(until, started_at)
    return could


def full_times(stays: Iterable[Held], steps: Iterable[tuple[datetime, int]], now: datetime) -> list[Between]:
    """From when to when all places of a pool were held; `steps`: places from each moment on, by time."""
    changes: list[tuple[datetime, int, int | None]] = [(at, 0, places) for at, places in steps]
    for one in stays:
        changes += [(one.since, 1, None), (one.until or now, -1, None)]
    found: list[Between] = []
    busy, places, full_at = 0, 0, None
    # A place that is given back and taken in one moment was not free.
    for at, at_once in groupby(sorted(changes, key=itemgetter(0)), key=itemgetter(0)):
        for _, step, change in at_once:
            busy, places = busy + step, places if change is None else change
        if busy >= places:
            full_at = full_at or at
        elif full_at is not None:
            found.append((full_at, at))
            full_at = None
    return found if full_at is None else [*found, (full_at, now)]
