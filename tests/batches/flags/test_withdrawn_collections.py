"""Somebody says that cells were not taken so, or that an appointment is wrong."""

import pytest

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.queries.stops import raised_stops
from batches.flags.rules.harm import STOP_FIRST
from batches.judgement.statuses import Harm
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.interlocks import binding_stops
from supplychain.people.statuses import Role
from supplychain.recording.actions import withdraw_report
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    return world


def told(world: World, order: PatientOrder, kind: str, stage: str, hours: float) -> StatusEvent:
    result = record_event(report(order, kind, stage, hours), by=world.reporter, now=at(hours))
    return StatusEvent.objects.get(pk=result.event_id)


def test_cells_said_to_be_another_orders_are_handed_over_by_nobody_until_a_second_looks(world):
    order = world.order()
    told(world, order, "started", "collection", 4)
    said = told(world, order, "completed", "collection", 5)
    withdraw_report(said.pk, by=world.quality, reason="Wrong order.", now=at(6))
    evaluate_due_orders(now=at(7))
    flag = Flag.objects.get(order=order, code="out_of_sequence", stage="collection")
    assert (flag.severity, flag.harm) == ("critical", Harm.IDENTITY)
    stopped = f"{STOP_FIRST[Harm.IDENTITY]}. QA or Site coordinator: look at it"
    assert flag.next_step.startswith(stopped)
    (stop,) = raised_stops([order.pk])
    assert stop.flag_id == flag.pk
    flow, inbound = flow_plan(order.flow_id), flow_plan(order.flow_id).stages["inbound"]
    assert binding_stops(flow, [stop], "started", inbound) == [stop]
    second = make_user("quin", world.plant, role=Role.QA)
    settle_flag(flag.pk, by=second, reason="The label is right.", now=at(8))
    evaluate_due_orders(now=at(9))
    assert not Flag.objects.filter(order=order, cleared_at=None, severity="critical").exists()


def test_the_start_of_a_collection_is_corrected_without_an_alarm(world):
    order = world.order()
    said = told(world, order, "started", "collection", 4)
    withdraw_report(said.pk, by=world.quality, reason="It began at 5.", now=at(6))
    evaluate_due_orders(now=at(7))
    assert Flag.objects.get(order=order, code="out_of_sequence", stage="collection").severity == "attention"


def test_of_an_appointment_one_person_says_that_it_is_wrong_and_no_dose_is_in_doubt(world):
    order = world.order()
    said = told(world, order, "scheduled", "infusion", 5)
    withdraw_report(said.pk, by=world.quality, reason="Another day.", now=at(6))
    order.refresh_from_db()
    assert order.withdrawn_events == [str(said.pk)]
    evaluate_due_orders(now=at(7))
    assert not Flag.objects.filter(order=order, severity="critical").exists()
