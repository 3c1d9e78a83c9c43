"""What is asked of a collection (the record that every one has, and the checklist in its flow's file), and of the
packing and unpacking of a transport. Pure.

An item is asked by its code. Those of RECORD are known to CellOps: a flow may require them and give them limits, but
not make something else of them.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

MOST_ITEMS = 60
MOST_TEXT, MOST_WHO, MOST_UNIT, MOST_CODE = 160, 40, 20, 40
_CODE = re.compile(r"[a-z0-9_]+")
_FIELDS = {"code", "text", "kind", "required", "critical", "who", "unit", "at_least", "at_most", "expected"}
_OF_KINDS = {
    "unit": ("number",), "at_least": ("number",), "at_most": ("number",), "expected": ("yes_no", "choice"),
}  # fmt: skip


class CheckKind(StrEnum):
    """How an item is answered."""

    YES_NO = "yes_no"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"


OFFERED = (CheckKind.YES_NO, CheckKind.NUMBER, CheckKind.TEXT)  # to whoever writes a flow


class ChecklistProblem(ValueError):
    """What is wrong with a checklist, and what to write instead."""


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing asked. `at_least`, `at_most`: the product's limits, both still inside; `expected`: the one answer that
    is right; `is_critical`: the cells are not used while it is open; `possible`, `plausible`: beyond these a number is
    in another unit, or is asked about once more."""

    code: str
    text: str
    kind: CheckKind
    is_required: bool = False
    is_critical: bool = False
    who: str = ""
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    expected: bool | str | None = None
    choices: tuple[tuple[str, str], ...] = ()
    possible: tuple[float, float] | None = None
    plausible: tuple[float, float] | None = None

    @property
    def limits(self) -> str:
        """“at least 80 %”, “20 to 500 ml”, “Fresh”; empty: there is none."""
        if self.choices and self.expected is not None:
            return dict(self.choices)[str(self.expected)]
        unit = f" {self.unit}" if self.unit else ""
        match self.at_least, self.at_most:
            case None, None:
                return ""
            case low, None:
                return f"at least {low:g}{unit}"
            case None, high:
                return f"at most {high:g}{unit}"
        return f"{self.at_least:g} to {self.at_most:g}{unit}"

    @property
    def asked(self) -> str:
        """The question with all that belongs to it, as it stays with the answer."""
        unit = f" ({self.unit})" if self.unit and not self.limits else ""
        return f"{self.text}{unit}" + (f" ({self.limits})" if self.limits else "")


# What stands on a label as a code.
NUMBERED = frozenset({"kit_number", "kit_lot"})
PRESERVATION, KIT_LOT, KIT_EXPIRES = "preservation", "kit_lot", "kit_expires_on"
FROZEN = "frozen"
NUCLEATED, CD3, VIABILITY = "nucleated_cells_e9", "cd3_cells_e9", "viability_percent"
ANTICOAGULANTS = (
    ("acd_a", "ACD-A"), ("acd_a_heparin", "ACD-A and heparin"), ("heparin", "Heparin"), ("other", "Another one"),
)  # fmt: skip
RECORD = tuple(
    CheckItem(code, text, CheckKind(kind), **more)
    for code, text, kind, more in (
        ("kit_number", "Kit number", "text", {}),
        (KIT_LOT, "Lot of the kit", "text", {}),
        (KIT_EXPIRES, "Kit expires on", "date", {}),
        ("anticoagulant", "Anticoagulant", "choice", {"choices": ANTICOAGULANTS}),
        ("volume_ml", "Volume collected", "number",
         {"unit": "ml", "possible": (0, 5_000), "plausible": (20, 1_000)}),
        (NUCLEATED, "Nucleated cells", "number",
         {"unit": "×10⁹", "possible": (0, 1_000), "plausible": (0.1, 100)}),
        (CD3, "CD3+ cells", "number", {"unit": "×10⁹", "possible": (0, 1_000), "plausible": (0.01, 50)}),
        (VIABILITY, "Viability", "number", {"unit": "%", "possible": (0, 100), "plausible": (10, 100)}),
        ("haematocrit_percent", "Haematocrit", "number", {"unit": "%", "possible": (0, 100), "plausible": (0.1, 20)}),
        (PRESERVATION, "Cells leave fresh or cryopreserved", "choice",
         {"choices": (("fresh", "Fresh"), (FROZEN, "Cryopreserved"))}),
    )
)  # fmt: skip
# Units of what there cannot be less than nothing of; degrees are none.
AMOUNTS = frozenset({"kg", "g", "mg", "l", "ml", "µl", "h", "min", "s", "d", "%", "×10⁹", "×10⁶", "bags", "vials"})
KNOWN = {item.code: item for item in RECORD}


