"""From which probability on an order is flagged: raised at the threshold, cleared clearly below, never fluttering."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.forecasts.rules.thresholds import Thresholds, dose_severities, promise_severity, stands_until, worst
from batches.forecasts.rules.words import late_words
from batches.judgement.statuses import DoseRisk, Severity

USUAL = Thresholds()
ATTENTION, CRITICAL = Severity.ATTENTION, Severity.CRITICAL


@pytest.mark.parametrize(
    ("late", "standing", "found"),
    [
        (None, None, None), (0.29, None, None), (0.3, None, ATTENTION), (0.59, None, ATTENTION), (0.6, None, CRITICAL),
        (0.25, ATTENTION, ATTENTION), (0.2, ATTENTION, None), (0.55, CRITICAL, CRITICAL), (0.5, CRITICAL, ATTENTION),
        (0.25, CRITICAL, ATTENTION), (0.19, CRITICAL, None),
    ],
)  # fmt: skip
def test_it_is_raised_at_its_threshold_and_cleared_below(late, standing, found):
    assert promise_severity(late, USUAL, standing) == found


WAIT, NO_DOSE = DoseRisk.WAIT, DoseRisk.NO_DOSE


def test_a_low_threshold_still_clears():
    assert dose_severities(0.06, 0, USUAL, {WAIT: ATTENTION}) == {WAIT: ATTENTION}
    assert dose_severities(0.05, 0, USUAL, {WAIT: ATTENTION}) == {}


@pytest.mark.parametrize(
    ("wait", "no_dose", "standing", "found"),
    [
        (0.1, 0.7, {}, {WAIT: ATTENTION, NO_DOSE: CRITICAL}),
        (0.1, 0.0, {}, {WAIT: ATTENTION}),
        (0.0, 0.19, {}, {}),
        (0.0, 0.15, {WAIT: ATTENTION}, {}),
        (0.0, 0.15, {WAIT: CRITICAL}, {}),
        (0.06, 0.15, {WAIT: ATTENTION}, {WAIT: ATTENTION}),
        (0.06, 0.15, {NO_DOSE: ATTENTION}, {NO_DOSE: ATTENTION}),
        (0.55, 0.55, {WAIT: CRITICAL}, {WAIT: CRITICAL, NO_DOSE: ATTENTION}),
    ],
)
def test_each_reason_stands_by_its_own_threshold_and_holds_up_no_other(wait, no_dose, standing, found):
    assert dose_severities(wait, no_dose, USUAL, standing) == found


def test_the_worse_of_wait_and_dose_counts():
    assert worst({WAIT: ATTENTION, NO_DOSE: CRITICAL}) == CRITICAL
    assert worst({WAIT: ATTENTION}) == ATTENTION
    assert worst({}) is None


@given(st.lists(st.floats(0.201, 0.599), max_size=30), st.sampled_from([None, ATTENTION]))
def test_a_probability_that_wobbles_around_a_threshold_flips_at_most_once(wobbles, standing):
    flips = 0
    for late in wobbles:
        found = promise_severity(late, USUAL, standing)
        flips += found != standing
        standing = found
    assert flips <= 1


@pytest.mark.parametrize(
    ("late", "severity", "until"),
    [
        (0.55, Severity.CRITICAL, 0.5), (0.6, Severity.CRITICAL, None), (0.55, Severity.ATTENTION, None),
        (0.28, Severity.ATTENTION, 0.2),
    ],
)  # fmt: skip
def test_a_flag_that_only_stands_because_it_stood_says_until_when(late, severity, until):
    assert stands_until(late, severity, Thresholds()) == until


@pytest.mark.parametrize(("late", "words"), [(0.0975, "may be late (10 %)"), (0.09, "very likely in time (9 % late)")])
def test_the_same_per_cent_is_always_called_the_same(late, words):
    assert late_words(late) == words
