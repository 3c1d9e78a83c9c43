"""The judgement of one order: every flag it deserves now, its forecast, and when to look again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce

from batches.flags.rules.asked import answered_first, change_asked
from batches.flags.rules.cancelled import cells_undecided
from batches.flags.rules.collections import given_with_record_open, record_left_open
from batches.flags.rules.custody import custody_gap, custody_gap_after_end
from batches.flags.rules.donations import donation_doubted, given_in_doubt
from batches.flags.rules.entitlements import not_entitled, not_entitled_after_end
from batches.flags.rules.excursions import cells_in_doubt, given_after_excursion
from batches.flags.rules.futures import counting, dose_at_risk, left_out
from batches.flags.rules.gone_on import decision_on, goes_on_at, if_cleared, with_decisions, with_work_gone_on
from batches.flags.rules.harm import with_harm
from batches.flags.rules.holds import holds_of, on_hold
from batches.flags.rules.labels import label_unreconciled
from batches.flags.rules.materials import given_but_no_dose
from batches.flags.rules.mismatches import identity_mismatched
from batches.flags.rules.overrun import wait_overrun
from batches.flags.rules.packaging import given_with_packaging_in_doubt, packaging_in_doubt
from batches.flags.rules.promise import promise_at_risk
from batches.flags.rules.record import (
    REASON_WITHDRAWN,
    out_of_sequence,
    out_of_sequence_after_end,
)
from batches.flags.rules.rejected import dose_rejected, given_although_rejected, without_lost_cells
from batches.flags.rules.said_wrong import with_failures_said_wrong
from batches.flags.rules.shared import given_and_shared, identity_shared
from batches.flags.rules.shipments import if_kept, shipment_late
from batches.flags.rules.silence import silent
from batches.flags.rules.steps import DATE_PASSED
from batches.flags.rules.stopped_asks import with_reporters_named
from batches.flags.rules.unaccounted import if_found
from batches.flags.rules.waiting import hold_expiring
from batches.flags.rules.whereabouts import dose_out
from batches.flags.rules.working import failed_after_closing, is_agreed_for_later, stage_failed, stage_late
from batches.forecasts.rules.conditions import IF_LIFTED, if_booked, rests_on_clearing
from batches.forecasts.rules.forecasts import REFRESH_HOURS, ForecastFinding, forecast
from batches.forecasts.rules.wait_limits import NO_REACH, WaitReach, reach_of, reads_a_wait
from batches.judgement.rules.awaited import to_book
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, Found, hours, next_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.custody.statuses import GapKind
from supplychain.orders.statuses import ENDED_ORDER_STATUSES, StageEventKind

# Nothing is awaited of these orders any more, so no rule that counts time; but what comes to light must be seen.
RULES = (
    hold_expiring, wait_overrun, stage_late, silent, out_of_sequence, stage_failed, on_hold, identity_shared,
    shipment_late, dose_at_risk, left_out, donation_doubted, custody_gap, not_entitled, change_asked, cells_in_doubt,
    identity_mismatched, dose_rejected, label_unreconciled, record_left_open, packaging_in_doubt,
    given_but_no_dose,
)  # fmt: skip
RULES_AFTER_END = (
    failed_after_closing, out_of_sequence_after_end, given_and_shared, given_in_doubt, not_entitled_after_end,
    custody_gap_after_end, given_after_excursion, identity_mismatched, cells_undecided,
    given_although_rejected, label_unreconciled, given_with_record_open,
    given_with_packaging_in_doubt, given_but_no_dose,
)  # fmt: skip
# What these say rests on the forecast, which counts a hold as lifted.
FORESEEING = (FlagCode.PROMISE_AT_RISK, FlagCode.DOSE_AT_RISK)
# What is withdrawn of these leaves open whether the stage has ended.
WORK_ENDS = (StageEventKind.COMPLETED, StageEventKind.SKIPPED)
# A raised flag whose numbers move gets fresh words at least this often.
FRESH_WORDS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an order deserves. `next_at`: the first moment at which, without news, another verdict is possible;
    `reach`: the first waits of pools at which one is."""

    findings: list[Finding]
    next_at: datetime | None
    forecast: ForecastFinding | None
    reach: WaitReach = NO_REACH


