"""`python -m tests.bench.clear_lines 600`: what a verdict that names no bottleneck is worth.

Lines of 40–95 % load, planted and not (`planted.py`), with their verdicts of every week: whether the four weeks after
one that names no pool were held up, against the confidence that it stated. `… clear_lines 60 sites`: the same at the
rates, places and spread of each site of trials.py.
"""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from batches.lines.rules.confidence import FIRM, LIKELY
from batches.lines.rules.verdicts import after, was_held_up
from tests.bench.planted import DAYS, EPOCH, FOLLOWED, planted, verdicts
from tests.bench.trials import PROFILES, Profile

SPREADS, SLOWER = (0.1, 0.2, 0.4, 0.8), (0.0, 0.0, 0.1, 0.2, 0.3)
CLASSES = ((FIRM, 1.01, "firm"), (LIKELY, FIRM, "likely"), (0.0, LIKELY, "open"))


class ClearVerdict(NamedTuple):
    """A verdict that names none: its confidence and the share of resamples that say the same (0–1), and whether no pool
    held the line up in the four weeks after it."""

    stated: float
    resampled: float
    came: bool


def clear_verdicts(lines: int, first_seed: int, profile: Profile | None = None) -> Iterator[ClearVerdict]:
    """Those of so many lines, week by week; `profile`: whose rates, places and spread they have, else random ones."""
    for number in range(lines):
        luck = np.random.default_rng(first_seed + number)
        load = float(luck.uniform(0.4, 0.95))
        spread = profile.spread if profile else float(luck.choice(SPREADS))
        slower, site = float(luck.choice(SLOWER)), profile.site if profile else None
        line = planted(first_seed + number, load=load, slower=slower, spread=spread, site=site)
        for day, finding in verdicts(line, every_days=7.0):
            closed = day + FOLLOWED.days
            if finding.pool or closed > DAYS:
                continue
            seen = after(line.facts_at(closed, FOLLOWED.days), EPOCH + timedelta(days=day))
            said = finding.evidence
            yield ClearVerdict(said["confidence"], said["resampled_share"], not was_held_up(seen))


def table(lines: int, first_seed: int = 90_000, profile: Profile | None = None) -> list[str]:
    """By how sure it was: how many verdicts, what they stated on average, and how often it came so."""
    stated, resampled, came = np.array(list(clear_verdicts(lines, first_seed, profile)), dtype=float).T
    rows = []
    for low, high, name in CLASSES:
        mine = (stated >= low) & (stated < high)
        if mine.any():
            rows.append(f"| {name} | {mine.sum()} | {stated[mine].mean():.2f} | {came[mine].mean():.2f} |")
    told = {"stated": stated, "the share of resamples": resampled, "one share for all": came.mean()}
    briers = ", ".join(f"{name} {np.mean((share - came) ** 2):.4f}" for name, share in told.items())
    return [*rows, f"{len(came)} verdicts of {lines} lines. Brier: {briers}."]


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    if "sites" in sys.argv:
        for name, profile in PROFILES.items():
            print("\n".join([name, *table(number, 50_000, profile)]), flush=True)
    else:
        print("\n".join(table(number)))
