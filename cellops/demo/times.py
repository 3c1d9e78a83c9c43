"""How long things take, and when people work."""

import math
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from supplychain.flows.rules.checks import StageDefinition
from supplychain.flows.statuses import StageKind

SATURDAY = 5
# Plans are made with care: the usual duration lies below the planned one.
MEDIAN_SHARE = 0.86
MEAN_SHARE = 0.9
# Sterility is a matter of incubation: it takes its 14 days whatever happens.
INCUBATION_SHARE = 0.985
WIDEST_SIGMA = 0.3
# Cells that may wait less long are taken on by the shift that has them, whatever the hour.
FEWEST_HOURS_OVER_NIGHT = 10
# Standard normal quantile of 98 %: one run in fifty takes longer than the worst case.
Z_98 = 2.054


# What waited for the shift is begun in its first hours.
FIRST_HOURS = 1.5
# Work is ended before the shift goes rather than after the night, unless less than this share of it would be done.
LEAST_SHARE = 0.4


class StaffedHours(NamedTuple):
    """When people work: from hour to hour of the site's clock, on the first so many days of the week."""

    opens: int
    closes: int
    days: int


OFFICE = StaffedHours(8, 18, 5)
HOSPITAL = StaffedHours(7, 20, 7)
PLANT = StaffedHours(6, 21, 7)
LABORATORY = StaffedHours(7, 20, 6)
# Couriers drive at any hour: they have no shift.
SHIFTS = {
    StageKind.ADMINISTRATIVE: OFFICE,
    StageKind.COLLECTION: HOSPITAL,
    StageKind.MANUFACTURING: PLANT,
    StageKind.QUALITY_CONTROL: LABORATORY,
    StageKind.RELEASE: OFFICE,
    StageKind.CUSTODY: HOSPITAL,
    StageKind.INFUSION: HOSPITAL,
}


def start_shift(stage: StageDefinition) -> StaffedHours | None:
    """The shift that begins a stage; None: it begins at any hour, as what may not wait over night does."""
    cannot_wait = stage.longest_wait_hours is not None and stage.longest_wait_hours <= FEWEST_HOURS_OVER_NIGHT
    return None if cannot_wait else SHIFTS.get(StageKind(stage.kind))


def end_shift(stage: StageDefinition) -> StaffedHours | None:
    """The shift that reports the end of a stage; None: any hour. Incubators read a long test by themselves."""
    return None if stage.may_end_after_release else SHIFTS.get(StageKind(stage.kind))


def hours(number: float) -> timedelta:
    """A duration in hours, to the second."""
    return timedelta(seconds=round(number * 3600))


def work_hours(random: Random, planned: float, worst: float, *, median_share: float = MEDIAN_SHARE) -> float:
    """A log-normal duration (hours) between planned and worst, some above (DOMAIN §2)."""
    median = planned * median_share
    sigma = min(math.log(worst / median) / Z_98, WIDEST_SIGMA)
    return random.lognormvariate(math.log(median), sigma)


def in_shift(random: Random, moment: datetime, shift: StaffedHours | None, zone: str) -> datetime:
    """`moment` itself while somebody is at work, else early in the next shift."""
    if shift is None or _is_open(moment, shift, zone):
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.hour < shift.opens else local.date() + timedelta(days=1)
    while day.weekday() >= shift.days:
        day += timedelta(days=1)
    return local_moment(day, time(shift.opens), zone, moment) + hours(random.uniform(0, FIRST_HOURS))


def last_in_shift(moment: datetime, shift: StaffedHours, zone: str) -> datetime:
    """`moment` itself while somebody is at work, else the last quarter of an hour of the shift before it."""
    if _is_open(moment, shift, zone):
        return moment
    return _closing_before(moment, shift, zone) - timedelta(minutes=15)


def end_in_shift(random: Random, start: datetime, end: datetime, shift: StaffedHours | None, zone: str) -> datetime:
    """When work from `start` on that would take until `end` is ended: in the last hours of the shift before or the
    first of the one after it, whichever is nearer, and not before LEAST_SHARE of it is done."""
    later = in_shift(random, end, shift, zone)
    if shift is None or later == end:
        return end
    earlier = _closing_before(end, shift, zone) - hours(random.uniform(0, FIRST_HOURS))
    return earlier if end - earlier < later - end and earlier - start > (end - start) * LEAST_SHARE else later


def _is_open(moment: datetime, shift: StaffedHours, zone: str) -> bool:
    local = moment.astimezone(ZoneInfo(zone))
    return local.weekday() < shift.days and shift.opens <= local.hour < shift.closes


def _closing_before(moment: datetime, shift: StaffedHours, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.hour >= shift.closes else local.date() - timedelta(days=1)
    while day.weekday() >= shift.days:
        day -= timedelta(days=1)
    return local_moment(day, time(shift.closes), zone, moment)


def local_moment(day: date, clock: time, zone: str, like: datetime) -> datetime:
    """What the clock of a site shows on a day, in the time zone of `like`."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(like.tzinfo)


def working_day(day: date) -> date:
    """The day itself, or the Monday after the weekend that it is of."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)


def noon_of_working_day(moment: datetime, zone: str) -> datetime:
    """Noon of the day of `moment` at a site, of the Monday after it at weekends."""
    return local_moment(working_day(moment.astimezone(ZoneInfo(zone)).date()), time(12), zone, moment)


def working_days_later(moment: datetime, days: int, zone: str) -> datetime:
    """The beginning of the day at a site that lies so many working days after that of `moment`."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    for _ in range(days):
        day = working_day(day + timedelta(days=1))
    return local_moment(day, time(0), zone, moment)


def appointment(random: Random, earliest: datetime, zone: str, *, first_hour: int = 8, hours_open: int = 4) -> datetime:
    """A quarter of an hour of a weekday morning, local time, not before `earliest`."""
    local = earliest.astimezone(ZoneInfo(zone))
    opening = time(first_hour + random.randrange(hours_open), random.choice((0, 15, 30, 45)))
    day = local.date()
    while True:
        moment = datetime.combine(day, opening, tzinfo=ZoneInfo(zone))
        if moment >= earliest and day.weekday() < SATURDAY:
            return moment.astimezone(earliest.tzinfo)
        day += timedelta(days=1)
