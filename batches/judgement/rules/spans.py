"""The shift by which people work and the week by which scores are clustered. Pure."""

from datetime import UTC, datetime, timedelta

# What has to begin within it is this shift's; alarms are counted by it.
SHIFT = timedelta(hours=12)


def week_of(moment: datetime) -> tuple[int, int]:
    """Year and week (ISO 8601, UTC)."""
    return moment.astimezone(UTC).isocalendar()[:2]
