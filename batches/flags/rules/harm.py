"""What harm a flag is about: with the latest moment to act, the one order of every list that says “most urgent first”.

A dose in doubt that is being given comes before one that can still be stopped, that before one that was given, that
before a swapped identity, that before cells that run out of time, then what failed, what is on hold, what is late or
unreported, what may be lost later, and promised dates. The order of the classes is that of Harm; within one what is
critical stands first, then what has the first latest moment to act (Flag.act_by): of a dose to be stopped when it may
be given, however old its fault is.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from batches.flags.rules.early import WITHOUT_CELLS
from batches.flags.rules.futures import OF_FORECAST
from batches.flags.rules.holds import holds_of
from batches.flags.rules.limits import LIMIT
from batches.flags.rules.record import REASON_CONTRADICTS, is_of_cells
from batches.flags.rules.rejected import is_nothing_left
from batches.flags.rules.unaccounted import unaccounted
from batches.flags.rules.waiting import CRITICAL_HOURS_LEFT
from batches.flags.rules.whereabouts import (
    OUT,
    dose_out,
    is_being_given,
    reaches_at,
    reported_moments,
    where_the_dose_is,
)
from batches.flags.rules.working import TESTS
from batches.flags.statuses import CELLS_UNTIL, GIVEN_MATERIAL, IS_OVER, KEPT_FROM_PATIENT, USED_AT
from batches.judgement.rules.awaited import awaited, cells_limit
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, Found, hours, next_of
from batches.judgement.statuses import TO_STOP, FlagCode, Harm, Severity
from supplychain.flows.statuses import StageKind
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.rules.withdrawals import REASON_WITHDRAWAL_ASKED
from supplychain.orders.statuses import OPEN_ORDER_STATUSES

# Cells with less time than this run out of it: the last working days to act.
DYING_HOURS = CRITICAL_HOURS_LEFT
# So long after a limit somebody may still save what can be saved; then the cells are lost until QA says otherwise.
SAVING_HOURS = 12
# Of the codes whose class does not depend on the facts.
USUAL = {
    FlagCode.HOLD_EXPIRING: Harm.CELLS,
    FlagCode.STAGE_LATE: Harm.UNCLEAR,
    FlagCode.SHIPMENT_LATE: Harm.UNCLEAR,
    FlagCode.PROMISE_AT_RISK: Harm.PROMISE,
    FlagCode.DOSE_AT_RISK: Harm.FORESEEN,
    FlagCode.SILENT: Harm.UNCLEAR,
    FlagCode.OUT_OF_SEQUENCE: Harm.UNCLEAR,
    FlagCode.STAGE_FAILED: Harm.FAILED,
    FlagCode.ON_HOLD: Harm.ON_HOLD,
    FlagCode.CHANGE_ASKED: Harm.ON_HOLD,
    FlagCode.CELLS_UNDECIDED: Harm.ON_HOLD,
    FlagCode.IDENTITY_SHARED: Harm.IDENTITY,
    FlagCode.DONATION_NUMBER: Harm.IDENTITY,
    FlagCode.COLLECTION_RECORD: Harm.UNCLEAR,
    FlagCode.PACKAGING: Harm.FAILED,
    FlagCode.CUSTODY_GAP: Harm.IDENTITY,
    FlagCode.EXCURSION: Harm.FAILED,
    FlagCode.IDENTITY_MISMATCH: Harm.IDENTITY,
    FlagCode.DOSE_REJECTED: Harm.FAILED,
    FlagCode.LABEL_UNRECONCILED: Harm.UNCLEAR,
    FlagCode.NOT_ENTITLED: Harm.UNCLEAR,
    FlagCode.EVALUATION_FAILED: Harm.FAILED,
}


# Whose cells these are, how they were kept, whether they may be given: of a dose that is out it is the dose's harm.
OF_CELLS = frozenset({
    FlagCode.IDENTITY_SHARED, FlagCode.DONATION_NUMBER, FlagCode.CUSTODY_GAP, FlagCode.IDENTITY_MISMATCH,
    FlagCode.EXCURSION, FlagCode.DOSE_REJECTED, FlagCode.PACKAGING,
})  # fmt: skip
# What stops the harm, whoever reads it: page, REST and mail say it first, then what is to be decided.
STOP_FIRST = {
    Harm.DOSE_BEING_GIVEN: "Stop the infusion now, and call the treating physician",
    Harm.DOSE_TO_STOP: "Stop it now: the dose must not be given. Put it aside, call the treating physician",
    Harm.DOSE_IN_DOUBT: "The dose was given: call the treating physician now (who calls takes this flag on)",
    Harm.IDENTITY: "Stop work on these cells now and give nothing made of them",
}


# Behind every latest moment to act: what does not press.
LAST = datetime.max.replace(tzinfo=UTC)


class Ranked(Protocol):
    """A raised flag, as far as lists sort by it."""

    @property
    def harm(self) -> int: ...

    @property
    def severity(self) -> str: ...

    @property
    def act_by(self) -> datetime | None: ...

    @property
    def code(self) -> str: ...

    @property
    def stage(self) -> str: ...

    @property
    def subject(self) -> str: ...


def urgency(flag: Ranked) -> tuple:
    """Sorts flags: the class of harm, then what is critical, then the latest moment to act (in SQL: queries.flags)."""
    is_calm = flag.severity != Severity.CRITICAL
    return (flag.harm, is_calm, flag.act_by or LAST, flag.code, flag.stage, flag.subject)


def with_harm(facts: OrderFacts, findings: Iterable[Finding], now: datetime) -> Found:
    """The findings with their class of harm and what stops it, and the next moment at which time alone changes one."""
    findings = list(findings)
    is_lost = any(map(is_nothing_left, findings))
    # Whatever stops the work on them, the clock of the cells runs; not of cells that are no more.
    runs = facts.status in OPEN_ORDER_STATUSES and not is_lost
    cells_until = cells_limit(awaited(facts, now)) if runs else None
    harm_now = _harm_of_lost if is_lost else harm_of
    found = [_ranked(facts, _with_clock(one, cells_until), harm_now(facts, one, now), now) for one in findings]
    limits = {limit for finding in found if (limit := _limit(facts, finding, now))}
    moments = [limit + hours(shift) for limit in limits for shift in (-DYING_HOURS, SAVING_HOURS)]
    # Whether the dose was given, or has left, is known of a report for later only once its moment has come.
    return Found(found, next_of(now, [*moments, *(reported_moments(facts) if found else ())]))


def _with_clock(finding: Finding, cells_until: datetime | None) -> Finding:
    """With the limit of the cells that wait meanwhile, where it is critical and has no limit of its own."""
    if cells_until is None or finding.due or finding.severity != Severity.CRITICAL:
        return finding
    return replace(finding, evidence=finding.evidence | {CELLS_UNTIL: cells_until.isoformat()})


def _harm_of_lost(facts: OrderFacts, finding: Finding, now: datetime) -> Harm:
    """Of cells that were all destroyed none can be kept from a patient or saved any more. Whose they were is still to
    be found, and what is being given is not destroyed."""
    harm = harm_of(facts, finding, now)
    if harm not in (Harm.DOSE_TO_STOP, Harm.CELLS):
        return harm
    return Harm.IDENTITY if USUAL[finding.code] == Harm.IDENTITY else Harm.FAILED


def _ranked(facts: OrderFacts, finding: Finding, harm: Harm, now: datetime) -> Finding:
    stop = STOP_FIRST.get(harm)
    ranked = replace(finding, harm=harm, next_step=f"{stop}. {finding.next_step}" if stop else finding.next_step)
    is_told = harm in TO_STOP and not _is_of_earlier_dose(facts, finding)
    where = where_the_dose_is(facts, now) if is_told else None
    if where is None:
        return ranked
    # Who is to stop it must know where it is.
    is_said = "dose" in finding.evidence or where[0] in finding.why
    why = finding.why if is_said else _with_place(finding.why, where[0])
    return replace(ranked, why=why, reaches_at=reaches_at(facts, now))


def _with_place(why: str, where: str) -> str:
    """The sentence with where the dose is; behind a question as a sentence of its own."""
    return f"{why[:-1]}; {where}." if why.endswith(".") else f"{why} {where[0].upper()}{where[1:]}."


def harm_of(facts: OrderFacts, finding: Finding, now: datetime) -> Harm:
    """The class of harm of one finding at `now`."""
    usual = USUAL[finding.code]
    match finding.code:
        case FlagCode.HOLD_EXPIRING if USED_AT in finding.evidence:
            return _harm_of_dose(facts, now) if dose_out(facts, now) else Harm.FAILED
        case FlagCode.HOLD_EXPIRING if IS_OVER in finding.evidence and dose_out(facts, now) in OUT:
            return _harm_of_dose(facts, now)
        case FlagCode.STAGE_FAILED if _is_of_earlier_dose(facts, finding):
            return Harm.DOSE_IN_DOUBT if finding.evidence["dose"] == "given" else Harm.DOSE_TO_STOP
        case FlagCode.STAGE_FAILED:
            return _harm_of_dose(facts, now) if _doubts_dose(facts, finding, now) else usual
        case FlagCode.ON_HOLD if KEPT_FROM_PATIENT in finding.evidence:
            return _harm_of_dose(facts, now)
        case FlagCode.CHANGE_ASKED:
            return Harm.CELLS if finding.evidence.get("presses") else usual
        case FlagCode.SILENT | FlagCode.STAGE_LATE | FlagCode.SHIPMENT_LATE if unaccounted(facts, finding, now):
            return Harm.CELLS
        case FlagCode.EVALUATION_FAILED if finding.subject == OF_FORECAST:
            return Harm.UNCLEAR
        case FlagCode.OUT_OF_SEQUENCE if _doubts_infusion(facts, finding):
            return Harm.DOSE_IN_DOUBT
        case FlagCode.OUT_OF_SEQUENCE if GIVEN_MATERIAL in finding.evidence:
            return Harm.DOSE_BEING_GIVEN if is_being_given(facts, now) else Harm.DOSE_IN_DOUBT
        case FlagCode.OUT_OF_SEQUENCE if WITHOUT_CELLS in finding.evidence:
            return usual
        case FlagCode.OUT_OF_SEQUENCE if "dose" in finding.evidence:
            return _harm_of_dose(facts, now)
        case FlagCode.OUT_OF_SEQUENCE if _doubts_identity(finding):
            return _harm_of_dose(facts, now) if dose_out(facts, now) in OUT else Harm.IDENTITY
        case FlagCode.OUT_OF_SEQUENCE if _contradicts(finding):
            return _harm_of_contradiction(facts, finding, now)
        case code if code in OF_CELLS:
            if finding.severity != Severity.CRITICAL:
                return Harm.UNCLEAR
            return _harm_of_dose(facts, now) if dose_out(facts, now) in OUT else usual
    limit = _limit(facts, finding, now)
    if limit is None:
        return usual
    return _harm_of_limit(finding, limit, now)


def _is_of_earlier_dose(facts: OrderFacts, finding: Finding) -> bool:
    """Whether it is about a dose of an attempt before the one of which we say where its dose is."""
    attempt = finding.evidence.get("attempt")
    return "dose" in finding.evidence and attempt is not None and attempt < facts.stages[facts.flow.exit].run.attempt


def _harm_of_contradiction(facts: OrderFacts, finding: Finding, now: datetime) -> Harm:
    if _doubts_dose(facts, finding, now):
        return _harm_of_dose(facts, now)
    limit = _limit(facts, finding, now)
    is_dying = limit is not None and _harm_of_limit(finding, limit, now) == Harm.CELLS
    return Harm.CELLS if is_dying else Harm.FAILED


def _harm_of_dose(facts: OrderFacts, now: datetime) -> Harm:
    """Of a dose in doubt that is out of the makers' hands: whoever can still be saved comes first."""
    if is_being_given(facts, now):
        return Harm.DOSE_BEING_GIVEN
    return Harm.DOSE_IN_DOUBT if dose_out(facts, now) == "given" else Harm.DOSE_TO_STOP


