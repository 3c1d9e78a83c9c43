"""After an upgrade the states of orders are folded anew from their events."""

import pytest
from django.core.management import CommandError, call_command

from supplychain.orders.actions import rebuilding
from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.statuses import OrderStatus, StageStatus
from tests.supplychain.builders import World, at, report
from tests.supplychain.due_orders import due_moment, nothing_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def collected(world: World, **given) -> PatientOrder:
    order = world.order(**given)
    for kind, hours in (("started", 5), ("completed", 8)):
        record_event(report(order, kind, "collection", hours), by=world.reporter, now=at(hours + 1))
    return PatientOrder.objects.get(pk=order.pk)


def stale(order: PatientOrder) -> None:
    """As rules of before might have left it."""
    PatientOrder.objects.filter(pk=order.pk).update(status=OrderStatus.INFUSED, infused_at=at(9))
    nothing_due([order])
    StageRun.objects.filter(order=order, stage__code="collection").update(status=StageStatus.FAILED)


def test_the_state_is_that_of_the_events_again_and_the_order_is_judged(world):
    order = collected(world)
    before = list(StatusEvent.objects.order_by("position").values())
    stale(order)

    assert rebuild_orders([order], now=at(50)) == {}

    again = PatientOrder.objects.get(pk=order.pk)
    assert (again.status, again.infused_at, due_moment(order)) == (OrderStatus.IN_PROGRESS, None, at(50))
    kept = ("version", "seal", "last_occurred_at", "last_recorded_at", "current_stage", "attempt")
    assert [getattr(again, name) for name in kept] == [getattr(order, name) for name in kept]
    run = StageRun.objects.get(order=order, stage__code="collection")
    assert (run.status, run.started_at, run.completed_at) == (StageStatus.COMPLETED, at(5), at(8))
    assert list(StatusEvent.objects.order_by("position").values()) == before


def test_an_order_that_cannot_be_folded_is_named_and_stops_no_other(world, monkeypatch):
    broken, sound = collected(world), collected(world, patient_reference="pseudonym-2")
    stale(sound)
    fold_anew = rebuilding.refold

    def refold(order, facts):
        if order.id == broken.pk:
            raise ValueError("unreadable")
        fold_anew(order, facts)

    monkeypatch.setattr(rebuilding, "refold", refold)
    assert rebuild_orders([broken, sound], now=at(50)) == {broken.pk: "ValueError: unreadable"}
    assert PatientOrder.objects.get(pk=sound.pk).status == OrderStatus.IN_PROGRESS
    with pytest.raises(CommandError, match="1 order"):
        call_command("rebuild_orders")


def test_the_command_takes_open_orders_or_all(world, capsys):
    open_order, ended = collected(world), collected(world, patient_reference="pseudonym-2")
    record_event(
        report(ended, "cancelled", "", 20, payload={"reason": "Therapy stopped."}), by=world.reporter, now=at(21)
    )
    call_command("rebuild_orders")
    assert "1 order(s) folded" in capsys.readouterr().out
    call_command("rebuild_orders", "--all")
    assert "2 order(s) folded" in capsys.readouterr().out
    assert PatientOrder.objects.get(pk=open_order.pk).status == OrderStatus.IN_PROGRESS
    assert PatientOrder.objects.get(pk=ended.pk).status == OrderStatus.CANCELLED
