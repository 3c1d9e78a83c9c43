"""How sure a verdict says it is, held against lines of which the truth is known: planted limits, and none."""

import pytest

from batches.lines.rules.bottlenecks import find_bottleneck
from batches.lines.rules.confidence import FIRM, LIKELY, OF_ALL_LINES, PoolUse, separation
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.measures import measure_line
from batches.lines.rules.pools import review_pool
from batches.lines.rules.sureness import not_told_apart
from tests.batches.lines.builders import facts, hour
from tests.bench.clear_lines import clear_verdicts
from tests.bench.planted import planted, verdicts

NOW = hour(1000)


def test_the_separation_is_the_difference_in_units_of_its_error():
    """ln(0.88 / 0.8) = 0.09531; 50 services each with Cs² 0.16: √(2 × 0.16 / 50) = 0.08."""
    one, other = PoolUse(0.88, 50, 0.16), PoolUse(0.8, 50, 0.16)
    assert separation(one, other) == pytest.approx(1.1914, abs=1e-4)
    assert separation(other, one) == pytest.approx(-1.1914, abs=1e-4)


def test_what_nobody_used_is_as_far_off_as_those_tell_that_could_have_come_to_it():
    """None has got through the pool that is used: nothing is known of the other. Four: two errors; 6 at most."""
    idle = PoolUse(0.0, 0, 1.0)
    found = [separation(PoolUse(0.9, served, 1.0), idle) for served in (0, 4, 36, 400)]
    assert found == [0, 2, 6, 6]
    assert separation(idle, PoolUse(0.9, 4, 1.0)) == -2
    assert separation(idle, idle) == 0


def test_a_stuck_pool_that_served_nobody_is_never_firm():
    assert OF_ALL_LINES.confidence_at(separation(PoolUse(1.0, 0, 1.0), PoolUse(0.0, 0, 1.0))) < LIKELY
    assert OF_ALL_LINES.confidence_at(0) < 0.2


def test_the_clearer_the_separation_the_surer():
    sure = [OF_ALL_LINES.confidence_at(z / 2) for z in range(-4, 13)]
    assert sure == sorted(sure)
    assert (sure[0] < 0.05, sure[-1] > 0.99) == (True, True)


def test_two_pools_used_alike_are_not_told_apart_and_a_calm_one_is_no_rival():
    """Twenty services of 8 hours each in the last week, one place, somebody always waits; the third is hardly used."""
    busy = facts(1, held=[(832 + 8 * n, 840 + 8 * n) for n in range(20)] + [(992, None)], waits=[(800, None)] * 2)
    calm = facts(1, held=[(900, 908)])
    of = {"suite": busy, "lane": busy, "desk": calm}
    measures = measure_line(of, NOW)
    pools = [LinePool(code, code.title(), at, review_pool(of[code], NOW), measures[code]) for at, code in enumerate(of)]
    finding = find_bottleneck(pools, None, NOW)
    assert finding.pool == "lane"
    assert [pool.code for pool in not_told_apart(pools[1], pools)] == ["suite"]
    assert finding.evidence["not_told_apart"] == ["suite"]
    assert finding.evidence["confidence"] < 0.2
    assert finding.why.endswith("; not told apart from Suite")


@pytest.mark.parametrize("slower", [0.0, 0.3])
def test_a_firm_verdict_is_seldom_wrong(slower):
    """Nine lines with a pool 30 % tighter than the others, nine without any; a review every ten days."""
    firm = [
        finding.pool == line.limits
        for seed in range(9)
        for line in [planted(500 + seed, load=0.9, slower=slower)]
        for _, finding in verdicts(line, every_days=10)
        if finding.pool and finding.evidence["confidence"] >= 0.9
    ]
    if slower:
        assert len(firm) >= 15
        assert sum(firm) >= 0.9 * len(firm)
    else:
        assert len(firm) <= 3


def test_that_no_pool_limits_a_line_comes_as_often_as_it_says():
    """Lines that the fit has not seen; the truth is their simulation's next four weeks."""
    found = list(clear_verdicts(120, first_seed=200_000))
    stated, came = (sum(getattr(one, name) for one in found) / len(found) for name in ("stated", "came"))
    assert len(found) > 300
    assert abs(stated - came) < 0.05
    firm = [one.came for one in found if one.stated >= FIRM]
    assert sum(firm) >= FIRM * len(firm)
