"""The ramp-up pages: three clicks to an answer, who may see what, every state of a run, the files."""

import csv
import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import Scenario, ScenarioRun
from batches.ramp_ups.statuses import RunStatus
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.dashboards.builders import browser_of
from tests.supplychain.builders import make_user

pytestmark = pytest.mark.django_db
# Session, person, their roles: 3. Lines: 1. Outlooks, their runs, results, names: 5. Scenarios and the same: 5.
# Whether a role gives a link: none.
# Replays: 2. What holds up each line now: 1.
LIST = 17
PAGE = 15


@pytest.fixture(autouse=True)
def frozen(monkeypatch):
    monkeypatch.setattr(ramp_up_runs, "send", lambda run_id: None)
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def world() -> RampWorld:
    return RampWorld()


@pytest.fixture
def client(world):
    return browser_of(world.operations)


def run_of(world, scenario: Scenario) -> ScenarioRun:
    return finish(ramp_up_runs.start_run(scenario=scenario, by=world.operations, now=NOW))


def finish(run: ScenarioRun) -> ScenarioRun:
    while ramp_up_runs.work_on_run(run.pk, now=NOW, seconds=30):
        pass
    return ScenarioRun.objects.get(pk=run.pk)


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_two_questions_are_answered_in_three_clicks(world, client):
    assert "not simulated yet" in text_of(client.get(reverse("ramp_ups")))
    client.post(reverse("look_ahead"), {"line": "plant"})
    finish(ScenarioRun.objects.get(kind="compare"))
    assert "10 of 10" not in text_of(client.get(reverse("ramp_ups")))
    assert "of 100 simulations (95 % interval" in text_of(client.get(reverse("ramp_ups")))
    answer = client.post(reverse("find_plan"), {"line": "plant", "more": "25", "on_time": "50"})
    run = ScenarioRun.objects.get(kind="search")
    assert answer.url == reverse("ramp_up", args=[run.scenario_id])
    assert f'hx-get="{reverse("ramp_up_live", args=[run.scenario_id])}?"' in text_of(client.get(answer.url))
    finish(run)
    page = text_of(client.get(answer.url))
    assert "<strong>How sure:</strong> the target is reached in" in page
    assert "hx-trigger" not in page.split('id="ramp-up"')[1].split(">")[0]


def test_a_question_that_makes_no_sense_is_answered_with_words(world, client):
    answer = client.post(reverse("find_plan"), {"line": "plant", "more": "900", "on_time": "90"}, follow=True)
    assert "Ask for -50 to 200 % more patients, at 1 to 99 % on time." in text_of(answer)
    assert ScenarioRun.objects.count() == 0


CHANGE = {"change-0-kind": "places"}
FORM = {"line": "plant", "name": "Rapid sterility", "base": "clean", "weeks": "4", "replications": "10"}


def test_a_scenario_is_made_row_by_row_and_run(world, client):
    rows = {
        "change-0-kind": "hours", "change-0-subject": "stage:sterility", "change-0-amount": "48",
        "change-2-kind": "places", "change-2-subject": "pool:suite", "change-2-amount": "1", "change-2-from_day": "7",
        "cost-batch": "50000", "cost-currency": "EUR",
    }  # fmt: skip
    answer = client.post(reverse("new_ramp_up"), FORM | rows | {"run": "1"})
    scenario = Scenario.objects.get()
    assert answer.url == reverse("ramp_up", args=[scenario.pk])
    unsaid = {"until_day": 0.0, "shift": "", "pattern": ""}
    assert scenario.changes == [
        {"kind": "hours", "subject": "sterility", "amount": 48.0, "from_day": 0.0, **unsaid},
        {"kind": "places", "subject": "suite", "amount": 1.0, "from_day": 7.0, **unsaid},
    ]
    assert (scenario.costs, scenario.currency) == ({"batch": 50000.0}, "EUR")
    assert scenario.runs.get().status == RunStatus.QUEUED
    page = text_of(client.get(answer.url))
    assert "<li>Sterility: 48 h</li><li>Suites: +1 place from day 7</li>" in page
    assert 'value="48' in text_of(client.get(reverse("edit_ramp_up", args=[scenario.pk])))


