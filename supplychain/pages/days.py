"""Moments as a person says them: today, tomorrow, or the day with its date."""

from datetime import datetime, timedelta, tzinfo

from supplychain.words import clock_words

DAY = timedelta(days=1)


def day_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """“today 09:00”, “tomorrow 09:00”, “Tue 24 Nov 09:00”; the year where it is another one. In `zone`."""
    local, here = moment.astimezone(zone), now.astimezone(zone)
    days = (local.date() - here.date()).days
    if days in (-1, 0, 1):
        return f"{('today', 'tomorrow', 'yesterday')[days]} {clock_words(local)}"
    year = "" if local.year == here.year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {clock_words(local)}"


def day_of(started_at: datetime, planned_hours: float, now: datetime) -> str:
    """How far work that takes days has come: “day 5 of about 7”; empty for work of less than a day and a half."""
    if planned_hours < 36:
        return ""
    day, usual = max((now - started_at) // DAY, 0) + 1, round(planned_hours / 24)
    return f"day {day} of about {usual}" if day <= usual else f"day {day}, usually about {usual}"
