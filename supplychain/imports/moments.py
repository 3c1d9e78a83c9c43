"""Reading moments from cells."""

from datetime import datetime
from zoneinfo import ZoneInfo

from supplychain.imports.rows import RowRefused

DATE_LENGTH = len("2026-03-01")


def read_moment(name: str, text: str, zone: ZoneInfo | None) -> datetime:
    """The moment in `text` (ISO 8601), in `zone` if it has no offset. Raises RowRefused.

    A local time that the clocks skip or show twice when summer time begins or ends is refused, not guessed.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RowRefused(f"{name}: “{text}” is no moment in ISO 8601; write 2026-03-01T14:05:00+01:00.") from error
    if len(text) <= DATE_LENGTH:
        raise RowRefused(f"{name}: “{text}” has no time of day; write 2026-03-01T14:05:00+01:00.")
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise RowRefused(f"{name}: “{text}” has no offset; write {text}+01:00 or import with --time-zone Europe/Oslo.")
    early, late = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if early.utcoffset() != late.utcoffset():
        raise RowRefused(
            f"{name}: the clocks change at “{text}” in {zone.key}; write the offset, such as {text}+01:00."
        )
    return early
