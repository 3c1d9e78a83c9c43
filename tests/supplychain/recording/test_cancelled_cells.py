"""A cancelled order whose cells are somewhere: what is said of them while the cancellation is in doubt."""

from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.flows.statuses import StagePlace
from supplychain.orders.models import StatusEvent
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.states import Fact, OrderState
from supplychain.orders.statuses import OrderStatus
from supplychain.people.statuses import Role
from supplychain.recording.queries import withdrawal_of
from supplychain.recording.rules.next_steps import next_steps
from supplychain.recording.rules.permitted import permitted_reports
from supplychain.recording.rules.sequence import order_problem
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import T0, at, make_user
from tests.supplychain.recording.journeys import COLLECTED, PLAN

QUALITY = {StagePlace.PLANT: frozenset({Role.QA})}
CANCEL = UUID(int=3)
DECIDED = {"cells": "decided", "reason": "Destroyed"}


def said(*told: tuple) -> OrderState:
    """The order after its cells were collected, then cancelled, then `told`: kind, payload and reporter."""
    facts = []
    of_cells = [(kind, stage, {}, "r") for kind, stage in COLLECTED]
    for hour, (kind, stage, payload, by) in enumerate([*of_cells, ("cancelled", "", {}, "r"), *told], 1):
        facts.append(Fact(UUID(int=hour), kind, stage, None, at(hour), at(hour), "", payload, by, str(hour)))
    return fold(PLAN, T0, facts)


def wrong(by: str) -> tuple:
    return "withdrawn", "", {"event": str(CANCEL), "reason": "Wrong patient"}, by


def closed() -> tuple:
    return "closed", "", DECIDED, "q"


def test_what_becomes_of_the_cells_is_decided_by_their_limit():
    (step,) = next_steps(PLAN, said(), at(5))
    assert step.words.startswith("Decide what becomes of the patient’s cells")
    assert (step.due, step.due_words) == (at(26), "the end of the cells’ permitted wait")
    assert order_problem(said(), "closed") == ""


def test_while_the_cancellation_is_said_to_be_wrong_the_cells_are_kept():
    state = said(wrong("q"))
    (step,) = next_steps(PLAN, state, at(5))
    assert step.words.startswith("Keep the patient’s cells, and discard nothing: the cancellation is said to be wrong")
    assert step.whose == "operations of the plant or quality assurance of the plant"
    assert (step.since, step.due, step.due_words) == (at(4), at(26), "the end of the cells’ permitted wait")
    problem = order_problem(state, "closed")
    assert problem.startswith("The cancellation is said to be wrong")
    refused = {one.kind: one.why for one in permitted_reports(PLAN, state, QUALITY, at(5), ()).refused}
    assert refused["closed"] == problem


def test_a_cancellation_that_was_found_right_is_decided_on_again():
    state = said(wrong("q"), ("settled", "", {"rejects": [str(UUID(int=4))]}, "s"))
    assert order_problem(state, "closed") == ""
    assert next_steps(PLAN, state, at(6))[0].words.startswith("Decide what becomes")


def test_a_closing_that_decides_on_the_cells_counts_only_with_the_cancellation():
    assert said(closed()).closed_at == at(4)
    assert said(closed(), wrong("q")).surprises[-1]["reason"] == "withdrawal_asked"
    gone = said(closed(), wrong("q"), wrong("s"))
    assert (gone.status, gone.closed_at) == (OrderStatus.IN_PROGRESS, None)
    (odd,) = [one for one in gone.surprises if one["event"] == str(UUID(int=4))]
    assert odd["reason"] == "contradicts"
    assert odd["text"] == (
        "Order closed with a decision on the patient’s cells (“Destroyed”), although the order is not cancelled"
    )


def test_a_closing_of_an_order_that_was_infused_counts_as_before():
    done = fold(PLAN, T0, [Fact(UUID(int=9), "closed", "", None, at(1), at(1), "", {}, "r", "9")])
    assert (done.closed_at, done.surprises) == (at(1), [])


@pytest.mark.django_db
def test_who_finds_a_cancellation_wrong_sees_the_closing_that_rests_on_it():
    world = TowerWorld()
    order = world.order()
    world.say(order, "completed", "collection", 2)
    world.say(order, "cancelled", "", 3)
    world.say(order, "closed", "", 4, payload=DECIDED)
    event = StatusEvent.objects.select_related("order").get(order=order, kind="cancelled")
    subject = withdrawal_of(event, make_user("quynh", world.plant, role=Role.QA))
    assert [words for _, words in subject.later] == ["Order closed"]


def test_after_a_withdrawn_cancellation_the_cells_are_looked_for_first():
    state = said(wrong("q"), wrong("s"))
    (step,) = [one for one in next_steps(PLAN, state, at(6)) if one.stage == "inbound"]
    assert step.why.startswith("The cancellation was withdrawn: make sure first that the patient’s cells still exist.")
    begun = said(wrong("q"), wrong("s"), ("started", "inbound", {}, "r"))
    assert all("still exist" not in one.why for one in next_steps(PLAN, begun, at(7)))


@pytest.mark.django_db
def test_a_cancelled_order_with_cells_stands_on_the_tower_until_somebody_decides():
    world = TowerWorld()
    order = world.order()
    world.say(order, "completed", "collection", 2)
    world.say(order, "cancelled", "", 3)
    evaluate_due_orders(now=at(4))
    raised = Flag.objects.filter(order=order, code=FlagCode.CELLS_UNDECIDED, cleared_at=None)
    assert "nobody has said what becomes of the patient’s cells" in raised.get().why
    quality = browser_of(make_user("quynh", world.plant, role=Role.QA))
    with time_machine.travel(at(4), tick=False):
        assert order.coi in quality.get(reverse("control_tower")).text
    world.say(order, "closed", "", 5, payload=DECIDED)
    evaluate_due_orders(now=at(6))
    assert not raised.exists()
