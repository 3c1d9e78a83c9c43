"""In which hours of the week a site begins its stages, learned from when they could have begun and did.

The rate of starts of an hour of the week (site's time) = starts in it ÷ hours of it in which a stage could have begun
and had not: a hazard, constant within the hour (occurrence over exposure; Andersen, Borgan, Gill and Keiding,
Statistical Models Based on Counting Processes, 1993, chapter 4). Where nothing is begun it is 0, where all begin at
once very large. What is agreed for a day ahead has a factor by wait as well: proportional hazards.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
# Where a start is agreed for a day that lies ahead (an apheresis, a courier) the rate hangs on how long ago it could
# have been as well: hours since then from which each of its factors counts.
WAITED = (0.0, 24.0, 48.0, 72.0, 96.0, 120.0, 144.0, 168.0, 216.0, 264.0, 336.0)
NO_MATTER = (1.0,) * len(WAITED)
# On the mean; what begins sooner begins by the hour alone.
LEAST_AHEAD = 24.0
# Rates by hour and factors by wait are found from each other in turn; that often they move no more.
ROUNDS = 8
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
    on. Site empty: at all of the sites that begin it together, for those of which too little is known alone.
    `by_wait`: factors of the rates by how long ago it could have been begun, from each of WAITED on."""

    site: str
    stage: str
    zone: str
    rates: tuple[float, ...]
    by_wait: tuple[float, ...] = NO_MATTER


StartHours = tuple[WeekHours, ...]


class ChancesAhead(NamedTuple):
    """Chances to begin that have passed by each hour of the clock, on the mean; they count from `since` hours before
    now on, and with a factor by wait."""

    since: float
    passed: Numbers
    by_wait: tuple[float, ...] = NO_MATTER


def learn_start_hours(starts: Iterable[Started]) -> StartHours:
    """The hours of each stage at each site, and at all of its sites where there are several, with FEWEST_STARTS in
    FEWEST_WEEKS, where they make anybody wait."""
    by_stage: dict[str, dict[str, list[Started]]] = defaultdict(lambda: defaultdict(list))
    for one in starts:
        if one.started_at - one.could_at <= LONGEST_DELAY:
            by_stage[one.stage][one.site].append(one)
    found = []
    for stage, sites in sorted(by_stage.items()):
        together = {"": [one for some in sites.values() for one in some]} if len(sites) > 1 else {}
        for site, some in sorted((together | sites).items()):
            if _is_known(some) and (waited := _mean_wait(some)) >= LEAST_DELAY:
                zone, _ = Counter(one.zone for one in some).most_common(1)[0]
                found.append(WeekHours(site, stage, zone, *_rates(some, is_agreed=waited >= LEAST_AHEAD)))
    return tuple(found)


def _is_known(starts: Sequence[Started]) -> bool:
    weeks = {one.started_at.isocalendar()[:2] for one in starts}
    return len(starts) >= FEWEST_STARTS and len(weeks) >= FEWEST_WEEKS


def _mean_wait(starts: Sequence[Started]) -> float:
    waited = sum((max(one.started_at - one.could_at, timedelta(0)) for one in starts), timedelta(0))
    return waited / HOUR / len(starts)


def hours_of(numbers: Mapping[tuple[str, str], int], site: str, stage: str) -> int:
    """Which of the hours, numbered by (site, stage), are those of a stage at a site; -1: none are known."""
    return numbers.get((site, stage), numbers.get(("", stage), -1))


def _rates(starts: Sequence[Started], *, is_agreed: bool) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Starts an hour by hour of the week, and factors by wait: proportional hazards, each found from the other."""
    counted = [_counted([one for one in starts if one.zone == zone], zone) for zone in sorted({o.zone for o in starts})]
    begun, passing, hours = (sum(some) for some in zip(*counted, strict=True))
    by_wait = np.ones(len(WAITED))
    rates = _pooled(begun.sum(axis=0), passing, hours.sum(axis=0))
    for _ in range(ROUNDS if is_agreed else 0):
        # One start more and one more expected: a wait that hardly anybody passed through says nothing.
        by_wait = (begun.sum(axis=1) + 1) / (hours @ rates + 1)
        rates = _pooled(begun.sum(axis=0), passing, by_wait @ hours)
    return _rounded(rates), _rounded(by_wait)


def _rounded(numbers: Numbers) -> tuple[float, ...]:
    return tuple(round(float(one), 6) for one in numbers)


def _counted(starts: Sequence[Started], zone: str) -> tuple[Numbers, Numbers, Numbers]:
    """By wait and hour of the week: how many began, and hours that passed before they did; by hour of the week: how
    many passed through it."""
    since = min(min(one.could_at, one.started_at) for one in starts)
    until = max(one.started_at for one in starts)
    offset, weekly = week_hours(zone, since, int((until - since) / HOUR) + 3)
    begun, passing, hours = np.zeros((len(WAITED), WEEK)), np.zeros(WEEK), np.zeros((len(WAITED), WEEK))
    for one in starts:
        to = (one.started_at - since) / HOUR + offset
        first = min((one.could_at - since) / HOUR + offset, to)
        begun[np.searchsorted(WAITED, to - first, "right") - 1, weekly[int(to)]] += 1
        edges = np.arange(int(first), int(to) + 1)
        middle = (np.minimum(edges + 1, to) + np.maximum(edges, first)) / 2 - first
        waited = np.searchsorted(WAITED, middle, "right") - 1
        np.add.at(hours, (waited, weekly[edges]), np.minimum(edges + 1, to) - np.maximum(edges, first))
        # An hour that ended as work began was none to pass through.
        np.add.at(passing, weekly[edges], 1)
    return begun, passing, hours


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
    """Of each stage (site, stage) the chances by each of `count` hours of the clock."""
    of_zone = {zone: week_hours(zone, now, count) for zone in {one.zone for one in hours}}
    found = {}
    for one in hours:
        offset, weekly = of_zone[one.zone]
        passed = np.concatenate(([0.0], np.cumsum(np.array(one.rates)[weekly])))
        found[one.site, one.stage] = ChancesAhead(offset, passed, one.by_wait)
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
