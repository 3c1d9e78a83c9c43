"""The flags that rest on simulated futures (docs/judgement/forecast.md)."""

from datetime import datetime
from typing import Any

from batches.flags.rules.before_collection import CollectionWords, around_collection, at_stake_from, first_booking
from batches.flags.rules.causes import WayOut, way_out
from batches.flags.rules.limits import chance_of_missing
from batches.flags.rules.main_cause import (
    NO_SINGLE_STAGE,
    changed_until,
    closed_pool_words,
    contributing_name,
    is_waiting,
    main_cause,
    main_stage,
    stage_names,
)
from batches.flags.rules.steps import agree_words, deed_for, late_booking, receipt_step, what_to_do
from batches.forecasts.rules.conditions import BEFORE_NEWS, is_after_failure
from batches.forecasts.rules.forecasts import ForecastFinding
from batches.forecasts.rules.ready import ReadyForecast, is_before_news, ready_of
from batches.forecasts.rules.rescues import RescueKind
from batches.forecasts.rules.thresholds import Thresholds, stands_until
from batches.forecasts.rules.wait_limits import places_before
from batches.forecasts.rules.words import may_words, percent_words, rescue_words, with_interval
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NO_WAIT, NOTHING, Finding, Found, Hanging, next_of, who_acts
from batches.judgement.rules.predictions import FRESH, StandingPrediction
from batches.judgement.statuses import DoseRisk, FlagCode, Remedy, Severity
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.sentences import day_mark, moment_mark

# What a failure to judge is about, where the flags could be judged.
OF_FORECAST = "forecast"
# Of a promised date, where the dose itself is likely lost: one instruction, that of the dose.
NO_DATE_HELPS = " No new date helps before it is decided how the dose itself can be saved."


def counting(facts: OrderFacts, now: datetime) -> StandingPrediction | None:
    """The prediction that flags may rest on now, if there is one."""
    said = facts.prediction
    return said if said and facts.status in OPEN_ORDER_STATUSES and said.counts_at(now) else None


def late_in_futures(facts: OrderFacts, forecast: ForecastFinding, now: datetime) -> Found | None:
    """The promise by P(late); None: nothing counts that was said of this promise, so the slack decides.

    How likely was settled with the prediction, hysteresis and all, so that judging again changes nothing.
    """
    said = counting(facts, now)
    if said is None or said.p_late is None or said.promised_at != facts.promised_at or said.promised_at is None:
        return None
    fresh_until = said.confirmed_at + FRESH
    likely = said.severity_of(FlagCode.PROMISE_AT_RISK)
    if likely is None:
        return Found([], fresh_until)
    ready = ready_of(facts, forecast, now)
    if ready is None:
        return None
    way = _way_out(facts, said, forecast, likely, now)
    slack = ready.slack_hours
    evidence = (
        _evidence(said)
        | ready_evidence(ready, forecast)
        | {"slack_hours": None if slack is None else round(slack, 2)}
        | way_evidence(way)
    )
    kept = "" if way.is_calmer else _kept_words(said.p_late, way.severity, said)
    is_lost = said.dose_severities.get(DoseRisk.NO_DOSE) == Severity.CRITICAL
    after = NO_DATE_HELPS if is_lost else kept + way.calmer_words
    finding = Finding(
        FlagCode.PROMISE_AT_RISK, "", way.severity, None, way.latest,
        ready_words(ready, main_cause(facts, said, now), now) + after,
        _lost_words(facts, said)[1] if is_lost else _late_step(facts, said, way, now), evidence,
        probability=chance_of_missing(said.p_late, said.promised_at, now), remedy=way.remedy, cause=way.pool,
    )  # fmt: skip
    next_at = next_of(now, [fresh_until, way.next_at, *forecast.jumps_at])
    begins = _rescue_stage(said, forecast)
    return Found([finding], next_at, Hanging(places=places_before(forecast, begins)) if begins else NO_WAIT)


def _way_out(
    facts: OrderFacts, said: StandingPrediction, forecast: ForecastFinding, likely: Severity, now: datetime
) -> WayOut:
    """What can still be done about a promise that the futures say is at risk."""
    late, promised_at = said.evidence.get("late") or {}, said.promised_at or now
    is_always_late = late.get("count") is not None and late["count"] == late.get("of")
    begins = _rescue_stage(said, forecast)
    pool = "" if late_booking(facts, now) else _pool_waited_for(facts, said)  # what is booked waits for its day
    return way_out(
        likely, promised_at, now, pool=pool, is_always_late=is_always_late,
        rescue=forecast.legs[begins].arrives if begins else None,
    )  # fmt: skip


def _pool_waited_for(facts: OrderFacts, said: StandingPrediction) -> str:
    """Code of the pool at the plant that is closed, or waiting for which is what takes the time; empty: none is."""
    if closed := said.evidence.get("closed"):
        return plant_pool_of(facts, closed["stage"])
    return plant_pool_of(facts, main_stage(facts, said)) if is_waiting(said) else ""


