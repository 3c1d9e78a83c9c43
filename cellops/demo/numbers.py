"""Identifiers as the field writes them: pseudonyms, chains of identity, donation, batch and tracking numbers."""

from datetime import datetime
from random import Random

from supplychain.identifiers.rules.coi import ALPHABET

FACILITY_SERIALS = 900_000


def _letters(random: Random, count: int) -> str:
    return "".join(random.choices(ALPHABET, k=count))


def coi(random: Random, moment: datetime) -> str:
    """A chain-of-identity identifier, as CellOps makes them."""
    return f"CO{moment:%y}{_letters(random, 10)}"


def patient_reference(random: Random) -> str:
    """A pseudonym."""
    return f"PX-{_letters(random, 7)}"


def donation_number(facility: str, moment: datetime, index: int) -> str:
    """A donation identification number in the form of ISBT 128: facility (5), year (2), serial (6)."""
    return f"{facility}{moment:%y}{(index * 7919 + 104_729) % FACILITY_SERIALS + 100_000}"


def batch_number(plant: str, moment: datetime, index: int, attempt: int) -> str:
    """A plant's batch number; a remake has the same root."""
    root = f"{plant[:3].upper()}{moment:%y}-{index + 1:04d}"
    return root if attempt == 1 else f"{root}-R{attempt - 1}"


def tracking_number(random: Random, prefix: str) -> str:
    """A courier's tracking number."""
    return f"{prefix}{random.randrange(10**8, 10**9)}"


def shipper_number(random: Random, *, frozen: bool) -> str:
    """A shipper from a fleet of a few dozen."""
    return f"{'DS' if frozen else 'CB'}-{random.randrange(1, 61):03d}"
