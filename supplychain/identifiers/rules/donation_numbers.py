"""Donation identification numbers (ISBT 128, ICCBBA): as they are typed or scanned, and as they are stored."""

import re
from collections.abc import Collection

from supplychain.identifiers.rules.characters import canonical, identifier_problem

# Facility identification number (5), year (2), sequence (6).
NUMBER = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}\d{6}", re.ASCII)
FACILITY_LENGTH = 5
FACILITY = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}", re.ASCII)
# As printed for the eye: the number, the two flag characters where they are printed too, and the check character.
WITH_CHECK = re.compile(rf"({NUMBER.pattern})(\d{{2}})?([0-9A-Z*])", re.ASCII)
# As a symbol holds it: a data identifier, the number and two flag characters.
SYMBOL = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])?=(?=[A-Za-z0-9])")
SCANNED = re.compile(rf"(?:\][A-Za-z][0-9A-Za-z])?=({NUMBER.pattern})(\d{{2}})", re.ASCII)
FIRST_CHECK_FLAG = 60  # up to 96; those beyond are reserved
CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
GAPS = re.compile(r"[\s-]+")
# One character by itself at the end is the check character: with it as the thirteenth, one of the number is missing.
ALONE = re.compile(r"[\s-]\S\Z")

WRONG_CHECK = "The check character at its end does not fit: compare every character with the label, or scan it."
TOO_SHORT = "A character of the number is missing before its check character: compare it with the label, or scan it."
WRONG_SYMBOL = "The scanned code holds no donation number: scan the number's own symbol again."
WRONG_FLAG = "The scanned code was misread: its check digits do not fit the number. Scan it again."


def check_character(number: str) -> str:
    """The check character of a number in capitals and digits (ISO/IEC 7064, mod 37-2)."""
    return CHECK_ALPHABET[check_value(number)]


def check_value(number: str) -> int:
    """The value of the check character of a number in capitals and digits."""
    total = 0
    for character in number:
        total = (total + CHECK_ALPHABET.index(character)) * 2 % 37
    return (38 - total) % 37


def flag_fits(number: str, flag: str) -> bool:
    """Whether the two flag characters may stand behind the number: 60 to 96 are its check value and 60 (type 3)."""
    value = int(flag)
    return value < FIRST_CHECK_FLAG or value == FIRST_CHECK_FLAG + check_value(number)


def donation_number(typed: str) -> str:
    """The number as it is stored: 13 characters without flags and check character; another form, or one whose check
    does not fit, as it is."""
    text = _without_gaps(typed)
    if scanned := SCANNED.fullmatch(text):
        return scanned.group(1) if flag_fits(*scanned.groups()) else canonical(typed)
    match = WITH_CHECK.fullmatch(text)
    if match and _fits(match):
        return match.group(1)
    return text if NUMBER.fullmatch(text) and not is_too_short(typed) else canonical(typed)


def donation_problem(typed: str) -> str:
    """Why the number was misread, and what to do; empty if it was not. A person is told so at once; what a system says
    is kept and flagged.

    A check character that was given must fit; a scanned symbol must hold a number with flags that fit. Whether the
    number is one of the centre's at all is said by `donation_doubt`.
    """
    if problem := identifier_problem(typed, is_required=True):
        return problem
    text = _without_gaps(typed)
    if SYMBOL.match(text):
        scanned = SCANNED.fullmatch(text)
        return WRONG_SYMBOL if scanned is None else "" if flag_fits(*scanned.groups()) else WRONG_FLAG
    if is_too_short(typed):
        return TOO_SHORT
    match = WITH_CHECK.fullmatch(text)
    return "" if match is None or _fits(match) else WRONG_CHECK


def is_too_short(typed: str) -> bool:
    """Whether what looks like a whole number is one of twelve characters and its check character."""
    return bool(ALONE.search(typed.strip()) and NUMBER.fullmatch(_without_gaps(typed)))


def is_in_form(number: str) -> bool:
    """Whether a stored number is a donation number in ISBT 128 form."""
    return NUMBER.fullmatch(number) is not None


def donation_doubt(number: str, facilities: Collection[str]) -> str:
    """Why a stored number may be none of the collection centre's; empty if it is in form and begins as theirs do.

    `facilities`: facility identification numbers of the centre; none known: any facility is as good.
    """
    if not is_in_form(number):
        return (
            f"“{number}” is no donation number in ISBT 128 form (13 characters such as G1234 26 654321): "
            "scan it from the bag's label."
        )
    facility = number[:FACILITY_LENGTH]
    if facilities and facility not in facilities:
        return (
            f"“{number}” was given by facility {facility}, the collection centre is {' or '.join(sorted(facilities))}: "
            "is this the right patient's bag?"
        )
    return ""


def is_donation_doubted(number: str, facilities: Collection[str]) -> bool:
    """Whether a stored number was misread, or may be none of the collection centre's."""
    return bool(donation_problem(number) or donation_doubt(number, facilities))


def _fits(match: re.Match[str]) -> bool:
    number, flag, check = match.groups()
    return check == check_character(number) and (flag is None or flag_fits(number, flag))


def _without_gaps(typed: str) -> str:
    return GAPS.sub("", canonical(typed)).upper()
