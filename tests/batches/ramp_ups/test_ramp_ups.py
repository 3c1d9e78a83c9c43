"""Scenarios and their simulations: who may, one run at a time, cancelled, taken up again after a killed worker."""

from datetime import timedelta

import pytest
from django.db import connection

from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.actions.scenarios import (
    copy_scenario,
    delete_scenario,
    save_scenario,
    share_scenario,
)
from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.queries.lines import read_line, scenarios_of
from batches.ramp_ups.rules.tried_plans import Target
from batches.ramp_ups.statuses import RunStatus
from supplychain.audit.refusals import Refused
from supplychain.sites.models import Site
from tests.batches.ramp_ups.world import NOW, RampWorld

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch, django_capture_on_commit_callbacks) -> list:
    asked: list = []
    monkeypatch.setattr(ramp_up_runs, "send", asked.append)
    return asked


@pytest.fixture
def world() -> RampWorld:
    return RampWorld()


def finish(run: ScenarioRun, now=NOW) -> ScenarioRun:
    while ramp_up_runs.work_on_run(run.pk, now=now, seconds=0):
        pass
    run.refresh_from_db()
    return run


def test_a_line_is_read_as_it_is(world):
    line = read_line(world.plant, now=NOW)
    (journey,) = line.journeys
    assert (journey.key, journey.exit, journey.restart) == ("product-small/small", "infusion", "selection")
    assert journey.per_week == pytest.approx(1.0)
    assert journey.promise == 6 + 24 + 12 + 12 + 24
    assert {pool.code: pool.places for pool in line.pools} == {"courier": 3, "qa_reviewer": 2, "qc_lane": 3, "suite": 2}
    assert [stage.pool for stage in journey.stages] == ["", "courier", "suite", "suite", "qc_lane", "qa_reviewer", ""]
    assert (line.week_hour, line.allowance, line.open_orders) == (8.0, 1.2, ())


def test_the_live_start_has_everything_under_way(world):
    line = read_line(world.plant, now=NOW, live=True)
    assert len(line.open_orders) == 12
    assert {visit.pool for visit in line.open_orders[0].visits} == {"", "courier", "suite", "qc_lane", "qa_reviewer"}


def test_reading_a_line_costs_the_same_whatever_is_ordered(world, django_assert_num_queries):
    read_line(world.plant, now=NOW)
    with django_assert_num_queries(9):
        read_line(world.plant, now=NOW)


def test_a_scenario_is_kept_with_its_history(world):
    scenario = world.scenario()
    assert (scenario.owner, scenario.is_shared, scenario.weeks) == (world.operations, False, 4)
    assert scenario.history.count() == 1


def test_nonsense_is_refused_at_its_field(world):
    changes = [{"kind": "places", "subject": "suite", "amount": 1}, {"kind": "places", "subject": "oven", "amount": 1}]
    with pytest.raises(Refused) as refused:
        world.scenario(changes=changes, weeks=0, costs={"batch": -1})
    assert set(refused.value.errors) == {"weeks", "changes.1", "costs.batch"}
    assert Scenario.objects.count() == 0


def test_nobody_plans_a_line_that_is_not_theirs(world):
    for person in (world.coordinator, world.elsewhere):
        with pytest.raises(Site.DoesNotExist):
            save_scenario(line=world.plant, name="Mine", by=person, now=NOW)


def test_a_scenario_is_its_owners_until_it_is_shared(world):
    scenario = world.scenario()
    assert list(scenarios_of(world.qa)) == []
    share_scenario(scenario_id=scenario.pk, is_shared=True, by=world.operations, now=NOW)
    assert list(scenarios_of(world.qa)) == [scenario]
    assert list(scenarios_of(world.elsewhere)) == []
    with pytest.raises(Scenario.DoesNotExist):
        delete_scenario(scenario_id=scenario.pk, by=world.qa)
    copy = copy_scenario(scenario_id=scenario.pk, by=world.qa, now=NOW)
    assert (copy.name, copy.owner, copy.is_shared, copy.changes) == (
        "One more suite (copy)",
        world.qa,
        False,
        scenario.changes,
    )
    assert delete_scenario(scenario_id=scenario.pk, by=world.operations) == "One more suite"


def test_a_run_says_what_the_changes_come_to(world):
    run = finish(ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW))
    assert (run.status, run.done, run.total, run.error) == (RunStatus.DONE, 20, 20, "")
    assert run.result["changed"]["replications"] == 10
    assert run.result["changed"]["gain"].startswith(("Gain", "Loss", "Mixed"))
    assert [pool["name"] for pool in run.result["base"]["pools"]] == ["Couriers", "QA reviewers", "QC lanes", "Suites"]
    assert len(run.fingerprint) == 16


def test_the_same_inputs_give_the_same_answer(world):
    scenario = world.scenario()
    results = [finish(ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW)) for _ in range(2)]
    assert (results[0].fingerprint, results[0].result) == (results[1].fingerprint, results[1].result)


def test_a_search_finds_a_plan_and_says_how_sure(world):
    run = ramp_up_runs.ask_for_plan(line=world.plant, target=Target(25, 0.5), by=world.operations, now=NOW)
    run = finish(run)
    assert run.status == RunStatus.DONE
    assert (run.scenario.name, run.done) == ("+25 % patients, 50 % on time", run.total)
    share, low, high = run.result["sure"]
    assert 0 <= low <= share <= high <= 1
    kept = ramp_up_runs.keep_plan(scenario=run.scenario, by=world.operations, now=NOW)
    assert kept.changes == run.result["plan"]


