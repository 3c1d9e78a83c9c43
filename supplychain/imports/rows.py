"""What every kind of file does with one row's cells."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from supplychain.moments import NoOffset, UnreadableMoment, read_moment


class RowRefused(Exception):
    """A row that cannot be sent; the message says what to do."""


def moment_in(name: str, cell: str, zone: ZoneInfo | None) -> datetime:
    """The moment in a cell, in `zone` if it has no offset. Raises RowRefused."""
    try:
        return read_moment(cell, zone)
    except NoOffset as problem:
        raise RowRefused(f"{name}: {problem} Or import with --time-zone Europe/Oslo.") from problem
    except UnreadableMoment as problem:
        raise RowRefused(f"{name}: {problem}") from problem


def derived_id(prefix: str, content: Mapping[str, Any]) -> str:
    """An event id made of a row's content: the same row, in whatever order of columns, has the same id."""
    encoded = msgspec.json.encode(content, order="sorted")
    return f"{prefix}-{hashlib.sha256(encoded).hexdigest()[:32]}"