def judge(facts: OrderFacts, now: datetime) -> Verdict:
    """Every rule over one order. Pure: the same facts and moment give the same verdict.

    An infused order is judged as a whole until it is closed; an ended one only by what must come to light even then: a
    late test fails, work goes on after the end, the dose was given and a label turns out to be swapped.
    """
    if facts.status in ENDED_ORDER_STATUSES:
        late = [rule(facts, now) for rule in RULES_AFTER_END]
        told = with_failures_said_wrong([finding for answer in late for finding in answer.findings])
        ranked = with_harm(facts, told, now)
        return Verdict(
            with_decisions(facts, ranked.findings),
            next_of(now, [ranked.next_at, *(answer.next_at for answer in late)]),
            None,
        )
    outlook = forecast(facts, now)
    answers: list[Found] = [rule(facts, now) for rule in RULES]
    answers.append(promise_at_risk(facts, outlook, now))
    told = with_failures_said_wrong([finding for answer in answers for finding in answer.findings])
    found = with_work_gone_on(
        facts, one_instruction(facts, without_lost_cells(told, was_given=dose_out(facts, now) == "given"), now), now
    )
    ranked = with_harm(facts, found, now)
    findings = ranked.findings
    cleared, doubted = _rests_on(facts, findings, now)
    outlook = replace(outlook, assumes_cleared=cleared) if outlook and cleared else outlook
    rests_on = rests_on_clearing(cleared, outlook.assumes_restart if outlook else "")
    findings = _decided_first(facts, findings, rests_on, doubted, now)
    if not doubted:
        findings = answered_first(facts, findings)
    moments = [ranked.next_at, *(answer.next_at for answer in answers), *goes_on_at(facts)]
    if outlook:
        moments.append(outlook.next_at(now))
        moments.append(_fresh_date_at(facts, outlook, now))
    if any(finding.moves for finding in findings):
        moments.append(now + FRESH_WORDS)
    told = with_reporters_named(facts, with_decisions(facts, findings))
    next_at = next_of(now, moments)
    reach = reach_of(outlook, [answer.waits for answer in answers], next_at or now)
    return Verdict(told, next_at, outlook, reach)


def _rests_on(facts: OrderFacts, findings: Sequence[Finding], now: datetime) -> tuple[str, Finding | None]:
    """On what a forecast rests: that a doubt is cleared, that cells are found, or may be used although they were too
    long under way; and the flag that says so."""
    for asked in (if_cleared(facts, findings), if_found(facts, findings, now)):
        if asked[1]:
            return asked
    return if_kept(findings)


def _fresh_date_at(facts: OrderFacts, outlook: ForecastFinding, now: datetime) -> datetime | None:
    """When the date that plain durations give follows the waits of pools that changed no flag; where futures count, it
    is they who say the date."""
    is_plain = counting(facts, now) is None and reads_a_wait(outlook)
    return now + hours(REFRESH_HOURS) if is_plain else None


def _decided_first(
    facts: OrderFacts, findings: list[Finding], cleared: str, doubted: Finding | None, now: datetime
) -> list[Finding]:
    """The findings; what is foreseen asks first for the decision on a doubt, a hold or a failure. `cleared`: what a
    forecast assumes of the doubt; empty: nothing, it is of a new attempt, and says so."""
    if doubted:
        told = [_and_told(facts, one, doubted.next_step, now) for one in findings]
        asks = doubted.asks_reports
        rests = cleared or (IF_LIFTED if holds_of(facts, now) else "")
        return [_assuming(rests, one, step, asks_reports=asks) for one, step in zip(findings, told, strict=True)]
    if holds := holds_of(facts, now):
        decision = min(holds, key=lambda hold: hold.due).next_step(now)
        return [_assuming(IF_LIFTED, one, _and_told(facts, one, decision, now)) for one in findings]
    if (names := to_book(facts)) and (missing := _of_booking(findings)):
        told = [_and_told(facts, one, missing.next_step, now) for one in findings]
        return [_assuming(if_booked(names), one, words) for one, words in zip(findings, told, strict=True)]
    if failure := _failure_of(facts, findings):
        return [_after(_and_told(facts, one, failure.next_step, now), one) for one in findings]
    return findings


def _failure_of(facts: OrderFacts, findings: Iterable[Finding]) -> Finding | None:
    """The first failure on which nobody has decided."""
    failures = (finding for finding in findings if finding.code == FlagCode.STAGE_FAILED)
    return next((one for one in failures if decision_on(facts, one) is None), None)


def _of_booking(findings: Iterable[Finding]) -> Finding | None:
    """What asks for a new appointment in place of one that passed during a hold."""
    return next((one for one in findings if one.evidence.get("expected") == StageEventKind.SCHEDULED), None)


