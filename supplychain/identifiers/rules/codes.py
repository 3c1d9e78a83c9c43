"""A code as somebody typed or scanned it: what it says, and nothing more."""

import re
from contextlib import suppress
from dataclasses import dataclass

from supplychain.identifiers.rules import gs1
from supplychain.identifiers.rules.characters import canonical, identifier_problem, lookup_key
from supplychain.identifiers.rules.coi import OWN_FORM
from supplychain.identifiers.rules.donation_numbers import (
    GAPS,
    NUMBER,
    TOO_SHORT,
    WITH_CHECK,
    WRONG_CHECK,
    check_character,
    flag_fits,
    is_too_short,
)
from supplychain.identifiers.rules.fields import TWO_CODES, CodeProblem, Field
from supplychain.identifiers.rules.isbt128 import COI, COI_PREFIX, is_isbt, isbt_fields
from supplychain.identifiers.rules.label_serials import is_serial
from supplychain.identifiers.statuses import IdentifierKind

# Characters of an identifier, and of a code that may hold several with their marks.
LONGEST = 64
LONGEST_CODE = 400
BREAK = re.compile(r"[\t\r\n]")
# A scanner may say first which symbol it read (ISO/IEC 15424): “]C1”, “]d2”; these symbols hold GS1 fields.
SYMBOL = re.compile(r"\][A-Za-z][0-9A-Za-z]")
GS1_SYMBOLS = frozenset({"]C1", "]d2", "]Q3", "]e0", "]J1"})
EAN = "]E"  # of goods (EAN, UPC)
# What digits and marks of a code become when scanner and computer do not have the same keyboard.
FRENCH_DIGITS = re.compile(r"[&\"'(_)]")
# “&/”, “]d2” and “(01)” from a scanner set to the United States, on a German, Austrian, Danish … keyboard.
GERMAN_MARKS = re.compile(r"/-|\+[A-Za-z]\d|\)\d{2,4}=")


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What a code says: fields, all of which name its order. `problem`: why it says nothing that can be trusted.

    `is_marked`: its marks say which field is what, so that each must be known: one that is left over may be another
    label's. Without marks the fields are what it may be, and one is enough.
    """

    fields: tuple[Field, ...] = ()
    problem: str = ""
    is_marked: bool = False

    @property
    def left_over(self) -> str:
        """What to say where a code of several fields leads to no order."""
        if self.problem or not self.is_marked or len(self.fields) < 2:
            return ""
        return f"It holds {len(self.fields)} numbers, and not every one is known here: scan the label's other codes."

    @property
    def keys(self) -> list[str]:
        """What to look up."""
        return [lookup_key(field.value) for field in self.fields]


def read_code(typed: str) -> CodeReading:
    """What `typed` says: with marks of ISBT 128 or GS1 its fields alone, without them perhaps any identifier."""
    code = typed.strip(" \t\r\n")
    if not code:
        return CodeReading()
    if len(code) > LONGEST_CODE:
        return CodeReading(problem="It is longer than any code: scan one label at a time.")
    if BREAK.search(code):
        return CodeReading(problem=TWO_CODES)
    code = gs1.WRITTEN.sub(gs1.SEPARATOR, code)
    symbol = SYMBOL.match(code)
    bare = (code[symbol.end() :] if symbol else code).strip(gs1.SEPARATOR)
    if symbol and symbol.group().startswith(EAN):
        return CodeReading(problem="This is a product’s bar code, which names no order.")
    try:
        if is_isbt(bare):
            return CodeReading(_one_order(isbt_fields(bare)), is_marked=True)
        if (symbol and symbol.group() in GS1_SYMBOLS) or gs1.is_marked(code):
            return CodeReading(_one_order(gs1.gs1_fields(bare)), is_marked=True)
    except CodeProblem as problem:
        return CodeReading(problem=str(problem))
    return _unmarked(bare)


def _one_order(fields: list[Field]) -> tuple[Field, ...]:
    """The fields, if each kind is said once: two orders' labels scanned without a break are nobody's."""
    kinds = {field.kind: field.value for field in fields}
    if any(kinds[field.kind] != field.value for field in fields):
        raise CodeProblem(TWO_CODES)
    if not fields:
        raise CodeProblem("It names a product or a date, but no order: scan another code of the label.")
    return tuple(dict.fromkeys(fields))


def _unmarked(code: str) -> CodeReading:
    """A code without marks: any identifier, a donation number or chain of identity as printed, or bare GS1 fields."""
    if problem := identifier_problem(code, is_required=True):
        return CodeReading(problem=problem)
    whole = canonical(code)
    fields = [Field(whole)] if len(whole) <= LONGEST else []
    printed, problem = _printed(whole)
    fields += printed
    with suppress(CodeProblem):  # digits may begin like GS1's and be none
        fields += gs1.gs1_fields(code, is_bare=True)
    if not fields and not problem:
        problem = f"It is longer than any identifier ({LONGEST} characters): scan one label at a time."
    return CodeReading(tuple(fields), problem)


def _printed(text: str) -> tuple[list[Field], str]:
    """A donation number or chain of identity spaced as on its label, with or without check character."""
    compact = GAPS.sub("", text).upper() if text.isascii() else ""
    if is_serial(compact):
        return [Field(compact, IdentifierKind.LABEL)], ""
    if is_too_short(text):
        return [], TOO_SHORT
    if NUMBER.fullmatch(compact):
        return [Field(compact, IdentifierKind.DONATION)], ""
    if match := WITH_CHECK.fullmatch(compact):
        number, flag, check = match.groups()
        if check == check_character(number) and (flag is None or flag_fits(number, flag)):
            return [Field(number, IdentifierKind.DONATION)], ""
        return [], WRONG_CHECK
    if COI.fullmatch(compact) or OWN_FORM.fullmatch(compact):
        return [Field(compact, IdentifierKind.COI)], ""
    if COI.fullmatch(compact[:-1]):
        fits = compact[-1] == check_character(compact[:-1])
        return ([Field(compact[:-1], IdentifierKind.COI)], "") if fits else ([], WRONG_CHECK)
    return [], ""


def beginnings(typed: str) -> list[str]:
    """The keys with which identifiers begin or end that somebody types in part: as typed, and without the gaps with
    which a label prints them and people say them (“G1234 26”, “26 654321”); empty for what cannot be a part."""
    bare = SYMBOL.sub("", typed.strip(), count=1)
    bare = bare.removeprefix(COI_PREFIX) if bare.startswith(COI_PREFIX) else bare.removeprefix("=")
    if not bare or identifier_problem(bare) or len(bare) > LONGEST:
        return []
    key = lookup_key(bare)
    compact = key.replace(" ", "")
    return [key] if compact == key or not (compact.isascii() and compact.isalnum()) else [key, compact]


def printed_field(text: str) -> Field | None:
    """The one number that stands so on a label or in its code: spaced, with its check character, with `=` or `&/`.

    `text`: in whatever letters. None: it is none, or its check character does not fit.
    """
    code = canonical(text).upper()
    with suppress(CodeProblem):
        fields = isbt_fields(code) if is_isbt(code) else _printed(code)[0]
        return fields[0] if len(fields) == 1 else None
    return None


def plain_number(typed: str, kind: IdentifierKind | None = None) -> str:
    """A number of this kind that was typed or scanned, as it is stored: without what a label's code adds to it."""
    code = typed.strip()
    if not (SYMBOL.match(code) or is_isbt(code) or gs1.is_marked(code)):
        return canonical(typed)
    fields = read_code(code).fields
    values = [field.value for field in fields if kind is None or field.kind in (None, kind)]
    return canonical(values[0] if len(values) == 1 else typed)


def keyboard_hint(typed: str) -> str:
    """That a scanner may be set to another keyboard, where the code looks like it; else empty."""
    typed = typed.replace(gs1.SEPARATOR, "")
    is_french = not any(map(str.isdigit, typed)) and len(FRENCH_DIGITS.findall(typed)) > 1
    is_mixed_up = not typed.isascii() or is_french or GERMAN_MARKS.match(typed)
    if not is_mixed_up or identifier_problem(typed):
        return ""
    return (
        "If a scanner sent this, it is set to another keyboard than this computer: set both to the same "
        "(the scanner's manual has a code for it), then scan again."
    )
