"""What happens next while the treatment centre waits for an answer of the plant."""

import pytest

from supplychain.orders.statuses import OrderEventKind
from supplychain.recording.rules.fields import fields_of
from supplychain.recording.rules.next_steps import next_steps
from tests.dashboards.centre.builders import shipped_flow
from tests.supplychain.builders import at
from tests.supplychain.recording.journeys import COLLECTED, INFUSED, PLAN, after

FRESH = shipped_flow("car_t_fresh")

ASKED = ("change_asked", "", None, {"wish": "hold", "cause": "too_ill"})


def steps(*said) -> list[tuple[str, str]]:
    return [(step.stage, step.words) for step in next_steps(PLAN, after(*said), at(500))]


def test_the_answer_comes_first_and_what_cannot_be_undone_is_not_said_to_be_startable():
    first, *rest = steps(ASKED)
    assert first == ("", "The centre asks to hold the order: answer it")
    assert "collection" not in [stage for stage, _ in rest]
    (step, *_) = next_steps(PLAN, after(ASKED), at(500))
    assert (step.since, step.why) == (at(1), "Until it is answered, nothing begins that cannot be undone.")
    assert "operations of the plant" in step.whose


def test_what_may_go_on_meanwhile_is_still_next():
    assert [stage for stage, _ in steps(("confirmed", ""), *COLLECTED, ASKED)][:2] == ["", "inbound"]


def test_once_the_dose_is_given_nothing_is_asked():
    assert [words for _, words in steps(ASKED, *INFUSED)] == ["Sterility can start"]


@pytest.mark.parametrize(
    ("before", "ends"), [((), "everything goes on as planned"), ((("held", ""),), "stays on hold")]
)
def test_a_no_promises_nothing_that_is_not_so(before, ends):
    asked = ("change_asked", "", None, {"wish": "resume" if before else "hold", "cause": "other", "reason": "R."})
    answer = fields_of(None, OrderEventKind.ANSWERED, after(*before, asked))[0]
    assert answer.choices[1][1].endswith(ends)


def test_the_plant_has_to_confirm_an_order_until_it_works_on_its_cells():
    """Its enrolment was completed: that it is under way is no word of the plant."""
    enrolled = fold_of(("completed", "enrolment"))
    unconfirmed, begins = next_steps(FRESH, enrolled, at(9))
    assert (unconfirmed.words, unconfirmed.whose) == ("The plant has to confirm the order", "operations of the plant")
    assert (begins.words, begins.why) == (
        "Apheresis can start", "Ask the plant first: it has not confirmed the order.",
    )  # fmt: skip
    assert len(next_steps(FRESH, fold_of(("completed", "enrolment"), ("started", "collection")), at(9))) == 2
    collected = fold_of(("completed", "enrolment"), ("completed", "collection"), ("started", "inbound"))
    assert next_steps(FRESH, collected, at(9))[0].words == "The plant has to confirm the order"
    for said in (("confirmed", ""), ("completed", "receipt")):
        steps = next_steps(FRESH, fold_of(("completed", "enrolment"), said), at(9))
        assert [step.words for step in steps if "confirm" in step.words + step.why] == []


def fold_of(*said):
    return after(*said, plan=FRESH)
