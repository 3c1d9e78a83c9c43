"""What a code that was read says beside the order in hand: match, mismatch or unknown. Pure; nothing is guessed.

Only a number that stands on the order, and on no other, is a match. What leads to another order, or says another
chain of identity, donation or batch number than the order has, is a mismatch. All else is unknown: it confirms nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from uuid import UUID

from supplychain.chain.statuses import CheckOutcome
from supplychain.identifiers.rules.characters import lookup_key, visible
from supplychain.identifiers.rules.codes import CodeReading, keyboard_hint
from supplychain.identifiers.rules.damage import holds_other, is_damaged
from supplychain.identifiers.rules.donation_numbers import FACILITY_LENGTH
from supplychain.identifiers.rules.fields import Field
from supplychain.identifiers.rules.gs1 import check_digit
from supplychain.identifiers.statuses import UNSHARED_IDENTIFIER_KINDS, IdentifierKind

STOP = "Stop: do not use, hand over or take in this material. Put it aside and call quality assurance."
OTHER_CODE = "It confirms nothing: scan another code of the label."
# Of a code without marks these alone are sure by their form; a batch number may be anything.
SURE_BY_FORM = frozenset({IdentifierKind.COI, IdentifierKind.DONATION, IdentifierKind.LABEL})
# Characters of what was read that a sentence shows.
MOST_SHOWN = 40


class _Says(Enum):
    """What one field says beside the order."""

    OWN = auto()
    TWO_ORDERS = auto()
    OTHER = auto()
    ANOTHER_VALUE = auto()
    MISREAD = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class CodeRead:
    """A code that was read: the text, what it says, and the orders to which each field leads of those one may see."""

    text: str
    reading: CodeReading
    led: Sequence[Collection[UUID]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found. `kind`, `value`: what the code was understood as; `other`: the other order it leads to, where it
    is one; `why`: a sentence with what to do."""

    outcome: CheckOutcome
    why: str
    kind: str = ""
    value: str = ""
    other: UUID | None = None


def compare(code: CodeRead, order: UUID, standing: Mapping[str, Collection[str]]) -> Comparison:
    """The code beside the order in hand. `standing`: by kind the keys of the numbers that stand on the order; what was
    withdrawn stands no more."""
    if problem := _unread(code):
        return Comparison(CheckOutcome.UNKNOWN, problem)
    reading = code.reading
    says = [
        _says(field, set(led), order, standing, is_marked=reading.is_marked)
        for field, led in zip(reading.fields, code.led, strict=True)
    ]
    outcome = _outcome_of_marked(says) if reading.is_marked else _outcome_of_unmarked(says)
    field, led = _telling(code, says, outcome)
    other = next(iter(led)) if outcome == CheckOutcome.MISMATCH and len(led) == 1 and order not in led else None
    return Comparison(outcome, _why(code, says, outcome, field), field.kind or "", field.value, other)


def find(code: CodeRead) -> Comparison:
    """The code where no order is in hand: the one order it leads to, or nothing that can be trusted."""
    if problem := _unread(code):
        return Comparison(CheckOutcome.UNKNOWN, problem)
    led = [set(one) for one in code.led]
    found = set() if code.reading.is_marked and not all(led) else set().union(*led)
    place = next((at for at, one in enumerate(led) if one), 0)
    field = code.reading.fields[place]
    said = (field.kind or "", field.value)
    if len(found) == 1:
        return Comparison(CheckOutcome.FOUND, "It leads to one order.", *said, other=found.pop())
    why = "It leads to more than one order." if found else _nothing_known(code)
    return Comparison(CheckOutcome.UNKNOWN, f"{why} {OTHER_CODE}", *said)


def unfit(match: Comparison, why: str) -> Comparison:
    """A match of what is not to be used, and why."""
    return replace(match, outcome=CheckOutcome.UNFIT, why=f"{match.why} {why} {STOP}")


def _unread(code: CodeRead) -> str:
    """Why nothing can be said of it; empty if something can."""
    if code.reading.problem:
        hint = keyboard_hint(code.text)
        return f"{code.reading.problem} {hint or OTHER_CODE}"
    return "" if code.reading.fields else f"Nothing was read. {OTHER_CODE}"


