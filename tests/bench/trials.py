"""`python -m tests.bench.trials 24`: what the trial of a line's verdict is worth on lines that share nothing with it.

The trial (batches/trials) simulates a site with our engine; what it teaches is held against lines of the same rates,
places and spread from the few lines of `planted.py`, half of them with a pool planted and half with none.
"""

import sys
import time
from collections.abc import Sequence
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from batches.durations.rules.curves import QUANTILES, Curve
from batches.lines.rules.confidence import FIRM, OF_ALL_LINES, LineCurve
from batches.ramp_ups.rules.lines import LineStage, SimulatedLine
from batches.ramp_ups.rules.loads import mean_of
from batches.trials.rules.planting import SLOWER, PlantedLine, Planting
from batches.trials.rules.trials import TrialOutcome, TrialVerdict, found_on, trial_of, verdicts_on
from tests.batches.ramp_ups.lines import a_journey, a_line, a_pool
from tests.bench.planted import DAYS, POOLS, WARM_DAYS, Site, planted

DAY = 24.0
# Verdicts of a line of the other simulation, one a week.
WEEKS = (DAYS - WARM_DAYS + 6) // 7


class Profile(NamedTuple):
    """A site, and the coefficient of variation of its services."""

    site: Site
    spread: float


PROFILES = {
    "10 orders a week, 8, 6 and 2 places": Profile(Site(10, (8, 6, 2)), 0.4),
    "the same, even work": Profile(Site(10, (8, 6, 2)), 0.1),
    "the same, uneven work": Profile(Site(10, (8, 6, 2)), 0.8),
    "2.5 orders a week, 2, 2 and 1 places": Profile(Site(2.5, (2, 2, 1)), 0.4),
}


def log_normal(mean: float, spread: float) -> Curve:
    """Hours with this mean and coefficient of variation, as a table."""
    sigma = sqrt(log(1 + spread**2))
    shares = [min(max(at / (QUANTILES - 1), 0.002), 0.998) for at in range(QUANTILES)]
    table = [exp(sigma * NormalDist().inv_cdf(share)) for share in shares]
    return tuple(hours * mean / mean_of(tuple(table)) for hours in table)


def line_of(profile: Profile) -> SimulatedLine:
    """The site as the trial reads it, every pool at a load of 0.8."""
    rate, places = profile.site.per_week / 168, dict(zip(POOLS, profile.site.places, strict=True))
    stages = [
        LineStage(code, code, "manufacturing", log_normal(0.8 * count / rate, profile.spread), pool=code)
        for code, count in places.items()
    ]
    journey = a_journey(*stages, per_week=profile.site.per_week)
    return a_line(journey, *(a_pool(code, count) for code, count in places.items()))


def tried(line: SimulatedLine) -> TrialOutcome:
    """The whole trial at once."""
    trial = trial_of(line)
    return trial.outcome(found_on(line, trial, trial.plantings))


def elsewhere(profile: Profile, lines: int) -> list[TrialVerdict]:
    """Verdicts on as many lines of each kind from the other simulation, none planted as often as any."""
    found = []
    for number in range(lines):
        for at, slower in enumerate(SLOWER):
            for planting in (slower, 0.0):
                line = planted(
                    20_000 + 10 * number + at, load=(0.85, 0.92)[number % 2], slower=planting, spread=profile.spread,
                    site=profile.site,
                )  # fmt: skip
                truth = Planting(line.limits, planting, number)
                found += verdicts_on(PlantedLine(truth, line.records, WARM_DAYS * DAY), WEEKS)
    return found


def worth(verdicts: Sequence[TrialVerdict], curve: LineCurve) -> tuple[float, int, int]:
    """Brier score of what the curve says of the names, firm ones and right ones of these."""
    said = [(curve.confidence_at(one.separated), one.is_right) for one in verdicts if one.named]
    firm = [right for share, right in said if round(share, 3) >= FIRM]
    return sum((share - right) ** 2 for share, right in said) / max(len(said), 1), len(firm), sum(firm)


def main(lines: int) -> None:
    """The table in docs/judgement/bottleneck.md."""
    for name, profile in PROFILES.items():
        began = time.process_time()
        outcome = tried(line_of(profile))
        seconds = time.process_time() - began
        verdicts = elsewhere(profile, lines)
        general, own = worth(verdicts, OF_ALL_LINES), worth(verdicts, outcome.curve)
        print(
            f"| {name} | {outcome.curve.intercept:.2f}, {outcome.curve.slope:.2f} | {outcome.firm_right} of "
            f"{outcome.firm} | {sum(bool(one.named) for one in verdicts)} | {general[0]:.3f} | {own[0]:.3f} | "
            f"{general[2]} of {general[1]} | {own[2]} of {own[1]} | {seconds:.0f} s |",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 24)
