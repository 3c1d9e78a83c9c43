"""The scored verdicts on lines behind “How right we were”, and the trials that their confidence rests on."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from batches.calibration.queries.scored import LOOK_BACK
from batches.calibration.rules.verdicts import ScoredVerdict
from batches.lines.models import ShownVerdict, VerdictTrial
from batches.lines.rules.tried import TriedVerdicts, untried_words

COLUMNS = (
    "line_id", "made_at", "pool__code", "rivals", "confidence", "limited_by__code", "was_held_up", "scored_at",
    "unscored_why",
)  # fmt: skip


class VerdictLedger(NamedTuple):
    """The verdicts of the last 13 months, one a line and week: those scored, how many could not be scored since the
    places changed or the weeks cannot be read, and how many await the end of their four weeks."""

    scored: list[ScoredVerdict]
    left_out: int
    awaited: int


def verdicts_of(lines: Collection[UUID], now: datetime) -> VerdictLedger:
    """Of these lines; one query."""
    weekly = ShownVerdict.objects.filter(line__in=lines, opens_week=True, made_at__gte=now - LOOK_BACK)
    scored, left_out, awaited = [], 0, 0
    for line, made_at, pool, rivals, confidence, by, held_up, scored_at, unscored in weekly.values_list(*COLUMNS):
        if scored_at is None:
            awaited += 1
        elif unscored:
            left_out += 1
        else:
            came = by or "", bool(held_up)
            scored.append(ScoredVerdict(line, made_at, pool or "", tuple(rivals), confidence, *came))
    return VerdictLedger(scored, left_out, awaited)


class LineTrial(NamedTuple):
    """What verdicts on one line are worth, in words with a mark for the day, and the trial; None: never tried."""

    words: str
    trial: VerdictTrial | None


def trials_of(lines: Collection[UUID]) -> dict[UUID, LineTrial]:
    """Of each of these lines; one query."""
    tried = VerdictTrial.objects.filter(line__in=lines).defer("progress").in_bulk()
    return {line: LineTrial(_words(tried.get(line)), tried.get(line)) for line in lines}


def _words(trial: VerdictTrial | None) -> str:
    if trial is None or trial.made_at is None:
        return untried_words(trial.why if trial else "")
    return TriedVerdicts(trial.made_at, trial.lines, trial.firm, trial.firm_right, trial.may_be_firm).words
