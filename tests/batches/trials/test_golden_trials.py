"""What a trial makes of verdicts of which the truth is known: curves that were put in, and doses of wrong firm ones."""

from math import exp

import numpy as np
import pytest

from batches.lines.rules.confidence import FIRM, OF_ALL_LINES, LineCurve
from batches.trials.rules.trials import TrialVerdict, found_on, learned, outcome_of, trial_of
from tests.batches.trials.test_golden_planted_lines import a_site


def drawn(intercept: float, slope: float, number: int, seed: int) -> list[TrialVerdict]:
    """Names of which exactly such a share is right as the curve says: log-odds of all lines × slope + intercept."""
    luck = np.random.default_rng(seed)
    separated = luck.uniform(-1, 5, number)
    shares = 1 / (1 + np.exp(-(intercept + slope * (-1.9 + 1.4 * separated))))
    right = luck.random(number) < shares
    return [TrialVerdict("suite", 0.2, "suite" if yes else "lane", z) for z, yes in zip(separated, right, strict=True)]


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-0.8, 0.6), (0.5, 1.3)])
def test_a_curve_that_was_put_in_is_found(intercept, slope):
    curve = learned(drawn(intercept, slope, 4_000, seed=5))
    assert curve.intercept == pytest.approx(intercept, abs=0.12)
    assert curve.slope == pytest.approx(slope, abs=0.1)
    told = curve.confidence_at(2.0)
    assert told == pytest.approx(1 / (1 + exp(-(intercept + slope * 0.9))), abs=0.03)


def test_names_that_were_never_given_teach_nothing():
    assert learned([TrialVerdict("suite", 0.2, "", 0.0)] * 50) == OF_ALL_LINES


def verdicts(right: int, wrong: int, separated: float) -> list[TrialVerdict]:
    """So many right and wrong names, all as far from their nearest rival."""
    named = ["suite"] * right + ["lane"] * wrong
    return [TrialVerdict("suite", 0.3, name, separated) for name in named]


def test_none_is_called_firm_where_firm_ones_were_wrong_too_often():
    """One half was always right, so by it such names are firm; of the other a fifth was wrong, so by it they are not.
    Told crosswise only the second half is firm, and right in 160 of 200."""
    found = outcome_of(verdicts(200, 0, 3.0), verdicts(160, 40, 3.0), lines=50)
    assert (found.firm, found.firm_right, found.curve.may_be_firm) == (200, 160, False)
    assert found.curve.confidence_at(3.0) < FIRM
    found = outcome_of(verdicts(194, 6, 3.0), verdicts(190, 10, 3.0), lines=50)
    assert (found.firm, found.firm_right, found.curve.may_be_firm) == (400, 384, True)
    assert found.curve.confidence_at(3.0) >= FIRM


@pytest.mark.parametrize(("each", "may_be"), [(9, False), (10, True)])
def test_none_is_called_firm_where_too_few_were_to_tell(each, may_be):
    found = outcome_of(verdicts(each, 0, 5.0), verdicts(each, 0, 5.0), lines=50)
    assert (found.firm, found.curve.may_be_firm) == (2 * each, may_be)
    assert (found.curve.confidence_at(5.0) >= FIRM) is may_be


def test_the_rows_count_each_kind_of_line_once():
    checked = [
        TrialVerdict("", 0.0, "suite", 4.0), TrialVerdict("", 0.0, "", 0.0), TrialVerdict("lane", 0.1, "lane", 0.0),
        TrialVerdict("lane", 0.3, "lane", 5.0), TrialVerdict("lane", 0.3, "suite", 5.0),
    ]  # fmt: skip
    rows = outcome_of([], checked, lines=4).rows
    found = [
        (row["slower"], row["verdicts"], row["named"], row["right"], row["firm"], row["firm_right"]) for row in rows
    ]
    assert found == [(0.0, 2, 1, 0, 1, 0), (0.1, 1, 1, 1, 0, 0), (0.2, 0, 0, 0, 0, 0), (0.3, 2, 2, 1, 2, 1)]


def test_the_curve_changes_how_sure_it_is_and_never_turns_it_round():
    curve = LineCurve(-0.8, 0.6)
    sure = [curve.confidence_at(z / 2) for z in range(-12, 13)]
    assert sure == sorted(sure)


def test_the_same_line_tried_twice_or_in_parts_is_worth_the_same():
    site = a_site()
    trial = trial_of(site)
    some = trial.plantings[:6]
    whole = found_on(site, trial, some, weeks=2)
    assert whole == [*found_on(site, trial, some[:2], weeks=2), *found_on(site, trial, some[2:], weeks=2)]
    assert [len(of_line) for of_line in whole] == [2] * 6
