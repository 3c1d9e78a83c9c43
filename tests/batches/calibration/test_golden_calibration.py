"""Scores, intervals and corrections against figures worked by hand, from the literature and by simulation."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from batches.calibration.rules.choice import FEWEST_ORDERS, MARGIN, choose
from batches.calibration.rules.conformal import conformal_quantile, widening
from batches.calibration.rules.coverage import IssuedInterval, coverage, rolling
from batches.calibration.rules.reliability import diagram, equal_bins
from batches.calibration.rules.scores import (
    IssuedProbability,
    mean_of_clusters,
    murphy,
    scores,
    skill,
    squared_errors,
)
from batches.judgement.rules.shares import wilson

SEED = 20_261_123


def said(*answers: tuple[float, bool], baseline: float | None = None) -> list[IssuedProbability]:
    """Probabilities and outcomes, an order each."""
    return [
        IssuedProbability(number, probability, came, baseline) for number, (probability, came) in enumerate(answers)
    ]


def by_value(forecasts: np.ndarray) -> list[np.ndarray]:
    """Bins in which all forecasts are the same."""
    return [np.flatnonzero(forecasts == value) for value in np.unique(forecasts)]


def test_the_brier_score_of_four_forecasts_by_hand():
    # (0.1² + 0.1² + 0.8² + 0.7²) / 4
    assert squared_errors([0.9, 0.1, 0.8, 0.3], [True, False, False, True]).mean() == pytest.approx(0.2875)


def test_saying_one_half_of_everything_scores_a_quarter_and_certainty_zero_or_one():
    half, right, wrong = ([(p, True), (q, False)] for p, q in ((0.5, 0.5), (1, 0), (0, 1)))
    assert [scores(said(*one), [np.arange(2)]).brier.value for one in (half, right, wrong)] == [0.25, 0, 1]


@pytest.mark.parametrize(
    ("answers", "parts"),
    [
        # Two of ten at 20 %, eight of ten at 80 %: reliable, so the resolution is all that the score gains.
        ([(0.2, 2), (0.8, 8)], (0, 0.09, 0.25, 0.16)),
        # Five of ten at 30 %, ten of ten at 70 %: too timid both times.
        ([(0.3, 5), (0.7, 10)], (0.065, 0.0625, 0.1875, 0.19)),
        # The base rate of everything: nothing is told apart, the score is the uncertainty.
        ([(0.4, 4), (0.4, 4)], (0, 0, 0.24, 0.24)),
    ],
)
def test_the_decomposition_by_hand(answers, parts):
    forecasts = np.repeat([probability for probability, _ in answers], 10)
    came = np.concatenate([[1.0] * count + [0.0] * (10 - count) for _, count in answers])
    found = murphy(forecasts, came, by_value(forecasts))
    assert (found.reliability, found.resolution, found.uncertainty, found.score) == pytest.approx(parts)
    assert found.within == pytest.approx(0)
    assert found.score == pytest.approx(((forecasts - came) ** 2).mean())


def test_forecasts_that_differ_within_a_bin_leave_a_rest_that_is_named():
    # One bin of 0.2 (no) and 0.6 (yes): score (0.04 + 0.16) / 2 = 0.1; reliability (0.4 - 0.5)² = 0.01,
    # uncertainty 0.25, so within the bin: variance 0.04 - 2 · covariance 0.1 = -0.16.
    found = murphy(np.array([0.2, 0.6]), np.array([0.0, 1.0]), [np.arange(2)])
    assert tuple(found) == pytest.approx((0.01, 0, 0.25, -0.16))
    assert found.score == pytest.approx(0.1)


def test_skill_is_the_share_of_the_references_error_that_is_gone():
    errors, reference = np.array([0.0, 0.1, 0.2]), np.array([0.2, 0.2, 0.2])
    assert skill(errors, reference, range(3)).value == pytest.approx(0.5)
    assert skill(errors, np.zeros(3), range(3)) is None


def test_with_one_prediction_an_order_the_interval_is_the_usual_one_of_a_mean():
    values = np.array([0.3, 0.4, 0.7, 0.6])
    found = mean_of_clusters(values, range(4))
    error = values.std(ddof=1) / 2 * 3.182446  # Student, three degrees of freedom
    assert found == pytest.approx((0.5, 0.5 - error, 0.5 + error))


def test_saying_the_same_ten_times_makes_nobody_surer():
    values, clusters = np.array([0.0, 0.1, 0.4, 0.5]), np.arange(4)
    assert mean_of_clusters(np.repeat(values, 10), list(np.repeat(clusters, 10))) == pytest.approx(
        mean_of_clusters(values, list(clusters))
    )


def test_the_clustered_interval_agrees_with_a_bootstrap_of_whole_orders():
    random = np.random.default_rng(SEED)
    sizes = random.integers(1, 12, 300)
    clusters = np.repeat(np.arange(300), sizes)
    values = np.clip(np.repeat(random.uniform(0, 0.5, 300), sizes) + random.normal(0, 0.05, len(clusters)), 0, 1)
    reference = np.clip(values + random.normal(0.1, 0.1, len(values)), 0.01, 1)
    sums = np.array([np.bincount(clusters, weights=each) for each in (values, reference, np.ones(len(values)))])
    drawn = random.multinomial(300, np.full(300, 1 / 300), size=4_000) @ sums.T
    for found, resampled in (
        (mean_of_clusters(values, list(clusters)), drawn[:, 0] / drawn[:, 2]),
        (skill(values, reference, list(clusters)), 1 - drawn[:, 0] / drawn[:, 1]),
    ):
        ends = np.quantile(resampled, [0.025, 0.975])
        assert (found.low, found.high) == pytest.approx(tuple(ends), abs=0.06 * (ends[1] - ends[0]))


def test_one_order_says_nothing_of_the_spread():
    found = scores([IssuedProbability("one", 0.2, True), IssuedProbability("one", 0.4, True)], [np.arange(2)])
    assert (found.orders, found.brier.low, found.brier.high) == (1, None, None)


def test_bins_are_of_equal_count_and_never_part_equal_probabilities():
    answers = said(*[(number / 100, number % 2 == 0) for number in range(100)])
    assert [len(places) for places in equal_bins(answers)] == [10] * 10
    tied = said(*[(0.0, False)] * 45, *[(0.5, True)] * 30, *[(1.0, True)] * 25)
    assert [len(places) for places in equal_bins(tied)] == [45, 30, 25]
    assert [len(places) for places in equal_bins(said(*[(0.1, True)] * 19))] == [19]


def test_a_bin_counts_orders_once_in_the_width_of_its_interval():
    twice = [IssuedProbability(order, 0.3, order < 6) for order in range(20) for _ in range(5)]
    (only,) = diagram(twice, [np.arange(100)])
    assert (only.said, only.came, only.predictions, only.orders) == (pytest.approx(0.3), 0.3, 100, 20)
    assert (only.low, only.high) == wilson(0.3, 20)


def test_coverage_counts_both_ends_as_held():
    found = coverage(
        [
            IssuedInterval(1, 0, 10, 10),
            IssuedInterval(2, 0, 10, 0),
            IssuedInterval(3, 0, 20, 21),
            IssuedInterval(4, 0, 40, -1),
        ]
    )
    assert (found.share, found.mean_width_hours, found.too_early, found.too_late) == (0.5, 20, 1, 1)
    assert (found.low, found.high) == wilson(0.5, 4)


def test_rolling_means_begin_with_a_full_window():
    assert rolling([1, 2, 3], window=4) == []
    assert [tuple(point) for point in rolling([0, 1, 1, 0, 1], window=2)] == [(1, 0.5), (2, 1), (3, 0.5), (4, 0.5)]


@pytest.mark.parametrize(("number", "rank"), [(9, 9), (10, 10), (18, 18), (19, 18), (20, 19), (50, 46), (99, 90)])
def test_the_conformal_quantile_has_the_rank_of_the_finite_sample(number, rank):
    assert conformal_quantile(range(1, number + 1)) == rank


def test_eight_misses_are_too_few_for_ninety_per_cent():
    assert conformal_quantile(range(8)) == inf


def test_each_end_is_moved_by_what_the_newest_orders_ask_of_it():
    # 20 orders: the 19th smallest miss at each end. Misses 1 … 20 h.
    late = [IssuedInterval(number, 0, 10, 10 + number) for number in range(1, 21)]
    early = [IssuedInterval(number, 0, 10, -number) for number in range(1, 21)]
    assert (widening(late), widening(early)) == ((0, 19), (19, 0))
    assert widening(late[:19]) == (0, 0)
    # Half of 40 miss the one end by up to 20 h, half the other: the 37th smallest at each, the 17th of its 20.
    assert widening([*late, *early]) == (17, 17)
    assert widening([IssuedInterval(n, 0, 10, 5) for n in range(50)] + late) == (0, 0)
    assert widening([IssuedInterval(n, 0, 10, 12) for n in range(50)] + late) == (0, 2)


def test_ends_that_held_too_often_are_not_moved_inward():
    assert widening([IssuedInterval(number, 0, 100, 50) for number in range(50)]) == (0, 0)


def test_moved_ends_hold_as_often_as_they_say():
    # Ends half a standard deviation off hold 69 %; corrected by 29 orders each holds ceil(30 · 0.9) / 30 = 90 % of the
    # time on average over calibration sets (Vovk; Romano et al., theorem 2), here within 3 standard errors.
    random = np.random.default_rng(SEED)
    begun, ended = [], []
    for drawn in random.normal(size=(4_000, 30)) * 24:
        low, high = widening([IssuedInterval(number, -12, 12, actual) for number, actual in enumerate(drawn[:29])])
        begun.append(-12 - low <= drawn[29])
        ended.append(drawn[29] <= 12 + high)
    assert [np.mean(begun), np.mean(ended)] == pytest.approx([0.9, 0.9], abs=3 * (0.9 * 0.1 / 4_000) ** 0.5)


def test_a_step_of_the_process_is_followed_within_some_twenty_orders():
    """Known truth: ready within a normal of 24 h around what was said, P10–P90 right; then everything takes 48 h more.

    The chance that the next interval holds is worked out from the normal distribution; 0.75 or more is recovered. The
    rule before (both ends by one quantile of the newest 100) took 79 orders at the median, with the same seed.
    """
    random, sigma, end = np.random.default_rng(SEED), 24.0, 24 * 1.2815515655446004
    took = []
    for drawn in random.normal(0, sigma, (40, 300)):
        drawn[200:] += 48
        for number in range(200, 300):
            low, high = widening(
                [IssuedInterval(place, -end, end, actual) for place, actual in enumerate(drawn[:number][::-1])]
            )
            if norm.cdf((end + high - 48) / sigma) - norm.cdf((-end - low - 48) / sigma) >= 0.75:
                break
        took.append(number - 200)
    assert np.median(took) <= 25


def test_a_model_is_used_until_it_is_clearly_worse_and_again_once_it_is_clearly_better():
    def judged(error: float, *, was_used: bool) -> bool:
        # The medians err in one of four orders: 0.25. The model's squared error is the same everywhere.
        answers = [IssuedProbability(number, error**0.5, False, float(number % 4 == 0)) for number in range(40)]
        return choose(answers, was_used=was_used).is_used

    inside = 0.25 + MARGIN / 2, 0.25 - MARGIN / 2
    assert [judged(error, was_used=True) for error in (0.1, *inside, 0.25 + 2 * MARGIN)] == [True, True, True, False]
    assert [judged(error, was_used=False) for error in (0.1, *inside, 0.4)] == [True, False, False, False]


def test_too_few_orders_judge_nothing():
    answers = [IssuedProbability(number, 1.0, False, 0.0) for number in range(FEWEST_ORDERS)]
    assert choose(answers[:-1], was_used=True).why == (
        "Only 29 of the 30 scored orders that a judgement needs: the simulation is used."
    )
    assert choose(answers, was_used=True).why == (
        "Over the newest 30 scored orders its Brier score is 1.000, that of the plain medians 0.000 (less is better): "
        "the simulation is worse and not used; the plain medians decide."
    )
    assert choose([], was_used=True).is_used


ANSWERS = st.lists(
    st.builds(IssuedProbability, st.integers(0, 20), st.floats(0, 1), st.booleans(), st.sampled_from([0.0, 1.0, None]),
              st.none() | st.integers(0, 3)),
    min_size=1, max_size=80,
)  # fmt: skip


@given(ANSWERS)
def test_scores_stay_in_their_ranges_and_the_parts_add_up(answers):
    bins = equal_bins(answers)
    found = scores(answers, bins)
    assert sorted(place for places in bins for place in places) == list(range(len(answers)))
    assert 0 <= found.brier.value <= 1
    assert found.murphy.score == pytest.approx(found.brier.value, abs=1e-12)
    assert min(found.murphy[:3]) >= 0
    assert found.murphy.resolution <= found.murphy.uncertainty + 1e-12
    for one in diagram(answers, bins):
        assert 0 <= one.low <= one.came <= one.high <= 1
        assert one.said_low - 1e-12 <= one.said <= one.said_high + 1e-12


@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_in_which_predictions_are_read_changes_nothing(answers, random):
    shuffled = random.sample(answers, len(answers))
    one, other = (scores(each, equal_bins(each)) for each in (answers, shuffled))
    assert (one.brier.value, one.climate_brier) == pytest.approx((other.brier.value, other.climate_brier))
    assert [len(places) for places in equal_bins(answers)] == [len(places) for places in equal_bins(shuffled)]
    assert (one.brier.low is None) == (other.brier.low is None)
    if one.brier.low is not None:
        assert one.brier[1:] == pytest.approx(other.brier[1:], abs=1e-9)
