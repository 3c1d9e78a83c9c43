"""When the stages that end the waits of an order's cells are begun, as the ledger keeps what futures say of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

# Where the evidence of a prediction has it, by stage.
BEGINS = "begins"


class ForeseenBegin(NamedTuple):
    """By when a stage is begun in half of the futures, and in 19 of 20; None: not within what can be foreseen."""

    median: datetime | None
    latest: datetime | None

    @property
    def row(self) -> dict[str, str | None]:
        """As the ledger keeps it."""
        return {name: moment.isoformat() if moment else None for name, moment in self._asdict().items()}


def begins_said(evidence: Mapping[str, Any]) -> dict[str, ForeseenBegin]:
    """What a prediction says of each such stage."""
    said = evidence.get(BEGINS) or {}
    return {code: ForeseenBegin(_read(row["median"]), _read(row["latest"])) for code, row in said.items()}


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
