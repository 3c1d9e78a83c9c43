"""The forecast in worlds in which stages are begun in working hours, and in one in which they are begun at any."""

from dataclasses import replace

import numpy as np
import pytest

from batches.calibration.rules.gate import judge
from batches.durations.rules.start_hours import MOST_AN_HOUR, WeekHours
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated, summaries
from batches.simulation.rules.moments import LEAST_HOURS
from tests.batches.builders import a_run, at
from tests.batches.forecasts.line_builders import PATHS, SITE, line_facts, line_order
from tests.bench.refinements import brier
from tests.bench.working_hours import NONE, PLANT, forecasts

pytestmark = pytest.mark.long
RATES = tuple(MOST_AN_HOUR * (hour < 120 and 8 <= hour % 24 < 17) for hour in range(168))
# Hours from Monday 8:00 UTC, 9:00 in Oslo, to Friday 18:00 there, and from then to Monday 8:00.
FRIDAY, WEEKEND = 4 * 24 + 9, 62


def test_with_working_hours_in_the_world_the_forecast_is_near_who_knows_them():
    found = forecasts(1, PLANT, orders=160, paths=150)
    plain, refined, exact = (brier(one, found.came) for one in (found.plain, found.refined, found.exact))
    assert refined < exact + 0.02 < plain - 0.03
    assert judge(found.pairs(), was_used=False).is_used


def test_where_stages_begin_at_any_hour_not_a_figure_changes():
    found = forecasts(1, NONE, orders=80, paths=60)
    assert np.array_equal(found.plain, found.refined)
    assert not judge(found.pairs(), was_used=False).is_used


@pytest.mark.parametrize(
    ("ready", "begins"),
    [(FRIDAY, FRIDAY + WEEKEND), (4, 4), (24, 24), (-1.5, -1.0)],
    ids=["Friday at 18: Monday at 8", "Monday at 13: at once", "Tuesday at 9: at once", "Monday at 7:30: at 8"],
)
def test_a_release_that_could_begin_does_in_the_next_working_hour(ready, begins):
    """Released in Oslo on working days from 8 to 17; it takes 24 hours, the ways after it 24 and 2."""
    runs = a_run("disposition", "ready", ready=ready)
    orders = line_order(1, runs, done_until="qc_release_tests", promised=1_000)
    facts = line_facts(orders)
    hours = (WeekHours(SITE, "disposition", "Europe/Oslo", RATES),)
    state = line_state(replace(facts, refined=Refined(hours=hours)), at(ready))
    (said,) = summaries(simulated(state, paths=PATHS))
    expected = begins - ready + 24 + 24 + 2
    assert (said.ready_low, said.ready_median, said.ready_high) == pytest.approx((expected,) * 3, abs=LEAST_HOURS)
