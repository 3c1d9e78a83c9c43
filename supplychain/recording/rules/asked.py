"""One thing that is asked with a report."""

from dataclasses import dataclass
from enum import StrEnum

from supplychain.flows.rules.checklists import CheckItem


class FieldKind(StrEnum):
    """What is typed into a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    MOMENT = "moment"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class ReportField:
    """One thing asked. `is_identity`: of each order apart, never one answer for several; `is_alone`: only where one
    order is reported alone; `choices`: value and label; `item`: of which checklist's item it is the answer."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    is_required: bool = False
    hint: str = ""
    is_identity: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    is_alone: bool = False
    item: CheckItem | None = None
