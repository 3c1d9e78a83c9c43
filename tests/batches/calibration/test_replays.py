"""Past weeks forecast anew: with what was recorded by then, scored by what came, one at a time."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.calibration import actions
from batches.calibration.actions import judge_refinements, replay_next
from batches.calibration.queries.replays import line_as_of, placed_orders, refinements_of_lines
from batches.calibration.rules.replays import MONDAY, moments, name_of, variants
from batches.durations.rules.slowness import Slowness
from batches.forecasts.models import ForecastJob, Prediction, RefinementState, ReplayedForecast
from batches.forecasts.queries.refinements import refinements_of, slowness_row
from batches.forecasts.statuses import Refinement
from supplychain.orders.actions.events import record_event
from supplychain.orders.statuses import Priority, StageStatus
from tests.batches.calibration.builders import ScoredWorld
from tests.supplychain.builders import at, report

pytestmark = pytest.mark.django_db
# The first Monday after T0, and when all promises that count of it have passed.
MOMENT, NOW = 160, 700


@pytest.fixture
def world() -> ScoredWorld:
    made = ScoredWorld()
    ForecastJob.objects.get_or_create(line=made.plant)
    return made


def begun(world: ScoredWorld, *, promised: float = 400, **given):
    """An order whose selection began at 155, of which we heard at 170; its dose was ready at 500."""
    order = world.order(promised_at=at(promised), **given)
    for stage, start, end in (("collection", 100, 110), ("inbound", 112, 150)):
        world.say(order, "started", stage, start)
        world.say(order, "completed", stage, end)
    record_event(report(order, "started", "selection", 155), by=world.reporter, now=at(170))
    for kind, stage, hours in (("completed", "selection", 180), ("started", "harvest", 180),
                               ("completed", "harvest", 200), ("started", "release", 210),
                               ("completed", "release", 500)):  # fmt: skip
        world.say(order, kind, stage, hours)
    return order


def test_the_moments_are_the_mondays_whose_promises_have_passed():
    found = moments(at(NOW))
    assert (found[0], len(found)) == (at(MOMENT), 26)
    assert {(one - MONDAY) % timedelta(days=7) for one in found} == {timedelta(0)}
    assert moments(at(MOMENT) + timedelta(days=22, seconds=-1))[0] == at(MOMENT) - timedelta(days=7)


def test_a_line_is_read_as_it_was_recorded_then(world):
    order = begun(world)
    world.treated(coi="CO-2", course={"collection": (2, 8), "inbound": (10, 30), "selection": (31, 40),
                  "harvest": (40, 50), "release": (60, 70), "infusion": (90, 91)})  # fmt: skip

    past = line_as_of(world.plant.pk, at(MOMENT))

    assert [one.facts.id for one in past.facts.orders] == [order.pk]  # the other had its dose
    run = past.facts.orders[0].facts.stages["selection"].run
    assert (run.status, run.ready_at, run.started_at) == (StageStatus.READY, at(150), None)
    assert past.facts.orders[0].facts.promised_at == at(400)
    assert past.outcomes[order.pk].ready_at == at(500)


def test_a_week_is_forecast_with_and_without_each_refinement_and_scored(world):
    order = begun(world)

    assert replay_next(now=at(NOW))
    assert not replay_next(now=at(NOW))

    row = ReplayedForecast.objects.get()
    assert (row.line, row.moment) == (world.plant, at(MOMENT))
    assert row.orders == [[str(order.pk), at(400).isoformat(), True]]
    assert set(row.said) == {"", *Refinement.values}
    assert all(0 <= share <= 1 for (share,) in row.said.values())
    state = RefinementState.objects.get(refinement=Refinement.FRAILTY)
    assert (state.is_used, state.orders, state.why[:21]) == (False, 1, "Too few orders to say")
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    ("promised", "counts"), [(327, False), (329, True), (664, True), (665, False)], ids=lambda value: str(value)
)
def test_promises_one_to_three_weeks_ahead_count(world, promised, counts):
    begun(world, promised=promised)
    replay_next(now=at(NOW))
    assert len(ReplayedForecast.objects.get().orders) == counts


def test_who_is_withdrawn_before_the_promise_does_not_count_and_who_is_later_is_late(world):
    for number, hours in enumerate((399, 401)):
        order = world.order(coi=f"CO-{number}", promised_at=at(400))
        world.say(order, "cancelled", hours=hours)
    replay_next(now=at(NOW))
    assert [row[2] for row in ReplayedForecast.objects.get().orders] == [True]


def test_a_week_that_cannot_be_forecast_is_empty_and_the_next_goes_on(world, monkeypatch):
    begun(world)

    def fails(*_):
        raise ArithmeticError

    monkeypatch.setattr(actions, "line_as_of", fails)
    assert replay_next(now=at(NOW))
    assert ReplayedForecast.objects.get().orders == []
    assert not replay_next(now=at(NOW))


def test_another_refinement_in_use_has_past_weeks_forecast_anew(world):
    begun(world)
    replay_next(now=at(NOW))
    RefinementState.objects.filter(refinement=Refinement.FRAILTY).update(is_used=True)

    assert replay_next(now=at(NOW))

    said = ReplayedForecast.objects.get().said
    assert set(said) == {name_of(one) for one in variants(frozenset({Refinement.FRAILTY}))}


def test_it_costs_the_same_statements_however_many_orders(world):
    counts = []
    for number in (1, 3):
        for _ in range(number):
            begun(world, coi=f"CO-{number}-{_}")
        with CaptureQueriesContext(connection) as queries:
            line_as_of(world.plant.pk, at(MOMENT))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def tried(world, said: dict[str, list[float]]) -> None:
    """Sixty orders, half of them late, in ten weeks."""
    for week in range(10):
        moment = moments(at(NOW))[week]
        orders = [[f"{week}-{n}", (moment + timedelta(days=9)).isoformat(), n % 2 == 0] for n in range(6)]
        ReplayedForecast.objects.create(
            line=world.plant, moment=moment, paths=200, made_at=at(NOW), orders=orders,
            said={name: shares * 3 for name, shares in said.items()},
        )  # fmt: skip


def test_one_comes_into_use_at_a_time_and_it_goes_when_it_is_worse(world):
    tried(world, {"": [0.5, 0.5], "frailty": [0.9, 0.1], "endings": [0.6, 0.4], "endings,frailty": [0.8, 0.2]})
    judge_refinements(world.plant.pk, now=at(NOW))

    known = {name: rest for name, *rest in refinements_of_lines([world.plant.pk])[world.plant.pk]}
    assert known["frailty"][0] is True
    assert known["frailty"][2] == "In use: Brier 0.250 → 0.010 over 60 past orders."
    assert known["endings"][0] is False

    judge_refinements(world.plant.pk, now=at(NOW + 1))  # what endings bring beyond frailty: they make it worse
    states = {one.refinement: one for one in RefinementState.objects.all()}
    assert (states["frailty"].is_used, states["frailty"].changed_at) == (True, at(NOW))
    assert states["endings"].why == "Tried, not better: not used (Brier 0.010 → 0.040 over 60 past orders)."

    ReplayedForecast.objects.update(said={"": [0.5, 0.5] * 3, "frailty": [0.2, 0.8] * 3})
    judge_refinements(world.plant.pk, now=at(NOW + 2))
    assert not RefinementState.objects.get(refinement=Refinement.FRAILTY).is_used


@pytest.mark.parametrize(("is_random", "why"), [(True, "In use: numbers of orders in a week off by "),
                                                (False, "Tried, not surely better: not used (numbers")])  # fmt: skip
def test_random_arrivals_are_judged_by_the_orders_that_came(world, is_random, why):
    """Of three orders a week for three quarters of a year, at random or one every 56 hours."""
    luck, weeks = np.random.default_rng(3), 38
    came = np.sort(luck.uniform(0, weeks * 168, 3 * weeks)) if is_random else np.arange(1, weeks * 168, 56)
    for number, hours in enumerate(came):
        world.order(coi=f"CO-{number}", ordered_at=at(float(hours)))
    judge_refinements(world.plant.pk, now=at(weeks * 168))
    state = RefinementState.objects.get(refinement=Refinement.ARRIVALS)
    assert (state.is_used, state.why[:43]) == (is_random, why)


def test_who_came_is_read_with_its_priority_and_without_the_cancelled(world):
    world.order(coi="CO-1", ordered_at=at(10))
    world.order(coi="CO-2", ordered_at=at(20), priority=Priority.URGENT)
    world.say(world.order(coi="CO-3", ordered_at=at(30)), "cancelled", hours=40)
    world.order(coi="CO-4", ordered_at=at(60))
    assert sorted(placed_orders(world.plant.pk, now=at(50))) == [(at(10), False), (at(20), True)]


def test_what_is_in_use_is_what_the_forecast_takes_into_account(world):
    assert refinements_of(world.plant.pk).refined.model == "mc-1"
    learned = Slowness(0.04, frozenset({("a", "selection")}), 50)
    RefinementState.objects.create(
        line=world.plant, refinement=Refinement.FRAILTY, is_used=True, changed_at=at(0), why="", refreshed_at=at(0),
        learned=slowness_row(learned),
    )  # fmt: skip
    found = refinements_of(world.plant.pk).refined
    assert (found.slowness, found.model) == (learned, "mc-1+f")
