"""The 80 % interval in lines of which all is known, where orders come at random and where they come evenly."""

import numpy as np
import pytest

from tests.bench.coverage import SUITES, brier_of, held, table, told
from tests.bench.queueing import CODES, WEEK, Line, futures, world

pytestmark = pytest.mark.long
PLAIN, REFINED, TRUTH = 0, 1, 2


def test_in_a_busy_line_the_interval_holds_once_orders_to_come_are_random():
    """What a forecast says of orders that have yet to get a suite, at a load of 0.9."""
    found = [row for seed in range(30) for row in told(seed, Line(True, 0.9, SUITES[seed % 3]), moments=4, draws=60)]
    waits = [row for row in found if not row.has_begun]
    plain, refined, truth = (held(waits, one).share for one in (PLAIN, REFINED, TRUTH))
    assert plain < refined - 0.03
    assert abs(refined - 0.8) < 0.05
    assert abs(truth - 0.8) < 0.05
    assert brier_of(found, REFINED) < brier_of(found, TRUTH) + 0.003


def test_the_command_tells_each_forecaster_of_each_world_and_how_sure_it_is():
    rows = list(table(2, moments=1))
    assert len(rows) == 4 * (2 * 3 + 1)
    first = [cell.strip() for cell in rows[0].split("|")]
    assert first[1:4] == ["at random, 0.7", "all open", "evenly"]
    assert float(first[5].split()[0]) + float(first[6]) + float(first[7]) == pytest.approx(1, abs=0.002)
    assert "comes into use at 1 of 2 lines" in rows[6]
    assert "comes into use at 0 of 2 lines" in rows[20]


def test_the_world_serves_urgent_orders_first_then_who_has_been_ready_for_longer():
    """In a line of one suite: whenever a suite is taken, nobody who was ready goes before."""
    lived = world(np.random.default_rng(5), Line(True, 0.9, 1), 52 * WEEK)
    head = CODES.index("selection")
    turns = np.argsort(lived.begun[:, head])
    for turn, one in enumerate(turns[:-1]):
        later = turns[turn + 1 :]
        was_there = later[lived.could[later, head] <= lived.begun[one, head]]
        place = (lived.rank[one], lived.could[one, head])
        assert all(place <= (lived.rank[other], lived.could[other, head]) for other in was_there)


def test_who_knows_the_truth_leaves_what_is_past_as_it_was():
    luck, line = np.random.default_rng(1), Line(True, 0.9, 2)
    lived = world(luck, line, 60 * WEEK)
    seen = lived.of(lived.came <= 40 * WEEK)
    drawn = futures(luck, line, seen, 40 * WEEK, 20)
    over = seen.ready <= 40 * WEEK
    assert np.allclose(drawn[:, over], seen.ready[over])
    assert (drawn[:, ~over] > 40 * WEEK).all()
