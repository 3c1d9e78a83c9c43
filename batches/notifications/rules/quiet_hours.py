"""When a person may be mailed what is not urgent: wall-clock times in the person's zone; all moments are aware."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
# Digests are counted from here: a day's digest comes as the first shift begins.
DIGESTS_START = time(7)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when to when, over midnight if it ends before it begins; the same twice means none."""

    start: time
    end: time

    def hold(self, clock: time) -> bool:
        """Whether it is quiet at this time of day; the end is no longer quiet."""
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def after_quiet(moment: datetime, quiet: QuietHours | None, zone: ZoneInfo) -> datetime:
    """`moment`, or the end of the quiet hours that it falls into.

    Where the clock goes back, the end that comes later counts if the earlier one has passed; where it goes forward
    over the end, quiet ends as much later by the clock.
    """
    local = moment.astimezone(zone)
    if quiet is None or not quiet.hold(local.time()):
        return moment
    day = local.date() if local.time() < quiet.end else local.date() + DAY
    return _next_at(day, quiet.end, zone, moment)


def next_digest(moment: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    """The first moment after `moment` at which a digest is due that comes every `minutes`, counted from 07:00."""
    local = moment.astimezone(zone)
    since_start = (local.hour - DIGESTS_START.hour) * 60 + local.minute - DIGESTS_START.minute
    wait = minutes - since_start % minutes
    due = (local.replace(second=0, microsecond=0, tzinfo=None) + timedelta(minutes=wait)).replace(fold=local.fold)
    return _next_at(due.date(), due.time(), zone, moment)


def _next_at(day: date, clock: time, zone: ZoneInfo, after: datetime) -> datetime:
    """This time of that day, its second coming if the first is not after `after`."""
    due = after
    for fold in (0, 1):
        due = datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)
        if due > after:
            return due
    return max(due, after)
