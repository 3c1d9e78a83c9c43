"""What limits a line, in the words of the bottleneck page."""

from batches.ramp_ups.rules.pages import limit_words

LIMIT = {"code": "qc_lane", "name": "QC lanes", "pressed": 0.5, "sure": 0.9, "low": 0.8, "high": 0.95}


def test_a_pool_that_is_pressed_half_of_the_time_limits_the_line():
    name, sure = limit_words(LIMIT, 100)
    assert name == "QC lanes"
    assert sure.startswith("full with somebody waiting 50 % of the time")


def test_one_that_is_pressed_less_is_no_bottleneck():
    assert limit_words(LIMIT | {"pressed": 0.49}, 100)[0] == "No bottleneck; nearest to one: QC lanes"
    assert limit_words(LIMIT | {"code": "", "name": ""}, 100)[0] == "No pool limits it"
