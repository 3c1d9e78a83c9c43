"""One row whose error must not end the work for all: lines, sites, flips, claims, subjects, flows."""

from datetime import timedelta

import pytest
from django.urls import reverse

from batches.calibration import actions as calibration
from batches.durations.rules import subjects
from batches.durations.rules.subjects import PlannedStage, learn_all
from batches.flags.actions import evaluation
from batches.flags.models import Flag
from batches.forecasts.actions import made, predictions, rescues
from batches.forecasts.actions.predictions import LEASE, forecast_due_lines
from batches.forecasts.models import ForecastJob, Prediction
from batches.forecasts.queries import line_states
from batches.forecasts.rules import summaries
from batches.judgement.statuses import FlagCode, Severity
from batches.lines.actions import pools
from batches.lines.actions.pools import review_due_pools
from batches.lines.actions.touched_pools import mark_pools_touched
from batches.notifications.actions import notifications
from batches.notifications.actions.notifications import tell_due_flips
from batches.notifications.models import Notification
from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import ScenarioRun
from batches.simulation.rules.network import MOST_STAGES, key_of
from supplychain.flows.rules import checks
from supplychain.flows.rules.checks import check_flow
from tests.batches.judging import evaluate
from tests.batches.lines.builders import PoolWorld, hour, state, touched
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at, make_site, make_user
from tests.supplychain.due_orders import due_moment, nothing_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(monkeypatch) -> PoolWorld:
    monkeypatch.setattr(predictions, "PATHS", 60)
    return PoolWorld()


def poisoned(monkeypatch, module, name: str, is_bad) -> None:
    """The function raises for what `is_bad` says."""
    usual = getattr(module, name)

    def spoiled(*arguments, **options):
        if is_bad(*arguments, **options):
            raise ValueError("poison")
        return usual(*arguments, **options)

    monkeypatch.setattr(module, name, spoiled)


def long_flow(stages: int) -> str:
    """A flow file with so many stages, one after the other."""
    rows = "\n".join(
        f"  - {{code: s{n}, name: S {n}, kind: manufacturing, place: plant, after: [{f's{n - 1}' if n else ''}],"
        f" planned: 1, worst: 2}}"
        for n in range(stages)
    )
    return f"code: long\nname: Long\nrestart_stage: s0\nproducts:\n  - {{code: p, name: P}}\nstages:\n{rows}\n"


def test_a_flow_with_more_stages_than_can_be_simulated_is_refused_where_it_enters():
    assert checks.MOST_STAGES == MOST_STAGES
    said = {count: [one.text for one in check_flow(long_flow(count)).problems] for count in (63, 64)}
    assert not [text for text in said[63] if "simulated" in text]
    assert "there are 64 stages; at most 63 can be simulated" in said[64]


def test_orders_to_come_that_cannot_be_simulated_leave_the_others_their_forecast(world, monkeypatch):
    orders = [world.arrived(20) for _ in range(4)]
    from batches.forecasts.rules.line_states import _Ways

    def never(self, kind, name, begins_at):
        raise ValueError("64 stages")

    monkeypatch.setattr(_Ways, "_not_placed", never)
    forecast_due_lines(now=at(22))
    assert Prediction.objects.count() == len(orders)
    assert ForecastJob.objects.get().evidence["unknown_demand"] == ["ValueError: 64 stages"]


def test_a_flow_that_cannot_be_read_leaves_out_its_own_orders_only(world, monkeypatch):
    bad, good = world.arrived(20, priority="urgent"), world.arrived(21)
    poisoned(monkeypatch, line_states, "order_kind", lambda flow, product, sites, priority: priority == "urgent")
    forecast_due_lines(now=at(22))
    assert list(Prediction.objects.values_list("order", flat=True)) == [good.pk]
    assert list(ForecastJob.objects.get().evidence["left_out"]) == [str(bad.pk)]


