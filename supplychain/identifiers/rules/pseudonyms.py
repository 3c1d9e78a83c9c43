"""What must not stand in a patient reference or another identifier: what names the patient elsewhere.

21 CFR 1271.290(c): an identifier contains no name, social security number or medical record number. Nobody can tell
from the text alone what it means; these rules catch what people type by habit. Systems are always heard: the rules
are for our screens.
"""

import re
from collections.abc import Iterator
from datetime import date

SHORTEST, LONGEST = 3, 64
ALLOWED = re.compile(r"[A-Za-z0-9._-]+")
SEPARATORS = re.compile(r"[\s._/-]+")
# Words that centres put before a pseudonym; any other word looks like a name.
HARMLESS_WORDS = {
    "arm", "case", "cohort", "pat", "patient", "pseudo", "pseudonym", "ref", "site", "study", "sub", "subj", "subject",
    "trial",
}  # fmt: skip
# From this many letters on a word of small letters behind at most one capital is read as a name.
NAME_LETTERS = 4
NAME_WORD = re.compile(r"(?<![A-Za-z])([A-Z]?[a-z]{3,})(?![A-Za-z])")
RECORD_NUMBER = re.compile(r"^(?:mrn|mr|med|rec|chart|kis|pid|nhs|ssn|dob|born|name)[\s._:#-]*\d", re.IGNORECASE)
RECORD_DIGITS = 9  # from here on a number alone has the length of a national number, below of a record number

# National numbers that hold letters or dashes; those of digits alone are known by their length.
NATIONAL = {
    "a United States social security number": re.compile(r"\d{3}[-.]\d{2}[-.]\d{4}"),
    "a Finnish personal identity code": re.compile(r"\d{6}[-+ABCDEFUVWXY]\d{3}[0-9A-Z]", re.IGNORECASE),
    "a Nordic personal number": re.compile(r"(?:\d{2})?\d{6}-\d{4}"),
    "an Irish PPS number": re.compile(r"\d{7}[A-W][A-IW]?", re.IGNORECASE),
    "a British National Insurance number": re.compile(r"[A-CEGHJ-PR-TW-Z]{2}-?\d{6}-?[A-D]", re.IGNORECASE),
    "a Spanish identity number": re.compile(r"(?:\d{8}|[XYZ]-?\d{7})-?[A-Z]", re.IGNORECASE),
    "an Italian tax code": re.compile(r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", re.IGNORECASE),
}
DATE_IN_PARTS = re.compile(r"(?<!\d)(\d{1,4})([._/-])(\d{1,2})\2(\d{1,4})(?!\d)")
DATE_IN_ONE = re.compile(r"(?<!\d)\d{8}(?!\d)")
FIRST_YEAR, LAST_YEAR = 1900, 2100

INSTEAD = "Use the pseudonym that your centre gave the patient for this therapy, such as PX-4F7K2."


def pseudonym_problem(text: str) -> str:
    """Why `text` cannot be a patient reference, and what to do; empty if it can."""
    given = text.strip()
    if not given:
        return f"Give the patient's pseudonym. {INSTEAD}"
    if problem := identifying_problem(given):
        return f"{problem} {INSTEAD}"
    if not ALLOWED.fullmatch(given):
        return "Use letters A to Z, digits, dots, dashes and underscores only, without spaces."
    if not SHORTEST <= len(given) <= LONGEST:
        return f"Use {SHORTEST} to {LONGEST} characters."
    if not any(letter.isdigit() for letter in given):
        return f"A reference of letters alone looks like a name or initials. {INSTEAD}"
    if given.isdigit():
        return f"A number alone looks like a medical record number. {INSTEAD}"
    return ""


def identifying_problem(text: str) -> str:
    """Which kind of identifying detail `text` seems to hold; empty for none. Of any identifier, also a scanned one."""
    given = text.strip()
    digits = SEPARATORS.sub("", given)
    for what, pattern in NATIONAL.items():
        if pattern.fullmatch(given):
            return f"This looks like {what}."
    if _has_date(given):
        return "This looks like a date of birth."
    if digits.isdigit() and len(digits) >= RECORD_DIGITS:
        return "This looks like a social security or national number."
    if RECORD_NUMBER.match(given):
        return "This looks like a medical record number."
    if any(word.lower() not in HARMLESS_WORDS for word in _words(given)) or " " in given or "," in given:
        return "This looks like a name."
    return ""


def _words(text: str) -> Iterator[str]:
    """Words as in names; a mixture of letters and digits is none, nor is a single code in capitals."""
    for match in NAME_WORD.finditer(text):
        if len(match.group(1)) >= NAME_LETTERS:
            yield match.group(1)
    parts = [part for part in SEPARATORS.split(text) if part.isalpha() and part.lower() not in HARMLESS_WORDS]
    long = [part for part in parts if len(part) >= NAME_LETTERS - 1]
    if len(long) > 1 or not text.isascii():
        yield from long


def _has_date(text: str) -> bool:
    return any(_is_date(*parts) for parts in _possible_dates(text))


def _possible_dates(text: str) -> Iterator[tuple[str, str, str]]:
    """Digits that could be year, month and day, in the orders in which people write them.

    A year of two digits counts between dots or slashes only: with dashes it is more likely study, site and subject.
    """
    for match in DATE_IN_PARTS.finditer(text):
        first, mark, second, third = match.groups()
        if mark in "./" or len(first) == 4 or len(third) == 4:
            yield first, second, third
            yield third, second, first
            yield third, first, second
    for run in DATE_IN_ONE.findall(text):
        yield run[:4], run[4:6], run[6:]
        yield run[4:], run[2:4], run[:2]
        yield run[4:], run[:2], run[2:4]


def _is_date(year: str, month: str, day: str) -> bool:
    """Whether these digits make a date."""
    if len(year) not in (2, 4) or len(day) > 2 or len(month) > 2:
        return False
    number = int(year) if len(year) == 4 else 2000 + int(year)
    if not FIRST_YEAR <= number <= LAST_YEAR:
        return False
    try:
        date(number, int(month), int(day))
    except ValueError:
        return False
    return True
