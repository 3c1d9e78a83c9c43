"""The flag about an order of which every dose was rejected or destroyed: nothing is left to give."""

from collections.abc import Sequence
from datetime import datetime

from batches.flags.statuses import USED_AT
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import NOTHING, Finding, Found, gist_of
from batches.judgement.statuses import FlagCode, Severity
from supplychain.materials.rules.fitness import LOST, DoseSaid
from supplychain.orders.statuses import DONE_STAGE_STATUSES, MaterialStatus, OrderStatus
from supplychain.sentences import moment_mark
from supplychain.words import listed_words

NEXT = (
    "QA: agree with operations and the treating physician on a new attempt, from stored cells if any are left, else "
    "from a new collection, or cancel the order; if the report is wrong, have it withdrawn"
)


# What is asked about cells on their way or in time, of which nothing is left.
OF_LIVING_CELLS = frozenset({
    FlagCode.SHIPMENT_LATE, FlagCode.HOLD_EXPIRING, FlagCode.STAGE_LATE, FlagCode.SILENT, FlagCode.EXCURSION,
    FlagCode.PACKAGING,
})  # fmt: skip


def are_cells_lost(finding: Finding) -> bool:
    """Whether it says that all cells were destroyed, not a dose made of them."""
    return finding.code == FlagCode.DOSE_REJECTED and not finding.evidence["doses"][0]["number"]


def is_nothing_left(finding: Finding) -> bool:
    """Whether it says that everything that could be given was destroyed: no bag is left that somebody might take."""
    doses = finding.evidence["doses"] if finding.code == FlagCode.DOSE_REJECTED else []
    return bool(doses) and all(one["status"] == MaterialStatus.DESTROYED for one in doses)


def without_lost_cells(findings: Sequence[Finding], *, was_given: bool = False) -> list[Finding]:
    """The findings; while all cells are destroyed, none about their arrival, their time, work with them, or
    whether they may be used; of a dose that `was_given` that stays in doubt, whatever became of the rest."""
    if not any(map(are_cells_lost, findings)):
        return list(findings)
    return [one for one in findings if one.code not in OF_LIVING_CELLS or (was_given and _is_of_use(one))]


def _is_of_use(finding: Finding) -> bool:
    """Whether it doubts that the cells might be used as they were."""
    return finding.code in (FlagCode.EXCURSION, FlagCode.PACKAGING) or USED_AT in finding.evidence


def dose_rejected(facts: OrderFacts, now: datetime) -> Found:
    """Every dose that the current attempt made was rejected or destroyed: critical until a new attempt begins, one of
    those reports is withdrawn, or another dose is recorded. What was reported for later has not been."""
    doses = _of_attempt(facts)
    to_come = [one.status_at for one in doses if one.status in LOST and one.status_at and one.status_at > now]
    if to_come:
        return Found([], min(to_come))
    if not doses or any(one.status not in LOST for one in doses):
        return NOTHING
    moments = [one.status_at for one in doses if one.status_at]
    finding = Finding(
        FlagCode.DOSE_REJECTED, "", Severity.CRITICAL, max(moments, default=facts.last_word_at), None, _why(doses),
        f"{NEXT}.", {"doses": [{"number": one.number, "status": one.status} for one in doses]},
        gist=gist_of("lost doses", (f"{one.number} {one.status}" for one in doses)),
    )  # fmt: skip
    return Found([finding], None)


def given_although_rejected(facts: OrderFacts, now: datetime) -> Found:
    """The same of a closed order whose dose was given."""
    was_given = facts.stages[facts.flow.exit].run.status in DONE_STAGE_STATUSES
    return dose_rejected(facts, now) if facts.status == OrderStatus.CLOSED and was_given else NOTHING


def _of_attempt(facts: OrderFacts) -> Sequence[DoseSaid]:
    """The doses of the current attempt: those that were made since it began."""
    if facts.attempt == 1 or facts.flow.restart_stage not in facts.stages:
        return facts.doses
    begun_at = facts.stages[facts.flow.restart_stage].run.started_at
    return [one for one in facts.doses if begun_at and one.made_at and one.made_at >= begun_at]


def _why(doses: Sequence[DoseSaid]) -> str:
    if not doses[0].number:
        return f"The cells of this order were {_word(doses[0])}: there is no dose to give."
    said = [f"{one.number} was {_word(one)}" for one in doses]
    which = "The only dose" if len(doses) == 1 else f"Each of the {len(doses)} doses"
    return f"{which} of this order can be given no more: {listed_words(said)}."


def _word(one: DoseSaid) -> str:
    when = f" {moment_mark(one.status_at)}" if one.status_at else ""
    return f"{MaterialStatus(one.status).label.lower()}{when}{f' ({one.reason})' if one.reason else ''}"
