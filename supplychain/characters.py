"""Texts that no database column can hold: with NUL, or with half a character (a lone surrogate)."""

from typing import Any


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can be asked for the text and can keep it."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