def test_a_line_that_cannot_be_forecast_stops_no_other_and_says_so(world, monkeypatch):
    other = make_site("other", world.plant.kind)
    world.arrived(20)
    elsewhere = world.order(plant=other.code, ordered_at=at(20))
    ForecastJob.objects.all().delete()
    poisoned(monkeypatch, predictions, "line_facts", lambda line, now: line == world.plant.pk)
    forecast_due_lines(now=at(22), limit=8)
    assert list(Prediction.objects.values_list("order", flat=True)) == [elsewhere.pk]
    job = ForecastJob.objects.get(line=world.plant)
    assert (job.evidence["failed"], job.made_at) == ("ValueError: poison", None)

    monkeypatch.undo()
    forecast_due_lines(now=at(22) + LEASE, limit=8)
    assert "failed" not in ForecastJob.objects.get(line=world.plant).evidence


def test_an_order_of_which_nothing_can_be_said_is_left_out_and_the_others_are_forecast(world, monkeypatch):
    bad, good = world.arrived(20), world.arrived(21)
    poisoned(monkeypatch, made, "new_prediction", lambda summary, **_: summary.order == bad.pk)
    forecast_due_lines(now=at(22))
    assert list(Prediction.objects.values_list("order", flat=True)) == [good.pk]
    assert list(ForecastJob.objects.get().evidence["left_out"]) == [str(bad.pk)]


def test_an_order_on_which_the_simulation_fails_is_left_out_flagged_and_the_others_are_forecast(world, monkeypatch):
    orders = [world.arrived(20 + hour) for hour in range(6)]
    bad = {key_of(str(orders[at].pk)): at for at in (1, 4)}
    usual = summaries.network

    def spoiled(ahead, *rest):
        if found := [bad[one.key] for one in ahead if one.key in bad]:
            raise ValueError(f"poison of {found[0]}")
        return usual(ahead, *rest)

    monkeypatch.setattr(summaries, "network", spoiled)
    forecast_due_lines(now=at(30))
    good = {one.pk for number, one in enumerate(orders) if number not in (1, 4)}
    assert set(Prediction.objects.values_list("order", flat=True)) == good
    job = ForecastJob.objects.get()
    assert job.evidence["left_out"] == {
        str(orders[1].pk): "ValueError: poison of 1", str(orders[4].pk): "ValueError: poison of 4",
    }  # fmt: skip
    assert "failed" not in job.evidence
    evaluate(31)
    raised = Flag.objects.filter(cleared_at=None, code=FlagCode.EVALUATION_FAILED)
    assert set(raised.values_list("order", flat=True)) == {orders[1].pk, orders[4].pk}


def test_rescues_that_cannot_be_simulated_cost_nobody_the_forecast(world, monkeypatch):
    order = world.arrived(20)
    poisoned(monkeypatch, rescues, "newcomers", lambda state, **_: True)
    forecast_due_lines(now=at(22))
    assert list(Prediction.objects.values_list("order", flat=True)) == [order.pk]


def test_pools_of_a_site_that_cannot_be_reviewed_stop_no_other_site(world, monkeypatch):
    other = make_site("other", world.plant.kind)
    suite = world.pool("suite", "Suites", 2, other)
    world.arrived(0)
    mark_pools_touched({(other.pk, "suite"), (world.plant.pk, "suite")}, now=hour(1))
    poisoned(monkeypatch, pools, "read_pools", lambda keys, now, **_: world.plant.pk in {site for site, _ in keys})
    review_due_pools(now=hour(50))
    assert (state(suite).capacity, state(suite).lease) == (2, None)
    assert state(world.suite).capacity == 0
    monkeypatch.undo()
    touched(world, "suite", hours=51)
    review_due_pools(now=hour(51))
    assert state(world.suite).capacity == 1


