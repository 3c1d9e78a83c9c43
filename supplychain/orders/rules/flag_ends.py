"""How a critical flag that keeps people from reporting ends, in the words of whoever is kept back. Pure."""

from typing import NamedTuple


class FlagEnd(NamedTuple):
    """What quality assurance does with the flag; who does what before an order is closed; until when it stops people
    (“until …”); and why nobody settles it (empty: quality assurance does)."""

    asked: str
    closing: str
    until: str
    not_settled: str = ""


_CONDITION = "on the excursion under “Condition”"
_ON_PAGE = "on an excursion is decided on the order’s page, under “Condition”."

SETTLED = FlagEnd("settle the flag", "Quality assurance of the plant settles the flag", "it is settled")
# Of cells that have not left in a shipper that does not keep them.
PACKED_ANEW = FlagEnd(
    "settle the flag where the cells cannot be packed anew",
    "Whoever packed the cells packs them anew, or quality assurance of the plant settles the flag",
    "the cells are packed anew or it is settled",
)
BY_TWO = FlagEnd(
    "resolve the mismatch with a second person",
    "Two people resolve the mismatch",
    "it is resolved",
    "nobody settles an identity mismatch alone; two people resolve it (kind “resolved”).",
)
EXCURSION = FlagEnd(
    f"decide {_CONDITION}", f"Quality assurance of the plant decides {_CONDITION}", "it is decided", _ON_PAGE
)
REJECTED = FlagEnd(
    f"decide anew {_CONDITION}",
    f"Quality assurance of the plant decides anew {_CONDITION}",
    "a new attempt has begun or quality assurance decides anew",
    _ON_PAGE,
)
NO_DOSE = FlagEnd(
    "agree on a new attempt, cancel the order, or have a wrong report of the rejection withdrawn",
    "A new attempt begins, or a wrong report of the rejection is withdrawn",
    "a new attempt has begun, another dose is recorded or a wrong report is withdrawn",
    "no decision gives the order a dose: the flag ends with a new attempt, another dose that is recorded, the "
    "withdrawal of a wrong report, or a cancellation.",
)
