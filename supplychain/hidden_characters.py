"""Characters that nobody sees, and how they are made visible. Pure."""

import re
from unicodedata import category

# Characters that nobody sees or that turn others about: controls, format characters (bidirectional and zero-width),
# blanks that are no space, fillers, variation selectors, private use. One class for Python and for PostgreSQL, which
# read these escapes alike. A plain space is none of them.
HIDDEN = (
    r"[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u1680"
    r"\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ue000-\uf8ff\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    r"\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
# The same with what no database can hold.
UNSEEN = re.compile(rf"{HIDDEN}|[\u0000\ud800-\udfff]")
# Code points without a character: no font shows them. Shown by number, but refused by nobody, as there are ever fewer.
UNASSIGNED = "Cn"


def numbered(character: str) -> str:
    """A character by its number: “‹U+200B›”."""
    return f"‹U+{ord(character):04X}›"


def shown(text: str) -> str:
    """The text with every hidden character by its number: “AB‹U+200B›1”; a plain blank stays."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(numbered(one) if UNSEEN.match(one) or category(one) == UNASSIGNED else one for one in text)
