"""What harm a flag is about: with the latest moment to act, the one order of every list that says “most urgent first”.

A dose in doubt that can still be stopped comes before one that was given, that before a swapped identity, that before
cells that run out of time, then what failed, what is on hold, what is late or unreported, what may be lost later, and
promised dates. The order of the classes is that of Harm; within one what is critical stands first, then what has the
first latest moment to act (Flag.act_by).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from batches.flags.rules.early import WITHOUT_CELLS
from batches.flags.rules.futures import OF_FORECAST
from batches.flags.rules.holds import holds_of
from batches.flags.rules.limits import LIMIT, left_words
from batches.flags.rules.record import REASON_CONTRADICTS, is_of_cells
from batches.flags.rules.unaccounted import OVERDUE, unaccounted
from batches.flags.rules.waiting import CRITICAL_HOURS_LEFT
from batches.flags.rules.whereabouts import OUT, dose_out, reported_moments
from batches.flags.rules.working import TESTS
from batches.flags.statuses import CELLS_UNTIL, USED_AT
from batches.judgement.rules.awaited import awaited, cells_limit
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding, Found, hours, hours_between, next_of
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.rules.waits import wait_now
from supplychain.orders.statuses import OPEN_ORDER_STATUSES
from supplychain.words import hours_words

# Cells with less time than this run out of it: the last working days to act.
DYING_HOURS = CRITICAL_HOURS_LEFT
# So long after a limit somebody may still save what can be saved; then the cells are lost until QA says otherwise.
SAVING_HOURS = 12
# Of a request that presses as cells do that run out of time, though there may be no cells yet.
ANSWER_FIRST = "The centre waits for an answer"
# Of cells that no hold keeps, but a cancellation.
UNDECIDED = "Cells of a cancelled order wait for a decision"
# Of cells in that class of which nobody knows where they are.
NO_WORD = "No word of the cells"
# … or that are under way, and cannot arrive before their limit, whatever is heard of them.
NOT_IN_TIME = "Cells under way may not arrive in time"
ANSWERED = "The plant answered a request: its centre is to read how"
# Of cells that quality assurance rejected: nothing of them is in doubt any more.
REJECTED = "The cells were rejected"
# What stands beside work that failed, and is none.
NO_FAILURE = {
    FlagCode.HOLD_EXPIRING: "A permitted wait ran out",
    FlagCode.OUT_OF_SEQUENCE: "Reports contradict each other, or are in doubt",
    FlagCode.EVALUATION_FAILED: "The order could not be judged",
    FlagCode.EXCURSION: "The temperature of the cells is in doubt",
    FlagCode.DOSE_REJECTED: "The doses, or all cells, were rejected or destroyed",
    FlagCode.PACKAGING: "The shipper or packaging of the cells is in doubt",
}
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
    # Whatever stops the work on them, the clock of the cells runs.
    cells_until = cells_limit(awaited(facts, now)) if facts.status in OPEN_ORDER_STATUSES else None
    found = [_ranked(_with_clock(finding, cells_until), harm_of(facts, finding, now)) for finding in findings]
    limits = {limit for finding in found if (limit := _limit(facts, finding, now))}
    moments = [limit + hours(shift) for limit in limits for shift in (-DYING_HOURS, SAVING_HOURS)]
    # Whether the dose was given, or has left, is known of a report for later only once its moment has come.
    return Found(found, next_of(now, [*moments, *(reported_moments(facts) if found else ())]))


def _with_clock(finding: Finding, cells_until: datetime | None) -> Finding:
    """With the limit of the cells that wait meanwhile, where it is critical and has no limit of its own."""
    if cells_until is None or finding.due or finding.severity != Severity.CRITICAL:
        return finding
    return replace(finding, evidence=finding.evidence | {CELLS_UNTIL: cells_until.isoformat()})


def _ranked(finding: Finding, harm: Harm) -> Finding:
    stop = STOP_FIRST.get(harm)
    return replace(finding, harm=harm, next_step=f"{stop}. {finding.next_step}" if stop else finding.next_step)


def harm_of(facts: OrderFacts, finding: Finding, now: datetime) -> Harm:
    """The class of harm of one finding at `now`."""
    usual = USUAL[finding.code]
    match finding.code:
        case FlagCode.HOLD_EXPIRING if USED_AT in finding.evidence:
            return _harm_of_dose(facts, now) if dose_out(facts, now) else Harm.FAILED
        case FlagCode.STAGE_FAILED:
            return _harm_of_dose(facts, now) if _doubts_dose(facts, finding, now) else usual
        case FlagCode.CHANGE_ASKED:
            return Harm.CELLS if finding.evidence.get("presses") else usual
        case FlagCode.SILENT | FlagCode.STAGE_LATE | FlagCode.SHIPMENT_LATE if unaccounted(facts, finding, now):
            return Harm.CELLS
        case FlagCode.EVALUATION_FAILED if finding.subject == OF_FORECAST:
            return Harm.UNCLEAR
        case FlagCode.OUT_OF_SEQUENCE if WITHOUT_CELLS in finding.evidence:
            return usual
        case FlagCode.OUT_OF_SEQUENCE if "dose" in finding.evidence:
            return _harm_of_dose(facts, now)
        case FlagCode.OUT_OF_SEQUENCE if _doubts_identity(finding):
            return _harm_of_dose(facts, now) if dose_out(facts, now) in OUT else Harm.IDENTITY
        case FlagCode.OUT_OF_SEQUENCE if _contradicts(finding):
            if _doubts_dose(facts, finding, now):
                return _harm_of_dose(facts, now)
            limit = _limit(facts, finding, now)
            is_dying = limit is not None and _harm_of_limit(finding, limit, now) == Harm.CELLS
            return Harm.CELLS if is_dying else Harm.FAILED
        case code if code in OF_CELLS:
            if finding.severity != Severity.CRITICAL:
                return Harm.UNCLEAR
            return _harm_of_dose(facts, now) if dose_out(facts, now) in OUT else usual
    limit = _limit(facts, finding, now)
    if limit is None:
        return usual
    return _harm_of_limit(finding, limit, now)


def _harm_of_dose(facts: OrderFacts, now: datetime) -> Harm:
    """Of a dose in doubt that is out of the makers' hands: whoever can still be saved comes first."""
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


