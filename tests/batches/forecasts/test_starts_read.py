"""Since when stages could have been begun, as it is read; and hours in use are what the forecast takes into account."""

import pytest

from batches.durations.rules.start_hours import Started, WeekHours
from batches.forecasts.models import RefinementState
from batches.forecasts.queries import starts
from batches.forecasts.queries.refinements import learned_row, refinements_of
from batches.forecasts.queries.starts import start_hours_of
from batches.forecasts.rules.refinements import LearnedOfLine
from batches.forecasts.statuses import Refinement
from tests.batches.lines.builders import PoolWorld, hour

pytestmark = pytest.mark.django_db


def begun(world: PoolWorld, *, now: float) -> dict[tuple[str, float], float]:
    """Of each stage and the hour at which it was begun, since which hour it could have been."""
    found = {}
    for one in start_hours_of(world.plant.pk, now=hour(now)):
        assert isinstance(one, Started)
        found[one.stage, (one.started_at - hour(0)).total_seconds() / 3600] = (
            one.could_at - hour(0)
        ).total_seconds() / 3600
    return found


def test_who_waits_for_the_only_suite_could_begin_when_it_was_given_back(monkeypatch):
    """The first keeps the suite from selection to the end of harvest; the second is ready at 15 and begins at 50."""
    monkeypatch.setattr(starts, "learn_start_hours", tuple)
    world = PoolWorld(suites=1)
    first, second = world.order(coi="CO-1", ordered_at=hour(-1)), world.order(coi="CO-2", ordered_at=hour(-1))
    world.tell(
        first, ("collection", "started", 0), ("collection", "completed", 2), ("inbound", "started", 3),
        ("inbound", "completed", 10), ("selection", "started", 11), ("selection", "completed", 20),
        ("harvest", "started", 22), ("harvest", "completed", 40),
    )  # fmt: skip
    world.tell(
        second, ("collection", "started", 0), ("collection", "completed", 2), ("inbound", "started", 5),
        ("inbound", "completed", 15), ("selection", "started", 50),
    )  # fmt: skip

    found = begun(world, now=60)

    assert (found["selection", 11], found["harvest", 22], found["selection", 50]) == (10, 20, 40)
    assert (found["inbound", 3], found["inbound", 5]) == (2, 2)
    assert ("selection", 50) not in begun(world, now=49)
    assert {one.zone for one in start_hours_of(world.plant.pk, now=hour(60)) if one.stage == "selection"} == {
        world.plant.time_zone
    }


def test_hours_in_use_are_read_as_they_were_learned():
    world = PoolWorld()
    hours = (WeekHours(str(world.plant.pk), "selection", "Europe/Oslo", tuple(float(at) for at in range(168))),)
    row = learned_row(Refinement.HOURS, LearnedOfLine(hours=hours))
    state = RefinementState.objects.create(
        line=world.plant, refinement=Refinement.HOURS, is_used=True, changed_at=hour(0), why="", refreshed_at=hour(0),
        learned=row,
    )  # fmt: skip
    found = refinements_of(world.plant.pk).refined
    assert (found.hours, found.model) == (hours, "mc-1+h")
    RefinementState.objects.filter(pk=state.pk).update(is_used=False)
    assert refinements_of(world.plant.pk).refined.hours == ()
