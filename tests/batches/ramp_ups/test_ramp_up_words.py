"""What limits a line, in the words of the bottleneck page."""

import pytest

from batches.ramp_ups.rules.pages import Side, beside_past, limit_words, metric_rows
from batches.ramp_ups.rules.results import METRICS, Limit, _moved

LIMIT = {"code": "qc_lane", "name": "QC lanes", "pressed": 0.5, "sure": 0.9, "low": 0.8, "high": 0.95}


def test_a_pool_that_is_pressed_half_of_the_time_limits_the_line():
    name, sure = limit_words(LIMIT, 100)
    assert name == "QC lanes"
    assert sure.startswith("full with somebody waiting 50 % of the time")


def test_one_that_is_pressed_less_is_no_bottleneck():
    assert limit_words(LIMIT | {"pressed": 0.49}, 100)[0] == "No bottleneck; nearest to one: QC lanes"


def test_a_line_without_a_bottleneck_is_told_in_whole_sentences():
    name, sure = limit_words(LIMIT | {"code": "", "name": "", "sure": 0.55}, 40)
    assert name == "No bottleneck"
    assert sure.startswith("in 22 of 40 simulations (95 % interval ")
    assert sure.endswith(") no pool is full with somebody waiting for 2 % of the time")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (("qc", 0.05), ("", 0.0), "No pool is a bottleneck, before or after."),
        (("qc", 0.05), ("suite", 0.03), "The pool nearest to a bottleneck moves from QC to SUITE."),
        (("qc", 0.05), ("qc", 0.03), "The pool nearest to a bottleneck stays: QC."),
        (("", 0.0), ("qc", 0.03), "QC would become the pool nearest to a bottleneck."),
        (("qc", 0.6), ("qc", 0.03), "The bottleneck (QC) is gone: no pool is full with somebody waiting for half of"),
        (("qc", 0.6), ("qc", 0.55), "The bottleneck stays: QC."),
        (("qc", 0.6), ("suite", 0.5), "The bottleneck moves from QC to SUITE."),
        (("qc", 0.05), ("suite", 0.5), "SUITE would become the bottleneck."),
    ],
)
def test_only_what_is_called_a_bottleneck_stays_moves_or_goes(before, after, words):
    limits = (Limit(code, code.upper(), pressed, 0.9, 0.8, 0.95) for code, pressed in (before, after))
    assert _moved(*limits).startswith(words)


@pytest.mark.parametrize(
    ("change", "band"), [([-0.01, -0.02, -0.01, 40], ""), ([0.01, -0.04, 0.31, 40], "0.0 to +0.3")]
)
def test_a_difference_that_rounds_to_nothing_has_no_sign(change, band):
    found = {"band": [3.0, 2.9, 3.1, 40], "change": change, "tells": False}
    side = Side("then", {"metrics": [found | {"field": one.field} for one in METRICS]}, differs=True)
    (lost,) = (row.cells[0] for row in metric_rows([side]) if row.name == "Lost")
    assert (lost.change, lost.change_band) == ("no difference", band)


def test_the_past_week_and_the_next_weeks_are_told_apart():
    assert beside_past("QC lanes", LIMIT | {"pressed": 0.62}) == ""
    assert beside_past("", LIMIT | {"pressed": 0.3}) == ""
    assert beside_past("", LIMIT | {"pressed": 0.62}) == (
        "The two look at different times: no pool was full with a queue for half of the past 7 days; in the next four "
        "weeks QC lanes: full with somebody waiting for 62 % of the time; the likely reason: orders under way "
        "and still to come reach it only then."
    )
    assert beside_past("Suites", LIMIT | {"pressed": 0.3}).endswith(
        "; the likely reason: its queue is worked off by then."
    )
    planned = ["from 12 Jan: 8 Suites instead of 6"]
    assert beside_past("Suites", LIMIT | {"pressed": 0.62}, planned).endswith(
        "; the likely reason: places change (from 12 Jan: 8 Suites instead of 6)."
    )
