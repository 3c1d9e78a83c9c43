"""An identifier as somebody typed or scanned it."""

# ISBT 128 data identifiers (ICCBBA): a donation number is read as “=”, 13 characters and two flags; a chain of
# identity identifier as “&/” and 15 characters.
DONATION_PREFIX, DONATION_LENGTH = "=", 13
COI_PREFIX = "&/"
LONGEST = 64


def spellings(typed: str) -> list[str]:
    """The ways in which the code may be stored; empty for nothing or far too much."""
    code = typed.strip()
    if not code or len(code) > LONGEST or "\0" in code:
        return []
    ways = [code, code.upper()]
    if code.startswith(COI_PREFIX):
        ways.append(code.removeprefix(COI_PREFIX))
    elif code.startswith(DONATION_PREFIX):
        ways.append(code[1 : 1 + DONATION_LENGTH])
    return list(dict.fromkeys(ways))
