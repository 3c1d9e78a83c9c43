"""What stands on a label, for the eye and for a scanner: nothing that tells who the patient is. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from supplychain.identifiers.rules.characters import lookup_key
from supplychain.identifiers.rules.codes import read_code
from supplychain.identifiers.rules.isbt128 import COI, COI_PREFIX
from supplychain.orders.statuses import MaterialKind

AUTOLOGOUS = "For autologous use only"
# What a two-dimensional code of a label holds at most.
MOST_CODED = 64
# So much of a serial number tells the labels of one material apart.
SHOWN_OF_SERIAL = 6


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a label is for: the order, or one material of it (`number`, `kind` empty: the order).

    `is_alone`: that no other order is known by the material's number.
    """

    coi: str
    product: str
    donations: Sequence[str] = ()
    number: str = ""
    kind: str = ""
    component: str = ""
    storage: str = ""
    expires_at: datetime | None = None
    is_alone: bool = True


def lines_of(what: Labelled, *, is_reprint: bool) -> list[str]:
    """The lines for the eye, the first in bold; what is not known is left out."""
    kind = MaterialKind(what.kind).label if what.kind else ""
    material = " · ".join(filter(None, (kind or ("Material" if what.number else ""), what.component, what.number)))
    lines = [
        AUTOLOGOUS,
        f"CoI {what.coi}",
        f"DIN {', '.join(what.donations)}" if what.donations else "",
        what.product,
        material or "Order",
        f"Store at {what.storage}" if what.storage else "",
        f"Expires {what.expires_at:%Y-%m-%d %H:%M} UTC" if what.expires_at else "",
        "Printed again" if is_reprint else "",
    ]
    return [one for one in lines if one]


def short_lines(what: Labelled, serial: str, *, is_reprint: bool) -> list[str]:
    """The same on a label that is too small for sentences, such as a cryovial's, with the end of its serial number;
    how it is stored stands on the papers that go with it."""
    again = ", again" if is_reprint else ""
    lines = [
        f"Autologous{again} #{serial[-SHOWN_OF_SERIAL:]}",
        what.coi,
        f"DIN {' '.join(what.donations)}" if what.donations else "",
        " ".join(filter(None, (what.component, what.number))) or "Order",
        what.product,
        f"Exp {what.expires_at:%Y-%m-%d %H:%M}Z" if what.expires_at else "",
    ]
    return [one for one in lines if one]


def coded(what: Labelled, serial: str) -> str:
    """What the two-dimensional code holds: the first of these that our own reader reads back as just that. A material's
    number, if no other order has it, else the chain of identity, in the form of ISBT 128 where it is one; a label whose
    order nobody could read so has its own serial number there, too."""
    coi = COI_PREFIX + what.coi if COI.fullmatch(what.coi) else what.coi
    number = [(what.number, what.number)] if what.number and what.is_alone else []
    for code, value in (*number, (coi, what.coi)):
        if _reads_back(code, value):
            return code
    return serial


def _reads_back(code: str, value: str) -> bool:
    """Whether a scanner can send the code, and it says this value and no other."""
    if len(code) > MOST_CODED or not (code.isascii() and code.isprintable()):
        return False
    reading = read_code(code)
    return not reading.problem and {*reading.keys} == {lookup_key(value)}
