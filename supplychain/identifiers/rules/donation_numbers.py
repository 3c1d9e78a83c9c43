"""Donation identification numbers (ISBT 128, ICCBBA): as they are typed or scanned, and as they are stored."""

import re

from supplychain.identifiers.rules.codes import (
    DONATION_LENGTH,
    DONATION_PREFIX,
    SYMBOL,
    plain_number,
)

NUMBER = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}\d{6}")
# As printed for the eye: the number, the two flag characters where they are printed too, and the check character.
WITH_CHECK = re.compile(rf"({NUMBER.pattern})(?:\d{{2}})?([0-9A-Z*])")
CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
GAPS = re.compile(r"[\s-]+")


def check_character(number: str) -> str:
    """The check character of a number of 13 characters (ISO/IEC 7064, mod 37-2)."""
    total = 0
    for character in number:
        total = (total + CHECK_ALPHABET.index(character)) * 2 % 37
    return CHECK_ALPHABET[(38 - total) % 37]


def donation_number(typed: str) -> str:
    """The number as it is stored: 13 characters without flags and check character; another centre's form as it is."""
    text = _compact(typed)
    match = WITH_CHECK.fullmatch(text)
    if match and match.group(2) == check_character(match.group(1)):
        return match.group(1)
    return text if NUMBER.fullmatch(text) else plain_number(typed)


def donation_problem(typed: str) -> str:
    """Why the number cannot be taken, and what to do; empty if it can.

    A check character that was given must fit; a scanned symbol must hold a number. A number of another form is some
    other issuer's, and taken as it is.
    """
    scanned = SYMBOL.sub("", typed.strip())
    if scanned.startswith(DONATION_PREFIX):
        whole = NUMBER.fullmatch(scanned[1 : 1 + DONATION_LENGTH])
        return "" if whole else "The scanned code holds no donation number: scan the number's own symbol again."
    match = WITH_CHECK.fullmatch(_compact(typed))
    if match is None or match.group(2) == check_character(match.group(1)):
        return ""
    return "The check character at its end does not fit: compare every character with the label, or scan it."


def _compact(typed: str) -> str:
    return GAPS.sub("", plain_number(typed)).upper()
