"""What a line's people are told of how sure its verdicts are: tried on its own rates, or not yet. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from batches.lines.rules.confidence import FIRM
from supplychain.sentences import day_mark

UNTRIED = "Not calibrated for this line yet: how sure it is rests on simulated lines in general."


def untried_words(why: str) -> str:
    """The same with the reason, if there is one."""
    return (
        f"Not calibrated for this line, for {why}: how sure it is rests on simulated lines in general."
        if why
        else UNTRIED
    )


class TriedVerdicts(NamedTuple):
    """On how many simulated lines of a line's own rates its verdicts were tried, and when; of the `firm` ones by a
    curve that those lines had not taught, how many were right, and whether that is enough to call any firm."""

    at: datetime
    lines: int
    firm: int
    firm_right: int
    may_be_firm: bool

    def evidence(self) -> dict[str, Any]:
        """JSON-ready."""
        return self._asdict() | {"at": self.at.isoformat()}

    @property
    def words(self) -> str:
        """The same in sentences, with a mark for the day (supplychain/sentences.py)."""
        tried = f"Calibrated on {self.lines} simulated lines with this line's own rates on {day_mark(self.at)}"
        return f"{tried}: {self._firm_words}."

    @property
    def _firm_words(self) -> str:
        verdicts = "verdict was" if self.firm == 1 else "verdicts were"
        if self.may_be_firm:
            return f"of {self.firm} firm verdicts, those with a smaller lead among them, {self.firm_right} were right"
        if self.firm and self.firm_right < FIRM * self.firm:
            return f"of {self.firm} firm verdicts only {self.firm_right} were right, so none is called firm here"
        return f"only {self.firm} {verdicts} firm, too few to tell if they hold, so none is called firm here"


def tried_in(evidence: Mapping[str, Any]) -> TriedVerdicts | None:
    """What the evidence of a review says of it; None: not tried then, or not kept."""
    kept = evidence.get("tried")
    return TriedVerdicts(**kept | {"at": datetime.fromisoformat(kept["at"])}) if kept else None
