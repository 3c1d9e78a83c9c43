"""The same meaning is the same event, however it is spelled; another meaning is a conflict."""

import pytest

from supplychain.flows.models import Flow
from supplychain.orders.actions.events import record_event, record_events
from supplychain.orders.actions.placing import place_order, place_orders
from supplychain.orders.models import EventConflict, PatientOrder, StatusEvent
from supplychain.orders.rules import reading as rules
from supplychain.orders.rules.placing import OrderRefused
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.mine = world.order()
    return world


def said(world, **changes):
    payload = {
        "planned_pickup_at": "2026-03-03T10:00:00Z", "courier": "Cold Line", "bags": 2,
        "handed": {"at": "2026-03-03T09:00:00Z", "seal": "S1"},
    }  # fmt: skip
    row = report(world.mine, "scheduled", "inbound", resource="van", payload=payload)
    return row | changes


SPELLINGS = {
    "a known moment with another offset": {"planned_pickup_at": "2026-03-03T11:00:00+01:00"},
    "a known moment to the minute": {"planned_pickup_at": "2026-03-03 10:00+00"},
    "a moment of the sender's own, deep inside": {"handed": {"at": "2026-03-03T10:00:00+01:00", "seal": "S1"}},
    "a blank at the end": {"courier": "Cold Line ", "handed": {"at": "2026-03-03T09:00:00Z", "seal": "S1\n"}},
    "null for absent": {"tracking_number": None, "planned_delivery_at": None, "mine": None},
    "null for absent, deep inside": {"handed": {"at": "2026-03-03T09:00:00Z", "seal": "S1", "by": None}},
    "a whole number as a float": {"bags": 2.0},
    "a number in other letters": {"batch_number": "b-1"},
    "two blanks, one that breaks no line": {"courier": "Cold \u00a0Line"},
    "a byte order mark in front": {"remark": "\ufeffone\ntwo"},
    "lines as Windows ends them": {"remark": "one\r\ntwo"},
    "the name of a field composed": {"caf\u00e9": 1},
}


