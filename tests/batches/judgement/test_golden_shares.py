"""Wilson's interval against published figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.judgement.rules.shares import wilson


@pytest.mark.parametrize(
    ("seen", "count", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3; the last one from the formula by hand.
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (97, 100, 0.9155, 0.9897),
    ],
)
def test_intervals_as_published(seen, count, low, high):
    assert wilson(seen / count, count) == pytest.approx((low, high), abs=5e-5)


def test_nothing_counted_may_be_anything():
    assert wilson(0.5, 0) == (0, 1)


@given(st.integers(1, 10**6).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_the_share_lies_inside_and_the_interval_within_0_and_1(counted):
    seen, count = counted
    low, high = wilson(seen / count, count)
    assert 0 <= low <= seen / count <= high <= 1
