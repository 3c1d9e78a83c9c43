"""The verdict's own rule, tried on simulated lines of a site's own rates: how often a stated confidence is right there.

They teach a logistic curve of the separation, drawn to that of lines in general. Whether it holds is told crosswise:
each half of the rounds by the curve that the other half teaches. Pure; docs/judgement/bottleneck.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from batches.calibration.rules.recalibration import fit
from batches.lines.rules.bottlenecks import Root, find_bottleneck
from batches.lines.rules.confidence import FIRM, OF_ALL_LINES, LineCurve, odds_at
from batches.lines.rules.sureness import nearest_separation
from batches.ramp_ups.rules.lines import WEEK, SimulatedLine
from batches.trials.rules.planting import SLOWER, PlantedLine, Planting, planted_lines, plantings, pools_in_use
from batches.trials.rules.records import line_pools, moment

# About so many simulated lines, each judged once a week for so many weeks.
ABOUT_LINES, WEEKS = 96, 12
# Of fewer firm verdicts nobody knows whether they hold.
FEWEST_FIRM = 20


class TrialVerdict(NamedTuple):
    """One verdict on a line of which the truth is known. `limits`, `named`: the pool planted and the one named (empty:
    none); `slower`: by how much the others were less used; `separated`: from its nearest rival (0: none named)."""

    limits: str
    slower: float
    named: str
    separated: float

    @property
    def is_right(self) -> bool:
        """Whether it names the pool that was planted."""
        return bool(self.named) and self.named == self.limits


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What verdicts on a line are worth: the curve, from how many simulated lines and named verdicts, and how such a
    curve did on lines that had not taught it: firm verdicts, right ones of them, and `rows`, one a kind of line."""

    curve: LineCurve
    lines: int
    verdicts: int
    firm: int
    firm_right: int
    rows: Sequence[Mapping[str, Any]]


class Trial(NamedTuple):
    """What is to be simulated of a line: its pools, and the plantings round by round."""

    pools: Sequence[str]
    rounds: Sequence[Sequence[Planting]]

    @property
    def plantings(self) -> list[Planting]:
        """All of them, in their order."""
        return [planting for of_round in self.rounds for planting in of_round]

    def outcome(self, found: Sequence[Sequence[TrialVerdict]]) -> TrialOutcome:
        """What the verdicts on all of them come to; its halves are the even and the odd rounds."""
        per_round = len(self.rounds[0])
        halves: tuple[list[TrialVerdict], list[TrialVerdict]] = ([], [])
        for number, of_line in enumerate(found):
            halves[number // per_round % 2].extend(of_line)
        return outcome_of(*halves, lines=len(found))


def trial_of(line: SimulatedLine) -> Trial:
    """The trial of a line: about ABOUT_LINES lines, in an even number of rounds, of which each has two lines for every
    pool and each of SLOWER. Raises CannotBePlanted where the line has nothing to tell apart."""
    pools = pools_in_use(line)
    pairs = max(1, round(ABOUT_LINES / (4 * len(SLOWER) * len(pools))))
    return Trial(pools, plantings(pools, 2 * pairs))


def found_on(
    line: SimulatedLine, trial: Trial, chosen: Sequence[Planting], weeks: int = WEEKS
) -> list[list[TrialVerdict]]:
    """The verdicts on some of its plantings, line by line."""
    return [list(verdicts_on(one, weeks)) for one in planted_lines(line, chosen, trial.pools, weeks)]


def verdicts_on(planted: PlantedLine, weeks: int) -> Iterator[TrialVerdict]:
    """The verdict of each week, each knowing the one before."""
    root: Root | None = None
    limits, slower, _ = planted.planting
    for week in range(weeks):
        now = planted.settled + week * WEEK
        pools = line_pools(planted.records, now)
        finding = find_bottleneck(pools, root, moment(now))
        root = Root(finding.pool, finding.since) if finding.pool and finding.since else None
        named = next((pool for pool in pools if pool.code == finding.pool), None)
        yield TrialVerdict(limits, slower, finding.pool, nearest_separation(named, pools) if named else 0.0)


def outcome_of(one: Sequence[TrialVerdict], other: Sequence[TrialVerdict], lines: int) -> TrialOutcome:
    """The curve that all of them teach, and what it is worth: each half told by what the other one teaches."""
    told = [*_told(one, learned(other)), *_told(other, learned(one))]
    firm = [verdict for verdict, is_firm in told if is_firm]
    firm_right = sum(verdict.is_right for verdict in firm)
    holds = len(firm) >= FEWEST_FIRM and firm_right >= FIRM * len(firm)
    named = sum(bool(verdict.named) for verdict, _ in told)
    return TrialOutcome(
        learned([*one, *other])._replace(may_be_firm=holds), lines, named, len(firm), firm_right,
        [_row(slower, [(verdict, is_firm) for verdict, is_firm in told if verdict.slower == slower])
         for slower in (0.0, *SLOWER)],
    )  # fmt: skip


def learned(taught: Iterable[TrialVerdict]) -> LineCurve:
    """Intercept and slope on the log-odds of lines in general; none named: those of lines in general."""
    named = [one for one in taught if one.named]
    if not named:
        return OF_ALL_LINES
    odds = np.array([odds_at(one.separated) for one in named])
    return LineCurve(*fit(odds, np.array([float(one.is_right) for one in named])))


def _told(verdicts: Iterable[TrialVerdict], curve: LineCurve) -> list[tuple[TrialVerdict, bool]]:
    """Each with whether it is firm by the curve."""
    return [(one, bool(one.named) and round(curve.confidence_at(one.separated), 3) >= FIRM) for one in verdicts]


def _row(slower: float, told: Sequence[tuple[TrialVerdict, bool]]) -> dict[str, Any]:
    """What was said of lines of one kind, JSON-ready; `was_firm`, `was_firm_right`: by the curve of all lines."""
    mine = [one for one, _ in told]
    firm = [one for one, is_firm in told if is_firm]
    was_firm = [one for one, is_firm in _told(mine, OF_ALL_LINES) if is_firm]
    return {
        "slower": slower, "verdicts": len(mine), "named": sum(bool(one.named) for one in mine),
        "right": sum(one.is_right for one in mine), "firm": len(firm),
        "firm_right": sum(one.is_right for one in firm), "was_firm": len(was_firm),
        "was_firm_right": sum(one.is_right for one in was_firm),
    }  # fmt: skip
