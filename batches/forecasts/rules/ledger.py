"""The row of the ledger that says when a dose is ready by usual durations, and whether it needs a new one. Pure."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.forecasts.rules.forecasts import CLOSE_SLACK_HOURS, REFRESH_HOURS, ForecastFinding
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.sent_moments import moment

# The ledger keeps a new forecast when it differs by this much from the standing one; while nobody reports anything
# and the promise is not close, only when it differs by REFRESH_HOURS.
LEDGER_STEP_HOURS = 1


class StandingForecast(NamedTuple):
    """What we say so far, as the ledger has it; `promised_at` as its evidence has it (ISO 8601); `is_reached`: that it
    was a reported fact; `assumes_ended` as ForecastFinding has it."""

    id: UUID
    made_at: datetime
    ready_at: datetime
    slack_hours: float | None
    promised_at: str | None
    is_reached: bool = False
    assumes_ended: str = ""
    assumes_cleared: str = ""
    assumes_booked: str = ""
    assumes_repeated: str = ""


def has_moved(standing: StandingForecast | None, made: ForecastFinding, last_word_at: datetime | None) -> bool:
    """Whether the ledger needs a new row: another promise, a fact in place of a forecast (or the other way round, after
    a withdrawal), another moment of the fact, slack on the other side of 0, or a difference that tells."""
    if standing is None or moment(standing.promised_at) != made.promised_at or standing.is_reached != made.is_reached:
        return True
    if _rests_on(standing) != _rests_on(made):
        return True
    if made.is_reached:
        return standing.ready_at != made.ready_at
    before, after = standing.slack_hours, made.slack_hours
    if before is not None and after is not None and (before < 0) != (after < 0):
        return True
    has_news = last_word_at is not None and last_word_at > standing.made_at
    is_close = after is not None and after <= CLOSE_SLACK_HOURS
    step = LEDGER_STEP_HOURS if has_news or is_close else REFRESH_HOURS
    return abs(hours_between(standing.ready_at, made.ready_at)) >= step


def _rests_on(said: StandingForecast | ForecastFinding) -> tuple[str, ...]:
    return said.assumes_ended, said.assumes_cleared, said.assumes_booked, said.assumes_repeated