def one_instruction(facts: OrderFacts, findings: Sequence[Finding], now: datetime) -> list[Finding]:
    """The findings without what is late only because the report of its end was withdrawn: the flag about that says what
    to do, unless the delay is worse. Any other withdrawal leaves nothing open of the end: the stage is late by itself.
    And without a stage that takes longer than usual where its shipment is late, and a silence about its end: that says
    more. While its agreed arrival lies ahead, the shipment's own limits alone say how much it presses.
    """
    findings = _told_once(findings)
    unended = {
        one["stage"] for one in facts.surprises if one["reason"] == REASON_WITHDRAWN and one.get("kind") in WORK_ENDS
    }
    withdrawn = {
        one.stage: one.severity for one in findings if one.code == FlagCode.OUT_OF_SEQUENCE and one.stage in unended
    }
    grave = {stage for stage, severity in withdrawn.items() if severity == Severity.CRITICAL}

    shipped = {one.stage for one in findings if one.code == FlagCode.SHIPMENT_LATE}

    def is_said(one: Finding) -> bool:
        if one.stage in shipped and (one.severity != Severity.CRITICAL or is_agreed_for_later(facts, one, now)):
            return True
        return one.stage in grave or (one.stage in withdrawn and one.severity != Severity.CRITICAL)

    return [one for one in findings if one.code != FlagCode.STAGE_LATE or not is_said(one)]


def _told_once(findings: Sequence[Finding]) -> list[Finding]:
    """The findings without a silence about the end of a shipment that is said to be late, or a hand-over that nobody
    reported as its step: `shipment_late` says so, asks what the hand-over's flag would, and is as severe as the
    worst of them."""
    late = {one.stage for one in findings if one.code == FlagCode.SHIPMENT_LATE}
    if not late:
        return list(findings)
    pairs = [(one, _same_shipment(one)) for one in findings]
    return [
        reduce(_with_other, (other for other, stage in pairs if stage == one.stage), one)
        if one.code == FlagCode.SHIPMENT_LATE
        else one
        for one, stage in pairs
        if stage not in late
    ]


def _same_shipment(finding: Finding) -> str:
    """Code of the transport of which a finding says that its own report is missing; empty: it says something else."""
    if _is_silent_end(finding):
        return finding.stage
    if finding.code != FlagCode.CUSTODY_GAP or finding.evidence.get("gap") != GapKind.STEP_SILENT:
        return ""
    return str(finding.evidence.get("stage", ""))


def _with_other(late: Finding, other: Finding) -> Finding:
    severity = Severity.CRITICAL if Severity.CRITICAL in (late.severity, other.severity) else late.severity
    told = replace(late, severity=severity, due=late.due or other.due)
    if other.code != FlagCode.CUSTODY_GAP:
        return told
    return replace(told, why=f"{late.why} {other.why}", next_step=other.next_step)


def _is_silent_end(finding: Finding) -> bool:
    return finding.code == FlagCode.SILENT and finding.evidence.get("expected") == StageEventKind.COMPLETED


def _assuming(condition: str, finding: Finding, decision: str, *, asks_reports: bool = False) -> Finding:
    """Of an order on hold, in doubt or unaccounted for: forecasts and probabilities count the hold as lifted, the doubt
    as cleared, the cells as arrived, and must say so.

    One instruction, not two: the decision on it comes first, whatever else a forecast would advise.
    """
    if finding.code not in FORESEEING:
        return finding
    if not condition:
        return replace(finding, next_step=decision, asks_reports=asks_reports)
    why = f"{condition[0].upper()}{condition[1:]}: {finding.why[0].lower()}{finding.why[1:]}"
    evidence = finding.evidence | {"assumes": condition}
    return replace(finding, why=why, next_step=decision, evidence=evidence, asks_reports=asks_reports)


def _after(decision: str, finding: Finding) -> Finding:
    """Of an order whose work failed: what is foreseen assumes a new attempt, so that is to be agreed on first."""
    return replace(finding, next_step=decision) if finding.code in FORESEEING else finding


def _and_told(facts: OrderFacts, finding: Finding, decision: str, now: datetime) -> str:
    """The decision that comes first; of a date that has passed the centre is told all the same."""
    has_passed = facts.promised_at is not None and facts.promised_at <= now
    if finding.code != FlagCode.PROMISE_AT_RISK or not has_passed:
        return decision
    return f"{decision.rstrip('.')}; Operations: {DATE_PASSED}."
