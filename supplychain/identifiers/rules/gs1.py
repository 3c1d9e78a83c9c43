"""What a scanned GS1 code says (GS1 General Specifications): element string, brackets or Digital Link."""

import re
from calendar import monthrange
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from supplychain.identifiers.rules.fields import TWO_CODES, CodeProblem, Field
from supplychain.identifiers.statuses import IdentifierKind

SEPARATOR = "\x1d"  # FNC1, as scanners send it
WRITTEN = re.compile(r"␝|[<{](?:GS|FNC1)[>}]")  # as some are set to write it
# Application identifiers whose values have one length, so that nothing need end them.
FIXED = {
    "00": 18, "01": 14, "02": 14, "03": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
    **dict.fromkeys(("410", "411", "412", "413", "414", "415", "416", "417", "7001"), 13),
    "422": 3, "424": 3, "426": 3, "7003": 10, "7006": 6, "7241": 2, "7250": 8, "7251": 12, "7252": 1, "8001": 14,
    "8005": 6, "8006": 18,
}  # fmt: skip
# Those that end with the separator or the code, by their longest value.
LONGEST = {
    "10": 20, "21": 20, "22": 20, "235": 28, "240": 30, "241": 30, "242": 6, "243": 20, "250": 30, "251": 30, "253": 30,
    "254": 20, "30": 8, "37": 8, "400": 30, "401": 30, "402": 17, "403": 30, "420": 20, "421": 12, "423": 15,
    "425": 15, "427": 3, "7002": 30, "7004": 4, "7005": 12, "7007": 12, "7008": 3, "7009": 10, "7010": 2, "7011": 10,
    "7020": 20, "7021": 20, "7022": 20, "7023": 30, "7240": 20, "7242": 25, "7253": 40, "7254": 40, "7255": 10,
    "7256": 90, "7257": 70, "7258": 3, "7259": 40, "8002": 20, "8003": 30, "8004": 30, "8007": 34, "8008": 12,
    "8010": 30, "8011": 12, "8012": 20, "8013": 25, "8017": 18, "8018": 18, "8019": 10, "8020": 25, "90": 30,
    **{str(number): 20 for number in range(710, 718)}, **{str(number): 90 for number in range(91, 100)},
    **dict.fromkeys(map(str, (*range(7030, 7040), *range(7230, 7240))), 30), "255": 25, "426": 3, "4300": 35,
    **dict.fromkeys(map(str, (*range(4302, 4307), *range(4312, 4317))), 70), "4307": 2, "4308": 30, "4309": 20,
    "4301": 35, "4310": 35, "4311": 35, "4317": 2, "4318": 20, "4319": 30, "4320": 35, "4321": 1, "4322": 1, "4323": 1,
    "4324": 10, "4325": 10, "4326": 6, **dict.fromkeys(("4330", "4331", "4332", "4333"), 7), "7040": 4, "7041": 4,
    "8009": 50, "8014": 25, "8026": 18, "8030": 90, "8110": 70, "8111": 4, "8112": 70, "8200": 70,
}  # fmt: skip
# Measures and amounts: the first digits with the longest value; their last digit is the place of the decimal point.
MEASURED = {
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6), "390": 15, "391": 18, "392": 15, "393": 18, "394": 4,
    "395": 6,
}  # fmt: skip
MEASURE = re.compile(r"(?:3[1-6]\d|39[0-5])\d", re.ASCII)
UNKNOWN_FIELD = "It holds a field that is no GS1 field known here, or two codes that came as one."
# What names an order; each is compared with identifiers of this kind only. A serial number is the one patient's.
KINDS = {
    "00": IdentifierKind.TRACKING,
    "10": IdentifierKind.BATCH,
    "21": IdentifierKind.COI,
    "400": IdentifierKind.HOSPITAL_ORDER,
    "401": IdentifierKind.TRACKING,
    "402": IdentifierKind.TRACKING,
}
CHECKED = frozenset({"00", "01", "02", "03", "402", "8017", "8018", *(key for key in FIXED if key.startswith("41"))})
DATES = frozenset({"11", "12", "13", "15", "16", "17", "7003", "7006"})
DATE = re.compile(r"(\d{2})(0[1-9]|1[0-2])(\d{2})", re.ASCII)
ENDED = re.compile(rf"{SEPARATOR}+(?=\(|\Z)")  # behind a field; within one it is a misread
BRACKETS = re.compile(r"\((\d{2,4})\)([^(]*)", re.ASCII)
LINK = re.compile(r"https?://", re.IGNORECASE)
LINK_KEYS = frozenset({"00", "01", "253", "401", "402", "414", "417", "8017", "8018"})
VALUE = re.compile(r"[!-~]+")


