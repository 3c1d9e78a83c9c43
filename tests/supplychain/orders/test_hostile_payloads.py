"""Whatever a system puts into these payloads is taken or refused with words: one bad row fails no list."""

from typing import Any

import pytest

from supplychain.orders.actions.events import record_events
from supplychain.orders.statuses import ReportOutcome
from tests.supplychain.builders import World, at, report

pytestmark = pytest.mark.django_db
ODD = [None, "", " ", 5, 3.5, True, [], {}, ["a"], {"a": 1}, "x" * 70, "\u202e", "2026-01-01T00:00:00Z"]
# kind: its stage, a payload that is right, and the fields into which odd values are put
SAID: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "shipment_packed": (
        "inbound", {"shipper_number": "DS-1"},
        ("shipper_number", "shipper", "seal_number", "loggers", "packed_by", "answers", "asked", "remark"),
    ),
    "shipment_unpacked": (
        "inbound", {"packaging": "intact", "seal": "intact"},
        ("packaging", "seal", "seal_number", "shipper_number", "answers", "asked", "unpacked_by"),
    ),
    "witnessed": ("", {"event": "01a225dc-0000-7000-8000-000000000000"}, ("event", "second_person")),
    "handed_over": ("", {"from": "plant", "to": "courier"}, ("second_person", "given_by", "received_by")),
    "completed": ("inbound", {}, ("second_person", "donation_number", "batch_number")),
    "material": ("", {"number": "B1", "kind": "final_bag"}, ("number", "expires_at", "kind", "stage")),
    "material_is": ("", {"number": "B1", "status": "released"}, ("number", "status")),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAID)
def test_odd_values_beside_a_good_row_are_refused_and_it_is_kept(kind):
    world = World()
    order = world.order()
    stage, right, fields = SAID[kind]
    payloads = [right | {name: odd} for name in fields for odd in ODD]
    payloads += [{name: value for name, value in right.items() if name != left} for left in fields]
    rows = [
        report(order, kind, stage, payload=payload) | {"source_event_id": f"odd-{number}"}
        for number, payload in enumerate(payloads)
    ]
    good = report(order, "confirmed")
    *odd, kept = record_events([*rows, good], by=world.reporter, now=at(12))
    assert kept.outcome == ReportOutcome.CREATED
    assert all(one.reason for one in odd if one.outcome == ReportOutcome.REJECTED)
