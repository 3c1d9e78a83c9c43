"""Nested too deep: refused by every way in, with the reason; what was stored before the limit is always shown."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from django.core.management import call_command
from django.urls import reverse

from supplychain.flows.rules.files import read_document
from supplychain.imports.events import event_row
from supplychain.imports.rows import RowRefused
from supplychain.nesting import MOST_LEVELS, each_scalar, is_too_deep, sorted_json
from supplychain.orders.actions.events import record_events
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules import reading
from supplychain.people.statuses import Role
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_user, report

pytestmark = pytest.mark.django_db
STORED = 470  # levels: what an event of 938 bytes could hold


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def lists(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def deep(world, monkeypatch) -> PatientOrder:
    """An order with a deep event and a deep conflicting report, from before the limit; then one that is late."""
    order = world.order(coi="CO-DEEP")
    with monkeypatch.context() as before:
        before.setattr(reading, "is_too_deep", lambda value: False)
        said = report(order, "started", "collection", 2, payload=nested(STORED))
        results = record_events([said, said | {"payload": {"a": lists(STORED)}}], by=world.reporter, now=at(3))
    assert [result.outcome for result in results] == ["created", "conflict"]
    world.say(order, "scheduled", "collection", 1)
    return order


@pytest.mark.parametrize("name", ["order", "order_live", "order_record", "api_order", "api_order_events"])
def test_whatever_was_stored_is_shown(world, deep, name):
    answer = browser_of(world.coordinator).get(reverse(name, args=[deep.pk]))
    assert answer.status_code == 200
    if name in ("order", "order_record"):
        assert b'{"a":' * (STORED - 30) in answer.content.replace(b"&quot;", b'"').replace(b" ", b"").replace(
            b"\n", b""
        )


def test_it_is_printed_listed_and_administered(world, deep):
    assert browser_of(world.coordinator).get(reverse("order", args=[deep.pk]), {"print": 1}).status_code == 200
    boss = browser_of(make_user("boss", world.plant, world.oslo, world.bergen, role=Role.ADMINISTRATOR))
    assert boss.get(reverse("admin:supplychain_statusevent_changelist")).status_code == 200
    for event in StatusEvent.objects.all():
        assert boss.get(reverse("admin:supplychain_statusevent_change", args=[event.pk])).status_code == 200


def test_its_seal_is_checked(deep):
    assert list(broken_seals()) == []
    call_command("verify_seals")


@pytest.mark.parametrize("levels", [1, 5, MOST_LEVELS + 30, 150])
def test_the_hash_is_the_same_by_either_way(levels):
    value = {"b": nested(levels), "a": [lists(levels), {"z": 1.5, "ä": None, "k": [True, "\n"]}]}
    assert sorted_json(value) == msgspec.json.encode(value, order="sorted")
    assert each_scalar(value, lambda one: one) == value


def test_ten_thousand_levels_are_no_trouble():
    value = each_scalar(nested(10_000), lambda one: one)
    assert sorted_json(value) == b'{"a":' * 9_999 + b"{}" + b"}" * 9_999


@pytest.mark.parametrize(("levels", "deep"), [(MOST_LEVELS, False), (MOST_LEVELS + 1, True), (100_000, True)])
def test_the_limit(levels, deep):
    assert (is_too_deep(lists(levels)), is_too_deep(nested(levels))) == (deep, deep)


@pytest.mark.parametrize("many", [False, True], ids=["one", "bulk"])
@pytest.mark.parametrize("levels", [MOST_LEVELS, STORED, 900, 100_000])
def test_a_deep_report_is_refused_with_the_reason(world, levels, many):
    order = world.order()
    row = msgspec.json.encode(report(order, "started", "collection", 2))
    body = row[:-1] + b',"payload":' + b'{"a":' * (levels - 1) + b"{}" + b"}" * levels
    client = browser_of(world.operations)
    body = b"[" + body + b"]" if many else body
    answer = client.post(reverse("api_events"), body, content_type="application/json")
    assert b"nested more than 20 levels deep" in answer.content
    assert answer.status_code in ((200, 400) if many else (400, 422))
    assert StatusEvent.objects.count() == 1


@pytest.mark.parametrize("field", ["source_event_id", "order", "kind", "occurred_at", "attempt", "payload"])
@pytest.mark.parametrize("value", [lists(400), nested(400), lists(21)], ids=["lists", "objects", "a little"])
def test_every_field_of_every_row_is_looked_at(world, field, value):
    [result] = record_events([report(world.order(), "started", "collection", 2) | {field: value}], by=world.reporter)
    assert (result.outcome, "nested more than" in result.reason) == ("rejected", True)


def test_a_row_of_a_file_is_refused(world):
    cells = {"order": "CO-1", "kind": "started", "stage": "collection", "occurred_at": at(1).isoformat()}
    deep = '{"a":' * 30 + "1" + "}" * 30
    [result] = record_events([event_row(cells | {"payload": deep}, None)], by=world.reporter)
    assert "nested more than" in result.reason
    with pytest.raises(RowRefused, match="payload: it must be a JSON object"):
        event_row(cells | {"payload": '{"a":' * 100_000}, None)


@pytest.mark.parametrize("text", ["[" * 50, "{a: " * 5_000, "- " * 5_000, "[" * 100_000])
def test_a_flow_file_is_refused(text):
    assert "nested too deeply" in str(read_document(text).problems[0])


def test_deep_bodies_end_in_400_at_every_endpoint(world):
    client = browser_of(world.operations)
    order = world.order()
    for address in (reverse("api_orders"), reverse("api_events"), reverse("api_order", args=[order.pk])):
        for body in (b"[" * 100_000, b"[" * 500 + b"]" * 500, b'{"a":' * 50 + b"1" + b"}" * 50):
            ask = client.patch if address.endswith(f"{order.pk}/") else client.post
            answer = ask(address, body, content_type="application/json", headers={"If-Match": "*"})
            assert answer.status_code == 400, (address, body[:9])


def test_the_inbox_begins_at_the_start_with_a_deep_cursor(world):
    for body in (b"[" * 2_000, b"[" * 500 + b"]" * 500):
        answer = browser_of(world.operations).get(reverse("inbox"), {"after": urlsafe_b64encode(body).decode()})
        assert answer.status_code == 200
