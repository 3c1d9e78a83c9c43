"""What a simulated P(late) was worth, against SciPy's optimizer and lines whose truth is known."""

import numpy as np
import pytest
from scipy.optimize import minimize

from batches.calibration.rules.recalibration import FEWEST_ORDERS, fit, recalibrate
from batches.calibration.rules.scores import IssuedProbability
from batches.forecasts.rules.corrections import UNCHANGED, Recalibration, log_odds, logistic
from batches.judgement.rules.shares import Chance

SEED = 20_261_127


def line(random: np.random.Generator, orders: int, factor: float) -> tuple[list[IssuedProbability], np.ndarray]:
    """Orders that come late with known probabilities (19 % on average); the model says `factor` times as much."""
    truth = random.beta(1.2, 5, orders)
    said = np.round(np.clip(truth * factor, 0, 1) * 500) / 500
    came = random.random(orders) < truth
    return [IssuedProbability(n, float(p), bool(c)) for n, (p, c) in enumerate(zip(said, came, strict=True))], truth


@pytest.mark.parametrize(("intercept", "slope"), [(0, 1), (-0.8, 0.6), (1, 1.5), (-2, 0.3)])
def test_the_fit_is_what_an_independent_optimizer_finds(intercept, slope):
    random = np.random.default_rng(SEED)
    odds = random.normal(-1, 1.5, 80)
    came = (random.random(80) < 1 / (1 + np.exp(-(intercept + slope * odds)))).astype(float)

    def loss(at: np.ndarray) -> float:
        found = at[0] + at[1] * odds
        priors = at[0] ** 2 / 2 + (at[1] - 1) ** 2 / (2 * 0.5**2)
        return float(-(came * found - np.logaddexp(0, found)).sum() + priors)

    assert tuple(fit(odds, came)) == pytest.approx(tuple(minimize(loss, [0, 1], method="BFGS").x), abs=1e-4)


def test_with_the_slope_at_its_bound_the_intercept_is_the_best_for_it():
    """The likelier late as simulated, the less often late: no slope may say so, so that little but a share is said."""
    odds = np.log([9.0, 99.0] * 100)  # 35 of 100 that were said 0.9 come late, 4 of those said 0.99
    came = np.array([float(n < (70 if n % 2 == 0 else 8)) for n in range(200)])
    found = fit(odds, came)

    def loss(at: np.ndarray) -> float:
        said = at[0] + found.slope * odds
        return float(-(came * said - np.logaddexp(0, said)).sum() + at[0] ** 2 / 2)

    assert found.slope == 0.05
    assert found.intercept == pytest.approx(minimize(loss, [0], method="BFGS").x[0], abs=1e-4)
    told = [found.corrected(share, 500) for share in (0.9, 0.99)]
    assert told == pytest.approx([39 / 200] * 2, abs=0.03)


def test_many_orders_give_back_the_intercept_and_slope_that_were_put_in():
    random = np.random.default_rng(SEED)
    odds = random.normal(-1, 1.5, 100_000)
    came = (random.random(100_000) < 1 / (1 + np.exp(-(-0.8 + 0.6 * odds)))).astype(float)
    assert tuple(fit(odds, came)) == pytest.approx((-0.8, 0.6), abs=0.03)


def test_a_model_that_says_two_point_two_times_too_much_is_corrected():
    random = np.random.default_rng(SEED)
    corrected, before, after, ratio = 0, [], [], []
    for _ in range(60):
        said, _ = line(random, 100, 2.2)
        found = recalibrate(said, was_used=False)
        corrected += found.used != UNCHANGED
        fresh, truth = line(random, 400, 2.2)
        told = np.array([found.used.corrected(one.probability, 500) for one in fresh])
        simulated = np.array([one.probability for one in fresh])
        before.append(((simulated - truth) ** 2).mean())
        after.append(((told - truth) ** 2).mean())
        ratio.append(told.mean() / truth.mean())
    assert corrected == 60
    assert np.mean(ratio) == pytest.approx(1.05, abs=0.1)
    # The squared distance from the true probabilities, which is what a Brier score has above the perfect forecaster's.
    assert np.mean(after) < 0.2 * np.mean(before)


def test_a_right_model_is_left_alone_but_for_one_in_fifty():
    random = np.random.default_rng(SEED)
    corrected = sum(recalibrate(line(random, 200, 1)[0], was_used=False).used != UNCHANGED for _ in range(200))
    assert corrected <= 8


def test_weeks_that_share_their_fate_count_for_less():
    """Ten orders of each week come late together or not at all: twenty weeks are no hundred and fifty orders."""
    random = np.random.default_rng(SEED)
    weeks = random.random(20) < 0.45
    said = [IssuedProbability(number, 0.3, bool(weeks[number // 10]), None, number // 10) for number in range(200)]
    alone = [one._replace(week=None) for one in said]
    assert recalibrate(alone, was_used=False).evidence > 5 * recalibrate(said, was_used=False).evidence


def test_between_sure_and_unsure_it_stays_as_it_was():
    # 100 orders given 30 %, of which 20 come late: twice the gain lies between the two bars.
    said = [IssuedProbability(number, 0.3, number % 5 == 0) for number in range(100)]
    out, kept = (recalibrate(said, was_used=was) for was in (False, True))
    assert 4.61 < out.evidence < 9.21
    assert (out.used, kept.used) == (UNCHANGED, kept.fitted)
    assert out.why.endswith("and 20 % came late: P(late) is told as the dates have it.")
    assert "P(late) is corrected (log-odds × " in kept.why


def test_too_few_orders_correct_nothing():
    said = [IssuedProbability(number, 0.99, False) for number in range(FEWEST_ORDERS)]
    assert recalibrate(said[:-1], was_used=True).used == UNCHANGED
    assert recalibrate(said[:-1], was_used=True).why == ""
    assert recalibrate(said, was_used=False).used != UNCHANGED


def test_a_correction_by_hand():
    # Odds of 30 % are 3/7; slope 1 and intercept −ln 2 halve them: 3/14, so 3/17.
    halved = Recalibration(-np.log(2), 1)
    assert halved.corrected(0.3, 500) == pytest.approx(3 / 17)
    assert (logistic(log_odds(0.25, 500)), UNCHANGED.corrected(0.0, 500)) == (pytest.approx(0.25), 0)
    # No future of 500 is read as half a one.
    assert halved.corrected(0.0, 500) == pytest.approx(0.001 / 0.999 / 2, abs=1e-6)


def test_what_was_counted_stays_and_the_interval_moves_with_the_share():
    counted = Chance.counted(150, 500)
    found = Recalibration(-np.log(2), 1).of(counted)
    assert (found.count, found.of, found.share) == (150, 500, pytest.approx(3 / 17, abs=1e-4))
    assert found.low < found.share < found.high
    assert UNCHANGED.of(counted) == counted
    assert Recalibration(-1, 1).of(Chance.counted(0, 0)) == Chance.counted(0, 0)
