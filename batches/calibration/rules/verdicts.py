"""How right the verdicts on lines were, scored as forecasts are. Pure; docs/judgement/bottleneck.md.

Of each line and week one verdict counts. Verdicts of neighbouring weeks are held against weeks that overlap, so all of
a line within four weeks share one cluster.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import numpy as np

from batches.calibration.rules.figures import FEW
from batches.calibration.rules.questions import ORIGIN
from batches.calibration.rules.reliability import Bin, diagram, equal_bins
from batches.calibration.rules.scores import IssuedProbability, Scores, scores
from batches.calibration.rules.words import percent, percents
from batches.lines.rules.confidence import FIRM
from batches.lines.rules.verdicts import FOLLOWED


class ScoredVerdict(NamedTuple):
    """A verdict with what came in the four weeks after it. `pool`, `limited_by`: codes of the pool named (empty: none)
    and of the one then used most; `was_held_up`: whether some pool was full with a queue for half of them."""

    line: UUID
    made_at: datetime
    pool: str
    rivals: tuple[str, ...]
    confidence: float | None
    limited_by: str
    was_held_up: bool

    @property
    def came(self) -> bool:
        """Whether the pool that it names was the one used most; of none: whether no pool held the line up."""
        return self.pool == self.limited_by if self.pool else not self.was_held_up

    @property
    def is_told_apart(self) -> bool:
        """Whether it names one pool alone."""
        return bool(self.pool) and not self.rivals


class VerdictFigures(NamedTuple):
    """The figures of some verdicts; `said`: mean confidence; `scores` None: of none of them it was said."""

    name: str
    verdicts: int
    said: float | None
    came: Bin
    scores: Scores | None

    @property
    def is_few(self) -> bool:
        """Whether they are too few to say anything of."""
        return self.verdicts < FEW


class LedgerFigures(NamedTuple):
    """All figures of the ledger of verdicts: by what was said, by line, and the reliability diagram of all."""

    verdicts: int
    by_kind: Sequence[VerdictFigures]
    by_line: Sequence[VerdictFigures]
    bins: Sequence[Bin]
    words: Sequence[str]

    @property
    def tables(self) -> Sequence[Sequence[VerdictFigures]]:
        """The rows of the page, what was said first."""
        return [self.by_kind, self.by_line]

    @property
    def is_few(self) -> bool:
        """Whether they are too few to say anything of."""
        return self.verdicts < FEW


KINDS = {
    "One pool named": lambda one: one.is_told_apart,
    "Of these firm (90 % or more)": lambda one: one.is_told_apart and (one.confidence or 0) >= FIRM,
    "Not told apart: the first named": lambda one: bool(one.rivals),
    "No bottleneck": lambda one: not one.pool,
}
ANY_NAMED = "Not told apart: any of those named"


def ledger(rows: Sequence[ScoredVerdict], lines: Iterable[tuple[UUID, str]]) -> LedgerFigures:
    """The figures of these verdicts, with a row for each line (id, name) that has any."""
    by_line: dict[UUID, list[ScoredVerdict]] = {}
    for row in rows:
        by_line.setdefault(row.line, []).append(row)
    kinds = {name: [row for row in rows if holds(row)] for name, holds in KINDS.items()}
    by_kind = [_figures(name, of_kind) for name, of_kind in kinds.items() if of_kind]
    by_kind += _any_named([row for row in rows if row.rivals])
    answers = _answers(rows)
    return LedgerFigures(
        len(rows), by_kind, [_figures(name, by_line[line]) for line, name in lines if line in by_line],
        diagram(answers, equal_bins(answers)), _words({row.name: row for row in by_kind}, len(rows)),
    )  # fmt: skip


def _answers(rows: Iterable[ScoredVerdict]) -> list[IssuedProbability]:
    return [_answer(row, row.confidence, came=row.came) for row in rows if row.confidence is not None]


def _answer(row: ScoredVerdict, probability: float, *, came: bool) -> IssuedProbability:
    cluster = row.line, (row.made_at - ORIGIN) // FOLLOWED
    return IssuedProbability((row.line, row.made_at), probability, came, week=cluster)


def _figures(name: str, rows: Sequence[ScoredVerdict]) -> VerdictFigures:
    answers = _answers(rows)
    said = sum(one.probability for one in answers) / len(answers) if answers else None
    shown = [_answer(row, row.confidence or 0.0, came=row.came) for row in rows]
    return VerdictFigures(name, len(rows), said, _whole(shown), scores(answers, equal_bins(answers)))


def _any_named(rows: Sequence[ScoredVerdict]) -> list[VerdictFigures]:
    """Whether any of the pools that were not told apart limited the line; how likely that is nobody said."""
    shown = [_answer(row, 0.0, came=row.limited_by in {row.pool, *row.rivals}) for row in rows]
    return [VerdictFigures(ANY_NAMED, len(rows), None, _whole(shown), None)] if rows else []


def _whole(shown: Sequence[IssuedProbability]) -> Bin:
    """The share that came of all, with its interval; there must be some."""
    return diagram(shown, [np.arange(len(shown))])[0]


def _words(kinds: Mapping[str, VerdictFigures], verdicts: int) -> list[str]:
    """What the figures say, in sentences; of too few nothing."""
    if verdicts < FEW:
        return []
    _, firm, *_ = KINDS
    said = []
    for name, start in ((firm, "Of {n} firm verdicts"), ("No bottleneck", "Of {n} weeks without a bottleneck")):
        row = kinds.get(name)
        if row and not row.is_few:
            sure = f"95 % sure: {percents(row.came.low, row.came.high)}"
            said.append(f"{start.format(n=row.verdicts)}, {percent(row.came.came)} came so ({sure}).")
    return said
