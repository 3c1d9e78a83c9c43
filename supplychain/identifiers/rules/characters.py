"""The one form in which an identifier is stored and looked up, whichever way it came in."""

import re
import unicodedata

from supplychain.hidden_characters import UNSEEN, numbered

# What is not in canonical form besides: a space at an end, two in a row.
LOOSE = r"^ | $|  "
_SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
# “1.67683E+15”, in Germany “1,67683E+15”: what a spreadsheet leaves of a long number. A code such as 219E01 is none.
SHEET_NUMBER = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d{2,3}")
# Letters of other alphabets, and our own, that look like one another on a label or aloud: for showing twins only.
TWINS = str.maketrans(
    "oοоσil|ıιіӏαаβвеεѕкκнηмμпνрρсτтυуүхχјԁԛԝһ",
    "0000111111" + "1aabbeeskkhhmmnnpp" + "cttyyyxxjdqwh",
)
_MARKS = re.compile(r"[\s_./\-\u2010-\u2015\u2212\u00ad]+")


def canonical(text: str) -> str:
    """`text` in the form in which an identifier is stored: composed (NFC), every blank one space, none at the ends."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def lookup_key(text: str) -> str:
    """The form under which it is looked up: canonical, in small letters.

    As the database's own column does it (`lower` with the collation pg_unicode_fast): ß stays ß and ı stays ı, so
    that no two different letters become one.
    """
    return canonical(text).lower()


def likeness(text: str) -> str:
    """What an identifier looks like: the same for O and 0, I and 1, Latin and Cyrillic a, dash and underscore."""
    plain = "".join(
        character
        for character in unicodedata.normalize("NFKD", UNSEEN.sub("", canonical(text)))
        if not unicodedata.combining(character)
    )
    return _MARKS.sub("-", plain.casefold().translate(TWINS)).strip("-")[:128]


def identifier_problem(text: str) -> str:
    """Why `text` cannot be an identifier, and what to do; empty if it can. The same by every way in."""
    given = canonical(text)
    if problem := hidden_problem(given):
        return problem
    if "+" in given and SHEET_NUMBER.fullmatch(given):
        return (
            f"“{given}” is a number that a spreadsheet has rounded: format the column as text there, "
            "and enter the number in full from its source."
        )
    return ""


def hidden_problem(text: str) -> str:
    """Why a text in canonical form holds what nobody sees, and what to do; empty if it does not."""
    if not (text.isascii() and text.isprintable()) and (hidden := UNSEEN.search(text)):
        return f"“{visible(text)}” holds a hidden character ({_named(hidden.group())}): enter it again without it."
    return ""


def says_nothing(text: str) -> bool:
    """Whether nobody sees anything of `text`: blanks and hidden characters alone."""
    return not UNSEEN.sub("", text).strip()


def visible(text: str) -> str:
    """`text` with every character that cannot be seen, or looks like another, shown by its number: `‹U+200B›`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    code = numbered(character)
    if UNSEEN.match(character) or unicodedata.combining(character):
        return code
    return character if unicodedata.name(character, "").startswith("LATIN") else f"{character}{code}"


def _named(character: str) -> str:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "").lower()
    return f"{code}, {name}" if name else code
