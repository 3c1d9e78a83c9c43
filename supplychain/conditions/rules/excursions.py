"""An excursion with what quality assurance decided on it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from supplychain.orders.statuses import ExcursionDecision

LOGGERS_DISAGREE = "the loggers do not agree"
TWO_TEMPERATURES = "loggers have two temperatures at a moment"
# So begins what is said of loggers that are too far apart (agreement.py); else one logger has two temperatures.
BETWEEN_LOGGERS = "loggers "


def disagreement_words(broken: Sequence[Mapping[str, Any]]) -> str:
    """What does not agree: loggers with one another, or one with itself."""
    if any(one["words"].startswith(BETWEEN_LOGGERS) for one in broken):
        return LOGGERS_DISAGREE
    return "one logger has two temperatures at a moment" if len(broken) == 1 else TWO_TEMPERATURES


class SaidOfExcursion(NamedTuple):
    """What quality assurance decided on an excursion; `is_current`: on all that is known of it now; `event`: which
    says so."""

    decision: ExcursionDecision
    reason: str
    by: str
    decided_at: datetime
    is_current: bool
    event: UUID | None = None


@dataclass(frozen=True, slots=True)
class ExcursionFacts:
    """An excursion with the newest decision on it, as judgement and pages read it."""

    id: UUID
    shipment_id: UUID
    stage: str
    attempt: int
    logger: str
    started_at: datetime
    ended_at: datetime
    worst: float
    broken: Sequence[Mapping[str, Any]]
    digest: str
    found_at: datetime
    decision: SaidOfExcursion | None

    @property
    def is_disagreement(self) -> bool:
        """Whether it says that what was logged does not agree, and nothing of a limit."""
        return not self.logger

    @property
    def disagreement(self) -> str:
        """What does not agree: the loggers with one another, or one with itself; empty of a broken limit."""
        return disagreement_words(self.broken) if self.is_disagreement else ""

    @property
    def seen(self) -> str:
        """What was known of it when a form to decide was shown: its readings, and the decision that stands."""
        return f"{self.digest}.{self.decision.decided_at.isoformat()}" if self.decision else self.digest

    @property
    def is_decided(self) -> bool:
        """Whether quality assurance said, of all that is known now, that the cells are used or rejected."""
        one = self.decision
        return one is not None and one.is_current and one.decision != ExcursionDecision.MORE_DATA

    @property
    def may_be_used(self) -> bool:
        """Whether they are used as they are."""
        return self.is_decided and self.decision is not None and self.decision.decision == ExcursionDecision.USE_AS_IS

    @property
    def is_rejected(self) -> bool:
        """Whether they are not to be used."""
        return self.is_decided and not self.may_be_used

    @property
    def words(self) -> str:
        """What was broken: “8.1 °C or warmer for 30 minutes; 12 °C at worst”."""
        often = Counter(one["words"] for one in self.broken)
        broken = "; ".join(words + (f" ({count} times)" if count > 1 else "") for words, count in often.items())
        worst = f"{self.worst:g} °C at worst".replace("-", "\N{MINUS SIGN}")
        return broken if self.is_disagreement else f"{broken}; {worst}"
