"""Stretches of days and months as people choose them, and the moments between which they lie. Pure."""

from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Self

from supplychain.moments import read_day

Span = tuple[datetime | None, datetime | None]


class Due(StrEnum):
    """Dates of doses by how near they are."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    NONE = "none"

    @property
    def label(self) -> str:
        """In words."""
        return _LABELS[self]


_LABELS = {
    Due.OVERDUE: "Date passed, not infused",
    Due.TODAY: "Today",
    Due.WEEK: "In the next 7 days",
    Due.FORTNIGHT: "In the next 14 days",
    Due.NONE: "No date",
}
_DAYS = {Due.TODAY: 1, Due.WEEK: 7, Due.FORTNIGHT: 14}


class Month(tuple[int, int]):
    """A calendar month as (year, month)."""

    __slots__ = ()

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a day."""
        return cls((day.year, day.month))

    @property
    def first(self) -> date:
        """Its first day."""
        return date(*self, 1)

    @property
    def code(self) -> str:
        """As in an address: 2026-10."""
        return f"{self.first:%Y-%m}"

    @property
    def name(self) -> str:
        """As people read it: Oct 2026."""
        return f"{self.first:%b %Y}"

    def plus(self, months: int) -> "Month":
        """The month so many months later; earlier if negative."""
        year, month = divmod(self[0] * 12 + self[1] - 1 + months, 12)
        return Month((year, month + 1))


def read_month(text: str) -> Month | None:
    """A month as in 2026-10; None if it is none."""
    day = read_day(f"{text}-01")
    return Month.of(day) if day else None


def start_of(day: date, zone: tzinfo) -> datetime:
    """The day's first moment in this zone."""
    return datetime.combine(day, time(), tzinfo=zone)


def days_between(first: date | None, last: date | None, zone: tzinfo) -> Span:
    """From the first moment of `first` up to, not including, the end of `last`; None: open on that side."""
    return (
        start_of(first, zone) if first else None,
        start_of(last + timedelta(days=1), zone) if last else None,
    )


def month_span(month: Month, zone: tzinfo) -> tuple[datetime, datetime]:
    """From the month's first moment up to, not including, that of the next."""
    return start_of(month.first, zone), start_of(month.plus(1).first, zone)


def due_span(due: Due, now: datetime, zone: tzinfo) -> Span:
    """Between which moments promises lie that are due so: whole days in `zone`, but overdue up to `now`."""
    if due == Due.OVERDUE:
        return None, now
    today = now.astimezone(zone).date()
    return days_between(today, today + timedelta(days=_DAYS[due] - 1), zone)
