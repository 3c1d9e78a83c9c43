"""What the demo's people have said of flags fits what these are about."""

import pytest

from batches.judgement.statuses import FlagCode
from cellops.demo.people import write_flag_work
from supplychain.people.statuses import Role
from tests.batches.api_rows import make_flag
from tests.supplychain.builders import World, at, make_user

SLOW = "Slow growth, QA agreed to two more days."
CALLED = "Called the centre; they expect news tomorrow."


@pytest.fixture
def world(db) -> World:
    world = World()
    world.people = {name: make_user(name, world.plant, role=Role.OPERATIONS) for name in ("ops", "qa")}
    return world


@pytest.mark.parametrize(
    ("code", "wrong", "right", "words"),
    [(FlagCode.STAGE_LATE, "inbound", "expansion", SLOW), (FlagCode.ON_HOLD, "disposition", "", CALLED)],
)
def test_a_comment_stands_on_a_flag_that_it_fits(world, code, wrong, right, words):
    other, meant = (
        make_flag(world.order(coi=coi, patient_reference=coi), code, stage)
        for coi, stage in (("CO-A", wrong), ("CO-B", right))
    )
    write_flag_work(world.people, at(30))
    for flag in (other, meant):
        flag.refresh_from_db()
    assert (other.comment, meant.comment) == ("", words)


def test_of_no_flag_that_fits_nothing_is_said(world):
    flag = make_flag(world.order(), FlagCode.STAGE_LATE, "inbound")
    write_flag_work(world.people, at(30))
    flag.refresh_from_db()
    assert flag.acknowledged_by == ""
