"""What is said of a label: that it was printed, and how it ended: used, spoiled or destroyed. Pure.

Every label is a fact of its order, by a serial number of its own. What comes of it: supplychain/labels/rules.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from supplychain.identifiers.rules.characters import canonical, identifier_problem
from supplychain.orders.rules.materials import MOST_NAME
from supplychain.orders.statuses import LABEL_KINDS, OrderEventKind
from supplychain.reasons import says_nothing

PRINTED = OrderEventKind.LABEL_PRINTED
MOST_ATTEMPTS = 20
# Its own number, that of the material it is for (without: it is the order's), and of the label that it replaces.
NUMBERS = ("serial", "number", "replaces")
TEXTS = (*NUMBERS, "stage", "layout", "printer")
NEEDS_REASON = frozenset({OrderEventKind.LABEL_SPOILED, OrderEventKind.LABEL_DESTROYED})


def label_names_in(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers in a payload in the one form in which they are stored."""
    if kind not in LABEL_KINDS:
        return {}
    return {name: canonical(payload[name]) for name in NUMBERS if isinstance(payload.get(name), str)}


def label_problems(kind: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a payload of these kinds, each with its field in front."""
    if kind not in LABEL_KINDS:
        return
    for name in TEXTS:
        if name in payload or name == "serial":
            yield from _text_problems(name, payload.get(name))
    if kind in NEEDS_REASON and "reason" not in payload:
        yield "payload.reason: say why; no label is spoiled or destroyed without a reason."
    if kind != PRINTED:
        return
    if "replaces" in payload and "reason" not in payload:
        yield "payload.reason: say why it was printed again."
    attempt = payload.get("attempt", 1)
    if isinstance(attempt, bool) or not isinstance(attempt, int) or not 1 <= attempt <= MOST_ATTEMPTS:
        yield f"payload.attempt: must be a whole number from 1 to {MOST_ATTEMPTS}."


def _text_problems(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str) or says_nothing(value) or len(value) > MOST_NAME:
        yield f"payload.{name}: must be a text of 1 to {MOST_NAME} characters."
    elif name in NUMBERS and (problem := identifier_problem(value, is_required=name == "serial")):
        yield f"payload.{name}: {problem}"
