"""Survival and competing ends against published figures and against lifelines, an independent package."""

import random
import warnings
from itertools import permutations
from math import erfc, exp, inf, log, sqrt

import numpy as np
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from scipy.stats import mannwhitneyu

from batches.durations.rules.competing import ENDS, cumulative_incidence
from batches.durations.rules.curves import share_below
from batches.durations.rules.drift import (
    NEWEST_TESTED,
    RUNS_TO_FALSE_ALARM,
    evidence_of_change,
    rank_sum,
)
from batches.durations.rules.kaplan_meier import survival
from batches.durations.rules.runs import CODES, End, PastRun, Runs
from batches.durations.rules.shrinkage import censored_curve

# Weeks in remission under 6-mercaptopurine, and whether it ended (Freireich et al., Blood 21 (1963) 699–716).
FREIREICH = [
    (6, 1), (6, 1), (6, 1), (6, 0), (7, 1), (9, 0), (10, 1), (10, 0), (11, 0), (13, 1), (16, 1), (17, 0), (19, 0),
    (20, 0), (22, 1), (23, 1), (25, 0), (32, 0), (32, 0), (34, 0), (35, 0),
]  # fmt: skip


def test_the_published_remission_times_are_reproduced():
    found = survival([week for week, _ in FREIREICH], [bool(ended) for _, ended in FREIREICH])
    assert [round(found.at(week), 4) for week in (5, 6, 7, 10, 13, 16, 22, 23, 35)] == [
        1, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482, 0.4482,
    ]  # fmt: skip
    assert (found.median, found.last_hours) == (23, 35)


def test_the_published_bayesian_estimate_of_censored_runs_is_reproduced():
    """Susarla and Van Ryzin 1976: 0.8, 1.0+, 2.7+, 3.1, 5.4, 7.0+, 9.2, 12.1+ (+: censored).

    Reckoned by hand from their formula (1.3) with a prior of ten runs, exponential with a mean of 8:
    S(t) = (10·exp(−t/8) + N(t)) / 18 · Π over censored c ≤ t of (10·exp(−c/8) + N(c) + 1) / (10·exp(−c/8) + N(c)).
    """
    done, at_work = (0.8, 3.1, 5.4, 9.2), (1.0, 2.7, 7.0, 12.1)
    runs = Runs.of([PastRun(t, End.COMPLETED) for t in done] + [PastRun(t, End.CENSORED) for t in at_work])
    shares = [index / 128 for index in range(128)] + [1 - 1e-4]
    base = tuple(-8 * log(1 - share) for share in shares)
    curve = censored_curve(runs, base)

    def lift(t: float, beyond: int) -> float:
        return (10 * exp(-t / 8) + beyond + 1) / (10 * exp(-t / 8) + beyond)

    by_hand = {
        0.5: (10 * exp(-0.5 / 8) + 8) / 18,
        0.9: (10 * exp(-0.9 / 8) + 7) / 18,
        3.0: (10 * exp(-3.0 / 8) + 5) / 18 * lift(1.0, 6) * lift(2.7, 5),
        6.0: (10 * exp(-6.0 / 8) + 3) / 18 * lift(1.0, 6) * lift(2.7, 5),
        10.0: (10 * exp(-10.0 / 8) + 1) / 18 * lift(1.0, 6) * lift(2.7, 5) * lift(7.0, 2),
        14.0: 10 * exp(-14.0 / 8) / 18 * lift(1.0, 6) * lift(2.7, 5) * lift(7.0, 2) * lift(12.1, 0),
    }
    assert {t: 1 - share_below(curve, t) for t in by_hand} == pytest.approx(by_hand, abs=0.004)


def test_without_any_event_everybody_is_still_at_work():
    found = survival([3, 4], [False, False])
    assert (found.at(100), found.median, found.last_hours) == (1, inf, 4)
    assert survival([], []).at(1) == 1


def test_with_nobody_censored_it_is_the_plain_share():
    found = survival([1, 2, 2, 4], [True] * 4)
    assert [found.at(hours) for hours in (0.5, 1, 2, 3, 4)] == pytest.approx([1, 0.75, 0.25, 0.25, 0])
    assert found.median == 2


@pytest.mark.parametrize("seed", range(5))
def test_lifelines_says_the_same_of_survival(seed):
    draw = random.Random(seed)
    hours = [draw.choice([round(draw.lognormvariate(2, 0.5), 1), draw.randint(1, 20)]) for _ in range(150)]
    ended = [draw.random() < 0.7 for _ in hours]
    oracle = KaplanMeierFitter().fit(hours, ended)
    found = survival(hours, ended)
    at = np.linspace(0, max(hours), 60)
    assert [found.at(hour) for hour in at] == pytest.approx(list(oracle.survival_function_at_times(at)), abs=1e-12)
    assert found.median == oracle.median_survival_time_


