"""The flag about the promised date."""

from datetime import datetime

from batches.flags.rules.futures import late_in_futures
from batches.forecasts.rules.forecasts import CLOSE_SLACK_HOURS, ForecastFinding
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import (
    NOTHING,
    Finding,
    Found,
    hours,
    next_of,
    severity_at,
    who_acts,
)
from batches.judgement.statuses import FlagCode, Severity
from supplychain.words import hours_beside, hours_words

CRITICAL_SLACK_HOURS = 0


def promise_at_risk(facts: OrderFacts, forecast: ForecastFinding | None, now: datetime) -> Found:
    """The promised moment is at risk: by P(late) where the futures of the line count, else by the slack that is left.

    Slack: the forecast comes close to the promise (attention: 48 h or less) or past it (critical). The slack is
    promise − max(fixed, now + rest): it crosses a threshold at promise − threshold − rest, or has crossed it already
    because of what is fixed. Once the dose is ready there is nothing left to be at risk.
    """
    if forecast is None or forecast.is_reached or forecast.promised_at is None:
        return NOTHING
    if (by_futures := late_in_futures(facts, forecast, now)) is not None:
        return by_futures
    attention_at = _crossing(forecast, CLOSE_SLACK_HOURS, now)
    critical_at = _crossing(forecast, CRITICAL_SLACK_HOURS, now)
    next_at = next_of(now, [attention_at, critical_at, *forecast.jumps_at])
    severity = severity_at(now, attention_at, critical_at)
    return Found([_promise_finding(facts, forecast, severity, now)] if severity else [], next_at)


def _crossing(forecast: ForecastFinding, threshold: float, now: datetime) -> datetime:
    """When the slack falls to `threshold` hours if nothing happens; `now` if it already has."""
    latest = (forecast.promised_at or now) - hours(threshold)
    return now if forecast.ready_at >= latest else latest - forecast.course.rest


def _promise_finding(facts: OrderFacts, forecast: ForecastFinding, severity: Severity, now: datetime) -> Finding:
    slack, longest = forecast.slack_hours or 0.0, forecast.longest
    name = longest.name if longest else "the hand-over"
    who = who_acts(facts.stages[longest.stage].plan) if longest else "Operations"
    evidence = forecast.evidence() | {"slack_hours": round(slack, 2), "wanted_hours": CLOSE_SLACK_HOURS}
    if severity == Severity.CRITICAL:
        next_step = f"{who}: speed up {name}, or Operations: agree a new date with the treatment centre now."
    else:
        next_step = f"{who}: see that {name} keeps to its time; tell the treatment centre if it cannot."
    return Finding(
        FlagCode.PROMISE_AT_RISK, "", severity, None, now + hours(slack), _promise_why(forecast, slack, now), next_step,
        evidence, moves=True,
    )  # fmt: skip


def _promise_why(forecast: ForecastFinding, slack: float, now: datetime) -> str:
    ahead = (forecast.ready_at - now).total_seconds() / 3600
    side = f"{hours_beside(slack, CLOSE_SLACK_HOURS)[0]} before the promised date ({CLOSE_SLACK_HOURS} h wanted)"
    if abs(slack) < 1 / 60:
        side = "at the promised moment itself"
    elif slack < 0:
        side = f"{hours_words(-slack)} after the promised date"
    why = f"Ready in {hours_words(max(ahead, 0))} by forecast, {side}"
    if forecast.assumes_restart:
        why += ", if a new attempt starts now"
    if longest := forecast.longest:
        wait = f", {hours_words(longest.wait_hours)} of it waiting" if longest.wait_hours >= 1 else ""
        why += f"; {longest.name} takes {hours_words(longest.wait_hours + longest.work_hours)}{wait}"
    return why + "."
