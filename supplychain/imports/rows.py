"""What every kind of file does with one row's cells."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec


class RowRefused(Exception):
    """A row that cannot be sent; the message says what to do."""


def derived_id(prefix: str, content: Mapping[str, Any]) -> str:
    """An event id made of a row's content: the same row, in whatever order of columns, has the same id."""
    encoded = msgspec.json.encode(content, order="sorted")
    return f"{prefix}-{hashlib.sha256(encoded).hexdigest()[:32]}"