@pytest.mark.parametrize("seed", range(5))
def test_lifelines_says_the_same_of_competing_ends(seed):
    draw = random.Random(seed)
    ends = draw.choices(list(End), weights=[6, 2, 1, 2], k=200)
    # All different: lifelines breaks ties at random.
    hours = [draw.lognormvariate(4, 0.5) + index * 1e-9 for index in range(200)]
    found = cumulative_incidence(Runs.of(map(PastRun, hours, ends)))
    codes = [0 if end is End.CENSORED else 1 + ENDS.index(end) for end in ends]
    for number, end in enumerate(ENDS, 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            oracle = AalenJohansenFitter(calculate_variance=False).fit(hours, codes, event_of_interest=number)
        density = oracle.cumulative_density_.iloc[:, 0]
        for hour, share in list(density.items())[::20]:
            assert found.at(end, hour) == pytest.approx(share, abs=1e-12)


def test_without_censoring_the_incidences_are_plain_shares():
    runs = Runs.of([PastRun(1, End.COMPLETED), PastRun(2, End.FAILED), PastRun(2, End.COMPLETED),
                    PastRun(5, End.WITHDRAWN)])  # fmt: skip
    found = cumulative_incidence(runs)
    assert [found.at(End.COMPLETED, hours) for hours in (0, 1, 2, 9)] == pytest.approx([0, 0.25, 0.5, 0.5])
    assert [found.final(end) for end in ENDS] == pytest.approx([0.5, 0.25, 0.25])
    assert CODES[End.CENSORED] not in runs.ends


@pytest.mark.parametrize("seed", range(5))
def test_scipy_says_the_same_of_the_rank_sum(seed):
    draw = np.random.default_rng(seed)
    first, second = draw.integers(1, 30, 30).astype(float), draw.integers(4, 34, 60).astype(float)
    larger, z = rank_sum(first, second)
    oracle = mannwhitneyu(first, second, method="asymptotic", use_continuity=True)
    assert larger == pytest.approx(oracle.statistic / (30 * 60))
    assert erfc(abs(z) / sqrt(2)) == pytest.approx(oracle.pvalue)


def test_the_evidence_of_a_change_grows_by_one_a_run_on_average_while_nothing_changes():
    """All orders in which six runs may have come are as likely as each other: counted through, ties and all."""
    for hours in ((1, 2, 3, 4, 5, 6), (1, 1, 2, 2, 2, 9)):
        found = [list(evidence_of_change(some)) for some in permutations(hours)]
        assert np.mean(found, axis=0) == pytest.approx(np.array([[number / 2] * 2 for number in range(1, 7)]))


def test_the_evidence_of_two_runs_by_hand():
    # The first run's rank is ½: nothing won. The second, longer, has rank ¾: a bet of b wins b / 2 of it, twice over.
    longer, shorter = (np.mean([2 * (1 + way * b / 2) for b in (0.25, 0.5, 0.9)]) / 2 for way in (1, -1))
    assert [tuple(one) for one in evidence_of_change([1.0, 2.0])] == [(0.5, 0.5), pytest.approx((longer, shorter))]


def test_false_marks_stay_below_the_stated_rate_however_often_one_looks():
    """250 stages that never change, looked at after every run. After n runs the sum is n on average, so that at most
    n / 10,000 have reached the bar (Doob's inequality): of 250 after 400 runs, 10."""
    random = np.random.default_rng(20_261_127)
    marked = sum(
        any(max(one) >= RUNS_TO_FALSE_ALARM for one in evidence_of_change(hours))
        for hours in random.lognormal(5, 0.4, (250, 400)).tolist()
    )
    assert marked <= 250 * 400 / RUNS_TO_FALSE_ALARM
    assert NEWEST_TESTED >= 400


@pytest.mark.parametrize(("factor", "runs"), [(1.3, 45), (1.5, 30), (2, 25)])
def test_a_stage_that_becomes_slower_is_marked_within_so_many_runs(factor, runs):
    random = np.random.default_rng(20_261_127)
    delays = []
    for _ in range(30):
        hours = random.lognormal(5, 0.3, 300) * np.repeat([1, factor], [200, 100])
        found = enumerate(evidence_of_change(hours.tolist()), 1)
        delays.append(next((number for number, (longer, _) in found if longer >= RUNS_TO_FALSE_ALARM), 300) - 200)
    assert min(delays) > 0
    assert np.median(delays) <= runs
