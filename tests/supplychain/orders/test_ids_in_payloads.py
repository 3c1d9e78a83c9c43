"""The id that a payload names is the same id however it is written: in capitals, without dashes, in braces."""

import pytest

from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StageRun, StatusEvent
from supplychain.orders.rules import reading as rules
from supplychain.orders.statuses import StageStatus
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, withdraw_report
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db
SPELLINGS = {
    "as we write it": str,
    "in capitals": lambda event: str(event).upper(),
    "without dashes": lambda event: event.hex,
    "in braces": lambda event: f"{{{event}}}",
    "as a name": lambda event: event.urn,
}


@pytest.fixture
def world() -> World:
    world = World()
    world.operator, world.quality = make_user("ola", world.plant), make_user("quynh", world.plant, role=Role.QA)
    world.mine = world.order()
    return world


def failed(world: World) -> StatusEvent:
    record_event(report(world.mine, "started", "selection", 10), by=world.reporter, now=at(10))
    said = record_event(report(world.mine, "failed", "selection", 11), by=world.reporter, now=at(11))
    return StatusEvent.objects.get(pk=said.event_id)


def withdrawal(world: World, named: str) -> dict:
    return report(world.mine, "withdrawn", "selection", 12, payload={"event": named, "reason": "Another batch."})


def only_quality_undoes_it(world: World, wrong: StatusEvent) -> None:
    with pytest.raises(ReportRefused, match="One of the two must be quality assurance"):
        withdraw_report(wrong.pk, by=world.operator, reason="So it was.", now=at(13))
    run = StageRun.objects.get(order=world.mine, stage__code="selection")
    assert run.status == StageStatus.FAILED
    withdraw_report(wrong.pk, by=world.quality, reason="Confirmed.", now=at(14))
    run.refresh_from_db()
    assert run.status == StageStatus.RUNNING


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_a_failure_is_undone_by_quality_assurance_only(world, spelled):
    wrong = failed(world)
    said = record_event(withdrawal(world, spelled(wrong.pk)), by=world.reporter, now=at(12))
    assert StatusEvent.objects.get(pk=said.event_id).payload["event"] == str(wrong.pk)
    only_quality_undoes_it(world, wrong)


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_so_it_is_where_an_older_version_stored_it_as_it_came(world, spelled, monkeypatch):
    wrong = failed(world)
    row = withdrawal(world, spelled(wrong.pk))
    with monkeypatch.context() as before:
        before.setattr(rules, "ids_in", lambda kind, said: {})
        said = record_event(row, by=world.reporter, now=at(12))
    assert StatusEvent.objects.get(pk=said.event_id).payload["event"] == spelled(wrong.pk)
    assert record_event(row, by=world.reporter, now=at(12)).outcome == "duplicate"
    only_quality_undoes_it(world, wrong)


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_a_request_is_taken_back_by_its_id_however_written(world, spelled):
    asked = {"wish": "hold", "cause": "too_ill"}
    request = record_event(report(world.mine, "change_asked", hours=2, payload=asked), by=world.reporter, now=at(2))
    named = {"request": spelled(request.event_id), "reason": "They are well again."}
    record_event(report(world.mine, "taken_back", hours=3, payload=named), by=world.reporter, now=at(3))
    world.mine.refresh_from_db()
    assert world.mine.change_request["outcome"] == "taken_back"
