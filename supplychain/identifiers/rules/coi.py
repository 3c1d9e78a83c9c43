"""Chain-of-identity identifiers that we assign, for orders that come without one."""

import re
import secrets
from datetime import datetime

# Crockford base 32: no I, L, O or U, so that nothing is misread aloud or by hand.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Six characters are read and typed by hand more often: B, S and Z, which look like 8, 5 and 2, are left out too, and A
# and E, so that no word or name comes about.
SERIAL_ALPHABET = "0123456789CDFGHJKMNPQRTVWXY"
OWN_ISSUER = "cellops"
# Those of ours without a facility number.
OWN_FORM = re.compile(rf"CO[0-9]{{2}}[{ALPHABET}]{{10}}")


def new_coi(now: datetime, facility: str = "") -> str:
    """A random one, which names nobody and is guessed by nobody.

    With a facility number that of ISBT 128 (data structure 040): `CH`, facility, two-digit year, six characters (390
    million a year). Without one `CO`, year, ten characters.
    """
    if facility:
        return f"CH{facility}{now:%y}{_random(SERIAL_ALPHABET, 6)}"
    return f"CO{now:%y}{_random(ALPHABET, 10)}"


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
