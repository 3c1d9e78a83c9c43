"""The data structures of ISBT 128 (ICCBBA ST-001) besides those that name an order: how long each is, what it says."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from supplychain.identifiers.rules.donation_numbers import check_value
from supplychain.identifiers.rules.fields import CodeProblem

GRID = re.compile(r"(\d{4}[A-Z0-9]{13})(\d{2})", re.ASCII)
PRODUCT = re.compile(r"([A-Z][A-Z0-9]{4})([A-Za-z0-9])([A-Za-z0-9]{2})", re.ASCII)
WRONG_DATE = "A date in it is none: scan it again."
CUT = "It holds a field that is no ISBT 128 field known here, or one that is cut off."


class ProductCode(NamedTuple):
    """What is in the bag (003). `division` 99: it stands in a field of its own (032)."""

    description: str
    collection_type: str
    division: str


class Structure(NamedTuple):
    """One data structure of a code. `value`: what its data say, a date or a moment by the clock of the place that gave
    it, say; the data as they are where nothing is to be read out of them."""

    name: str
    data: str
    value: Any


def structure_at(code: str) -> tuple[Structure, str]:
    """The structure that `code` begins with, and what follows it. Raises CodeProblem."""
    for identifier, (name, length, read) in FORMS.items():
        if code.startswith(identifier):
            rest = code[len(identifier) :]
            size = length if isinstance(length, int) else _counted(rest, *length)
            data = rest[:size]
            if len(data) < size or not (data.isascii() and data.isprintable()):
                raise CodeProblem(CUT)
            return Structure(name, data, read(data)), rest[size:]
    raise CodeProblem(CUT)


def _counted(rest: str, count: slice, before: int, each: int) -> int:
    """The length of a structure that says itself how many parts it has."""
    said = rest[count]
    if not (said.isascii() and said.isdigit()):
        raise CodeProblem(CUT)
    return before + each * int(said)


def _as_it_is(data: str) -> str:
    return data


def _product(data: str) -> ProductCode:
    if match := PRODUCT.fullmatch(data):
        return ProductCode(*match.groups())
    raise CodeProblem("The product code in it is misread: scan it again.")


def _day(data: str) -> date:
    """Century, year, day of the year: 0 is the century from 2000 on, 9 the one before."""
    century, year, day = _numbers(data, 1, 2, 3)
    first = date((1900 if century == 9 else 2000 + 100 * century) + year, 1, 1)
    found = first + timedelta(days=day - 1)
    if found.year != first.year:
        raise CodeProblem(WRONG_DATE)
    return found


def _moment(data: str) -> datetime:
    hour, minute = _numbers(data[6:], 2, 2)
    if hour > 23 or minute > 59:
        raise CodeProblem(WRONG_DATE)
    return datetime.combine(_day(data[:6]), time(hour, minute))


def _birth(data: str) -> date:
    """Two characters of the place, then year, month, day."""
    try:
        return date(*_numbers(data[2:], 4, 2, 2))
    except ValueError:
        raise CodeProblem(WRONG_DATE) from None


def _numbers(data: str, *sizes: int) -> list[int]:
    if not data.isdigit():
        raise CodeProblem(WRONG_DATE)
    ends = list(accumulate(sizes))
    return [int(data[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def _registered_donor(data: str) -> str:
    """A donor's registration (GRID), whose last two digits are the check value of the others."""
    match = GRID.fullmatch(data)
    if match and match[2] == f"{check_value(match[1]):02}":
        return match[1]
    raise CodeProblem("The donor's registration in it was misread: its check digits do not fit. Scan it again.")


_Length = int | tuple[slice, int, int]
# By data identifier; those with a third character before those with two. A length may hang on a count in the data.
FORMS: dict[str, tuple[str, _Length, Callable[[str], Any]]] = {
    "&,1": ("lot number", 18, _as_it_is),
    "&,2": ("supplemental number", 18, _as_it_is),
    "&,4": ("Single European Code", 40, _as_it_is),
    "=<": ("product", 8, _product),
    "=>": ("expiry", 6, _day),
    "&>": ("expiry", 10, _moment),
    "=*": ("collection", 6, _day),
    "&*": ("collection", 10, _moment),
    "=}": ("production", 6, _day),
    "&}": ("production", 10, _moment),
    "=,": ("division", 6, _as_it_is),
    "='": ("staff member", 11, _as_it_is),
    "=#": ("date of birth", 10, _birth),
    "&#": ("patient", (slice(2, 4), 4, 1), _as_it_is),
    "=$": ("consignment", 16, _as_it_is),
    "&$": ("dimensions", (slice(0, 2), 2, 14), _as_it_is),
    "=(": ("moment", 16, _as_it_is),
    "&+": ("processing facility", 11, _as_it_is),
    "=/": ("processor's product", 16, _as_it_is),
    "&:": ("registered donor", 19, _registered_donor),
    # What stands on blood and on containers: read over.
    "=%": ("blood group", 4, _as_it_is),
    "&%": ("antigens with history", (slice(0, 3), 3, 10), _as_it_is),
    "&(": ("tests", 5, _as_it_is),
    "=\\": ("antigens", 18, _as_it_is),
    "&\\": ("antigens", 18, _as_it_is),
    "&{": ("platelet antigens", 18, _as_it_is),
    '&"': ("infection markers", 18, _as_it_is),
    "=)": ("container", 10, _as_it_is),
    "&)": ("container's lot", 10, _as_it_is),
    "=-": ("item", 10, _as_it_is),
    "&-": ("item's lot", 10, _as_it_is),
    "=;": ("donor", 21, _as_it_is),
    "=]": ("expiry month", 6, _as_it_is),
}
