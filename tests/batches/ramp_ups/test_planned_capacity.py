"""Places that are planned with a date: in every scenario, as the forecast knows them, and named."""

from datetime import timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from batches.capacity.models import Pool, PoolCapacity
from batches.forecasts.queries.line_states import pool_steps
from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import LineCosts, ScenarioRun
from batches.ramp_ups.queries.lines import read_line
from batches.ramp_ups.rules.lines import to_json
from batches.ramp_ups.rules.planned import planned_changes, planned_words
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.dashboards.builders import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setattr(ramp_up_runs, "send", lambda run_id: None)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> RampWorld:
    return RampWorld()


def plan(world, code, places, **after) -> None:
    pool = Pool.objects.get(site=world.plant, code=code)
    PoolCapacity.objects.create(pool=pool, starts_at=NOW + timedelta(**after), places=places)


def finish(run: ScenarioRun) -> ScenarioRun:
    while ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=30):
        pass
    return ScenarioRun.objects.get(pk=run.pk)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_planned_places_are_read_as_the_forecast_reads_them(world):
    plan(world, "suite", 8, days=10)
    plan(world, "suite", 3, days=40)
    Pool.objects.create(site=world.plant, code="bench", name="Benches")  # no places recorded: limits nothing
    lab = Pool.objects.create(site=world.plant, code="lab", name="Labs")
    PoolCapacity.objects.create(pool=lab, starts_at=NOW + timedelta(days=5), places=4)
    pools = {pool.code: pool.steps for pool in read_line(world.plant, now=NOW).pools}
    assert pools["suite"] == ((0.0, 2), (240.0, 8), (960.0, 3))
    assert pools["lab"] == ((0.0, 0), (120.0, 4))  # not open before its date
    site = str(world.plant.pk)
    assert {code for _, code in pool_steps([site])} == set(pools)


def test_planned_changes_have_words_with_their_dates(world):
    plan(world, "suite", 8, days=10)
    plan(world, "qc_lane", 0, days=3)
    plan(world, "courier", 3, days=5)  # as many as there are: no change
    line = read_line(world.plant, now=NOW)
    found = planned_words(map(to_json, planned_changes(line, within=inf)), NOW, ZoneInfo("Europe/Oslo"))
    first, second = ((NOW + timedelta(days=days)).strftime("%-d %b") for days in (3, 10))
    assert found == [f"from {first}: no QC lanes instead of 3", f"from {second}: 8 Suites instead of 2"]
    assert planned_changes(line, within=72.0) == planned_changes(line, within=200.0) != []


def test_the_page_names_what_is_planned_and_the_figures_have_it(world):
    scenario = world.scenario(changes=[], weeks=4)
    before = finish(ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW))
    plan(world, "suite", 8, days=10)
    after = finish(ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW + timedelta(seconds=1)))
    used = [next(pool["used"][0] for pool in run.result["base"]["pools"] if pool["code"] == "suite")
            for run in (before, after)]  # fmt: skip
    assert used[1] < used[0]
    when = (NOW + timedelta(days=10)).strftime("%-d %b")
    client = browser_of(world.operations)
    assert f"from {when}: 8 Suites instead of 2" in text_of(client.get(reverse("ramp_up", args=[scenario.pk])))
    form = text_of(client.get(reverse("new_ramp_up") + "?line=plant"))
    assert f"Planned already, and in every scenario of the line: from {when}: 8 Suites instead of 2." in form


def test_costs_are_asked_for_and_plans_without_them_count_places(world):
    client = browser_of(world.operations)
    assert "Plant has no costs yet: its plan counts places." in text_of(client.get(reverse("ramp_ups")))
    client.post(reverse("find_plan"), {"line": "plant", "more": "0", "on_time": "50"})
    run = finish(ScenarioRun.objects.get())
    page = text_of(client.get(reverse("ramp_up", args=[run.scenario_id])))
    assert "no price is known, so places were counted" in page
    said = {"line": "plant", "cost-place:suite": "12000", "cost-batch": "9"}
    refused = client.post(reverse("line_costs"), said)
    assert refused.status_code == 422
    assert "by its code of three letters (ISO 4217)" in text_of(refused)
    everything = {f"cost-place:{code}": "1000" for code in ("courier", "qa_reviewer", "qc_lane")}
    assert client.post(reverse("line_costs"), said | everything | {"cost-currency": "nok"}).status_code == 302
    kept = LineCosts.objects.get()
    assert (kept.currency, kept.costs["place:suite"], kept.edited_by) == ("NOK", 12000.0, world.operations)
    assert "Costs of Plant: in NOK." in text_of(client.get(reverse("ramp_ups")))
    later = NOW + timedelta(seconds=1)
    again = finish(ramp_up_runs.run_again(scenario=run.scenario, by=world.operations, now=later))
    assert (again.result["currency"], again.result["missing_costs"]) == ("NOK", [])
    assert "0 NOK a week more" in text_of(client.get(reverse("ramp_up", args=[run.scenario_id])))


def test_costs_of_a_line_are_entered_by_who_plans_it(world):
    for person in (world.coordinator, world.elsewhere):
        assert browser_of(person).get(reverse("line_costs") + "?line=plant").status_code == 404
