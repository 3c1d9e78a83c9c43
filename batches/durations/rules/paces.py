"""Whether a stage is slower in one resource (suite, device, courier lane) than in another at the same site.

Log hours of a run = what is usual of the stage at the site + the pace of its resource + noise; paces ~ N(0, variance):
a one-way model with random effects. The variance is DerSimonian and Laird's (Controlled Clinical Trials 7 (1986)
177–188), taken only where Cochran's test (Biometrics 10 (1954) 101–129) says that the resources differ; each pace is
drawn to the site's by how few runs it rests on (best linear unbiased prediction: Robinson, Statistical Science 6 (1991)
15–32). Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np

from batches.durations.rules.curves import STEPS, Curve
from batches.durations.rules.slowness import LEAST_HOURS_SHARE, LEAST_SPREAD, Numbers, OrderRun
from batches.durations.rules.subjects import FEWEST_OF_RESOURCE

# The resources of a stage differ where chance alone would make them differ so much in one of a hundred stages.
SURE_DEVIATION = 2.326


class Pace(NamedTuple):
    """A stage of a product in one resource of a site (text). `slower`: log hours beyond what is usual of the stage
    there; `spread`: how much its log hours vary, of those in all resources together (0–1)."""

    product: str
    site: str
    stage: str
    resource: str
    slower: float
    spread: float


Paces = tuple[Pace, ...]


def learn_paces(runs: Iterable[OrderRun]) -> Paces:
    """The pace of every resource that differs from the others of its stage, from completed runs."""
    by_stage: dict[tuple[str, str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if run.hours > 0:
            by_stage[run.product, run.site, run.stage][run.resource].append(run.hours)
    return tuple(Pace(*stage, *pace) for stage, some in sorted(by_stage.items()) for pace in _paces(some))


def _paces(hours: dict[str, list[float]]) -> Iterator[tuple[str, float, float]]:
    """Of one stage: each resource with five runs or more, how much slower it is, and how much it varies."""
    named = [name for name, some in sorted(hours.items()) if name and len(some) >= FEWEST_OF_RESOURCE]
    if len(named) < 2:
        return
    least = LEAST_HOURS_SHARE * float(np.median([one for some in hours.values() for one in some]))
    logs = {name: np.log(np.maximum(some, least)) for name, some in hours.items()}
    every = np.concatenate(list(logs.values()))
    usual, total = float(every.mean()), max(float(every.var(ddof=1)), LEAST_SPREAD**2)
    mine = [logs[name] for name in named]
    noise = max(_within(mine), LEAST_SPREAD**2)
    errors = np.array([noise / len(some) for some in mine])
    means = np.array([some.mean() for some in mine])
    variance = _between(means, errors)
    if not variance:
        return
    for name, mean, error in zip(named, means, errors, strict=True):
        drawn = variance / (variance + error)
        yield name, float(drawn * (mean - usual)), min(1.0, sqrt((noise + drawn * error) / total))


def _within(logs: Sequence[Numbers]) -> float:
    """The variance of log hours in one and the same resource."""
    freedom = sum(len(some) - 1 for some in logs)
    return sum(float(((some - some.mean()) ** 2).sum()) for some in logs) / freedom


def _between(means: Numbers, errors: Numbers) -> float:
    """The variance of paces; 0 where the means differ no more than chance makes them."""
    weights, freedom = 1 / errors, len(means) - 1
    centre = float((weights * means).sum() / weights.sum())
    apart = float((weights * (means - centre) ** 2).sum())
    if apart <= _chi_squared(freedom):
        return 0.0
    return (apart - freedom) / float(weights.sum() - (weights**2).sum() / weights.sum())


def _chi_squared(freedom: int) -> float:
    """The point of its distribution at SURE_DEVIATION (Wilson and Hilferty, PNAS 17 (1931) 684–688)."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + SURE_DEVIATION * sqrt(part)) ** 3


def paced_curve(curve: Curve, pace: Pace) -> Curve:
    """The hours of a stage in a resource: moved by its pace, and drawn together around their mean as far as what
    varies lies between the resources."""
    table = np.asarray(curve)
    median = table[STEPS // 2]
    if median <= 0:
        return curve
    logs = np.log(np.maximum(table, LEAST_HOURS_SHARE * median))
    mean = float((logs[:-1] + logs[1:]).mean() / 2)
    return tuple(np.exp(mean + pace.slower + (logs - mean) * pace.spread).tolist())