def _harm_of_limit(finding: Finding, limit: datetime, now: datetime) -> Harm:
    """Of what hangs on a limit of the cells: it is near, it is still far, or it passed long ago."""
    is_near = limit - hours(DYING_HOURS) <= now < limit + hours(SAVING_HOURS)
    if finding.code == FlagCode.HOLD_EXPIRING:
        return Harm.CELLS if is_near else Harm.FORESEEN if now < limit else Harm.FAILED
    is_sure = finding.code == FlagCode.ON_HOLD or finding.severity == Severity.CRITICAL
    return Harm.CELLS if is_near and is_sure else USUAL[finding.code]


def _limit(facts: OrderFacts, finding: Finding, now: datetime) -> datetime | None:
    """The limit of the cells on which a finding hangs; None: on none."""
    if finding.code == FlagCode.HOLD_EXPIRING:
        return finding.due
    if finding.code in (FlagCode.SILENT, FlagCode.OUT_OF_SEQUENCE, FlagCode.CELLS_UNDECIDED, FlagCode.SHIPMENT_LATE):
        return finding.due if LIMIT in finding.evidence else None
    if finding.code == FlagCode.ON_HOLD:
        return next((hold.limit for hold in holds_of(facts, now) if hold.code == finding.stage), None)
    if finding.code == FlagCode.DOSE_AT_RISK:
        return min((wait.until for stage in awaited(facts, now) if (wait := wait_now(stage.run))), default=None)
    return None


