"""Why a flag stands where it stands in a list, for people. Pure."""

from datetime import datetime

from batches.flags.rules.limits import left_words
from batches.flags.rules.unaccounted import OVERDUE
from batches.judgement.rules.findings import hours_between
from batches.judgement.rules.spans import SHIFT
from batches.judgement.statuses import TO_STOP, FlagCode, Harm, Severity
from supplychain.words import hours_words

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


def _at_once(harm: int, act_by: datetime, now: datetime) -> str:
    """“act at once”; of a dose that is still on its way also how long until it may be given."""
    if act_by <= now:
        return "act at once"
    return f"act at once, it may be given in {hours_words(hours_between(now, act_by))}"


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
    if due is None or harm in TO_STOP:
        # As the pinned band: of a failure nothing more is lost within the night.
        if harm > Harm.CELLS:
            return label
        return f"{label}: {'acknowledged' if is_acknowledged else _at_once(harm, act_by, now)}"
    left = hours_between(now, due)
    if severity != Severity.CRITICAL and 0 < left <= SHIFT.total_seconds() / 3600:
        return f"{label}: critical in {hours_words(left)}"
    if left > 0:
        return f"{label}: act within {hours_words(left)}"
    is_named = label == NO_FAILURE[FlagCode.HOLD_EXPIRING]
    return f"{label}{'' if is_named else ': due'} {hours_words(-left)} ago"
