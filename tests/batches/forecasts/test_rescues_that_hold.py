"""A rescue tells of the order as it stood when it was looked for: after a failure its figures are those of before."""

import pytest

from batches.forecasts.rules.rescues import standing_rescue, still_holds

TRIED = {"helps": True, "late": 0.31, "late_before": 0.45, "wait_expires": 0.0, "worst_before": None}


@pytest.mark.parametrize(("late", "holds"), [(0.45, True), (0.64, True), (0.66, False), (0.99, False), (0.2, False)])
def test_it_holds_while_the_order_is_about_as_likely_late(late, holds):
    assert still_holds(standing_rescue({"tried": [TRIED]}, 0.45, 0.0), late) is holds


def test_it_is_held_against_what_was_then_however_often_it_was_kept():
    """By steps that are each small it would never end."""
    known = standing_rescue({"tried": [TRIED]}, 0.45, 0.0)
    for late in (0.55, 0.65):
        assert still_holds(known, late)
        known = standing_rescue(known, late, 0.0)
    assert not still_holds(known, 0.7)


def test_of_an_older_one_the_last_word_counts_and_without_a_date_it_holds():
    assert not still_holds({"tried": [TRIED], "late_now": 0.4}, 0.95)
    assert still_holds({"tried": [TRIED]}, 0.95)
    assert still_holds({"tried": [TRIED], "late_then": 0.4}, None)
