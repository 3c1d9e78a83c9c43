"""An altered, removed or inserted event is found, and the first broken link named."""

import os
import signal

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from supplychain.orders.actions import seals
from supplychain.orders.actions.events import Reporter, record_events
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import StatusEvent
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def order():
    world = World()
    order = world.order()
    said = {"planned_start_at": at(3).isoformat(), "n": [1.0, 0.1, 1e16, -0.0, 1e-7, {"æ": None}], "whole": 2**70}
    rows = [
        report(order, "scheduled", "collection", 1, payload=said),
        report(order, "started", "collection", 3),
        report(order, "completed", "collection", 7),
    ]
    record_events(rows, by=world.reporter)
    return order


def alter(statement: str, *parameters) -> None:
    """What somebody with the keys to the database might do."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_an_untouched_seal_holds(order, capsys):
    assert list(broken_seals()) == []
    call_command("verify_seals")
    assert capsys.readouterr().out == "1 seal(s) checked, every event fits.\n"


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'failed'",
        "occurred_at = occurred_at - interval '1 hour'",
        "recorded_at = recorded_at - interval '1 hour'",
        "payload = '{\"x\": 1}'",
        "source_event_id = 'other'",
        "resource = 'x'",
    ],
)
def test_an_altered_event_is_the_first_broken_seal(order, change):
    alter(f"UPDATE supplychain_statusevent SET {change} WHERE position = 3")
    assert [(link.position, link.coi) for link in broken_seals()] == [(3, order.coi)]


@pytest.mark.parametrize(("removed", "position"), [(2, 2), (4, 4)])
def test_a_removed_event_leaves_a_broken_seal(order, removed, position):
    alter("DELETE FROM supplychain_statusevent WHERE position = %s", removed)
    assert [link.position for link in broken_seals()] == [position]


def test_an_alteration_with_its_own_hash_mended_breaks_the_next_link(order):
    event = StatusEvent.objects.get(position=2)
    alter("UPDATE supplychain_statusevent SET hash = %s WHERE id = %s", "0" * 64, str(event.pk))
    assert [link.position for link in broken_seals()] == [2]


def test_the_command_says_which_order_and_fails(order, capsys):
    alter("UPDATE supplychain_statusevent SET kind = 'failed' WHERE position = 3")
    with pytest.raises(CommandError, match="1 seal"):
        call_command("verify_seals", order.coi)
    assert capsys.readouterr().out.startswith(f"{order.coi}: event 3 (")


def test_the_command_refuses_an_order_that_it_does_not_know(order):
    with pytest.raises(CommandError, match="No order has X"):
        call_command("verify_seals", "X")


@pytest.mark.parametrize("orders", [1, 7])
def test_all_chains_are_read_together(orders, django_assert_num_queries):
    world = World()
    for number in range(orders):
        placed = world.order(patient_reference=f"patient-{number}")
        record_events([report(placed, "started", "collection", 3)], by=world.reporter)
    with django_assert_num_queries(3):  # which orders, these orders, events
        assert list(broken_seals()) == []


def test_an_event_that_comes_in_while_chains_are_read_breaks_none(order, monkeypatch):
    world_reads = seals.read
    source = order.events.exclude(source=None).first().source

    def read_late(*given, **named):
        record_events([report(order, "note", "collection", 9)], by=Reporter.of_source(source))
        monkeypatch.setattr(seals, "read", world_reads)
        return world_reads(*given, **named)

    monkeypatch.setattr(seals, "read", read_late)
    assert list(broken_seals()) == []


def test_only_the_altered_order_of_many_is_named():
    world = World()
    orders = [world.order(patient_reference=f"patient-{number}") for number in range(5)]
    for one in orders:
        record_events([report(one, "started", "collection", 3)], by=world.reporter)
    alter("DELETE FROM supplychain_statusevent WHERE order_id = %s", str(orders[1].pk))
    alter("UPDATE supplychain_statusevent SET attempt = 4 WHERE order_id = %s AND position = 2", str(orders[3].pk))
    found = [(link.order_id, link.position, link.reason) for link in broken_seals()]
    assert found == [
        (orders[1].pk, 1, "the order counts 2 events, the seal ends after 0"),
        (orders[3].pk, 2, "what was said has been altered"),
    ]


@pytest.fixture
def three_altered(monkeypatch):
    """Of five orders the second, fourth and fifth are altered; an order a part, so that there is something to share."""
    world = World()
    orders = sorted((world.order(patient_reference=f"patient-{number}") for number in range(5)), key=lambda one: one.pk)
    for one in (orders[1], orders[3], orders[4]):
        alter("UPDATE supplychain_statusevent SET attempt = 4 WHERE order_id = %s", str(one.pk))
    monkeypatch.setattr(seals, "READ_AT_ONCE", 1)
    return [one.pk for one in (orders[1], orders[3], orders[4])]


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_what_one_finds(three_altered):
    found = list(broken_seals(processes=2))
    assert [link.order_id for link in found] == three_altered
    assert found == list(broken_seals())


@pytest.mark.django_db(transaction=True)
def test_several_processes_have_one_result(three_altered, capsys):
    with pytest.raises(CommandError, match="3 seal"):
        call_command("verify_seals", processes=2)
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_killed_process_proves_nothing(three_altered, monkeypatch):
    ours = os.getpid()

    def killed(orders):
        assert os.getpid() != ours
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(seals, "_sound_chains", killed)
    with pytest.raises(CommandError, match="nothing is proven"):
        call_command("verify_seals", processes=2)
