"""Scores of probabilities against what came of them.

Brier score: G. W. Brier, Monthly Weather Review 78 (1950) 1–3. Skill and decomposition: A. H. Murphy, Journal of
Applied Meteorology 12 (1973) 595–600, with the two terms within bins of Stephenson, Coelho and Jolliffe, Weather and
Forecasting 23 (2008) 752–757. Several predictions are of one order and not independent, so every interval is robust
against clusters (Liang and Zeger, Biometrika 73 (1986) 13–22; the ratio by linearisation): all of one line that came
out in the same week, since orders beside each other wait in the same queues. With few weeks Student's distribution is
used (Bell and McCaffrey, Survey Methodology 28 (2002) 169–181).
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batches.judgement.rules.shares import Z95

Numbers = NDArray[np.float64]
# Student's 97.5 % points for 1–10 degrees of freedom (any table, e.g. Fisher and Yates, table III).
T975 = (12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139)


class IssuedProbability(NamedTuple):
    """A probability (0–1) that was issued of an order, and whether it came true.

    `baseline`: the plain medians' yes (1) or no (0) to the same question; None: they said nothing. `week`: the line and
    the week in which its order came out.
    """

    order: Hashable
    probability: float
    came: bool
    baseline: float | None = None
    week: Hashable = None

    @property
    def cluster(self) -> Hashable:
        """What it shares its fate with: its line's week of outcomes, else its order alone."""
        return self.order if self.week is None else self.week


class Estimate(NamedTuple):
    """A figure with its 95 % interval; the ends are None where one week says nothing of the spread."""

    value: float
    low: float | None
    high: float | None


