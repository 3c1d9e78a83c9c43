"""What is common to all stages of one order: some orders are slow in everything, and what is finished tells it.

Log hours of a stage = its mean + load · slowness + noise; slowness ~ N(0, variance), one number for an order, noise
of each stage its own: a shared log-normal frailty in an accelerated-failure-time model (Hougaard, Analysis of
Multivariate Survival Data, 2000, chapter 7; Lambert et al., Computational Statistics 19 (2004) 399–420).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from math import erfc, log, log1p, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.durations.rules.curves import Curve

Numbers = NDArray[np.float64]
ProductStage = tuple[str, str]

FEWEST_ORDERS = 30
# Of a stage at one site: fewer runs say nothing of what is usual there.
FEWEST_RUNS = 5
# A stage takes part that goes with the others by so many standard errors.
SURE_ERRORS = 2.0
# Log hours that vary by less are fixed by a plan: a slow order does not show in them.
LEAST_SPREAD = 0.05
# So much of the variance of a stage may be its order's slowness at most; the rest is the stage's own.
MOST_SHARED = 0.9
# Hours below this share of the median are a clock's, not the work's; their logs would outweigh all others.
LEAST_HOURS_SHARE = 0.01
# Hours further from usual than so many standard deviations tell of something else than a slow order: as far they count.
MOST_DEVIATIONS = 2.5
GRID = np.linspace(-5.0, 5.0, 101)
# From here on ln Φ is its asymptotic series (Abramowitz and Stegun 26.2.12).
FAR = -30.0


class OrderRun(NamedTuple):
    """The hours of a completed stage of an order, and in which suite, device or lane; ids as text."""

    order: Hashable
    product: str
    site: str
    stage: str
    hours: float
    resource: str = ""


class Slowness(NamedTuple):
    """What was learned: the variance of the slowness of an order (log hours), and in which stages of which products it
    shows. `orders`: it rests on so many. Variance 0: nothing is known of such a thing."""

    variance: float = 0.0
    stages: frozenset[ProductStage] = frozenset()
    orders: int = 0


NO_SLOWNESS = Slowness()


class SharedCurve(NamedTuple):
    """A stage whose hours are partly its order's slowness. `curve`: its hours in an order of slowness 0; `load`: how
    far it takes part; `mean`, `noise`: mean and standard deviation of its log hours in such an order."""

    curve: Curve
    load: float
    mean: float
    noise: float


class SeenHours(NamedTuple):
    """Hours of a stage of an open order; `is_over`: finished, else at least so long."""

    stage: SharedCurve
    hours: float
    is_over: bool


def learn_slowness(runs: Iterable[OrderRun]) -> Slowness:
    """The variance that the stages of an order share, by the mean product of their log hours less what is usual (a
    moment estimator; each pair weighs by the inverse of both variances). Drawn to 0 by its standard error, clustered by
    order: variance · (1 − error² / variance²), 0 where the error is larger."""
    logs = _apart_from_usual(runs)
    orders, stages = sorted({order for order, _ in logs}, key=str), sorted({stage for _, stage in logs})
    places = {order: at for at, order in enumerate(orders)}, {stage: at for at, stage in enumerate(stages)}
    table = np.zeros((len(orders), len(stages)))
    seen = np.zeros_like(table)
    for (order, stage), value in logs.items():
        at = places[0][order], places[1][stage]
        table[at], seen[at] = value, 1.0
    spread = np.sqrt((table**2).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))
    weights = np.where(spread >= LEAST_SPREAD, 1 / np.maximum(spread, LEAST_SPREAD) ** 2, 0.0)
    kept = np.array([_goes_with_others(table, seen, weights, at) for at in range(len(stages))], dtype=bool)
    variance, error, count = _shared(table[:, kept], seen[:, kept], weights[kept])
    if count < FEWEST_ORDERS or variance <= error:
        return Slowness(orders=count)
    shown = frozenset(stage for stage, is_kept in zip(stages, kept, strict=True) if is_kept)
    return Slowness(variance * (1 - (error / variance) ** 2), shown, count)


def _apart_from_usual(runs: Iterable[OrderRun]) -> dict[tuple[Hashable, ProductStage], float]:
    """Log hours less their mean at the site, by order and stage; spread as if the mean were known."""
    by_site: dict[tuple[str, str, str], list[tuple[Hashable, float]]] = defaultdict(list)
    for run in runs:
        if run.hours > 0:
            by_site[run.product, run.site, run.stage].append((run.order, run.hours))
    found = {}
    for (product, _, stage), some in by_site.items():
        if len(some) < FEWEST_RUNS:
            continue
        hours = np.array([one for _, one in some])
        logs = np.log(np.maximum(hours, LEAST_HOURS_SHARE * np.median(hours)))
        logs = (logs - logs.mean()) * sqrt(len(some) / (len(some) - 1))
        found.update({(order, (product, stage)): float(one) for (order, _), one in zip(some, logs, strict=True)})
    return found


def _goes_with_others(table: Numbers, seen: Numbers, weights: Numbers, at: int) -> bool:
    """Whether a stage is slow where the others of its order are."""
    others = np.arange(len(weights)) != at
    sums, counts = (table * weights)[:, others].sum(axis=1), (seen * weights)[:, others].sum(axis=1)
    value, error, orders = _ratio(table[:, at] * sums * weights[at], seen[:, at] * counts * weights[at])
    return orders >= FEWEST_ORDERS and value > SURE_ERRORS * error


def _shared(table: Numbers, seen: Numbers, weights: Numbers) -> tuple[float, float, int]:
    """The mean product over all pairs of stages of an order, its standard error, and of how many orders."""
    values, counts = table * weights, seen * weights
    products = (values.sum(axis=1) ** 2 - (values**2).sum(axis=1)) / 2
    pairs = (counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)) / 2
    return _ratio(products, pairs)


def _ratio(products: Numbers, pairs: Numbers) -> tuple[float, float, int]:
    total = float(pairs.sum())
    if total <= 0:
        return 0.0, 0.0, 0
    value = float(products.sum()) / total
    return value, sqrt(float(((products - value * pairs) ** 2).sum())) / total, int(np.count_nonzero(pairs))


def shared_curve(curve: Curve, variance: float) -> SharedCurve:
    """A learned curve parted into what is its order's slowness and what is its own: log hours drawn together around
    their mean, so that both together vary as before."""
    table = np.asarray(curve)
    median = table[len(table) // 2]
    if variance <= 0 or median <= 0:
        return SharedCurve(curve, 0.0, 0.0, 0.0)
    logs = np.log(np.maximum(table, LEAST_HOURS_SHARE * median))
    # The means over equal steps of u of a function that is linear between the points.
    mean = float((logs[:-1] + logs[1:]).mean() / 2)
    apart = logs - mean
    whole = float((apart[:-1] ** 2 + apart[:-1] * apart[1:] + apart[1:] ** 2).mean() / 3)
    if whole < LEAST_SPREAD**2:
        return SharedCurve(curve, 0.0, mean, sqrt(whole))
    load = min(1.0, sqrt(MOST_SHARED * whole / variance))
    own = whole - load**2 * variance
    return SharedCurve(tuple(np.exp(mean + apart * sqrt(own / whole)).tolist()), load, mean, sqrt(own))


def slowness_of(seen: Sequence[SeenHours], variance: float) -> tuple[float, float]:
    """Mean and standard deviation of the slowness of an order given what is seen of it. Exact for finished stages with
    log-normal hours; one at work counts as Φ((load · slowness + mean − ln hours) / noise), by its first two moments.

    Hours count as MOST_DEVIATIONS from usual at most, so that one run that hangs makes no order slow in everything.
    """
    telling = [one for one in seen if one.stage.load > 0 and one.hours > 0]
    weight, total = 1 / variance, 0.0
    for one in telling:
        if one.is_over:
            weight += (one.stage.load / one.stage.noise) ** 2
            total += one.stage.load * _apart(one, variance) / one.stage.noise**2
    mean, deviation = total / weight, 1 / sqrt(weight)
    at_work = [one for one in telling if not one.is_over]
    return (
        _beyond(mean, deviation, [(one.stage, _apart(one, variance)) for one in at_work])
        if at_work
        else (mean, deviation)
    )


def _apart(one: SeenHours, variance: float) -> float:
    """Log hours less their mean, as far as they count; a stage that has just begun is no quick one."""
    least = LEAST_HOURS_SHARE * float(np.exp(one.stage.mean))
    most = MOST_DEVIATIONS * sqrt(one.stage.load**2 * variance + one.stage.noise**2)
    apart = min(float(np.log(max(one.hours, least))) - one.stage.mean, most)
    return max(apart, -most) if one.is_over else apart


def _beyond(mean: float, deviation: float, at_work: Sequence[tuple[SharedCurve, float]]) -> tuple[float, float]:
    grid = mean + deviation * GRID
    logs = -(GRID**2) / 2
    for stage, apart in at_work:
        logs = logs + [_log_below(float(value)) for value in (stage.load * grid - apart) / stage.noise]
    density = np.exp(logs - logs.max())
    total = float(density.sum())
    mean = float((density * grid).sum()) / total
    return mean, sqrt(float((density * (grid - mean) ** 2).sum()) / total)


def _log_below(value: float) -> float:
    """ln Φ, for any number."""
    if value > FAR:
        return log(erfc(-value / sqrt(2)) / 2)
    return -(value**2) / 2 - log(-value * sqrt(2 * pi)) + log1p(-1 / value**2)