def _doubts_dose(facts: OrderFacts, finding: Finding, now: datetime) -> bool:
    """Whether the finding is about a test or a release of a dose that is already released, under way or given."""
    if "dose" in finding.evidence:
        return True
    stage = facts.stages.get(finding.stage)
    return stage is not None and stage.plan.kind in TESTS and bool(dose_out(facts, now))


def _doubts_infusion(facts: OrderFacts, finding: Finding) -> bool:
    """Whether it is said that this patient was not given this dose, and a second person has still to look at that."""
    stage = facts.stages.get(finding.stage)
    if stage is None or stage.plan.kind != StageKind.INFUSION or finding.severity != Severity.CRITICAL:
        return False
    return any(fact["reason"] == REASON_WITHDRAWAL_ASKED for fact in finding.evidence["facts"])


def _doubts_identity(finding: Finding) -> bool:
    """Whether somebody says that it is wrong that these cells were taken, or bear this number."""
    return finding.severity == Severity.CRITICAL and any(map(is_of_cells, finding.evidence["facts"]))


def _contradicts(finding: Finding) -> bool:
    """Whether one of its facts says that something failed and another that it was completed, or that what was decided
    is wrong."""
    return any(fact["reason"] == REASON_CONTRADICTS or fact.get("decided") for fact in finding.evidence["facts"])
