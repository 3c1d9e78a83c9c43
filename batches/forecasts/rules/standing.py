"""What is said of an order until something else is said: the row of the ledger, and when it needs a new one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batches.forecasts.rules.begins import BEGINS, ForeseenBegin, begins_said
from batches.forecasts.rules.corrections import UNCHANGED, Corrections
from batches.forecasts.rules.rescues import standing_rescue, still_holds
from batches.forecasts.rules.summaries import Summary
from batches.forecasts.rules.thresholds import Thresholds, dose_severities, severity_of_promise, worst
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.rules.shares import Chance
from batches.judgement.statuses import DoseRisk, FlagCode, Severity

# What moves by less is the Monte-Carlo error of the same answer.
LEAST_MOVE = 0.03
LEAST_MEDIAN_HOURS = 6
# Cells that wait have hours, not weeks.
LEAST_BEGIN_HOURS = 2
LONGEST_UNSAID = timedelta(days=1)


class NewPrediction(NamedTuple):
    """The same before it is written; moments are whole minutes."""

    promised_at: datetime | None
    ready_low: datetime | None
    ready_median: datetime | None
    ready_high: datetime | None
    widened_low_hours: float
    widened_high_hours: float
    infused_median: datetime | None
    p_late: float | None
    p_late_simulated: float | None
    p_wait_expires: float
    p_no_dose: float
    baseline_ready_at: datetime | None
    evidence: dict[str, Any]


def new_prediction(
    summary: Summary,
    *,
    now: datetime,
    promised_at: datetime | None,
    baseline_ready_at: datetime | None,
    corrections: Corrections,
    limits: Thresholds,
    standing: StandingPrediction | None,
    rescue: Mapping[str, Any] | None = None,
) -> NewPrediction:
    """What is to be said. A `rescue` that was looked for is kept while the order stands out, and about as it did."""
    late = summary.late.share if summary.late else None
    before = (standing.promised_at, standing.severity_of(FlagCode.PROMISE_AT_RISK)) if standing else None
    promise = severity_of_promise(late, promised_at, limits, before)
    risks = dose_severities(
        summary.wait_expires.share, summary.no_dose.share, limits, standing.dose_severities if standing else {}
    )
    dose = worst(risks)
    if rescue is None and standing and (promise or dose):
        known = standing.evidence.get("rescue")
        rescue = known if known and still_holds(known, late) else None
    return NewPrediction(
        promised_at=promised_at,
        ready_low=_moment(now, summary.ready_low),
        ready_median=_moment(now, summary.ready_median),
        ready_high=_moment(now, summary.ready_high),
        widened_low_hours=summary.widened.low_hours,
        widened_high_hours=summary.widened.high_hours,
        infused_median=_moment(now, summary.infused_median),
        p_late=late,
        p_late_simulated=Chance.counted(summary.late.count, summary.late.of).share if summary.late else None,
        p_wait_expires=summary.wait_expires.share,
        p_no_dose=summary.no_dose.share,
        baseline_ready_at=baseline_ready_at,
        evidence=_evidence(summary, now, limits, {FlagCode.PROMISE_AT_RISK: promise, FlagCode.DOSE_AT_RISK: dose})
        | _more_evidence(risks, rescue and standing_rescue(rescue, late, summary.wait_expires.share), corrections),
    )


def _more_evidence(
    risks: Mapping[DoseRisk, Severity], rescue: Mapping[str, Any] | None, corrections: Corrections
) -> dict[str, Any]:
    return (
        {"dose_severities": {risk.value: bad.value for risk, bad in risks.items()}}
        | ({"rescue": rescue} if rescue else {})
        | ({} if corrections.late == UNCHANGED else {"recalibrated": corrections.late._asdict()})
    )


def has_moved(standing: StandingPrediction | None, made: NewPrediction, now: datetime) -> bool:
    """Whether the ledger needs a new row: a probability moved by 0.03, the median by 6 h, the end of a wait by 2 h,
    another promise, another severity, a rescue was looked for the first time, or a day has passed."""
    if standing is None or standing.promised_at != made.promised_at or now - standing.made_at >= LONGEST_UNSAID:
        return True
    if any((standing.evidence.get(name) or {}) != made.evidence[name] for name in ("severities", "dose_severities")):
        return True
    if "rescue" in made.evidence and "rescue" not in standing.evidence:
        return True
    if have_begins_moved(begins_said(standing.evidence), begins_said(made.evidence)):
        return True
    pairs = zip(
        (standing.p_late, standing.p_wait_expires, standing.p_no_dose),
        (made.p_late, made.p_wait_expires, made.p_no_dose),
        strict=True,
    )  # fmt: skip
    if any((one is None) != (other is None) for one, other in [(standing.p_late, made.p_late)]):
        return True
    if any(abs((one or 0.0) - (other or 0.0)) >= LEAST_MOVE for one, other in pairs):
        return True
    before, after = standing.ready_median, made.ready_median
    if before is None or after is None:
        return before != after
    return abs(hours_between(before, after)) >= LEAST_MEDIAN_HOURS


def have_begins_moved(before: Mapping[str, ForeseenBegin], after: Mapping[str, ForeseenBegin]) -> bool:
    """Whether a wait is foreseen to end at another moment, or another wait is."""
    if before.keys() != after.keys():
        return True
    pairs = [
        (one, other, least)
        for code, said in after.items()
        for one, other, least in zip(before[code], said, (LEAST_BEGIN_HOURS, LEAST_MEDIAN_HOURS), strict=True)
    ]
    return any(
        one != other and (one is None or other is None or abs(hours_between(one, other)) >= least)
        for one, other, least in pairs
    )


def changes_flags(standing: StandingPrediction | None, made: NewPrediction) -> bool:
    """Whether the order is to be judged at once: another severity, another end of a wait, or a flag stands that says
    what no longer is."""
    before = (standing.evidence.get("severities") or {}) if standing else {}
    after = made.evidence["severities"]
    begins = begins_said(standing.evidence) if standing else {}
    return before != after or bool(after) or begins != begins_said(made.evidence)


def _evidence(
    summary: Summary, now: datetime, limits: Thresholds, severities: Mapping[FlagCode, Severity | None]
) -> dict[str, Any]:
    closed = summary.closed
    opens_at = _moment(now, closed.opens_in) if closed else None
    return {
        "late": _counted(summary.late),
        "wait_expires": (_counted(summary.wait_expires) or {}) | {"stage": summary.expires_stage},
        "no_dose": _counted(summary.no_dose),
        "contributes": summary.contributes._asdict() if summary.contributes else None,
        "closed": {"stage": closed.stage, "opens_at": opens_at.isoformat() if opens_at else None} if closed else None,
        "thresholds": limits._asdict(),
        "severities": {code.value: found.value for code, found in severities.items() if found},
    } | ({BEGINS: _begins(summary, now)} if summary.begins else {})


def _begins(summary: Summary, now: datetime) -> dict[str, Any]:
    return {one.stage: ForeseenBegin(_moment(now, one.median), _moment(now, one.latest)).row for one in summary.begins}


def _counted(chance: Chance | None) -> dict[str, Any] | None:
    return {"count": chance.count, "of": chance.of, "low": chance.low, "high": chance.high} if chance else None


def _moment(now: datetime, ahead: float | None) -> datetime | None:
    """`ahead` hours from now, in whole minutes: nobody knows it to the second."""
    if ahead is None:
        return None
    moment = now + timedelta(hours=ahead)
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)
