"""A patient too ill: what the centre asks of the plant, whom to call, and when the centre may cancel by itself."""

from dashboards.centre.rules.setbacks import setback
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import StageStatus
from supplychain.people.statuses import Role
from tests.dashboards.centre.builders import NOW, shipped_flow, standing_at

FRESH = shipped_flow("car_t_fresh")
READY, RUNNING = StageStatus.READY, StageStatus.RUNNING
PLANT = {"plant": "Leiden", "telephone": "+1 202 555 0143"}
REQUEST = ChangeRequest("e1", "hold", "too_ill", "", NOW)


def test_the_plant_is_asked_and_before_work_has_begun_the_centre_may_cancel():
    found = setback(standing_at(FRESH, "enrolment", READY, status="confirmed", **PLANT))
    assert found.call == "If it cannot wait, call operations of Leiden as well: +1 202 555 0143."
    assert found.ask == (
        "Ask the plant to hold the order, to postpone it or to cancel it: it is told at once and must answer."
    )
    assert (found.asks, found.takes_back, found.cancels) == ("change_asked", "", "cancelled")


def test_afterwards_the_plant_cancels():
    found = setback(standing_at(FRESH, "expansion", RUNNING, **PLANT))
    assert (found.asks, found.cancels) == ("change_asked", "")


def test_without_the_right_nothing_is_asked():
    roles = {StagePlace.ORDERING_SITE: frozenset({Role.QA})}
    found = setback(standing_at(FRESH, "enrolment", READY, status="confirmed", roles=roles, **PLANT))
    assert (found.asks, found.takes_back, found.cancels) == ("", "", "")


def test_a_request_that_stands_can_be_taken_back_or_replaced():
    found = setback(standing_at(FRESH, "expansion", RUNNING, change=REQUEST, **PLANT))
    assert (found.asks, found.takes_back) == ("change_asked", "taken_back")
    assert found.ask.startswith("The plant is told and must answer.")


def test_a_held_order_is_not_asked_to_be_held():
    found = setback(standing_at(FRESH, "expansion", RUNNING, status="on_hold", **PLANT))
    assert found.ask.startswith("The order is on hold already. Ask the plant to go on")


def test_without_a_number_it_says_so():
    assert "no number is kept here" in setback(standing_at(FRESH, "expansion", RUNNING, plant="Leiden")).call


def test_an_ended_order_needs_none():
    assert setback(standing_at(FRESH, "infusion", RUNNING, status="cancelled")) is None
