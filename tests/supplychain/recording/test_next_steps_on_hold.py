"""What comes next of an order or a stage on hold: by when it is decided, and by whom."""

from dataclasses import replace

from supplychain.recording.rules.next_steps import next_steps
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import ARRIVED, COLLECTED, PLAN
from tests.supplychain.recording.journeys import confirmed_after as after


def test_a_hold_is_decided_within_three_days_however_long_the_cells_may_be_stored():
    stored = replace(PLAN.stages["inbound"], longest_wait_hours=10_000)
    plan = replace(PLAN, stages=PLAN.stages | {"inbound": stored})
    (step,) = next_steps(plan, after(*COLLECTED, ("held", ""), plan=plan), at(9))
    assert (step.due, step.is_stored) == (at(3 + 72), False)


def test_a_stage_on_hold_is_decided_by_its_plan_or_its_shippers_cold_where_that_comes_first():
    moving = (*COLLECTED, ("started", "inbound", None, {"qualified_until": at(50).isoformat()}))
    (cold,) = next_steps(PLAN, after(*moving, ("held", "inbound")), at(9))
    assert (cold.due, cold.due_words) == (at(50), "the end of the cells’ permitted wait")
    plan = ("scheduled", "collection", None, {"planned_start_at": at(30).isoformat()})
    (booked,) = next_steps(PLAN, after(plan, ("held", "collection")), at(9))
    assert (booked.due, booked.due_words) == (at(30), "its booked start")
    nothing = after(("held", "collection"))
    nothing.run_of("collection").held_at = None
    (unknown,) = next_steps(PLAN, nothing, at(9))
    assert (unknown.due, unknown.due_words) == (None, "no deadline known")


def test_a_hold_of_work_gives_no_more_time_than_the_work_had():
    begun = (*ARRIVED, ("started", "selection"))
    (before,), (held,) = (next_steps(PLAN, after(*begun, *more), at(9)) for more in ((), [("held", "selection")]))
    assert (held.due, held.due_words) == (before.due, "the end of its worst case")


def test_the_centre_may_lift_the_hold_of_its_collection_which_cannot_have_failed_before_it_began():
    (held,) = next_steps(PLAN, after(("held", "collection")), at(9))
    assert (held.words, held.whose) == (
        "Collection is on hold: decide whether it is resumed, or the order cancelled",
        "quality assurance or the collection site",
    )
    (begun,) = next_steps(PLAN, after(COLLECTED[0], ("held", "collection")), at(9))
    assert begun.words.endswith("resumed or failed")
