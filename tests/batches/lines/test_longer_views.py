"""Between several pools that are pressed, more of the past than a week decides where the week holds too little."""

from dataclasses import replace

import pytest

from batches.lines.rules.bottlenecks import find_bottleneck
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.long_views import ENOUGH_COMPLETIONS, needs_longer_view, with_longer_view
from batches.lines.rules.measures import measure_line
from batches.lines.rules.pools import PoolFacts, review_pool
from tests.batches.lines.builders import facts, hour

NOW = hour(1000)
WEEK, FOUR_WEEKS = 1000 - 168, 1000 - 672


def line(of: dict[str, PoolFacts]) -> list[LinePool]:
    measures = measure_line(of, NOW)
    return [
        LinePool(code, code, at, review_pool(one, NOW), measures[code]) for at, (code, one) in enumerate(of.items())
    ]


# One place each, always taken. Three waited for the suite all of the last week, two for the lane all of four weeks.
SUITE = facts(1, held=[(0, None)], waits=[(WEEK, None)] * 3)
LANE = facts(1, held=[(0, None)], waits=[(FOUR_WEEKS, None)] * 2)
BOTH = {"suite": SUITE, "lane": LANE}


def test_the_week_names_one_and_four_weeks_the_other():
    """Order-hours: 3 × 168 against 2 × 168 in the week, 3 × 168 against 2 × 672 in four."""
    pools = line(BOTH)
    assert find_bottleneck(pools, None, NOW).pool == "suite"
    assert needs_longer_view(pools)
    seen = with_longer_view(pools, BOTH, NOW)
    assert [(pool.waited_hours, pool.longer.window_hours) for pool in seen] == [(504, 672), (1344, 672)]
    finding = find_bottleneck(seen, None, NOW)
    assert (finding.pool, finding.evidence["order_days_waited"]) == ("lane", 14)
    # The figures of the window that decided are kept beside those of the week.
    assert finding.evidence["window_hours"] == 672
    kept = {pool["pool"]: pool["longer"] for pool in finding.evidence["pools"]}
    # Taken all of the 672 hours by one order; where both are full from the opening on they limit in turn.
    assert kept["lane"] == {
        "window_hours": 672.0, "waiting_hours": 1344.0, "limiting_share": 1.0, "utilisation": 1.0, "services": 0,
    }  # fmt: skip
    assert kept["suite"]["waiting_hours"] == 504.0


def test_a_verdict_of_the_week_alone_has_no_figures_of_another_window():
    evidence = find_bottleneck(line(BOTH), None, NOW).evidence
    assert evidence["window_hours"] == 168
    assert not any("longer" in pool for pool in evidence["pools"])


def test_no_more_is_read_than_there_is():
    suite = replace(SUITE, waits=facts(1, waits=[(700, None)]).waits)
    lane = replace(LANE, waits=facts(1, waits=[(760, None)]).waits)
    seen = with_longer_view(line({"suite": suite, "lane": lane}), {"suite": suite, "lane": lane}, NOW)
    assert [pool.longer.window_hours for pool in seen] == [300, 300]


@pytest.mark.parametrize("enough", [True, False])
def test_a_week_that_holds_enough_of_each_needs_no_more(enough):
    count = ENOUGH_COMPLETIONS - (not enough)
    held = [(WEEK + 1 + n, WEEK + 2 + n) for n in range(count)] + [(0, None)]
    pools = line({code: facts(1, held=held, waits=[(WEEK, None)]) for code in BOTH})
    assert needs_longer_view(pools) is not enough


def test_a_line_without_a_candidate_or_of_one_pool_needs_no_more():
    assert not needs_longer_view(line({"suite": facts(1), "lane": facts(1)}))
    assert not needs_longer_view(line({"suite": SUITE}))