def test_a_closure_and_a_pattern_of_orders_are_said_in_the_form(world, client):
    rows = {
        "change-0-kind": "closed", "change-0-from_day": "3", "change-0-until_day": "10",
        "change-1-kind": "weekdays", "change-1-shift": "Sat 0 Sun 0",
    }  # fmt: skip
    answer = client.post(reverse("new_ramp_up"), FORM | rows)
    scenario = Scenario.objects.get()
    assert [(one["until_day"], one["pattern"], one["shift"]) for one in scenario.changes] == [
        (10.0, "", ""), (0.0, "Sat 0 Sun 0", ""),
    ]  # fmt: skip
    page = text_of(client.get(answer.url))
    assert "<li>All pools: closed from day 3 to day 10</li><li>Orders by weekday: Sat 0 Sun 0</li>" in page
    form = text_of(client.get(reverse("edit_ramp_up", args=[scenario.pk])))
    assert 'value="Sat 0 Sun 0"' in form
    assert "Orders by weekday: not learned, 11 orders of 12 weeks; at least 70 in 8 weeks are needed." in form
    assert run_of(world, scenario).status == RunStatus.DONE


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (CHANGE | {"change-0-subject": "pool:suite", "change-0-amount": "-9"}, "Suites would have -7 places"),
        (CHANGE | {"change-0-subject": "stage:release", "change-0-amount": "1"}, "Choose a pool from the list"),
        ({"change-1-amount": "2"}, "Choose what to change, or empty the row."),
        ({"name": ""}, "“Name” is missing: enter it."),
        ({"cost-batch": "-1"}, "write 0 or more"),
        ({"cost-batch": "1"}, "by its code of three letters (ISO 4217)"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_at_its_row(world, client, rows, words):
    answer = client.post(reverse("new_ramp_up"), FORM | rows)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert Scenario.objects.count() == 0


def test_results_stand_side_by_side_and_as_files(world, client):
    first, second = world.scenario(), world.scenario(name="Two more", changes=[])
    run_of(world, first), run_of(world, second)
    address = f"{reverse('ramp_up', args=[first.pk])}?with={second.pk}"
    page = text_of(client.get(address))
    heads = re.findall(
        r'<th scope="col" class="number">([^<(]*) \(running steadily, \d+ weeks, of \d+ \w+\)</th>', page
    )
    assert heads[:3] == ["As it is", "One more suite", "Two more"]
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("ramp_up_csv", args=[first.pk])).content.decode())))
    assert [row["figure"] for row in rows[:3]] == ["Throughput", "On time", "Vein to vein, median"]
    assert {row["scenario"].partition(" (")[0] for row in rows} == {"As it is", "One more suite"}
    whole = client.get(reverse("ramp_up_json", args=[first.pk])).json()
    assert (whole["name"], whole["result"]["changed"]["replications"]) == ("One more suite", 10)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"status": "queued"}, "Queued, 0 %"),
        ({"status": "running", "done": 5}, "Running, 25 %"),
        ({"status": "running", "done": 5, "cancel_requested": True}, "Running, being cancelled, 25 %"),
        ({"status": "cancelled", "done": 10, "finished_at": NOW}, "after 50 %."),
        ({"status": "failed", "error": "KeyError: 'line'", "finished_at": NOW}, "KeyError: &#x27;line&#x27;"),
    ],
)
def test_every_state_of_a_run_is_told(world, client, state, words):
    scenario = world.scenario()
    scenario.runs.create(total=20, requested_at=NOW, inputs={}, fingerprint="0", **state)
    assert words in text_of(client.get(reverse("ramp_up", args=[scenario.pk])))
    assert words.split(",")[0].split(" ")[0] in text_of(client.get(reverse("ramp_ups"))) or state["status"] in (
        "cancelled", "failed",
    )  # fmt: skip


