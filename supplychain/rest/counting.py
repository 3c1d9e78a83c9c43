"""How much a JSON body holds, told before it is decoded: a list of a million empty lists is small as text alone."""

import re

# Over texts and scalars to the next sign that opens, ends or separates something; nothing is looked at twice.
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
_TO_SIGN = re.compile(rb'(?:[^"\[\]{},]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{},])', re.DOTALL)
_COMMA, _OPENING = ord(","), frozenset(b"[{")


def parts_of(body: bytes) -> int:
    """At most how many values the body holds (a text may hold such signs, too)."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def has_more_rows(body: bytes, most: int) -> bool:
    """Whether the body is a list of more than `most` rows; it stops as soon as that is known. What is no JSON: False
    or True, the decoder has the word on it."""
    if body.lstrip()[:1] != b"[":
        return False
    depth = rows = position = 0
    while sign := (_TO_SIGN if depth == 1 else _TO_BRACKET).match(body, position):
        position, what = sign.end(), body[sign.end() - 1]
        if what == _COMMA:
            rows += 1
            if rows >= most:
                return True
        else:
            depth += 1 if what in _OPENING else -1
    return False
