"""What a flag's latest moment to act means, and a limit of cells, in words: everywhere the same. Pure."""

from datetime import datetime, tzinfo

from batches.forecasts.rules.words import late_words
from batches.judgement.statuses import FlagCode
from supplychain.orders.rules.waits import is_stored
from supplychain.sentences import moment_mark
from supplychain.words import ago_words, moment_words, slack_words

# What waits for somebody's decision, rather than for work to begin or end.
DECIDED = (FlagCode.ON_HOLD, FlagCode.CHANGE_ASKED, FlagCode.CELLS_UNDECIDED)
# The probability of what has happened, and the highest that is foreseen.
MISSED, MOST_LIKELY = 1.0, 0.9999
# Member of a flag's evidence: the limit of the cells by which it is due.
LIMIT = "limit_of_the_cells"


def chance_of_missing(p_late: float | None, promised_at: datetime, now: datetime) -> float | None:
    """How likely a promise is missed: MISSED once it is, and nothing else is; None: no futures say it."""
    if promised_at <= now:
        return MISSED
    return None if p_late is None else min(p_late, MOST_LIKELY)


def left_words(code: str, due: datetime | None, probability: float | None, now: datetime) -> str:
    """“31 h left”, “4 h over”; of a promise how likely it is missed: “likely late (61 %)”. Empty without a limit; a
    promise without one has passed, and what has happened is no chance.

    How late it would be stands in the flag's sentence alone: counted from now it would drift away from it.
    """
    if code != FlagCode.PROMISE_AT_RISK:
        return slack_words(due, now)
    if due is None or probability == MISSED:
        return "the date has passed"
    return "at risk by usual durations" if probability is None else late_words(probability)


def cells_left_words(until: datetime | None, now: datetime) -> str:
    """“cells: 11 h left”: of a flag that has no limit of its own; empty where no cells wait, or they are in storage."""
    return f"cells: {slack_words(until, now)}" if until and not is_stored(until, now) else ""


def passes_words(limit: datetime, now: datetime) -> str:
    """“the limit of the cells passes at …”, “… passed at …”, its moment as a mark: a span would be that of the last
    judgement, beside one that is counted now."""
    return f"the limit of the cells {'passes' if limit > now else 'passed'} at {moment_mark(limit)}"


def due_words(code: str, due: datetime | None, probability: float | None, now: datetime, zone: tzinfo) -> str:
    """“decide before Fri 27 Nov 2026 09:58 CET”; empty without a moment. Mostly it is that of the loss, so not “by”.

    What is left of a promise moves along with its forecast, so it is how likely and never a moment.
    """
    if code == FlagCode.PROMISE_AT_RISK:
        return left_words(code, due, probability, now)
    if due is None:
        return ""
    moment = f"{due.astimezone(zone):%a} {moment_words(due, zone, label=True)}"
    if due <= now:
        return f"was due {moment}, {ago_words(due, now)}"
    return f"{'decide' if code in DECIDED else 'act'} before {moment}"
