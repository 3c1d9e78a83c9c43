"""Lines with a planted truth: their loads by hand, their queues by another program, no luck shared between them."""

import numpy as np
import pytest

from batches.durations.rules.curves import constant
from batches.ramp_ups.rules.lines import LineStage, SimulatedLine, SimulatedPool
from batches.trials.rules.planting import CannotBePlanted, Planting, planted_lines, plantings, pools_in_use
from batches.trials.rules.records import moment
from tests.batches.ramp_ups.lines import a_journey, a_line, a_pool
from tests.bench.planted import _served
from tests.bench.trials import log_normal

PLACES = {"suite": 8, "lane": 6, "desk": 2}


def a_site(per_week: float = 10.0, *, keeps: bool = False) -> SimulatedLine:
    stages = [
        LineStage(code, code, "manufacturing", log_normal(60.0, 0.4), pool=code, fails=0.3, withdrawn=0.1)
        for code in PLACES
    ]
    if keeps:
        stages.insert(1, LineStage("harvest", "Harvest", "manufacturing", constant(5.0), pool="suite", keeps=True))
    journey = a_journey(*stages, per_week=per_week)
    return a_line(journey, *(a_pool(code, places) for code, places in PLACES.items()), a_pool("spare", 3))


@pytest.mark.parametrize("keeps", [False, True])
def test_the_planted_pool_has_the_load_and_the_others_so_much_less(keeps):
    """10 orders a week, each holding its place for h hours, c places: load 10 h / (168 c). The planted pool is to have
    0.92, the others 0.92 / 1.3; h is the mean of some hundred services, so it is known to a few per cent."""
    site = a_site(keeps=keeps)
    (line,) = planted_lines(site, [Planting("lane", 0.3, 3)], pools_in_use(site), weeks=52)
    for record in line.records:
        held = record.end - record.start
        load = np.nanmean(held) * 10 / 168 / PLACES[record.code]
        assert load == pytest.approx(0.92 if record.code == "lane" else 0.92 / 1.3, rel=0.06)


def test_each_pool_serves_first_come_first_served_with_its_places():
    """The same arrivals and hours through a queue of a few lines of its own (Kiefer and Wolfowitz's recursion)."""
    site = a_site()
    (line,) = planted_lines(site, [Planting("desk", 0.1, 7)], pools_in_use(site), weeks=8)
    for record in line.records:
        done = np.isfinite(record.end)
        ready, hours = record.ready[done], (record.end - record.start)[done]
        start, _ = _served(ready, hours, PLACES[record.code])
        # The last ones may have been overtaken by orders that are still there at the end.
        first = np.argsort(ready)[: int(done.sum()) - 20]
        assert start[first] == pytest.approx(record.start[done][first], abs=1e-6)


def test_half_of_the_lines_have_no_limit_and_no_two_share_their_luck():
    rounds = plantings(["suite", "lane"], rounds=4)
    for of_round in rounds:
        assert sum(one.limits == "" for one in of_round) == 6
        assert sorted((one.limits, one.slower) for one in of_round if one.limits) == [
            (pool, slower) for pool in ("lane", "suite") for slower in (0.1, 0.2, 0.3)
        ]
    numbers = [one.number for of_round in rounds for one in of_round]
    assert len(set(numbers)) == len(numbers) == 48


def test_the_record_says_at_each_moment_only_what_was_known_then():
    site = a_site()
    (line,) = planted_lines(site, [Planting("", 0.0, 1)], pools_in_use(site), weeks=8)
    now = line.settled + 100.0
    for record in line.records:
        facts = record.facts(now, 672.0)
        at_work = [one for one in facts.occupancies if one.ended_at is None]
        assert len(at_work) == int(((record.start <= now) & ~(record.end <= now)).sum()) <= PLACES[record.code]
        assert all(one.started_at <= moment(now) for one in facts.occupancies)
        assert all(one.ready_at <= moment(now) for one in facts.waits)
        assert sum(not one.started for one in facts.waits) == int(
            ((record.ready <= now) & ~(record.start <= now)).sum()
        )


def test_a_pool_that_no_order_uses_and_one_without_places_are_left_out():
    site = a_site()
    closed = [pool if pool.code != "desk" else SimulatedPool("desk", "Desk", ((0.0, 0),)) for pool in site.pools]
    assert pools_in_use(site) == ["suite", "lane", "desk"]
    assert pools_in_use(a_line(site.journeys[0], *closed)) == ["suite", "lane"]


def test_a_line_with_nothing_to_tell_apart_says_why():
    with pytest.raises(CannotBePlanted, match="no order came in the last half year"):
        pools_in_use(a_site(per_week=0.0))
    site = a_site()
    with pytest.raises(CannotBePlanted, match="fewer than two of its pools"):
        pools_in_use(a_line(site.journeys[0], a_pool("suite", 8)))