def test_a_scenario_runs_once_at_a_time(world):
    scenario = world.scenario()
    ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW)
    with pytest.raises(Refused, match="simulated already"):
        ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW)


def test_a_person_has_five_runs_at_work_at_most(world):
    scenarios = [world.scenario(name=f"Number {number}") for number in range(6)]
    for scenario in scenarios[:5]:
        ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW)
    with pytest.raises(Refused, match="5 simulations at work"):
        ramp_up_runs.start_run(scenario=scenarios[5], by=world.operations, now=NOW)


def test_a_line_without_orders_has_nothing_to_simulate(world):
    later = NOW + timedelta(weeks=60)
    with pytest.raises(Refused, match="had no orders in the last 26 weeks"):
        ramp_up_runs.start_run(scenario=world.scenario(changes=[]), by=world.operations, now=later)


def test_a_run_that_nobody_works_on_is_cancelled_at_once(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    cancelled = ramp_up_runs.cancel_run(run_id=run.pk, by=world.operations, now=NOW)
    assert (cancelled.status, cancelled.finished_at) == (RunStatus.CANCELLED, NOW)
    assert ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=0) is False
    with pytest.raises(Refused, match="This run has ended: it is cancelled."):
        ramp_up_runs.cancel_run(run_id=run.pk, by=world.operations, now=NOW)


def test_a_run_at_work_is_cancelled_after_its_chunk(world, monkeypatch):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    work = ramp_up_runs.job_of

    def cancelled_meanwhile(inputs, partial):
        ramp_up_runs.cancel_run(run_id=run.pk, by=world.operations, now=NOW)
        return work(inputs, partial)

    monkeypatch.setattr(ramp_up_runs, "job_of", cancelled_meanwhile)
    assert ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=0) is False
    run.refresh_from_db()
    assert (run.status, run.done) == (RunStatus.CANCELLED, 5)


def test_what_a_killed_worker_left_is_gone_on_with(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=0)
    assert ramp_up_runs._lease(run.pk, NOW) is not None  # a worker took it, and was killed
    assert ramp_up_runs.claim_due_runs(now=NOW) == []
    assert ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=0) is False
    later = NOW + ramp_up_runs.LEASE
    assert ramp_up_runs.claim_due_runs(now=later) == [run.pk]
    assert ramp_up_runs.claim_due_runs(now=later) == []
    undisturbed = finish(ramp_up_runs.start_run(scenario=world.scenario(name="Twin"), by=world.operations, now=NOW))
    assert finish(run, later).result == undisturbed.result


def test_a_worker_that_was_taken_for_dead_overwrites_nothing(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    slow = ramp_up_runs._lease(run.pk, NOW)
    finish(run, NOW + ramp_up_runs.LEASE)
    assert ramp_up_runs._give_back(slow, NOW, error="too late") is False
    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.DONE, "")


def test_a_run_whose_workers_die_again_and_again_fails_with_words(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    for time in range(5):
        ramp_up_runs._lease(run.pk, NOW + time * ramp_up_runs.LEASE)
    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.FAILED, "Its workers stopped 4 times; start it again.")


def test_a_run_that_cannot_be_worked_out_fails_with_words(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    ScenarioRun.objects.filter(pk=run.pk).update(inputs={"target": None})
    assert ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=0) is False
    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.FAILED, "KeyError: 'line'")


def test_a_run_that_was_put_down_by_a_release_of_before_begins_anew(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    ScenarioRun.objects.filter(pk=run.pk).update(partial={"base": [{"number": 0, "throughput": 1.0}]}, done=1)
    run = finish(run)
    assert (run.status, run.done, run.error) == (RunStatus.DONE, 20, "")


def test_a_run_whose_message_was_lost_is_asked_for_again(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    assert ramp_up_runs.claim_due_runs(now=NOW + timedelta(seconds=59)) == []
    assert ramp_up_runs.claim_due_runs(now=NOW + timedelta(seconds=60)) == [run.pk]
    assert ramp_up_runs.claim_due_runs(now=NOW + timedelta(seconds=70)) == []


def test_a_worker_is_asked_once_the_run_is_committed(world, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    assert sent == [run.pk]


def test_the_program_looks_four_weeks_ahead(world):
    (run_id,) = ramp_up_runs.start_outlooks(now=NOW)
    assert ramp_up_runs.start_outlooks(now=NOW) == []
    run = finish(ScenarioRun.objects.get(pk=run_id))
    assert (run.scenario.owner, run.scenario.base, run.scenario.weeks, run.status) == (None, "live", 4, RunStatus.DONE)
    assert run.result["changed"]["limit"]["high"] > 0
    ramp_up_runs.start_outlooks(now=NOW + timedelta(days=20))
    assert not ScenarioRun.objects.filter(pk=run_id).exists()


def test_the_database_keeps_one_open_run_of_a_scenario(world):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'one_open_run_per_scenario'")
        assert "UNIQUE" in cursor.fetchone()[0]
    assert run.is_open
