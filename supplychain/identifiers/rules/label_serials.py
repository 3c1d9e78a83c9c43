"""Serial numbers of labels that we print: short in a bar code (digits come in pairs), with a check digit."""

import re
import secrets
from datetime import datetime

from supplychain.identifiers.rules.gs1 import check_digit

# “L”, two-digit year, eleven digits, check digit: of a length that no donation number has.
FORM = re.compile(r"L(\d{14})", re.ASCII)


def new_serial(now: datetime) -> str:
    """A random one, of a hundred thousand million a year."""
    digits = f"{now:%y}{secrets.randbelow(10**11):011}"
    return f"L{digits}{check_digit(digits)}"


def is_serial(text: str) -> bool:
    """Whether it is one by its form, and read without a mistake."""
    match = FORM.fullmatch(text)
    return match is not None and check_digit(match[1][:-1]) == match[1][-1]
