"""Texts that no database column can hold: with NUL, or with half a character (a lone surrogate)."""

import re
from typing import Any

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can be asked for the text and can keep it."""
    return UNSTORABLE.search(text) is None


def made_storable(text: str) -> str:
    """The text with U+FFFD in place of what cannot be kept."""
    return UNSTORABLE.sub(REPLACEMENT, text)


def all_storable(value: Any) -> bool:
    """Whether every text of decoded JSON is, the names of its fields included."""
    waiting = [value]
    for one in waiting:  # grows while it is read
        if isinstance(one, str):
            if not is_storable(one):
                return False
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
    return True
