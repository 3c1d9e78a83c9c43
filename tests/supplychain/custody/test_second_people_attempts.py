"""Two people at a step that failed, or of an order with several attempts: each confirms the step of its own attempt."""

import pytest

from supplychain.custody.queries import custody_for
from supplychain.orders.actions.events import Reporter
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.sentences import moment_mark
from tests.supplychain.builders import World, at, report
from tests.supplychain.custody.two_people import ask, collected, confirm, gaps, tell, two_people_world

pytestmark = pytest.mark.django_db
PLANNED = at(30).isoformat()


@pytest.fixture
def world() -> World:
    return two_people_world()


def test_a_step_that_failed_after_all_lacks_no_second_person_and_rebuilt_it_is_the_same(world):
    ask(world, collection=[], inbound=[], infusion=[], selection=["completed"])
    collected(world)
    tell(world, *(report(world.case, kind, "inbound", hours) for kind, hours in (("started", 8), ("completed", 20))))
    tell(world, *(report(world.case, kind, "selection", hours) for kind, hours in (("started", 21), ("completed", 22))))
    assert gaps(world) == ["", "", "unwitnessed"]
    tell(world, report(world.case, "failed", "selection", 23))
    before = list(world.case.custody.values())
    assert gaps(world) == ["", "", ""]
    assert not rebuild_orders([world.case], now=at(30))
    assert list(world.case.custody.values()) == before


def second_attempt(world: World, stage: str, **selection: list[str]) -> None:
    """An order whose selection failed, and of which this stage of a second attempt was planned."""
    ask(world, collection=[], inbound=[], infusion=[], **selection)
    collected(world)
    said = [("started", "inbound", 8), ("completed", "inbound", 20), ("started", "selection", 21)]
    tell(world, *(report(world.case, *one) for one in said))
    tell(world, report(world.case, "failed", "selection", 22))
    tell(world, report(world.case, "scheduled", stage, 22.5, attempt=2, payload={"planned_start_at": PLANNED}))


def test_a_report_without_its_attempt_confirms_the_step_of_its_own_attempt_alone(world):
    second_attempt(world, "selection", selection=["started"])
    event = tell(world, report(world.case, "started", "selection", 23))[0]
    confirm(world, event, world.pia, 24.1)
    said = world.case.custody.last().gap_said["lacks"]
    assert [(one["step"], one["at"]) for one in said] == [("Selection started", moment_mark(at(21)))]


def test_a_confirmed_end_that_failed_after_all_confirms_no_later_attempt(world):
    ask(world, collection=[], inbound=[], infusion=[], selection=["completed"])
    collected(world)
    said = [("started", "inbound", 8), ("completed", "inbound", 20), ("started", "selection", 21)]
    tell(world, *(report(world.case, *one) for one in said))
    confirm(world, tell(world, report(world.case, "completed", "selection", 22))[0], world.pia, 24.1)
    tell(world, report(world.case, "failed", "selection", 22.5))
    again = [
        report(world.case, kind, "selection", hours, attempt=2) for kind, hours in (("started", 23), ("completed", 24))
    ]
    tell(world, *again)
    assert [one["step"] for one in world.case.custody.last().gap_said["lacks"]] == ["Selection completed"]


def test_who_reported_a_step_without_its_attempt_stands_at_that_attempt(world):
    second_attempt(world, "collection")
    row = report(world.case, "completed", "collection", 23.5)
    tell(world, row, by=Reporter.of_user(world.ana))
    lines = custody_for(world.case, at(25)).lines
    said = [(one.holding.attempt, one.reported_by) for one in lines if one.holding.stage == "collection"]
    assert said == [(1, str(world.source)), (2, str(world.ana))]
