"""The verdict's own rule, tried on simulated lines of a site's own rates: how often a stated confidence is right there.

Half of the rounds teach (a logistic curve of the separation, drawn to that of lines in general), the other half tell
whether it holds: what was said of them is what the line's people are told. Pure; docs/judgement/bottleneck.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from batches.calibration.rules.recalibration import fit
from batches.lines.rules.bottlenecks import Root, find_bottleneck, nearest_separation
from batches.lines.rules.confidence import FIRM, OF_ALL_LINES, LineCurve, odds_at
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
    """What verdicts on a line are worth: the curve, from how many simulated lines and named verdicts, and how it did on
    the half that it was not fitted to: firm verdicts, right ones of them, and `rows`, one for each kind of line."""

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
        """What the verdicts on all of them come to: even rounds teach, odd ones check."""
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


def outcome_of(taught: Sequence[TrialVerdict], checked: Sequence[TrialVerdict], lines: int) -> TrialOutcome:
    """The curve that the first teach, and what it is worth on the second."""
    curve = learned(taught)
    firm, firm_right = _firm(checked, curve)
    holds = firm >= FEWEST_FIRM and firm_right >= FIRM * firm
    named = sum(bool(one.named) for one in [*taught, *checked])
    return TrialOutcome(
        curve._replace(may_be_firm=holds), lines, named, firm, firm_right,
        [_row(slower, checked, curve) for slower in (0.0, *SLOWER)],
    )  # fmt: skip


def learned(taught: Iterable[TrialVerdict]) -> LineCurve:
    """Intercept and slope on the log-odds of lines in general; none named: those of lines in general."""
    named = [one for one in taught if one.named]
    if not named:
        return OF_ALL_LINES
    odds = np.array([odds_at(one.separated) for one in named])
    return LineCurve(*fit(odds, np.array([float(one.is_right) for one in named])))


def _firm(verdicts: Iterable[TrialVerdict], curve: LineCurve) -> tuple[int, int]:
    """How many of them are firm by the curve, and of these right."""
    firm = [one for one in verdicts if one.named and round(curve.confidence_at(one.separated), 3) >= FIRM]
    return len(firm), sum(one.is_right for one in firm)


def _row(slower: float, checked: Sequence[TrialVerdict], curve: LineCurve) -> dict[str, Any]:
    """What was said of lines of one kind, JSON-ready; `was_firm`, `was_firm_right`: by that of all lines."""
    mine = [one for one in checked if one.slower == slower]
    (firm, firm_right), (was_firm, was_right) = _firm(mine, curve), _firm(mine, OF_ALL_LINES)
    return {
        "slower": slower, "verdicts": len(mine), "named": sum(bool(one.named) for one in mine),
        "right": sum(one.is_right for one in mine), "firm": firm, "firm_right": firm_right, "was_firm": was_firm,
        "was_firm_right": was_right,
    }  # fmt: skip
