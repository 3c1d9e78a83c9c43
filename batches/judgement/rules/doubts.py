"""Critical flags as they stand, for the judgement that comes after them. Pure."""

from typing import NamedTuple


class StandingDoubt(NamedTuple):
    """A critical flag that stands. `went_on`: stage and kind of what systems said happened since it was raised, or
    until quality assurance settled it; `decisions_withdrawn`: how often it took back that it is settled."""

    code: str
    stage: str
    subject: str
    is_settled: bool
    went_on: tuple[tuple[str, str], ...] = ()
    decisions_withdrawn: int = 0