def _says(
    field: Field, led: set[UUID], order: UUID, standing: Mapping[str, Collection[str]], *, is_marked: bool
) -> _Says:
    if led == {order}:
        return _Says.OWN
    if led:
        return _Says.TWO_ORDERS if order in led else _Says.OTHER
    is_sure = field.kind in (UNSHARED_IDENTIFIER_KINDS if is_marked else SURE_BY_FORM)
    own = standing.get(field.kind or "", ())
    key = lookup_key(field.value)
    if not is_sure or not own or key in own:
        return _Says.NOTHING
    others = (one for some in standing.values() for one in some)
    if any(is_damaged(key, one) for one in own) or any(holds_other(key, one) for one in others):
        return _Says.MISREAD
    return _Says.NOTHING if not is_marked and _is_product(key, own) else _Says.ANOTHER_VALUE


def _outcome_of_marked(says: Sequence[_Says]) -> CheckOutcome:
    """Each field is what it says it is, so each must be the order's: a label is one patient's."""
    if any(one in (_Says.OTHER, _Says.ANOTHER_VALUE) for one in says):
        return CheckOutcome.MISMATCH
    return CheckOutcome.MATCH if all(one == _Says.OWN for one in says) else CheckOutcome.UNKNOWN


def _outcome_of_unmarked(says: Sequence[_Says]) -> CheckOutcome:
    """The fields are what it may be: one of them is enough, unless another leads elsewhere."""
    is_own, is_other = _Says.OWN in says, _Says.OTHER in says
    if is_own or _Says.TWO_ORDERS in says:
        return CheckOutcome.MATCH if is_own and not is_other else CheckOutcome.UNKNOWN
    return CheckOutcome.MISMATCH if is_other or _Says.ANOTHER_VALUE in says else CheckOutcome.UNKNOWN


def _telling(code: CodeRead, says: Sequence[_Says], outcome: CheckOutcome) -> tuple[Field, set[UUID]]:
    """The field that decided, with where it leads."""
    of_outcome = {
        CheckOutcome.MATCH: (_Says.OWN,),
        CheckOutcome.MISMATCH: (_Says.OTHER, _Says.ANOTHER_VALUE),
        CheckOutcome.UNKNOWN: (_Says.TWO_ORDERS, _Says.MISREAD, _Says.NOTHING, _Says.OWN),
    }
    place = next((says.index(one) for one in of_outcome[outcome] if one in says), 0)
    return code.reading.fields[place], set(code.led[place])


def _why(code: CodeRead, says: Sequence[_Says], outcome: CheckOutcome, field: Field) -> str:
    name = f"{IdentifierKind(field.kind).label if field.kind else 'The number'} {visible(field.value)[:MOST_SHOWN]}"
    if outcome == CheckOutcome.MATCH:
        return f"{name} is this order’s."
    if outcome == CheckOutcome.MISMATCH:
        which = "is another order’s" if _Says.OTHER in says else "is not this order’s, which has another one"
        return f"{name} {which}. {STOP}"
    if _Says.TWO_ORDERS in says or _Says.OTHER in says:
        return f"{name} may be more than one order’s. {OTHER_CODE}"
    if _Says.MISREAD in says:
        return f"{name} looks like this order’s, misread or its separator lost: scan it again. {OTHER_CODE}"
    return f"{_nothing_known(code)} {OTHER_CODE}"


def _is_product(key: str, own: Collection[str]) -> bool:
    """Whether thirteen digits are as well a product's number (EAN-13), and of no facility of the order's numbers."""
    is_number = len(key) == 13 and key.isascii() and key.isdigit() and check_digit(key[:-1]) == key[-1]
    return is_number and not any(one[:FACILITY_LENGTH] == key[:FACILITY_LENGTH] for one in own)


def _nothing_known(code: CodeRead) -> str:
    if code.reading.left_over:
        return "It holds several numbers, and not every one is known here."
    return " ".join(filter(None, ("It leads to no order that you may see.", keyboard_hint(code.text))))
