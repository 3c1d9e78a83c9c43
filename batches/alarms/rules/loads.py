"""How many alarms a plant's people get, beside the yardsticks of alarm management. Pure.

Yardsticks: ANSI/ISA-18.2 (IEC 62682) and EEMUA 191, for one operator position of a process plant. They bound what a
person can take in; that a flag of ours asks for more than a glance they cannot know.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from batches.alarms.rules.rates import rate_words
from batches.judgement.rules.spans import SHIFT

SHIFT_BEGINS = timedelta(hours=7)
TEN_MINUTES_SECONDS = 600
# A flag that is raised so often within a day chatters.
CHATTERS, CHATTERS_WITHIN = 3, timedelta(days=1)
STALE_AFTER = timedelta(days=1)
# Very likely acceptable: about 6 alarms an hour (about 150 a day); 10 within ten minutes; fewer than 10 standing
# (EEMUA 191); fewer than 5 stale; none that chatters.
MOST_PER_HOUR, MOST_IN_TEN_MINUTES, STANDING_BELOW, STALE_BELOW = 6, 10, 10, 5
MOST_PER_SHIFT = MOST_PER_HOUR * (SHIFT // timedelta(hours=1))


class AlarmRaise(NamedTuple):
    """A flag that was raised, raised again or became critical."""

    flag_id: UUID
    line_id: UUID
    at: datetime
    is_critical: bool


class StandingAlarms(NamedTuple):
    """Flags of a plant that stand now, and of these raised more than a day ago."""

    flags: int = 0
    stale: int = 0


class AlarmLoad(NamedTuple):
    """Alarms of one plant (one operator position), shifts of 12 hours from 7 and from 19 by its clocks.

    `busiest_shift`, `busiest_ten_minutes`: the most in one; `floods`: periods of ten minutes with more than 10.
    """

    name: str
    alarms: int
    critical: int
    per_shift: float
    busiest_shift: int
    busiest_ten_minutes: int
    floods: int
    chattering: int
    standing: StandingAlarms

    @property
    def rate(self) -> str:
        """How many alarms a shift, or in how many shifts one, in words."""
        return rate_words(self.per_shift)

    @property
    def beyond(self) -> list[str]:
        """Which yardsticks it does not keep, in words."""
        found = {
            f"more than {MOST_PER_SHIFT} a shift": self.per_shift > MOST_PER_SHIFT,
            f"more than {MOST_IN_TEN_MINUTES} in ten minutes": self.busiest_ten_minutes > MOST_IN_TEN_MINUTES,
            f"{STANDING_BELOW} or more standing": self.standing.flags >= STANDING_BELOW,
            f"{STALE_BELOW} or more stale": self.standing.stale >= STALE_BELOW,
            "some that chatter": self.chattering > 0,
        }
        return [words for words, is_beyond in found.items() if is_beyond]


def loads(
    raises: Iterable[AlarmRaise], standing: Mapping[UUID, StandingAlarms],
    lines: Iterable[tuple[UUID, str, str]], *, window: timedelta,
) -> list[AlarmLoad]:  # fmt: skip
    """The load of each line (id, name, time zone) over `window`."""
    by_line: dict[UUID, list[AlarmRaise]] = {}
    for one in raises:
        by_line.setdefault(one.line_id, []).append(one)
    return [
        load(name, by_line.get(line, []), standing.get(line, StandingAlarms()), zone, window)
        for line, name, zone in lines
    ]


def load(
    name: str, raises: Sequence[AlarmRaise], standing: StandingAlarms, zone_name: str, window: timedelta
) -> AlarmLoad:
    """The load of one line."""
    zone = ZoneInfo(zone_name)
    shifts = Counter(_shift(one.at, zone) for one in raises)
    tens = Counter(int(one.at.timestamp()) // TEN_MINUTES_SECONDS for one in raises)
    return AlarmLoad(
        name, len(raises), sum(one.is_critical for one in raises), len(raises) / (window / SHIFT),
        max(shifts.values(), default=0), max(tens.values(), default=0),
        sum(count > MOST_IN_TEN_MINUTES for count in tens.values()), _chattering(raises), standing,
    )  # fmt: skip


def _shift(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone).replace(tzinfo=None) - SHIFT_BEGINS
    return local.toordinal() * 2 + (local.hour >= SHIFT // timedelta(hours=1))


def _chattering(raises: Iterable[AlarmRaise]) -> int:
    by_flag: dict[UUID, list[datetime]] = {}
    for one in sorted(raises, key=lambda one: one.at):
        by_flag.setdefault(one.flag_id, []).append(one.at)
    return sum(
        any(last - first <= CHATTERS_WITHIN for first, last in zip(at, at[CHATTERS - 1 :], strict=False))
        for at in by_flag.values()
    )
