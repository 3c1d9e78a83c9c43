"""A chain-of-identity identifier of our own, for orders whose site has no issuer."""

import secrets
from datetime import datetime

# Crockford base 32: no I, L, O or U, so that nothing is misread aloud or by hand.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
OWN_ISSUER = "cellops"


def new_coi(now: datetime) -> str:
    """`CO`, two-digit year, ten random characters (50 bits): names nobody, guessed by nobody."""
    return f"CO{now:%y}{''.join(secrets.choice(ALPHABET) for _ in range(10))}"
