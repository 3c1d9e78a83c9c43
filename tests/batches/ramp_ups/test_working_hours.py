"""Hours in which stages are begun, in scenarios and in the replay: only where the forecast uses them."""

import pytest

from batches.durations.rules.start_hours import MOST_AN_HOUR, WeekHours
from batches.forecasts.models import RefinementState
from batches.forecasts.queries.refinements import learned_row
from batches.forecasts.rules.refinements import LearnedOfLine
from batches.forecasts.statuses import Refinement
from batches.ramp_ups.queries import past
from batches.ramp_ups.queries.lines import read_line
from batches.ramp_ups.queries.past import past_line, past_span
from batches.ramp_ups.rules.changes import ChangeKind, ScenarioChange
from batches.ramp_ups.rules.lines import from_json, to_json
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.replications import replicate
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
# NOW is a Monday at 8:00 UTC.
RATES = tuple(MOST_AN_HOUR * (hour % 24 == 12) for hour in range(168))


@pytest.fixture
def world() -> RampWorld:
    return RampWorld()


def hours_of(world: RampWorld) -> tuple[WeekHours, ...]:
    return (WeekHours(str(world.plant.pk), "selection", "UTC", RATES),)


def use(world: RampWorld, *, is_used: bool = True) -> None:
    RefinementState.objects.create(
        line=world.plant, refinement=Refinement.HOURS, is_used=is_used, changed_at=at(0), why="", refreshed_at=at(0),
        learned=learned_row(Refinement.HOURS, LearnedOfLine(hours=hours_of(world))),
    )  # fmt: skip


def test_a_line_has_the_hours_that_its_forecast_uses(world):
    use(world)
    line = read_line(world.plant, now=NOW, live=True)
    assert line.hours == hours_of(world)
    for stages in (line.journeys[0].stages, line.open_orders[0].visits):
        assert {getattr(one, "code", "") or one.stage: one.hours for one in stages if one.hours >= 0} == {
            "selection": 0
        }
    assert from_json(to_json(line)) == line


def test_not_in_use_a_line_has_none(world):
    use(world, is_used=False)
    line = read_line(world.plant, now=NOW, live=True)
    assert line.hours == ()
    assert {one.hours for one in (*line.journeys[0].stages, *line.open_orders[0].visits)} == {-1}


@pytest.mark.parametrize(
    ("changes", "is_at_noon"),
    [((), True), ((ScenarioChange(ChangeKind.SHIFT, "suite", shift="Mon-Sun 0-24"),), False)],
    ids=["as learned", "a shift is said instead"],
)
def test_a_scenario_begins_stages_in_them_unless_it_says_a_shift(world, changes, is_at_noon):
    use(world)
    line = read_line(world.plant, now=NOW)
    (one,) = replicate(plan_of(line, changes, horizon=8 * 168), [1], opened=0.0, horizon=8 * 168)
    waited = one.futures.wait_hours.reshape(one.begins.size, -1)[:, 2]
    assert (waited.max() > 1) == is_at_noon


def test_the_replay_takes_those_that_were_to_be_learned_when_the_weeks_began(world, monkeypatch):
    use(world)
    span, asked = past_span(NOW), []

    def learned(_, *, now):
        asked.append(now)
        return hours_of(world)

    monkeypatch.setattr(past, "start_hours_of", learned)
    line = past_line(world.plant, span).line
    assert asked == [span[0]]
    assert (line.hours, line.open_orders[0].visits[2].hours) == (hours_of(world), 0)
