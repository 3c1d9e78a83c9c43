"""Moments as hours in bodies."""

from datetime import datetime


def hours_until(moment: datetime | None, now: datetime) -> float | None:
    """Hours from `now` to `moment`, negative when past; None for none."""
    return round((moment - now).total_seconds() / 3600, 2) if moment else None
