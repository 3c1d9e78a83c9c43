"""A bottleneck that has moved: who leads for three days running by active periods or use takes over.

What is right is known beforehand: the pools are fed with the numbers of a line whose limit moved on a given day.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from batches.lines.rules.bottlenecks import Root, find_bottleneck
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.measures import Recent, measure_line
from batches.lines.rules.pools import review_pool
from tests.batches.lines.builders import facts, hour
from tests.batches.lines.test_bottleneck_rules import BEFORE, NOW, pool

MEASURED = measure_line({"any": facts()}, NOW)["any"]
CALM = (24.0, 24.0, 24.0)


def measured(code: str, load: float, *, limiting=CALM, used=(0.9, 0.9, 0.9), pressed=CALM, share=0.9) -> LinePool:
    """A pool with these last three days."""
    measures = replace(MEASURED, recent=Recent(pressed, limiting, used))
    return replace(pool(code, share=share, load=load), measures=measures)


def root_of(*pools: LinePool, incumbent: str = "suites", since=BEFORE) -> str:
    return find_bottleneck(pools, Root(incumbent, since), NOW).pool


SUITES = measured("suites", 1_000, limiting=(3.0, 2.0, 1.0), used=(0.7, 0.8, 0.7))


def test_who_was_the_bottleneck_for_longer_on_each_of_three_days_takes_over_though_less_was_waited():
    lanes = measured("lanes", 300, limiting=(20.0, 21.0, 22.0))
    assert root_of(SUITES, lanes) == "lanes"
    finding = find_bottleneck([SUITES, lanes], Root("suites", BEFORE), NOW)
    assert finding.ended_why == "Lanes have limited the line more than Suites for 3 days running"


@pytest.mark.parametrize("limiting", [(2.0, 21.0, 22.0), (20.0, 2.0, 22.0), (20.0, 21.0, 1.0)])
def test_two_days_of_three_are_not_enough(limiting):
    lanes = measured("lanes", 300, limiting=limiting, used=(0.7, 0.9, 0.9))
    assert root_of(SUITES, lanes) == "suites"


def test_who_is_used_more_on_each_of_three_days_takes_over_unless_the_other_leads_by_active_periods():
    used = (0.95, 0.97, 0.99)
    equal = measured("lanes", 300, limiting=(3.0, 1.0, 1.0), used=used)
    behind = measured("lanes", 300, limiting=(0.0, 1.0, 0.5), used=used)
    assert root_of(SUITES, equal) == "lanes"
    assert root_of(SUITES, behind) == "suites"


def test_what_nobody_waits_for_does_not_take_over_however_much_it_is_used():
    assert root_of(SUITES, measured("lanes", 300, limiting=CALM, pressed=(24.0, 11.9, 24.0), share=0.4)) == "suites"


def test_it_is_a_candidate_before_it_was_full_for_half_of_the_week():
    assert root_of(SUITES, measured("lanes", 30, limiting=CALM, share=3 / 7)) == "lanes"


def test_who_leads_is_not_displaced_by_what_was_waited_before():
    lanes = measured("lanes", 300, limiting=(20.0, 21.0, 22.0))
    assert root_of(SUITES, lanes, incumbent="lanes") == "lanes"


def test_after_taking_over_nobody_leads_it_away_for_a_day():
    lanes = measured("lanes", 300, limiting=(20.0, 21.0, 22.0))
    assert root_of(SUITES, lanes, since=NOW - timedelta(hours=23)) == "suites"
    assert root_of(SUITES, lanes, since=NOW - timedelta(hours=24)) == "lanes"


def test_the_last_days_are_measured_by_hand():
    """One place. Three days: free; taken and waited for from hour 30 to 60 (of 24–48 and 48–72); taken from then on."""
    now = hour(1072)
    line = {"suite": facts(1, held=[(1030, 1060), (1060, None)], waits=[(1030, 1060)])}
    recent = measure_line(line, now)["suite"].recent
    assert list(recent.pressed) == [0, 18, 12]
    assert list(recent.limiting) == [0, 18, 24]
    assert list(recent.used) == pytest.approx([0, 0.75, 1])
    assert review_pool(line["suite"], now).busy == 1
