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


class RowProblems:
    """What keeps a row from being sent, gathered so that it is said at once."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> None:
        """Note one problem."""
        self.texts.append(text)

    def moment(self, name: str, cell: str, zone: ZoneInfo | None) -> datetime | None:
        """The moment in a cell as moment_in has it; None, and noted, where it cannot be read."""
        try:
            return moment_in(name, cell, zone)
        except RowRefused as refused:
            self.add(str(refused))
            return None

    def check(self) -> None:
        """Raise RowRefused with all that was noted."""
        if self.texts:
            raise RowRefused(" ".join(self.texts))


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
