"""Which moments can be kept: those that people mean and PostgreSQL can read."""

from datetime import datetime, timedelta

PLAUSIBLE_YEARS = range(2000, 2101)
# The widest offsets in use are -12:00 and +14:00; PostgreSQL reads up to 15:59.
WIDEST_OFFSET = timedelta(hours=15, minutes=59)


def moment_problem(moment: datetime) -> str:
    """Why `moment` cannot be kept, and what to do; empty if it can."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) > WIDEST_OFFSET:
        return "needs an offset from UTC such as Z or +02:00."
    if moment.year not in PLAUSIBLE_YEARS:
        return "the year must lie between 2000 and 2100; check the sender's clock."
    return ""
