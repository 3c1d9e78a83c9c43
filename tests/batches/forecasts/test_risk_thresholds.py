"""From which probability on an order is flagged: raised at the threshold, cleared clearly below, never fluttering."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.forecasts.rules.thresholds import Thresholds, dose_severity, promise_severity
from batches.judgement.statuses import Severity

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


def test_a_low_threshold_still_clears():
    assert dose_severity(0.06, 0, USUAL, ATTENTION) == ATTENTION
    assert dose_severity(0.05, 0, USUAL, ATTENTION) is None


def test_the_worse_of_wait_and_dose_counts():
    assert dose_severity(0.1, 0.7, USUAL, None) == CRITICAL
    assert dose_severity(0.1, 0.0, USUAL, None) == ATTENTION
    assert dose_severity(0.0, 0.19, USUAL, None) is None


@given(st.lists(st.floats(0.201, 0.599), max_size=30), st.sampled_from([None, ATTENTION]))
def test_a_probability_that_wobbles_around_a_threshold_flips_at_most_once(wobbles, standing):
    flips = 0
    for late in wobbles:
        found = promise_severity(late, USUAL, standing)
        flips += found != standing
        standing = found
    assert flips <= 1
