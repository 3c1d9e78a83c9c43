"""What spreadsheets make of a cell. Pure."""

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MARK = "'"


def without_formula(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe before what looks like one.

    What has such an apostrophe already gets another, so that `with_formula` gives every text back.
    """
    return f"{MARK}{text}" if text.lstrip(MARK).startswith(FORMULA_STARTS) else text


def with_formula(cell: str) -> str:
    """The text that `without_formula` made the cell of."""
    is_marked = cell.startswith(MARK) and cell.lstrip(MARK).startswith(FORMULA_STARTS)
    return cell.removeprefix(MARK) if is_marked else cell