def plant_pool_of(facts: OrderFacts, stage: str) -> str:
    """Code of the pool that a stage needs at the plant; empty where it needs none, or not there."""
    plan = facts.flow.stages.get(stage)
    return plan.pool if plan and plan.place == StagePlace.PLANT else ""


def _rescue_stage(said: StandingPrediction, forecast: ForecastFinding) -> str:
    """At the arrival of which stage the rescue that helps begins; empty: none does, or the line would have to."""
    found = (said.evidence.get("rescue") or {}).get("found")
    if not found or found["kind"] == RescueKind.EXTRA_PLACE or found["stage"] not in forecast.legs:
        return ""
    return found["stage"]


def way_evidence(way: WayOut) -> dict[str, Any]:
    """The numbers behind what can be done, for the flag."""
    return {"likely": way.likely.value, "act_by": way.latest.isoformat() if way.latest else None}


def _kept_words(p_late: float, severity: Severity, said: StandingPrediction) -> str:
    """Why a flag still stands as it does although its chance has eased; empty where it would be raised so anew."""
    limits = said.evidence.get("thresholds")
    until = stands_until(p_late, severity, Thresholds(**limits)) if limits else None
    if until is None:
        return ""
    stays = "critical" if severity == Severity.CRITICAL else "flagged"
    return f" Eased, but stays {stays} until the chance is {percent_words(until)} or less."


def left_out(facts: OrderFacts, now: datetime) -> Found:
    """The order could not be simulated: what is said of its date rests on less than that of others."""
    if not facts.left_out:
        return NOTHING
    finding = Finding(
        FlagCode.EVALUATION_FAILED, "", Severity.ATTENTION, None, None,
        f"This order could not be forecast ({facts.left_out}); its dates are old, or are those of usual durations.",
        "Operations: watch its date by hand; have support mend the cause.",
        {"left_out": facts.left_out}, subject=OF_FORECAST,
    )  # fmt: skip
    return Found([finding], None)


def dose_at_risk(facts: OrderFacts, now: datetime) -> Found:
    """In too many futures a permitted wait runs out, or no dose comes of the order at all.

    Before cells are collected, or about to be, nothing is dying: it asks for attention, and to wait with collecting.
    """
    said = counting(facts, now)
    if said is None:
        return NOTHING
    next_at = said.confirmed_at + FRESH
    severity = said.severity_of(FlagCode.DOSE_AT_RISK)
    if severity is None:
        return Found([], next_at)
    limits = Thresholds(**said.evidence["thresholds"])
    is_wait = _leading_risk(said, limits) == DoseRisk.WAIT
    presses_at, pool = at_stake_from(facts), ""
    is_early = presses_at is None or now < presses_at
    until, waits = _limit_of(facts, said) if is_wait else None, NO_WAIT
    why, next_step = _wait_words(facts, said, until) if is_wait else _lost_words(facts, said)
    if until is None and severity == Severity.CRITICAL and not is_early:
        until, places = changed_until(facts, said, now, is_wait=is_wait)
        waits = Hanging(places=places)
        why += f" As foreseen that can be changed until {moment_mark(until)}." if until else ""
    told = around_collection(facts, said, why, next_step) if is_wait else CollectionWords(why, next_step)
    if is_early:
        severity, until = Severity.ATTENTION, until or first_booking(facts)
        next_at = next_of(now, [next_at, presses_at])
        pool = _pool_of_dose(facts, said, is_wait=is_wait)
    old = f" This was {BEFORE_NEWS}." if is_before_news(said, facts.last_recorded_at) else ""
    finding = Finding(
        FlagCode.DOSE_AT_RISK, "", severity, None, until, told.why + old, told.next_step,
        _evidence(said) | told.evidence, probability=said.p_wait_expires if is_wait else said.p_no_dose,
        remedy=Remedy.LINE if pool else Remedy.OWN, cause=pool,
    )  # fmt: skip
    return Found([finding], next_at, waits)


def _pool_of_dose(facts: OrderFacts, said: StandingPrediction, *, is_wait: bool) -> str:
    """Code of the pool at the plant for a place in which cells would wait too long, or none is open; empty: none is."""
    if closed := said.evidence.get("closed"):
        return plant_pool_of(facts, closed["stage"])
    return plant_pool_of(facts, (said.evidence.get("wait_expires") or {}).get("stage", "")) if is_wait else ""


def _leading_risk(said: StandingPrediction, limits: Thresholds) -> DoseRisk:
    """The reason that the flag is about: of those found as bad as the flag the one furthest above its threshold."""
    found = said.dose_severities
    ratios = {
        DoseRisk.WAIT: said.p_wait_expires / limits.wait_attention,
        DoseRisk.NO_DOSE: said.p_no_dose / limits.no_dose_attention,
    }
    bad = [risk for risk in ratios if found.get(risk) == said.severity_of(FlagCode.DOSE_AT_RISK)] or list(ratios)
    return max(bad, key=lambda risk: ratios[risk])