@pytest.mark.parametrize("changes", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("order", [1, -1])
def test_another_spelling_of_the_payload_is_a_duplicate(world, changes, order):
    first = said(world)
    first["payload"] |= {"batch_number": "B-1", "remark": "one\ntwo"}
    composed = {name: value for name, value in changes.items() if name == "caf\u00e9"}
    first["payload"] |= {"cafe\u0301": 1} if composed else {}
    kept = {name: value for name, value in first["payload"].items() if not composed or name != "cafe\u0301"}
    rows = [first, first | {"payload": kept | changes}][::order]
    outcomes = [record_event(row, by=world.reporter).outcome for row in rows]
    assert outcomes == ["created", "duplicate"]
    assert not EventConflict.objects.exists()


def test_so_it_is_within_one_list(world):
    first = said(world)
    other = first | {"payload": first["payload"] | {"planned_pickup_at": "2026-03-03T11:00:00+01:00", "x": None}}
    assert [one.outcome for one in record_events([first, other], by=world.reporter)] == ["created", "duplicate"]


@pytest.mark.parametrize(
    "changes",
    [{"attempt": None}, {"resource": "van "}, {"occurred_at": "2026-03-02T10:00:00+01:00"}, {"kind": "scheduled\n"}],
)
def test_another_spelling_of_the_other_fields_is_a_duplicate(world, changes):
    record_event(said(world), by=world.reporter)
    again = said(world) | changes
    assert record_event(again, by=world.reporter).outcome == "duplicate"


@pytest.mark.parametrize("typed", ["e\u0301-1", "\u00e9-1\u00a0", " \u00e9-1"])
def test_another_spelling_of_the_senders_id_is_the_same_id(world, typed):
    row = said(world, source_event_id="\u00e9-1", resource="Se\u0301")
    again = row | {"source_event_id": typed, "resource": "S\u00e9"}
    assert [record_event(one, by=world.reporter).outcome for one in (row, again)] == ["created", "duplicate"]
    new = {"product": "product-small", "patient_reference": "p-0002", "ordering_site": "oslo", "plant": "plant"}
    orders = [
        place_order(by=world.reporter, **new, source_event_id=one) for one in ("\u00e9-2", typed.replace("1", "2"))
    ]
    assert [order.created for order in orders] == [True, False]


def test_null_stands_for_what_is_not_given(world):
    bare = report(world.mine, "confirmed")
    record_event(bare, by=world.reporter)
    again = bare | {"stage": None, "resource": None, "attempt": None, "payload": None}
    assert record_event(again, by=world.reporter).outcome == "duplicate"


def test_an_event_stored_in_an_older_spelling_is_known(world, monkeypatch):
    row = said(world)
    old = {"planned_pickup_at": "2026-03-03T12:00:00+02:00", "courier": "Cold Line ", "gone": None}
    with monkeypatch.context() as before:
        before.setattr(rules, "_plain_payload", lambda payload, problems: payload)
        record_event(row | {"payload": row["payload"] | old}, by=world.reporter)
    assert StatusEvent.objects.get(kind="scheduled").payload["courier"] == "Cold Line "
    assert record_event(row, by=world.reporter).outcome == "duplicate"


@pytest.mark.parametrize(
    "changes",
    [
        {"planned_pickup_at": "2026-03-03T10:00:01Z"}, {"courier": "Cold line"}, {"bags": 3}, {"bags": "2"},
        {"handed": {"at": "2026-03-03T09:00:00Z"}}, {"more": ""}, {"bags": True},
    ],
)  # fmt: skip
def test_another_meaning_is_a_conflict(world, changes):
    record_event(said(world), by=world.reporter)
    first = said(world)
    other = first | {"payload": first["payload"] | changes}
    assert record_event(other, by=world.reporter).outcome == "conflict"
    assert EventConflict.objects.count() == 1


def test_the_stored_payload_keeps_the_senders_offset_and_no_nulls(world):
    row = said(world) | {"payload": {"planned_pickup_at": "2026-03-03t11:00+01", "tracking_number": None, "n": "x "}}
    record_event(row, by=world.reporter)
    stored = StatusEvent.objects.get(kind="scheduled").payload
    assert stored == {"planned_pickup_at": "2026-03-03T11:00:00+01:00", "n": "x"}


def test_an_order_placed_again_in_another_spelling_is_the_same_order(world):
    client = client_of(world.source)
    body = {
        "product": "product-small", "patient_reference": "P-2", "ordering_site": "oslo", "plant": "plant",
        "promised_at": at(900).isoformat(), "source_event_id": "o-1", "hospital_order_number": "H1",
        "ordered_at": at(1).isoformat(),
    }  # fmt: skip
    spelled = body | {
        "promised_at": "2026-04-08T22:00:00+02:00", "coi": None, "priority_reason": None,
        "hospital_order_number": "H1 ", "collection_site": "oslo", "infusion_site": "oslo",
    }  # fmt: skip
    answers = [client.send("/api/v1/orders/", one) for one in (body, spelled, body | {"hospital_order_number": "H2"})]
    assert [answer.status_code for answer in answers] == [201, 200, 409], [one.content for one in answers]
    assert PatientOrder.objects.count() == 2


@pytest.mark.parametrize("names", [("", "small"), ("small", "")])
def test_an_order_placed_again_may_name_the_flow_that_goes_without_saying(world, names):
    new = {
        "product": "product-small", "patient_reference": "P-2", "ordering_site": "oslo", "plant": "plant",
        "source_event_id": "o-1", "hospital_order_number": "H1",
    }  # fmt: skip
    rows = [new | ({"flow": name} if name else {}) for name in names]
    apart = [place_order(by=world.reporter, **row).created for row in rows]
    at_once = place_orders(
        [row | {"source_event_id": "o-2", "hospital_order_number": "H2"} for row in rows], by=world.reporter
    )
    assert apart == [one.created for one in at_once] == [True, False]


def test_another_flow_than_the_usual_one_is_another_order(world):
    new = {"product": "product-small", "patient_reference": "P-2", "ordering_site": "oslo", "plant": "plant"}
    place_order(by=world.reporter, **new, source_event_id="o-1", flow="small")
    Flow.objects.update(is_default=False)
    with pytest.raises(OrderRefused, match="another flow"):
        place_order(by=world.reporter, **new, source_event_id="o-1")
