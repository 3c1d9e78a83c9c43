"""What limits a line, in the words of the bottleneck page."""

from batches.ramp_ups.rules.pages import beside_past, limit_words

LIMIT = {"code": "qc_lane", "name": "QC lanes", "pressed": 0.5, "sure": 0.9, "low": 0.8, "high": 0.95}


def test_a_pool_that_is_pressed_half_of_the_time_limits_the_line():
    name, sure = limit_words(LIMIT, 100)
    assert name == "QC lanes"
    assert sure.startswith("full with somebody waiting 50 % of the time")


def test_one_that_is_pressed_less_is_no_bottleneck():
    assert limit_words(LIMIT | {"pressed": 0.49}, 100)[0] == "No bottleneck; nearest to one: QC lanes"
    assert limit_words(LIMIT | {"code": "", "name": ""}, 100)[0] == "No pool limits it"


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