def _evidence(said: StandingPrediction) -> dict[str, Any]:
    moments = {name: getattr(said, name) for name in ("ready_low", "ready_median", "ready_high", "made_at")}
    return {
        "late": said.p_late,
        "wait_expires": said.p_wait_expires,
        "no_dose": said.p_no_dose,
        **{name: moment.isoformat() if moment else None for name, moment in moments.items()},
        "futures": {name: said.evidence.get(name) for name in ("late", "wait_expires", "no_dose", "contributes")},
        "thresholds": said.evidence.get("thresholds"),
        "rescue": said.evidence.get("rescue"),
        "closed": said.evidence.get("closed"),
    }


def ready_evidence(ready: ReadyForecast, forecast: ForecastFinding) -> dict[str, Any]:
    """The numbers behind what is said; where futures say it, what usual durations alone would say has its own name."""
    plain = forecast.evidence()
    if not ready.is_simulated:
        return plain
    at = ready.ready_at.isoformat() if ready.ready_at else None
    return plain | {"ready_at": at, "usual_durations_ready_at": plain["ready_at"]}


def ready_words(ready: ReadyForecast, reason: str, now: datetime) -> str:
    """What is said of the promise, as every page says it, with what takes the time."""
    is_missed = ready.promised_at is not None and ready.promised_at <= now
    against = f"the {ready.date.date} has passed" if is_missed else ready.against_promise
    promised = f", {ready.date.by} {day_mark(ready.promised_at)}" if ready.promised_at else ""
    # That a hold counts as lifted is said in front of everything that is foreseen (judging.py).
    assumed = f" ({ready.assumes})" if is_after_failure(ready.assumes) else ""
    assumed = f" ({BEFORE_NEWS})" if ready.is_before_news else assumed
    how = "" if ready.is_simulated else " by usual durations"
    return (
        f"{against[:1].upper()}{against[1:]}{assumed}{f'; {reason}' if reason else ''}. "
        f"Ready: {ready.when_said(now, day_mark)}{how}{promised}{f', {ready.if_usable}' if ready.if_usable else ''}."
    )


def _late_step(facts: OrderFacts, said: StandingPrediction, way: WayOut, now: datetime) -> str:
    if left := receipt_step(facts, now):
        return left
    found = said.evidence.get("rescue")
    if way.remedy != Remedy.TELL and (words := rescue_words(found, stage_names(facts))):
        agree = agree_words(way, facts.dose_date)
        return f"Operations: {words}.{'' if found and found.get('found') else f' {agree[0].upper()}{agree[1:]}.'}"
    stage = main_stage(facts, said)
    if not stage and contributing_name(facts, said) and not late_booking(facts, now):
        return what_to_do(NO_SINGLE_STAGE, way, facts.dose_date)
    return what_to_do(deed_for(facts, stage, way, waits=is_waiting(said), now=now), way, facts.dose_date)


def _limit_of(facts: OrderFacts, said: StandingPrediction) -> datetime | None:
    """Until when the cells may wait before the stage at which that may run out; None: the wait has not begun."""
    stage = facts.stages.get((said.evidence.get("wait_expires") or {}).get("stage", ""))
    wait = wait_now(stage.run) if stage else None
    return wait.until if wait else None


def _wait_words(facts: OrderFacts, said: StandingPrediction, until: datetime | None) -> tuple[str, str]:
    chance = said.evidence.get("wait_expires") or {}
    plan = facts.flow.stages.get(chance.get("stage", ""))
    where = f"before {plan.name} " if plan else ""
    share = said.p_wait_expires
    why = f"The permitted wait {where}{may_words(share)} run out ({with_interval(share, chance)})"
    why += f"; that no dose comes: {percent_words(said.p_no_dose)}" if said.p_no_dose else ""
    closed = closed_pool_words(facts, said)
    why += f"; {closed}." if closed else "."
    who, name = (who_acts(plan), plan.name) if plan else ("Operations", "the next stage")
    rescue = rescue_words(said.evidence.get("rescue"), stage_names(facts))
    limit = f"{moment_mark(until)}, its limit," if until else "the limit,"
    return why, f"{who}: secure a place for {name} before {limit} or ask QA beforehand." + (
        f" Simulated: {rescue}." if rescue else ""
    )


def _lost_words(facts: OrderFacts, said: StandingPrediction) -> tuple[str, str]:
    chance = said.evidence.get("no_dose")
    share = said.p_no_dose
    why = f"The dose {may_words(share)} be lost ({with_interval(share, chance)}): "
    closed = said.evidence.get("closed")
    if closed and not closed["opens_at"]:
        name = stage_names(facts).get(closed["stage"], closed["stage"])
        return f"{why}{closed_pool_words(facts, said)}.", (
            f"Operations: set the date from which there is a place for {name} again, or agree with the site "
            "coordinator what else can be done."
        )
    return f"{why}work fails with no attempt left, or the order is withdrawn.", (
        "Site coordinator: ask how the patient is and whether cells for another attempt are stored; "
        f"Operations: find an earlier place for {contributing_name(facts, said) or 'what comes next'}."
    )
