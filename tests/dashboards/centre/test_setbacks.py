"""A patient too ill: whom to call, what to ask for, and when the centre may cancel by itself."""

import pytest

from dashboards.centre.rules.setbacks import setback
from supplychain.flows.statuses import StagePlace
from supplychain.orders.statuses import StageStatus
from supplychain.people.statuses import Role
from tests.dashboards.centre.builders import shipped_flow, standing_at

FRESH = shipped_flow("car_t_fresh")
READY, RUNNING = StageStatus.READY, StageStatus.RUNNING
PLANT = {"plant": "Leiden", "telephone": "+1 202 555 0143"}


def test_before_work_has_begun_the_centre_may_cancel():
    found = setback(standing_at(FRESH, "enrolment", READY, status="confirmed", **PLANT))
    assert found.call == "Call operations of Leiden: +1 202 555 0143."
    assert found.ask == (
        "Ask to hold the order (nothing more begins) or to postpone it (a new promised date): only the plant can."
    )
    assert found.cancels == "cancelled"


@pytest.mark.parametrize(
    "given",
    [{"status": "in_progress"}, {"status": "confirmed", "roles": {StagePlace.ORDERING_SITE: frozenset({Role.QA})}}],
)
def test_afterwards_or_without_the_right_the_plant_is_asked(given):
    found = setback(standing_at(FRESH, "expansion", RUNNING, **PLANT | given))
    assert found.ask.endswith("or to cancel it: only the plant can.")
    assert found.cancels == ""


def test_a_held_order_is_not_asked_to_be_held():
    found = setback(standing_at(FRESH, "expansion", RUNNING, status="on_hold", **PLANT))
    assert found.ask.startswith("The order is on hold already.")


def test_without_a_number_it_says_so():
    assert "no number is kept here" in setback(standing_at(FRESH, "expansion", RUNNING, plant="Leiden")).call


def test_an_ended_order_needs_none():
    assert setback(standing_at(FRESH, "infusion", RUNNING, status="cancelled")) is None