def check_digit(digits: str) -> str:
    """The last digit of a GS1 key (mod 10, weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_marked(code: str) -> bool:
    """Whether the code says of itself that it is GS1's: brackets, a separator, a Digital Link."""
    return bool(code.startswith(SEPARATOR) or BRACKETS.match(code) or LINK.match(code) or SEPARATOR in code)


def gs1_fields(code: str, *, is_bare: bool = False) -> list[Field]:
    """The fields that name an order, of a code that must make sense up to its last character. Raises CodeProblem.

    `is_bare`: nothing says that it is GS1's, so that it must hold a key whose check digit fits.
    """
    seen: dict[str, str] = {}
    for key, value in _elements(code):
        _check(key, value)
        if seen.setdefault(key, value) != value:
            raise CodeProblem(TWO_CODES)
    if not seen or (is_bare and not seen.keys() & CHECKED):
        raise CodeProblem("It holds no GS1 field known here.")
    return [Field(value, KINDS[key]) for key, value in seen.items() if key in KINDS]


def keys_of(code: str) -> tuple[list[str], bool]:
    """The application identifiers of a code, as far as it can be read, and whether that is all of it."""
    keys: list[str] = []
    try:
        for key, value in _elements(code):
            keys.append(key)
            _check(key, value)
    except CodeProblem:
        return keys, False
    return keys, True


def _elements(code: str) -> Iterator[tuple[str, str]]:
    if LINK.match(code):
        return _of_link(code)
    return _of_brackets(code) if BRACKETS.match(code) else _of_string(code.strip(SEPARATOR))


def _of_string(text: str) -> Iterator[tuple[str, str]]:
    """Application identifiers and values one after another, in any order."""
    rest = text
    while rest:
        key = next((rest[:size] for size in (2, 3, 4) if rest[:size] in FIXED or rest[:size] in LONGEST), "")
        if not key and MEASURE.match(rest):
            key = rest[:4]
        if not key:
            raise CodeProblem(UNKNOWN_FIELD)
        rest = rest[len(key) :]
        length = FIXED.get(key) or (MEASURED.get(key[:2], 0) if MEASURE.fullmatch(key) else 0)
        if length:
            value, rest = rest[:length], rest[length:].removeprefix(SEPARATOR)
        else:
            value, _, rest = rest.partition(SEPARATOR)
        yield key, value


def _of_brackets(text: str) -> Iterator[tuple[str, str]]:
    compact = ENDED.sub("", text)
    matches = list(BRACKETS.finditer(compact))
    if sum(len(match.group()) for match in matches) != len(compact):
        raise CodeProblem("Something stands in it outside its fields: scan it again.")
    for match in matches:
        yield match.group(1), match.group(2).strip()


def _of_link(text: str) -> Iterator[tuple[str, str]]:
    """A Digital Link: pairs in the path from the first key on, further fields behind the question mark."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise CodeProblem("This is no address: scan it again.") from None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    start = next((place for place, step in enumerate(steps) if step in LINK_KEYS), None)
    if start is None or (len(steps) - start) % 2:
        raise CodeProblem("This link is no GS1 Digital Link, or it is cut off.")
    yield from zip(steps[start::2], steps[start + 1 :: 2], strict=True)
    yield from ((key, value) for key, value in parse_qsl(parts.query) if key.isdigit())


def _check(key: str, value: str) -> None:
    """Raises CodeProblem unless the value is one of its application identifier."""
    length, longest = FIXED.get(key), LONGEST.get(key, 0)
    if MEASURE.fullmatch(key):
        longest = MEASURED.get(key[:2]) or MEASURED[key[:3]]
    if not (length or longest):
        raise CodeProblem(UNKNOWN_FIELD)
    is_whole = len(value) == length and value.isdigit() if length else 0 < len(value) <= longest
    if not (is_whole and VALUE.fullmatch(value)):
        raise CodeProblem(f"Its field ({key}) is cut off or too long: scan it again.")
    if key in CHECKED and not (value.isdigit() and check_digit(value[:-1]) == value[-1]):
        raise CodeProblem(f"The check digit of its field ({key}) does not fit: scan it again.")
    if key in DATES and not _is_date(value[:6]):
        raise CodeProblem(f"The date in its field ({key}) is none: scan it again.")


def _is_date(value: str) -> bool:
    """Whether a YYMMDD is in the calendar; day 00 is the month's last."""
    match = DATE.fullmatch(value)
    return match is not None and int(match[3]) <= monthrange(2000 + int(match[1]), int(match[2]))[1]
