"""What a flag's latest moment to act means, in words: on every page and in every mail the same. Pure."""

from datetime import datetime, tzinfo

from batches.forecasts.rules.ready import about_days
from batches.judgement.statuses import FlagCode
from supplychain.words import ago_words, moment_words, slack_words

# What waits for somebody's decision, rather than for work to begin or end.
DECIDED = (FlagCode.ON_HOLD, FlagCode.CHANGE_ASKED)


def left_words(code: str, due: datetime | None, now: datetime) -> str:
    """“31 h left”, “4 h over”; of a promise as dates are said: “about 7 days late”. Empty without one."""
    if due is None or code != FlagCode.PROMISE_AT_RISK:
        return slack_words(due, now)
    return f"{about_days(due - now)} {'left' if due > now else 'late'}"


def due_words(code: str, due: datetime | None, now: datetime, zone: tzinfo) -> str:
    """“decide by Fri 27 Nov 2026 09:58 CET”; empty without a moment.

    What is left of a promise moves along with its forecast, so it is a distance and never a moment.
    """
    if due is None:
        return ""
    if code == FlagCode.PROMISE_AT_RISK:
        return f"{left_words(code, due, now)} by the forecast"
    moment = f"{due.astimezone(zone):%a} {moment_words(due, zone, label=True)}"
    if due <= now:
        return f"was due {moment}, {ago_words(due, now)}"
    return f"{'decide' if code in DECIDED else 'act'} by {moment}"
