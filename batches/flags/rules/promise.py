"""The flag about the promised date."""

from datetime import datetime

from batches.flags.rules.futures import has_begun, late_in_futures, ready_evidence, ready_words, what_to_do
from batches.forecasts.rules.forecasts import CLOSE_SLACK_HOURS, ForecastFinding
from batches.forecasts.rules.ready import ReadyForecast, ready_of
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
from batches.judgement.rules.predictions import FRESH
from batches.judgement.statuses import FlagCode, Severity
from supplychain.words import hours_words

CRITICAL_SLACK_HOURS = 0


def promise_at_risk(facts: OrderFacts, forecast: ForecastFinding | None, now: datetime) -> Found:
    """The promised moment is at risk: by P(late) where the futures of the line count, else by the slack that is left.

    Futures that were made for another promise say when, but not how likely late: their median gives the slack.

    Slack: the forecast comes close to the promise (attention: 48 h or less) or past it (critical). The slack is
    promise − max(fixed, now + rest): it crosses a threshold at promise − threshold − rest, or has crossed it already
    because of what is fixed. Once the dose is ready there is nothing left to be at risk.
    """
    if forecast is None or forecast.is_reached or forecast.promised_at is None:
        return NOTHING
    if (by_futures := late_in_futures(facts, forecast, now)) is not None:
        return by_futures
    ready = ready_of(facts, forecast, now)
    if ready and ready.is_simulated:
        return _by_median(facts, forecast, ready, now)
    attention_at = _crossing(forecast, CLOSE_SLACK_HOURS, now)
    critical_at = _crossing(forecast, CRITICAL_SLACK_HOURS, now)
    next_at = next_of(now, [attention_at, critical_at, *forecast.jumps_at])
    severity = severity_at(now, attention_at, critical_at)
    return Found([_promise_finding(facts, forecast, ready, severity, now)] if ready and severity else [], next_at)


def _by_median(facts: OrderFacts, forecast: ForecastFinding, ready: ReadyForecast, now: datetime) -> Found:
    """By what is left from the median of the futures to another promise than theirs, until they are made anew."""
    slack, severity = ready.slack_hours, None
    if slack is None or slack <= CLOSE_SLACK_HOURS:
        severity = Severity.CRITICAL if slack is None or slack <= CRITICAL_SLACK_HOURS else Severity.ATTENTION
    next_at = ready.confirmed_at + FRESH
    return Found([_promise_finding(facts, forecast, ready, severity, now)] if severity else [], next_at)


def _crossing(forecast: ForecastFinding, threshold: float, now: datetime) -> datetime:
    """When the slack falls to `threshold` hours if nothing happens; `now` if it already has."""
    latest = (forecast.promised_at or now) - hours(threshold)
    return now if forecast.ready_at >= latest else latest - forecast.course.rest


def _promise_finding(
    facts: OrderFacts, forecast: ForecastFinding, ready: ReadyForecast, severity: Severity, now: datetime
) -> Finding:
    slack, longest = ready.slack_hours or 0.0, forecast.longest
    name = longest.name if longest else ""
    waits = bool(longest and longest.wait_hours >= longest.work_hours)
    who = who_acts(facts.stages[longest.stage].plan) if longest else "Operations"
    begun = bool(longest and has_begun(facts, longest.stage))
    evidence = ready_evidence(ready, forecast) | {"slack_hours": round(slack, 2), "wanted_hours": CLOSE_SLACK_HOURS}
    why = ready_words(ready, _longest_words(forecast), now)
    return Finding(
        FlagCode.PROMISE_AT_RISK, "", severity, None, now + hours(slack), why,
        what_to_do(who, name, severity, waits=waits, begun=begun), evidence, moves=True,
    )  # fmt: skip


def _longest_words(forecast: ForecastFinding) -> str:
    """The step that takes most of the time ahead."""
    longest = forecast.longest
    if longest is None:
        return ""
    wait = f", {hours_words(longest.wait_hours)} of it waiting" if longest.wait_hours >= 1 else ""
    return f"longest ahead: {longest.name}, {hours_words(longest.wait_hours + longest.work_hours)}{wait}"