def test_a_row_that_cannot_even_be_read_sets_its_order_aside_and_the_others_are_judged(world, monkeypatch):
    bad, good = world.arrived(20), world.arrived(20)
    poisoned(monkeypatch, evaluation, "readings_for", lambda rows: bad.pk in {row.id for row in rows})
    evaluate(44)
    raised = dict(Flag.objects.filter(cleared_at=None).values_list("order", "code"))
    assert raised == {bad.pk: FlagCode.EVALUATION_FAILED, good.pk: FlagCode.HOLD_EXPIRING}
    due = due_moment(bad)
    assert due == at(44) + timedelta(minutes=5)


def test_a_flip_that_cannot_be_told_leaves_the_others_told(monkeypatch):
    world = TowerWorld()
    bad, good = raise_flag(world.order()), raise_flag(world.order())
    poisoned(monkeypatch, notifications, "FlipSurroundings", lambda flips: bad.pk in {flip.flag_id for flip in flips})
    tell_due_flips(now=at(11))
    assert set(Notification.objects.values_list("flag", flat=True)) == {good.pk}


def test_runs_that_nothing_can_be_learned_from_leave_what_was_planned(monkeypatch):
    plans = [PlannedStage("p", "one", 4, 8, True), PlannedStage("p", "two", 5, 9, True)]
    poisoned(monkeypatch, subjects, "learn", lambda runs, base: base.planned_hours == 4)
    learned = learn_all(plans, {})
    assert {subject.stage: one.planned_hours for subject, one in learned.items()} == {"one": 4, "two": 5}


def test_the_board_and_the_line_say_what_is_old_and_what_was_left_out(world, monkeypatch):
    bad = world.arrived(20)
    poisoned(monkeypatch, made, "new_prediction", lambda summary, **_: summary.order == bad.pk)
    forecast_due_lines(now=at(22))
    client = browser_of(make_user("olga", world.plant))
    board = client.get(reverse("control_tower")).content.decode()
    assert "Flags are behind." in board
    assert "the forecasts are old, from" in board
    assert "1 order could not be forecast" in board
    assert due_moment(bad) <= at(22)
    evaluate(22)
    flag = Flag.objects.get(order=bad, code=FlagCode.EVALUATION_FAILED)
    assert (flag.subject, flag.severity) == ("forecast", Severity.ATTENTION)
    assert flag.why.startswith("This order could not be forecast (ValueError: poison)")
    monkeypatch.undo()
    line = client.get(reverse("line", args=[world.plant.code])).content.decode()
    assert "What the forecast leaves out" in line
    assert f"{bad.coi}</a>: ValueError: poison" in line
    ForecastJob.objects.update(forecast_after=at(23))
    forecast_due_lines(now=at(23))
    evaluate(23)
    assert Flag.objects.get(pk=flag.pk).cleared_at == at(23)


def test_a_board_that_is_of_now_says_nothing(world):
    nothing_due()
    board = browser_of(make_user("olga", world.plant)).get(reverse("control_tower")).content.decode()
    assert "What is not of now" not in board


def test_a_line_whose_past_weeks_cannot_be_judged_stops_no_other(world, monkeypatch):
    lines = [world.plant.pk, make_site("other", world.plant.kind).pk]
    for line in lines:
        ForecastJob.objects.get_or_create(line_id=line)
    asked = []
    monkeypatch.setattr(calibration, "_least_lately_replayed", lambda: lines)
    poisoned(monkeypatch, calibration, "refinements_of", lambda line: asked.append(line) or line == lines[0])
    calibration.replay_next(now=at(700))
    assert asked == lines


@pytest.mark.parametrize("start", ["start_replays", "start_outlooks"])
def test_a_line_that_cannot_be_looked_ahead_of_stops_no_other(world, monkeypatch, start):
    other = make_site("zenith", world.plant.kind)
    world.order()
    world.order(plant=other.code)
    name = start.replace("start", "").removesuffix("s").lstrip("_") + "_scenario"
    poisoned(monkeypatch, ramp_up_runs, name, lambda *, line, now: line.pk == world.plant.pk)
    started = getattr(ramp_up_runs, start)(now=at(22))
    assert [run.scenario.line_id for run in ScenarioRun.objects.filter(pk__in=started)] == [other.pk]
