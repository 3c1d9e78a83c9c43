"""The flag about the promised date."""

from datetime import datetime

from batches.flags.rules.causes import WayOut, way_out
from batches.flags.rules.futures import (
    late_in_futures,
    plant_pool_of,
    ready_evidence,
    ready_words,
    way_evidence,
)
from batches.flags.rules.limits import chance_of_missing
from batches.flags.rules.steps import deed_for, late_booking, receipt_step, what_to_do
from batches.forecasts.rules.forecasts import CLOSE_SLACK_HOURS, ForecastFinding, PathStep
from batches.forecasts.rules.ready import ReadyForecast, ready_of
from batches.forecasts.rules.wait_limits import places_before
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import (
    NOTHING,
    Finding,
    Found,
    Hanging,
    hours,
    next_of,
    severity_at,
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
    found = _found(facts, forecast, ready, severity_at(now, attention_at, critical_at), now, next_at)
    safe = Hanging(before=forecast.promised_at - hours(CLOSE_SLACK_HOURS))
    return found if found.findings else found._replace(waits=safe)


def _by_median(facts: OrderFacts, forecast: ForecastFinding, ready: ReadyForecast, now: datetime) -> Found:
    """By what is left from the median of the futures to another promise than theirs, until they are made anew."""
    slack, likely = ready.slack_hours, None
    if slack is None or slack <= CLOSE_SLACK_HOURS:
        likely = Severity.CRITICAL if slack is None or slack <= CRITICAL_SLACK_HOURS else Severity.ATTENTION
    return _found(facts, forecast, ready, likely, now, ready.confirmed_at + FRESH)


def _found(
    facts: OrderFacts, forecast: ForecastFinding, ready: ReadyForecast | None, likely: Severity | None,
    now: datetime, next_at: datetime | None,
) -> Found:  # fmt: skip
    """The finding, where the promise is at risk, good until `next_at` or until what can be done about it changes."""
    if ready is None or likely is None or forecast.promised_at is None:
        return Found([], next_at)
    longest = forecast.longest
    waits = longest is not None and _is_waiting(longest) and not late_booking(facts, now)
    pool = plant_pool_of(facts, longest.stage) if longest and waits else ""
    way = way_out(likely, forecast.promised_at, now, pool=pool)
    finding = _promise_finding(facts, forecast, ready, way, now)
    told = Hanging(places=places_before(forecast, forecast.exit))  # of the way ahead, in words
    return Found([finding], next_of(now, [next_at, way.next_at]), told)


def _is_waiting(step: PathStep) -> bool:
    """Whether most of what a step takes is waiting."""
    return step.wait_hours >= step.work_hours


def _crossing(forecast: ForecastFinding, threshold: float, now: datetime) -> datetime:
    """When the slack falls to `threshold` hours if nothing happens; `now` if it already has."""
    latest = (forecast.promised_at or now) - hours(threshold)
    return now if forecast.ready_at >= latest else latest - forecast.course.rest


def _promise_finding(
    facts: OrderFacts, forecast: ForecastFinding, ready: ReadyForecast, way: WayOut, now: datetime
) -> Finding:
    slack, longest, booking = ready.slack_hours or 0.0, forecast.longest, late_booking(facts, now)
    stage, waits = (longest.stage, _is_waiting(longest)) if longest and _can_make_up(longest, slack) else ("", False)
    evidence = (
        ready_evidence(ready, forecast)
        | {"slack_hours": round(slack, 2), "wanted_hours": CLOSE_SLACK_HOURS}
        | way_evidence(way)
    )
    return Finding(
        FlagCode.PROMISE_AT_RISK, "", way.severity, None, way.latest,
        ready_words(ready, booking.words if booking else _longest_words(forecast), now) + way.calmer_words,
        receipt_step(facts, now) or what_to_do(deed_for(facts, stage, way, waits=waits, now=now), way, facts.dose_date),
        evidence,
        moves=True, probability=chance_of_missing(None, forecast.promised_at or now, now), remedy=way.remedy,
        cause=way.pool,
    )  # fmt: skip


def _can_make_up(step: PathStep, slack: float) -> bool:
    """Whether a step takes as long as the dose comes too late: else the date would pass even were it done at once."""
    return step.wait_hours + step.work_hours >= -slack


def _longest_words(forecast: ForecastFinding) -> str:
    """The step that takes most of the time ahead."""
    longest = forecast.longest
    if longest is None:
        return ""
    wait = f", {hours_words(longest.wait_hours)} of it waiting" if longest.wait_hours >= 1 else ""
    return f"longest ahead: {longest.name}, {hours_words(longest.wait_hours + longest.work_hours)}{wait}"
