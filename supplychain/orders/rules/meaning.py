"""What a report says, apart from how it is spelled: the same meaning is the same event. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import msgspec

from supplychain.identifiers.rules.characters import canonical, lookup_key
from supplychain.identifiers.rules.donation_numbers import donation_number
from supplychain.moments import UnreadableMoment, read_moment
from supplychain.orders.rules.states import DETAIL_MOMENTS, DETAIL_NUMBERS


def plain(value: Any) -> Any:
    """Part of a payload without what says nothing: blanks around a text, members that are null, a number's `.0`."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items() if part is not None}
    return [plain(part) for part in value] if isinstance(value, list) else value


def plain_detail(name: str, value: Any) -> Any:
    """A detail as the state keeps it: moments in one spelling (senders know more of them than the database does), a
    donation number in its one form also where an older version stored it as typed."""
    if name in DETAIL_MOMENTS:
        return datetime.fromisoformat(value).isoformat()
    return donation_number(value) if name == "donation_number" else value


def is_same(one: Iterable[Any], other: Iterable[Any]) -> bool:
    """Whether two contents, field by field, mean the same; asked only where their spelling differs."""
    try:
        return spelled(map(_loosened, one)) == spelled(map(_loosened, other))
    except RecursionError:
        return False


def _loosened(value: Any) -> Any:
    """The part without what differs between keyboards and programs: blanks, line ends, accents that are put together,
    a byte order mark, and small letters of a number, for in whatever letters it is one."""
    if isinstance(value, str):
        return canonical(value.removeprefix("\ufeff").replace("\r\n", "\n"))
    if isinstance(value, dict):
        loose = {_loosened(name): _loosened_member(name, part) for name, part in value.items()}
        return loose if len(loose) == len(value) else value
    return [_loosened(part) for part in value] if isinstance(value, list) else value


def _loosened_member(name: str, part: Any) -> Any:
    return lookup_key(part) if name in DETAIL_NUMBERS and isinstance(part, str) else _loosened(part)


def spelled(parts: Iterable[Any]) -> bytes:
    """A content, field by field, in one spelling; as JSON, in which `true` is not 1. Ids of imported rows are made of
    it: spelled in another way, every file of before would come in anew."""
    return msgspec.json.encode([_meaning(part) for part in parts], order="sorted")


def _meaning(value: Any) -> Any:
    """The part with every moment in UTC, so that `11:00+01:00` is `10:00Z`."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, str):
        return _moment_or_text(value.strip())
    if isinstance(value, dict):
        return {key: _meaning(part) for key, part in value.items() if part is not None}
    return [_meaning(part) for part in value] if isinstance(value, list) else plain(value)


def _moment_or_text(text: str) -> datetime | str:
    try:
        return read_moment(text).astimezone(UTC)
    except UnreadableMoment:
        return normalize("NFC", text)  # a Mac writes é as e and its accent
