"""An identifier as somebody typed or scanned it."""

import re

# ISBT 128 data identifiers (ICCBBA): a donation number is read as “=”, 13 characters and two flags; a chain of
# identity identifier as “&/” and 15 characters.
DONATION_PREFIX, DONATION_LENGTH = "=", 13
COI_PREFIX = "&/"
LONGEST = 64
# A scanner may say first which symbol it read (ISO/IEC 15424): “]C1”, “]d2”.
SYMBOL = re.compile(r"^\][A-Za-z][0-9A-Za-z]")
# GS1 element strings: an item number (01), then a batch (10) or serial number (21), ended by the separator (FNC1).
GS1 = re.compile(r"^(?:\(01\)|01)\d{14}(?:\(?17\)?\d{6})?(?:\(10\)|\(21\)|10|21)([^\x1d]{1,20})")


def spellings(typed: str) -> list[str]:
    """The ways in which the code may be stored; empty for nothing or far too much."""
    code = typed.strip()
    if not code or len(code) > LONGEST or "\0" in code:
        return []
    ways = [code, code.upper()]
    read = SYMBOL.sub("", code).lstrip("\x1d")
    if read != code:
        ways += [read, read.upper()]
    if read.startswith(COI_PREFIX):
        ways.append(read.removeprefix(COI_PREFIX))
    elif read.startswith(DONATION_PREFIX):
        ways.append(read[1 : 1 + DONATION_LENGTH])
    elif match := GS1.match(read):
        ways.append(match.group(1))
    return list(dict.fromkeys(way for way in ways if way))


def plain_number(typed: str) -> str:
    """A number that was typed or scanned, as it is stored: without what the symbol adds."""
    ways = spellings(typed)
    is_coded = SYMBOL.match(typed.strip()) or typed.strip().startswith((DONATION_PREFIX, COI_PREFIX))
    return ways[-1] if ways and is_coded else typed.strip()
