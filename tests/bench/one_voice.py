"""What it costs or brings that range and P(late) are of one distribution: `python -m tests.bench.one_voice [lines]`.

Lines whose truth is known: orders of 10 days ± 2, promised between 8 and 14 days. The simulation is right, too sure of
itself, or always too late or too early. Past errors correct it as in production (the newest 50 orders widen the range,
the newest 200 recalibrate P(late)), learned anew after every ten. Apart: each by itself, as before; together: as told.
"""

import sys
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from batches.calibration.rules.conformal import widening
from batches.calibration.rules.coverage import IssuedInterval
from batches.calibration.rules.recalibration import recalibrate
from batches.calibration.rules.scores import IssuedProbability
from batches.forecasts.rules.corrections import UNCHANGED, UNCORRECTED, Corrections
from batches.forecasts.rules.distribution import Foretold, told

PATHS, ORDERS, EVERY, FIRST = 500, 300, 10, 50
MIDDLE, SPREAD = 240.0, 48.0
PROMISES = (192.0, 336.0)


class Errs(NamedTuple):
    """How a simulation errs: hours that it is later than the truth, and its spread as a share of the true one."""

    name: str
    later: float
    spread: float


KINDS = (
    Errs("right", 0, 1), Errs("too sure (half the spread)", 0, 0.5), Errs("a day too early", -24, 1),
    Errs("a day too late", 24, 1), Errs("too sure and a day too early", -24, 0.5),
)  # fmt: skip


class Row(NamedTuple):
    """An order: both ways, whether the range held and what P(late) said, and whether it was late."""

    held: tuple[bool, bool]
    said: tuple[float, float]
    contradicts: tuple[bool, bool]
    came: bool


def line(seed: int, errs: Errs) -> list[Row]:
    """The orders of one line from the FIRST on."""
    luck = np.random.default_rng(seed)
    stretches: list[IssuedInterval] = []
    probabilities: list[IssuedProbability] = []
    known, found = UNCORRECTED, []
    for number in range(ORDERS):
        own = MIDDLE + luck.normal(0, SPREAD)  # what an order's stages so far tell of it
        ready, promised = own + luck.normal(0, SPREAD), float(own + luck.uniform(*PROMISES) - MIDDLE)
        futures = np.sort(own + errs.later + luck.normal(0, SPREAD * errs.spread, PATHS)).clip(0)
        plain, together = (told(futures, one, promised) for one in (UNCORRECTED, known))
        if number >= FIRST:
            found.append(_row(plain, together, known, ready, promised))
        stretches.insert(0, IssuedInterval(number, plain.low, plain.high, ready))
        probabilities.insert(0, IssuedProbability(number, _share(plain), ready > promised))
        if number % EVERY == EVERY - 1:
            late = recalibrate(probabilities, was_used=known.late != UNCHANGED).used
            known = Corrections(widening(stretches), late)
    return found


def _row(plain: Foretold, together: Foretold, known: Corrections, ready: float, promised: float) -> Row:
    low, high = plain.low - known.widening.low_hours, plain.high + known.widening.high_hours
    late = known.late.corrected(_share(plain), PATHS)
    ways = ((low, high, late), (together.low, together.high, _share(together)))
    return Row(
        tuple(one <= ready <= other for one, other, _ in ways), tuple(said for *_, said in ways),
        tuple(contradict(*way, promised) for way in ways), ready > promised,
    )  # fmt: skip


def contradict(low: float, high: float, late: float, promised: float) -> bool:
    """Whether a range and a chance cannot both be so."""
    return (late < 0.1 if high > promised + 0.01 else late > 0.1) or (
        late < 0.9 if low > promised + 0.01 else late > 0.9
    )


def _share(said: Foretold) -> float:
    return said.late.share if said.late else 0.0


def table(lines: int) -> Iterator[str]:
    """The rows of docs/judgement/calibration.md."""
    for errs in KINDS:
        rows = [row for seed in range(lines) for row in line(seed, errs)]
        came = np.array([row.came for row in rows])
        for way, name in enumerate(("apart", "together")):
            said, held, bad = (np.array([row[field][way] for row in rows]) for field in (1, 0, 2))
            brier = float(((said - came) ** 2).mean())
            yield (
                f"| {errs.name} | {name} | {bad.mean():.3f} | {held.mean():.3f} | {brier:.4f} | {said.mean():.3f} | "
                f"{came.mean():.3f} |"
            )


if __name__ == "__main__":
    for text in table(int(sys.argv[1]) if len(sys.argv) > 1 else 40):
        print(text, flush=True)