def _doubts_identity(finding: Finding) -> bool:
    """Whether somebody says that it is wrong that these cells were taken, or bear this number."""
    return finding.severity == Severity.CRITICAL and any(map(is_of_cells, finding.evidence["facts"]))


def _contradicts(finding: Finding) -> bool:
    """Whether one of its facts says that something failed and another that it was completed, or that what was decided
    is wrong."""
    return any(fact["reason"] == REASON_CONTRADICTS or fact.get("decided") for fact in finding.evidence["facts"])


def harm_label(harm: int, code: str, *, is_rejected: bool = False) -> str:
    """What is at stake, for people; `is_rejected`: quality assurance rejected the cells."""
    if harm == Harm.CELLS and code in OVERDUE:
        return NOT_IN_TIME if code == FlagCode.SHIPMENT_LATE else NO_WORD
    if harm == Harm.ON_HOLD and code == FlagCode.CELLS_UNDECIDED:
        return UNDECIDED
    if harm == Harm.FAILED and is_rejected:
        return REJECTED
    if harm == Harm.FAILED and code in NO_FAILURE:
        return NO_FAILURE[FlagCode(code)]
    return ANSWER_FIRST if code == FlagCode.CHANGE_ASKED else Harm(harm).label


def place_words(
    harm: int, act_by: datetime | None, due: datetime | None, now: datetime, *, is_acknowledged: bool = False,
    code: str = "", probability: float | None = None, severity: str = Severity.CRITICAL, is_answered: bool = False,
    is_rejected: bool = False,
) -> str:  # fmt: skip
    """Why a flag stands where it stands in a list: its class of harm, and by when to act. What is not critical asks for
    nothing in this shift: of one that soon is the words say when. Of a request that the plant declined, or agreed to
    with another date (`is_answered`), that its centre has still to read that."""
    if is_answered:
        return ANSWERED
    label = harm_label(harm, code, is_rejected=is_rejected)
    if harm == Harm.PROMISE:
        # What is left of it is no time to act in; the flag's sentence says by when the centre is to be told.
        return f"{label}: {left_words(FlagCode.PROMISE_AT_RISK, due, probability, now)}"
    if act_by is None or harm == Harm.SETTLED:
        return label
    if due is None:
        # As the pinned band: of a failure nothing more is lost within the night.
        if harm > Harm.CELLS:
            return label
        return f"{label}: acknowledged" if is_acknowledged else f"{label}: act at once"
    left = hours_between(now, due)
    if severity != Severity.CRITICAL and 0 < left <= SHIFT.total_seconds() / 3600:
        return f"{label}: critical in {hours_words(left)}"
    if left > 0:
        return f"{label}: act within {hours_words(left)}"
    is_named = label == NO_FAILURE[FlagCode.HOLD_EXPIRING]
    return f"{label}{'' if is_named else ': due'} {hours_words(-left)} ago"
