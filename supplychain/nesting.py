"""How deep what comes in may be nested, and handling of what is deeper: level by level, never by recursion.

A few hundred bytes of brackets end every recursive program (CWE-674). What was stored before there was a limit must be
hashed and shown all the same.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

MOST_LEVELS = 20  # of objects and lists within one another
CONTAINERS = (dict, list)
TOO_DEEP = f"It is nested more than {MOST_LEVELS} levels deep; send it flatter."


def is_too_deep(value: Any, most: int = MOST_LEVELS) -> bool:
    """Whether decoded JSON has more than `most` levels of objects and lists."""
    level = [value] if isinstance(value, CONTAINERS) else []
    for _ in range(most):
        level = [part for one in level for part in _parts(one) if isinstance(part, CONTAINERS)]
        if not level:
            return False
    return bool(level)


def is_written_too_deep(text: str, most: int = MOST_LEVELS) -> bool:
    """Whether a text that begins as JSON opens more than `most` levels, for readers that are not ours."""
    if text.lstrip()[:1] not in ("[", "{"):
        return False
    levels = 0
    for sign in text:
        levels += (sign in "[{") - (sign in "]}")
        if levels > most:
            return True
    return False


def each_scalar(value: Any, change: Callable[[Any], Any]) -> Any:
    """`value` made anew with every text, number, truth value and null put through `change`."""
    if not isinstance(value, CONTAINERS):
        return change(value)
    whole = _empty(value)
    waiting = [(value, whole)]
    while waiting:
        old, new = waiting.pop()
        for key, part in _items(old):
            if isinstance(part, CONTAINERS):
                made = _empty(part)
                waiting.append((part, made))
            else:
                made = change(part)
            new.append(made) if key is None else new.__setitem__(key, made)
    return whole


def sorted_json(value: Any) -> bytes:
    """JSON of `value`, the fields of every object in order: the same bytes for the same content."""
    if not is_too_deep(value):
        return msgspec.json.encode(value, order="sorted")
    return _by_levels(value)


def laid_out(value: Any) -> bytes:
    """JSON over several lines; on one where it is nested too deeply for that."""
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2)
    except RecursionError:
        return _by_levels(value)


def _by_levels(value: Any) -> bytes:
    """The same bytes, written from the innermost objects outwards: a part that is written stands for itself."""
    found = [value]
    for one in found:  # grows while it is read: every object and list, outer ones before inner ones
        found += [part for part in _parts(one) if isinstance(part, CONTAINERS)]
    written: dict[int, msgspec.Raw] = {}
    for one in reversed(found):
        flat = each_part(one, lambda part: written.get(id(part), part))
        written[id(one)] = msgspec.Raw(msgspec.json.encode(flat, order="sorted"))
    return bytes(written[id(value)])


def each_part(value: dict | list, change: Callable[[Any], Any]) -> dict | list:
    """An object or list with each of its parts changed; what lies within the parts is left alone."""
    if isinstance(value, dict):
        return {key: change(part) for key, part in value.items()}
    return [change(part) for part in value]


def _parts(value: dict | list) -> Any:
    return value.values() if isinstance(value, dict) else value


def _items(value: dict | list) -> Iterator[tuple[str | None, Any]]:
    return iter(value.items()) if isinstance(value, dict) else ((None, part) for part in value)


def _empty(value: dict | list) -> Any:
    return {} if isinstance(value, dict) else []
