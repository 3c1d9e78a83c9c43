"""Each line's verdict is tried on its own rates, some simulated lines at a time, and told with what that was worth."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.capacity.actions import set_capacity
from batches.capacity.models import Pool
from batches.forecasts.models import CalibrationState
from batches.lines.actions.pools import review_due_pools
from batches.lines.models import BottleneckPeriod, VerdictTrial
from batches.lines.queries import tried_lines
from batches.lines.rules.confidence import LineCurve
from batches.trials import actions
from batches.trials.actions import AFTER_FAILURE, AGAIN, LINES_AT_ONCE, ask_for_trials, go_on_with_trials
from batches.trials.rules import trials
from supplychain.orders.models import PatientOrder
from tests.batches.lines.builders import PoolWorld, hour, jam, touched
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.dashboards.builders import browser_of
from tests.supplychain.api_clients import session_of

pytestmark = pytest.mark.django_db
WHOLE = {
    "intercept": -0.8, "slope": 0.6, "may_be_firm": True, "lines": 108, "verdicts": 850, "firm": 46, "firm_right": 44,
    "rows": [{"slower": 0.1, "verdicts": 108, "named": 71, "right": 49, "firm": 3, "firm_right": 3, "was_firm": 2,
              "was_firm_right": 1}],
}  # fmt: skip


@pytest.fixture
def world() -> RampWorld:
    return RampWorld()


@pytest.fixture
def _small(monkeypatch) -> None:
    """One pair of rounds, each line judged once: enough for what is kept when."""
    monkeypatch.setattr(trials, "ABOUT_LINES", 1)
    monkeypatch.setattr(trials.found_on, "__defaults__", (1,))


def finish(now=NOW) -> int:
    """How many rounds of work it took."""
    rounds = 0
    while go_on_with_trials(now=now):
        rounds += 1
    return rounds


@pytest.mark.usefixtures("_small")
def test_a_line_is_tried_some_simulated_lines_at_a_time_and_then_rests_for_a_week(world):
    ask_for_trials(now=NOW)
    assert go_on_with_trials(now=NOW)
    trial = VerdictTrial.objects.get()
    in_use, *done = trial.progress
    assert (len(done), trial.made_at, trial.lease) == (LINES_AT_ONCE, None, None)
    rounds = finish()
    trial.refresh_from_db()
    assert trial.lines == 12 * len(in_use) == LINES_AT_ONCE * (rounds + 1)
    assert (trial.made_at, trial.due_at, trial.progress, trial.why) == (NOW, NOW + AGAIN, [], "")
    assert sum(row["verdicts"] for row in trial.rows) == trial.lines
    assert tried_lines([world.plant.pk])[world.plant.pk].outcome.lines == trial.lines
    ask_for_trials(now=NOW + timedelta(days=6))
    assert not go_on_with_trials(now=NOW + timedelta(days=6))
    assert go_on_with_trials(now=NOW + AGAIN)


@pytest.mark.usefixtures("_small")
def test_other_places_are_tried_at_once_and_what_was_under_way_is_dropped(world):
    ask_for_trials(now=NOW)
    go_on_with_trials(now=NOW)
    later = NOW + timedelta(hours=1)
    set_capacity(Pool.objects.get(code="suite"), places=5, starts_at=later, by=None, now=later)
    ask_for_trials(now=later)
    trial = VerdictTrial.objects.get()
    assert (trial.progress, trial.due_at) == ([], later)
    ask_for_trials(now=later + timedelta(minutes=1))
    trial.refresh_from_db()
    assert trial.due_at == later  # asked once


@pytest.mark.usefixtures("_small")
def test_what_comes_after_the_lease_was_taken_away_is_not_written(world, monkeypatch):
    ask_for_trials(now=NOW)
    found_on = actions.found_on

    def while_places_change(*given, **also):
        VerdictTrial.objects.update(lease=None, progress=[])
        return found_on(*given, **also)

    monkeypatch.setattr(actions, "found_on", while_places_change)
    assert go_on_with_trials(now=NOW)
    assert VerdictTrial.objects.get().progress == []


def test_a_line_with_nothing_to_tell_apart_says_why_and_is_asked_again_in_a_week(world):
    PatientOrder.objects.update(ordered_at=NOW - timedelta(weeks=60))
    ask_for_trials(now=NOW)
    assert finish() == 1
    trial = VerdictTrial.objects.get()
    assert (trial.made_at, trial.why, trial.due_at) == (None, "no order came in the last half year", NOW + AGAIN)
    assert tried_lines([world.plant.pk]) == {}


def test_a_trial_that_fails_keeps_what_stood_and_is_tried_again_the_next_day(world, monkeypatch):
    ask_for_trials(now=NOW)
    VerdictTrial.objects.update(**WHOLE, made_at=NOW - AGAIN)
    monkeypatch.setattr(actions, "trial_of", lambda line: 1 / 0)
    assert finish() == 1
    trial = VerdictTrial.objects.get()
    assert (trial.lines, trial.made_at, trial.due_at) == (108, NOW - AGAIN, NOW + AFTER_FAILURE)
    assert trial.why.startswith("the trial failed (ZeroDivisionError")


def test_the_next_verdict_is_told_by_the_lines_own_curve_and_keeps_what_that_rests_on():
    world = PoolWorld()
    jam(world)
    touched(world, hours=100)
    review_due_pools(now=hour(100))
    before = BottleneckPeriod.objects.get().evidence
    assert before["tried"] is None
    VerdictTrial.objects.create(line=world.plant, **WHOLE, made_at=hour(90), due_at=hour(900))
    touched(world, hours=101)
    review_due_pools(now=hour(101))
    evidence = BottleneckPeriod.objects.get().evidence
    # Nothing else is used, but nobody got through the suite: no standard error apart.
    assert before["confidence"] == pytest.approx(LineCurve().confidence_at(0), abs=1e-3)
    assert evidence["confidence"] == pytest.approx(LineCurve(-0.8, 0.6).confidence_at(0), abs=1e-3)
    assert evidence["tried"] == {
        "at": hour(90).isoformat(), "lines": 108, "firm": 46, "firm_right": 44, "may_be_firm": True,
    }  # fmt: skip


@pytest.fixture
def tried(world) -> RampWorld:
    with time_machine.travel(NOW, tick=False):
        VerdictTrial.objects.create(line=world.plant, **WHOLE, made_at=NOW - timedelta(days=2), due_at=NOW)
        yield world


def page_of(user) -> str:
    return " ".join(browser_of(user).get(reverse("calibration")).content.decode().split())


def test_the_calibration_page_says_what_the_confidence_rests_on(tried):
    page = page_of(tried.operations)
    assert "Calibrated on 108 simulated lines with this line&#x27;s own rates on" in page
    assert "of 46 firm verdicts, those with a smaller lead among them, 44 were right." in page
    assert '<th scope="row">A pool 10 % slower</th><td class="number">108</td><td class="number">71</td>' in page


def test_it_says_so_where_it_is_not_calibrated(tried):
    VerdictTrial.objects.update(made_at=None, lines=0, may_be_firm=False, why="no order came in the last half year")
    assert "Not calibrated for this line, for no order came in the last half year:" in page_of(tried.operations)
    VerdictTrial.objects.all().delete()
    assert "Not calibrated for this line yet: how sure it is rests on" in page_of(tried.operations)


def test_systems_read_the_trial_of_their_lines(tried):
    CalibrationState.objects.create(
        line=tried.plant, changed_at=NOW, refreshed_at=NOW, model="mc-1", is_used=True, orders=0
    )
    (line,) = session_of(tried.operations).get("/api/v1/calibration/").json()["results"]
    assert line["verdict_trial"]["lines"] == 108
    assert line["verdict_trial"]["rows"][0]["was_firm_right"] == 1
    VerdictTrial.objects.all().delete()
    (line,) = session_of(tried.operations).get("/api/v1/calibration/").json()["results"]
    assert line["verdict_trial"] is None
