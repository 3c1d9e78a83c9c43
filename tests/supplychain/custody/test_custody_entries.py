"""Custody entries are projections: written with the events, withdrawn with them, and the same when rebuilt."""

import pytest

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.custody.models import CustodyEntry
from supplychain.orders.actions.events import record_events
from supplychain.orders.actions.rebuilding import rebuild_orders
from tests.batches.judging import evaluate, make_due
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


def entries(order) -> list[tuple]:
    return list(order.custody.values_list("holder", "name", "place", "since", "until", "gap"))


def handed(order, hours: float, giver: str, taker: str, **said: str) -> dict:
    return report(order, "handed_over", hours=hours, payload={"from": giver, "to": taker} | said)


@pytest.fixture
def order():
    world = World()
    order = world.order()
    way = [
        report(order, "completed", "collection", 6),
        report(order, "started", "inbound", 8, payload={"courier": "Nord"}),
        report(order, "completed", "inbound", 20),
    ]
    assert {result.outcome for result in record_events(way, by=world.reporter, now=at(21))} == {"created"}
    order.world = world
    return order


def test_entries_follow_from_what_stages_report(order):
    assert entries(order) == [
        ("collection_site", "", "", at(6), at(8), ""),
        ("courier", "Nord", "", at(8), at(20), ""),
        ("plant", "", "", at(20), None, ""),
    ]
    assert order.custody.last().site == order.plant


def test_a_hand_over_makes_an_entry_and_later_stage_reports_keep_it(order):
    said = handed(order, 22, "plant", "plant", place="Freezer 2", received_by="Ann")
    record_events([said], by=order.world.reporter, now=at(23))
    record_events([report(order, "started", "selection", 24)], by=order.world.reporter, now=at(24))
    assert entries(order)[2:] == [
        ("plant", "", "", at(20), at(22), ""),
        ("plant", "", "Freezer 2", at(22), None, ""),
    ]


def test_what_is_withdrawn_takes_its_entry_along(order):
    world = order.world
    said = record_events([handed(order, 22, "infusion_site", "courier")], by=world.reporter, now=at(23))[0]
    assert entries(order)[-1][-1] == "unknown_giver"
    make_due([order], 23)
    evaluate(23)
    flag = Flag.objects.get(code=FlagCode.CUSTODY_GAP)
    assert (flag.severity, flag.harm, flag.since) == (Severity.CRITICAL, Harm.IDENTITY, at(22))
    assert "the infusion site" in flag.why
    assert "the plant was the last known to hold them" in flag.why
    gone = report(order, "withdrawn", hours=23, payload={"event": str(said.event_id), "reason": "Another order."})
    assert record_events([gone], by=world.reporter, now=at(23))[0].outcome == "created"
    assert len(entries(order)) == 3
    assert CustodyEntry.everything.filter(order=order).count() == 4
    make_due([order], 24)
    evaluate(24)
    flag.refresh_from_db()
    assert flag.cleared_at


def test_an_order_of_stage_reports_alone_has_no_flag_of_custody(order):
    record_events([report(order, "started", "selection", 24)], by=order.world.reporter, now=at(24))
    make_due([order], 25)
    evaluate(25)
    assert not Flag.objects.filter(code=FlagCode.CUSTODY_GAP).exists()


def test_rebuilt_it_is_the_same(order):
    record_events([handed(order, 22, "plant", "plant", place="Freezer 2")], by=order.world.reporter, now=at(23))
    before = list(CustodyEntry.objects.values())
    CustodyEntry.everything.all().delete()
    assert not rebuild_orders([order], now=at(30))
    assert list(CustodyEntry.objects.values()) == before


def test_a_hand_over_is_refused_field_by_field(order):
    row = report(order, "handed_over", hours=22, payload={"from": "plant"})
    [result] = record_events([row], by=order.world.reporter, now=at(23))
    assert (result.outcome, "payload.to: use one of" in result.reason) == ("rejected", True)
