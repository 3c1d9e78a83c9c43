"""Critical flags as they stand, for the judgement that comes after them. Pure."""

from datetime import datetime
from typing import NamedTuple


class StandingDoubt(NamedTuple):
    """A critical flag that stands. `went_on`: stage, kind and moment of what systems said happened since it was raised,
    or until quality assurance settled it; `decisions_withdrawn`: how often somebody said that settling it was wrong;
    `is_decision_doubted`: of one of these a second person has still to confirm it; `settled_…`: the decision that
    stands; `gist`: what the flag tells of, as it was raised."""

    code: str
    stage: str
    subject: str
    is_settled: bool
    went_on: tuple[tuple[str, str, datetime], ...] = ()
    decisions_withdrawn: int = 0
    is_decision_doubted: bool = False
    settled_at: datetime | None = None
    settled_by: str = ""
    settled_reason: str = ""
    gist: str = ""
