"""Scenarios over REST: kept, run, read and given up by people of the line; systems read what is shared."""

import pytest
import time_machine

from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import Scenario, ScenarioRun
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.supplychain.api_clients import client_of, session_of

pytestmark = pytest.mark.django_db
PATH = "/api/v1/ramp-ups/"
SAID = {
    "line": "plant", "name": "One more suite", "weeks": 4, "replications": 10,
    "changes": [{"kind": "places", "subject": "suite", "amount": 1}],
}  # fmt: skip


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
    return session_of(world.operations)


def test_a_scenario_is_kept_run_read_and_given_up(world, client):
    kept = client.send(PATH, SAID)
    assert kept.status_code == 201, kept.content
    one = kept.json()
    assert (one["line"], one["owner"], one["base"], one["is_shared"]) == ("plant", "operations", "clean", False)
    assert [row["id"] for row in client.get(PATH).json()["results"]] == [one["id"]]
    run = client.send(f"{PATH}{one['id']}/runs/", {})
    assert (run.status_code, run.json()["status"], run.json()["total"]) == (202, "queued", 20)
    assert client.send(f"{PATH}{one['id']}/runs/", {}).status_code == 409
    while ramp_up_runs.work_on_run(ScenarioRun.objects.get().pk, now=NOW, seconds=30):
        pass
    done = client.get(f"{PATH}runs/{run.json()['id']}/").json()
    assert (done["status"], done["result"]["changed"]["replications"]) == ("done", 10)
    assert client.get(f"{PATH}{one['id']}/").json() == one
    assert client.delete(f"{PATH}{one['id']}/").status_code == 204
    assert (client.get(f"{PATH}{one['id']}/").status_code, ScenarioRun.objects.count()) == (404, 0)


def test_nonsense_is_refused_by_field(world, client):
    answer = client.send(PATH, SAID | {"weeks": 0, "changes": [{"kind": "places", "subject": "oven", "amount": 1}]})
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"weeks", "changes.0"})
    assert client.send(PATH, SAID | {"line": "bergen"}).json()["errors"] == {"line": ["You plan no line of this code."]}


def test_who_does_not_plan_the_line_sees_nothing(world):
    scenario = world.scenario()
    for person in (world.coordinator, world.elsewhere, world.qa):
        stranger = session_of(person)
        assert stranger.get(PATH).json()["results"] == []
        answers = [stranger.get(f"{PATH}{scenario.pk}/"), stranger.delete(f"{PATH}{scenario.pk}/"),
                   stranger.send(f"{PATH}{scenario.pk}/runs/", {})]  # fmt: skip
        assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_system_reads_what_is_shared_and_writes_nothing(world):
    scenario = world.scenario()
    system = client_of(world.source)
    assert system.get(PATH).json()["results"] == []
    Scenario.objects.update(is_shared=True)
    assert [row["name"] for row in system.get(PATH).json()["results"]] == ["One more suite"]
    answers = [
        system.send(PATH, SAID),
        system.delete(f"{PATH}{scenario.pk}/"),
        system.send(f"{PATH}{scenario.pk}/runs/", {}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_an_unknown_run_is_404(world, client):
    assert client.get(f"{PATH}runs/019c9a10-0000-7abc-8def-001122334466/").status_code == 404
