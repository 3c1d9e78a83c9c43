"""What spreadsheets make of a cell. Pure."""

import re

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MARK = "'"
_START = f"[{re.escape(''.join(FORMULA_STARTS))}]"
_PARTS = re.compile(r"[,;\t\r\n]")
# Where a formula may begin: where the cell does, and behind what parts cells in a spreadsheet of another country.
# Quotes are no guard there: those around the whole cell then stand in the middle of one, and its own open one.
_FORMULA = re.compile(rf"\A(?='*{_START})|(?<=[,;\t\r\n])(?=['\"]*{_START})")
_MARKED = re.compile(rf"\A'(?='*{_START})|(?<=[,;\t\r\n])'(?=['\"]*{_START})")


def without_formula(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula, whatever parts its cells: an apostrophe before what
    looks like one.

    What has such an apostrophe already gets another, so that `with_formula` gives every text back.
    """
    if text[:1].isalnum() and not _PARTS.search(text):  # most cells
        return text
    return _FORMULA.sub(MARK, text)


def with_formula(cell: str) -> str:
    """The text that `without_formula` made the cell of."""
    return _MARKED.sub("", cell) if MARK in cell else cell
