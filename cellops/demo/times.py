"""How long things take, and when people work."""

import math
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SATURDAY = 5
# Plans are made with care: the usual duration lies below the planned one.
MEDIAN_SHARE = 0.86
MEAN_SHARE = 0.9
# Sterility is a matter of incubation: it takes its 14 days whatever happens.
INCUBATION_SHARE = 0.985
WIDEST_SIGMA = 0.3
# Standard normal quantile of 98 %: one run in fifty takes longer than the worst case.
Z_98 = 2.054


def hours(number: float) -> timedelta:
    """A duration in hours, to the second."""
    return timedelta(seconds=round(number * 3600))


def work_hours(random: Random, planned: float, worst: float, *, median_share: float = MEDIAN_SHARE) -> float:
    """A log-normal duration (hours) between planned and worst, some above (DOMAIN §2)."""
    median = planned * median_share
    sigma = min(math.log(worst / median) / Z_98, WIDEST_SIGMA)
    return random.lognormvariate(math.log(median), sigma)


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