class Murphy(NamedTuple):
    """The Brier score in parts: score = reliability - resolution + uncertainty + within; all but `within` are >= 0.

    `reliability`: how far forecasts lie from what came (0 is best); `resolution`: how far they tell orders apart
    (more is better); `uncertainty`: of the base rate alone; `within`: what is left because forecasts in a bin differ.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float

    @property
    def score(self) -> float:
        """The Brier score of the same forecasts, exactly."""
        return self.reliability - self.resolution + self.uncertainty + self.within


class Scores(NamedTuple):
    """How good the probabilities were. `skill_…`: 1 - Brier / Brier of the reference; above 0 is better than it.

    Against the baseline only predictions count of which it said something: `compared` orders, `brier_compared`.
    """

    predictions: int
    orders: int
    base_rate: float
    brier: Estimate
    climate_brier: float
    skill_climate: Estimate | None
    murphy: Murphy
    compared: int = 0
    brier_compared: float | None = None
    baseline_brier: Estimate | None = None
    skill_baseline: Estimate | None = None


def squared_errors(forecasts: Sequence[float] | Numbers, came: Sequence[bool] | Numbers) -> Numbers:
    """(forecast - outcome)² of each; the Brier score is their mean."""
    return (np.asarray(forecasts, dtype=float) - np.asarray(came, dtype=float)) ** 2


def mean_of_clusters(values: Numbers, clusters: Sequence[Hashable]) -> Estimate:
    """The mean of `values` with an interval that allows for clusters; within 0–1 as squared errors are."""
    value, *low_high = mean_difference(values, clusters)
    return Estimate(value, *(end if end is None else min(max(end, 0.0), 1.0) for end in low_high))


def mean_difference(values: Numbers, clusters: Sequence[Hashable]) -> Estimate:
    """The same of values of any size and sign."""
    mean = float(values.mean())
    return Estimate(mean, *_around(mean, values - mean, len(values), clusters))


def skill(errors: Numbers, reference: Numbers, clusters: Sequence[Hashable]) -> Estimate | None:
    """1 - mean(errors) / mean(reference), with its interval; None where the reference never erred."""
    total = float(reference.sum())
    if total <= 0:
        return None
    ratio = float(errors.sum()) / total
    low, high = _around(1 - ratio, errors - ratio * reference, total, clusters)
    return Estimate(1 - ratio, low, high)


def murphy(forecasts: Numbers, came: Numbers, bins: Sequence[NDArray[np.intp]]) -> Murphy:
    """The decomposition over `bins` (places of each bin's predictions; together all of them, once)."""
    count, base_rate = len(forecasts), float(came.mean())
    reliability = resolution = within = 0.0
    for places in bins:
        said, was = forecasts[places], came[places]
        reliability += len(places) * (said.mean() - was.mean()) ** 2
        resolution += len(places) * (was.mean() - base_rate) ** 2
        within += ((said - said.mean()) ** 2).sum() - 2 * ((said - said.mean()) * (was - was.mean())).sum()
    parts = (float(part) / count for part in (reliability, resolution))
    return Murphy(*parts, uncertainty=base_rate * (1 - base_rate), within=float(within) / count)


def scores(said: Sequence[IssuedProbability], bins: Sequence[NDArray[np.intp]]) -> Scores | None:
    """All scores of these predictions; None without any. `bins` as of `murphy`."""
    if not said:
        return None
    forecasts, came = _numbers(one.probability for one in said), _numbers(one.came for one in said)
    orders, clusters = {one.order for one in said}, [one.cluster for one in said]
    errors, climate = squared_errors(forecasts, came), squared_errors(np.full(len(said), came.mean()), came)
    found = Scores(
        len(said), len(orders), float(came.mean()), mean_of_clusters(errors, clusters), float(climate.mean()),
        skill(errors, climate, clusters), murphy(forecasts, came, bins),
    )  # fmt: skip
    return _against_baseline(found, said, errors)


def _against_baseline(found: Scores, said: Sequence[IssuedProbability], errors: Numbers) -> Scores:
    places = [place for place, one in enumerate(said) if one.baseline is not None]
    if not places:
        return found
    clusters = [said[place].cluster for place in places]
    baseline = squared_errors(
        _numbers(said[place].baseline or 0 for place in places), _numbers(said[place].came for place in places)
    )
    return found._replace(
        compared=len({said[place].order for place in places}),
        brier_compared=float(errors[places].mean()),
        baseline_brier=mean_of_clusters(baseline, clusters),
        skill_baseline=skill(errors[places], baseline, clusters),
    )


def _around(
    value: float, deviations: Numbers, divisor: float, clusters: Sequence[Hashable]
) -> tuple[float | None, float | None]:
    """The 95 % interval around a mean or ratio whose linearised deviations these are; they sum to 0."""
    squares = _squares(deviations, clusters)
    if squares is None:
        return None, None
    error = t975(len(set(clusters)) - 1) * float(np.sqrt(squares)) / divisor
    return value - error, value + error


def _squares(deviations: Numbers, clusters: Sequence[Hashable]) -> float | None:
    """G/(G−1) · the sum over the G clusters of (the sum of their deviations)²; None for a single one."""
    place: dict[Hashable, int] = {}
    index = [place.setdefault(cluster, len(place)) for cluster in clusters]
    if len(place) < 2:
        return None
    return len(place) / (len(place) - 1) * float((np.bincount(index, weights=deviations) ** 2).sum())


def design_effect(values: Sequence[float] | Numbers, orders: Sequence[Hashable], clusters: Sequence[Hashable]) -> float:
    """By how much the variance of the mean of `values` is larger because clusters share their fate: 1 or more.

    Kish, Survey Sampling (1965): so many orders in clusters say as much as 1/effect of them alone. 1 where nothing
    differs or a single cluster says nothing of it.
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers):
        return 1.0
    apart = numbers - numbers.mean()
    alone, together = _squares(apart, orders), _squares(apart, clusters)
    return max(together / alone, 1.0) if alone and together else 1.0


def t975(freedom: int) -> float:
    """The 97.5 % point of Student's distribution (table to 10, then Cornish and Fisher's expansion, within 0.1 %)."""
    if freedom <= len(T975):
        return T975[freedom - 1]
    z = Z95
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)


def _numbers(values: Iterable[float]) -> Numbers:
    return np.fromiter(values, dtype=float)