def test_a_run_is_cancelled_from_the_page(world, client):
    run = ramp_up_runs.start_run(scenario=world.scenario(), by=world.operations, now=NOW)
    answer = client.post(reverse("cancel_ramp_up_run", args=[run.pk]), follow=True)
    assert "Cancelled" in text_of(answer)
    assert "This run has ended: it is cancelled." in text_of(
        client.post(reverse("cancel_ramp_up_run", args=[run.pk]), follow=True)
    )


def test_a_result_older_than_its_scenario_says_so(world, client):
    scenario = world.scenario()
    run_of(world, scenario)
    Scenario.objects.update(edited_at=NOW + timedelta(hours=1))
    assert "The scenario was changed after this result: run it again." in text_of(
        client.get(reverse("ramp_up", args=[scenario.pk]))
    )


def test_only_those_who_plan_the_line_see_it(world):
    scenario = world.scenario()
    addresses = [reverse("ramp_up", args=[scenario.pk]), reverse("edit_ramp_up", args=[scenario.pk])]
    for person in (world.qa, world.coordinator, world.elsewhere):
        assert [browser_of(person).get(address).status_code for address in addresses] == [404, 404]
    Scenario.objects.update(is_shared=True)
    assert [browser_of(world.qa).get(address).status_code for address in addresses] == [200, 404]
    assert [browser_of(world.coordinator).get(address).status_code for address in addresses] == [404, 404]
    posts = ("run_ramp_up", "copy_ramp_up", "share_ramp_up", "delete_ramp_up", "keep_plan")
    for name in posts:
        assert browser_of(world.coordinator).post(reverse(name, args=[scenario.pk])).status_code == 404
    assert browser_of(world.qa).post(reverse("delete_ramp_up", args=[scenario.pk])).status_code == 404


def test_the_deeds_of_an_owner(world, client):
    scenario = world.scenario()
    assert "Shared with the people of the line." in text_of(
        client.post(reverse("share_ramp_up", args=[scenario.pk]), follow=True)
    )
    copied = client.post(reverse("copy_ramp_up", args=[scenario.pk]))
    assert copied.url == reverse("edit_ramp_up", args=[Scenario.objects.get(name="One more suite (copy)").pk])
    assert "“One more suite” is deleted." in text_of(
        client.post(reverse("delete_ramp_up", args=[scenario.pk]), follow=True)
    )
    assert "No plan has been found yet" in text_of(
        client.post(reverse("keep_plan", args=[Scenario.objects.get().pk]), follow=True)
    )


def test_who_plans_no_line_is_told_whom_to_ask(world):
    for person in (make_user("newcomer"), world.coordinator):
        assert "You plan no line." in text_of(browser_of(person).get(reverse("ramp_ups")))
    assert browser_of(world.coordinator).get(reverse("new_ramp_up")).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(world, client, django_assert_num_queries, count):
    ramp_up_runs.start_outlooks(now=NOW)
    for number in range(count):
        run_of(world, world.scenario(name=f"Number {number}"))
    client.get(reverse("ramp_ups"))
    with django_assert_num_queries(LIST):
        client.get(reverse("ramp_ups"))


@pytest.mark.parametrize("count", [1, 3])
def test_a_scenario_page_costs_the_same_beside_one_and_three(world, client, django_assert_num_queries, count):
    others = [world.scenario(name=f"Number {number}") for number in range(count + 1)]
    for scenario in others:
        run_of(world, scenario)
    address = reverse("ramp_up", args=[others[0].pk]) + "?" + "&".join(f"with={one.pk}" for one in others[1:])
    client.get(address)
    with django_assert_num_queries(PAGE):
        client.get(address)