def all_items(checklist: tuple[CheckItem, ...]) -> tuple[CheckItem, ...]:
    """The checklist of a flow, and what else of the record it does not name."""
    named = {item.code for item in checklist}
    return (*checklist, *(item for item in RECORD if item.code not in named))


def read_checklist(said: Any, known: Mapping[str, CheckItem] = KNOWN) -> tuple[CheckItem, ...]:
    """The items in a list of groups of fields; `known`: those that every record has. Raises ChecklistProblem."""
    if not isinstance(said, list) or len(said) > MOST_ITEMS:
        raise ChecklistProblem(f"must be a list of at most {MOST_ITEMS} items")
    items = tuple(_item(one, f"item {index + 1}", known) for index, one in enumerate(said))
    codes = [item.code for item in items]
    if twice := [code for code in codes if codes.count(code) > 1]:
        raise ChecklistProblem(f"the code “{twice[0]}” stands here twice")
    return items


def _item(said: Any, where: str, known: Mapping[str, CheckItem]) -> CheckItem:
    fields = _fields(said, where)
    code = fields.get("code")
    if not isinstance(code, str) or not _CODE.fullmatch(code) or len(code) > MOST_CODE:
        raise ChecklistProblem(f"{where}: code must be 1 to {MOST_CODE} characters of a-z, 0-9 and _")
    where = f"{where} ({code})"
    item = _known(known[code], fields, where) if code in known else _own(code, fields, where)
    for name, kinds in _OF_KINDS.items():
        if name in fields and item.kind not in kinds:
            raise ChecklistProblem(f"{where}: {name} belongs to the kind {' or '.join(kinds)}; this is {item.kind}")
    return _with_limits(item, fields, where)


def _known(item: CheckItem, fields: Mapping[str, Any], where: str) -> CheckItem:
    if fields.get("kind", item.kind) != item.kind or fields.get("unit", item.unit) != item.unit:
        what = f"{item.kind}{f', in {item.unit}' if item.unit else ''}"
        raise ChecklistProblem(f"{where}: CellOps knows this one: it is of the kind {what}; leave kind and unit out")
    return replace(item, text=_text(fields, "text", MOST_TEXT, where, item.text))


def _own(code: str, fields: Mapping[str, Any], where: str) -> CheckItem:
    if (kind := fields.get("kind")) not in OFFERED:
        raise ChecklistProblem(f"{where}: kind must be one of {', '.join(OFFERED)}")
    text, unit = _text(fields, "text", MOST_TEXT, where), _text(fields, "unit", MOST_UNIT, where, "")
    possible = (0, math.inf) if unit in AMOUNTS else None
    return CheckItem(code, text, CheckKind(kind), unit=unit, possible=possible)


def _with_limits(item: CheckItem, fields: Mapping[str, Any], where: str) -> CheckItem:
    low, high = (_number(fields, name, where) for name in ("at_least", "at_most"))
    if low is not None and high is not None and low > high:
        raise ChecklistProblem(f"{where}: at_least is more than at_most: no answer would do")
    flags = {name: fields.get(name) for name in ("required", "critical")}
    for name, value in flags.items():
        if name in fields and not isinstance(value, bool):
            raise ChecklistProblem(f"{where}: {name} must be true or false")
    who = _text(fields, "who", MOST_WHO, where, "")
    asks = {"is_required": bool(flags["required"]), "is_critical": bool(flags["critical"])}
    return replace(item, who=who, at_least=low, at_most=high, expected=_expected(item, fields, where), **asks)


def _expected(item: CheckItem, fields: Mapping[str, Any], where: str) -> bool | str | None:
    said = fields.get("expected")
    if "expected" not in fields:
        return None
    if item.kind == CheckKind.YES_NO:
        if not isinstance(said, bool):
            raise ChecklistProblem(f"{where}: expected must be true or false")
    elif said not in (codes := [code for code, _ in item.choices]):
        raise ChecklistProblem(f"{where}: expected must be one of {', '.join(codes)}")
    return said


def _fields(said: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(said, dict):
        raise ChecklistProblem(f"{where}: must be a group of fields ({', '.join(sorted(_FIELDS))})")
    if strange := [str(name) for name in said if name not in _FIELDS]:
        raise ChecklistProblem(f"{where}: the field “{strange[0]}” is unknown; use {', '.join(sorted(_FIELDS))}")
    return said


def _text(fields: Mapping[str, Any], name: str, most: int, where: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if value == default and default is not None:
        return default
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise ChecklistProblem(f"{where}: {name} must be one line of 1 to {most} characters")
    return value.strip()


def _number(fields: Mapping[str, Any], name: str, where: str) -> float | None:
    value = fields.get(name)
    if name in fields and not is_number(value):
        raise ChecklistProblem(f"{where}: {name} must be a number")
    return value


def is_number(value: Any) -> bool:
    """Whether it is a finite number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
