"""Rows without an id that mean the same are one event, however they are spelled."""

import pytest

from supplychain.imports.event_ids import id_of_cells
from supplychain.imports.events import event_row, sender_of_events
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from tests.supplychain.builders import World, at
from tests.supplychain.imports.sheets import bring_in

pytestmark = pytest.mark.django_db
HEADER = "order,kind,occurred_at,promised_at,payload"


def spellings(order) -> list[str]:
    payload = '"{""promised_at"": ""2026-04-01T10:00Z""}"'
    return [
        f"{order.coi},promised,2026-03-02T10:00Z,2026-04-01T10:00Z,",
        f"{order.coi},promised,2026-03-02T11:00+01:00,2026-04-01T12:00+02:00,",
        f"{order.coi.lower()},promised,2026-03-02T10:00Z,2026-04-01T10:00Z,",
        f"{order.coi},promised,2026-03-02T10:00Z,,{payload}",
        f"{order.pk},promised,2026-03-02T10:00Z,2026-04-01T10:00Z,",
        f"{order.pk.hex.upper()},promised,2026-03-02T10:00Z,2026-04-01T10:00Z,",
    ]


def test_in_one_file_and_in_one_file_each(tmp_path, capsys):
    sheet, rows = tmp_path / "sheet.csv", spellings(World().order(coi="CO-A"))
    sheet.write_text("\n".join([HEADER, *rows]))
    said, problem = bring_in("events", sheet, capsys)
    assert (said, problem) == ("1 events created, 5 already known, 0 conflicts, 0 rejected.", "")
    for row in rows:
        sheet.write_text(f"{HEADER}\n{row}\n")
        assert bring_in("events", sheet, capsys)[0].startswith("0 events created, 1 already known")


def test_what_says_something_else_is_another_event(tmp_path, capsys):
    sheet = tmp_path / "sheet.csv"
    World().order(coi="CO-A")
    row = "CO-A,promised,2026-03-02T10:00Z,2026-04-01T10:00Z,"
    sheet.write_text("\n".join([HEADER, row, row.replace("04-01", "04-02"), row.replace("03-02", "03-03")]))
    assert bring_in("events", sheet, capsys)[0].startswith("3 events created")


def test_a_row_of_an_older_version_is_known():
    world = World()
    order = world.order(coi="CO-A")
    cells = {"order": "CO-A", "kind": "note", "stage": "selection", "occurred_at": "2026-03-02T10:00+01:00"}
    row = event_row(cells, None)
    assert row["source_event_id"] == id_of_cells(row)
    before = record_event(row, by=world.reporter, now=at(9))
    (answer,) = sender_of_events(world.reporter, now=at(9))([row])
    assert (before.outcome, answer.outcome) == ("created", "duplicate")
    assert StatusEvent.objects.filter(order=order, kind="note").count() == 1


def test_an_id_of_the_senders_own_is_kept():
    world = World()
    world.order(coi="CO-A")
    row = {"source_event_id": "mine", "order": "CO-A", "kind": "note", "stage": "selection", "occurred_at": at(3)}
    (answer,) = sender_of_events(world.reporter, now=at(9))([row])
    assert (answer.outcome, StatusEvent.objects.filter(source_event_id="mine").count()) == ("created", 1)
