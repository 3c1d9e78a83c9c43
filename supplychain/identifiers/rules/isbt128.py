"""What a scanned ISBT 128 code says (ICCBBA ST-001): its fields one by one, or why it cannot be trusted."""

import re

from supplychain.identifiers.rules.characters import identifier_problem
from supplychain.identifiers.rules.coi import OWN_FORM
from supplychain.identifiers.rules.donation_numbers import NUMBER, SYMBOL, WRONG_FLAG, flag_fits
from supplychain.identifiers.rules.fields import TWO_CODES, CodeProblem, Field
from supplychain.identifiers.rules.isbt128_structures import Structure, structure_at
from supplychain.identifiers.statuses import IdentifierKind

DONATION = re.compile(rf"=({NUMBER.pattern})(\d{{2}})", re.ASCII)
# Chain of identity identifier (data structure 040): CH, facility, year, six characters.
COI = re.compile(r"CH[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}[A-Z0-9]{6}", re.ASCII)
# What is in that form as far as it goes.
BEGUN = re.compile(r"CH[A-NP-Z1-9][A-NP-Z0-9]{2}\d", re.ASCII)
COI_PREFIX = "&/"
COMPOUND = re.compile(r"=\+(\d{2})\d{3}", re.ASCII)
MARK = re.compile(r"[=&][^A-Za-z0-9\s]|=[A-Za-z0-9]")


def is_isbt(code: str) -> bool:
    """Whether the code begins with a data identifier of ISBT 128."""
    return MARK.match(code) is not None


def isbt_fields(code: str) -> list[Field]:
    """The fields of one code that name an order. Raises CodeProblem."""
    return [one for one in isbt_structures(code) if isinstance(one, Field)]


def isbt_structures(code: str) -> list[Field | Structure]:
    """What one code holds, in its order, which must make it up to the last character. Raises CodeProblem.

    A chain of identity of another issuer's form may stand behind `&/` by itself.
    """
    count, rest = None, code
    if match := COMPOUND.match(code):
        count, rest = int(match.group(1)), code[match.end() :]
    found: list[Field | Structure] = []
    while rest:
        one, rest = _first(rest)
        found.append(one)
    if count not in (None, len(found)):
        raise CodeProblem("The code says that it holds another number of fields than it does: scan it again.")
    return found


def _first(code: str) -> tuple[Field | Structure, str]:
    """The first structure and what follows it."""
    if match := DONATION.match(code):
        if not flag_fits(*match.groups()):
            raise CodeProblem(WRONG_FLAG)
        return Field(match.group(1), IdentifierKind.DONATION), code[match.end() :]
    if SYMBOL.match(code):
        raise CodeProblem("The donation number in it is not whole: scan it again.")
    if not code.startswith(COI_PREFIX):
        return structure_at(code)
    data = code.removeprefix(COI_PREFIX)
    whole = COI.match(data) or OWN_FORM.match(data)
    value = whole.group() if whole else data
    if not whole and MARK.search(data):
        raise CodeProblem(TWO_CODES)
    if not value.strip() or identifier_problem(value) or (not whole and BEGUN.match(value)):
        raise CodeProblem("The chain of identity in it is cut off or misread: scan it again.")
    return Field(value, IdentifierKind.COI), data[len(value) :]
