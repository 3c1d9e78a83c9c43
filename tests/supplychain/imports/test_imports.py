"""A site's spreadsheet comes in: every row taken, known, or kept aside with its line and reason."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from supplychain.identifiers.statuses import IdentifierKind
from supplychain.imports.orders import order_row, sender_of_orders
from supplychain.imports.running import MOST_DOUBTS, Tally
from supplychain.orders.actions.placing import place_orders
from supplychain.orders.models import Identifier, PatientOrder, StageRun, StatusEvent
from supplychain.orders.statuses import StageStatus
from supplychain.systems.statuses import SourceKind
from tests.supplychain.builders import World, at
from tests.supplychain.imports.sheets import EVENT_HEADER, bring_in, rejected

pytestmark = pytest.mark.django_db
ORDER_HEADER = "product,patient_reference,ordering_site,plant,ordered_at,coi,hospital_order_number,promised_at"
ORDER_ROW = "product-small,P-1,oslo,plant,2026-03-02T08:00:00Z,{coi},{number},"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "sheet.csv"


def test_events_come_in_and_a_second_run_finds_them_known(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER},resource,batch_number,planned_end_at\n"
        "e1,CO1,started,collection,2026-03-02T09:00:00Z,chair 3,,\n"
        "e2,CO1,completed,collection,2026-03-02T15:00:00+01:00,,0123,\n"
        "e3,CO1,scheduled,inbound,2026-03-02T15:30:00Z,,,2026-03-03T15:30:00Z\n"
    )

    first = bring_in("events", sheet, capsys)
    second = bring_in("events", sheet, capsys)

    assert first == ("3 events created, 0 already known, 0 conflicts, 0 rejected.", "")
    assert second == ("0 events created, 3 already known, 0 conflicts, 0 rejected.", "")
    run = StageRun.objects.get(stage__code="collection")
    assert (run.status, run.started_at, run.completed_at, run.resource) == (
        StageStatus.COMPLETED, at(1), at(6), "chair 3",
    )  # fmt: skip
    assert StageRun.objects.get(stage__code="inbound").planned_end_at == at(31.5)
    assert list(sheet.parent.iterdir()) == [sheet]


@pytest.mark.parametrize("name", ["NAN1", "NO", "0", "0123", "1e5", "#12"])
def test_a_batch_whose_name_looks_like_nothing_keeps_its_name(world, sheet, capsys, name):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER},batch_number,suite\ne1,CO1,started,selection,2026-03-02T09:00:00Z,{name},\n"
        f"e2,CO1,note,selection,2026-03-02T10:00:00Z,,{name}\n"
    )
    bring_in("events", sheet, capsys)

    kept = StageRun.objects.get(stage__code="selection").details
    assert (kept["batch_number"], kept["suite"]) == (name, name)
    assert Identifier.objects.get(kind=IdentifierKind.BATCH).value == name


@pytest.mark.parametrize("number", ["#N/A", "#######", "NULL", "n/a", "01-Mar", "M\ufffd-1", "-"])
def test_no_order_is_placed_under_what_stands_for_no_number(world, sheet, capsys, number):
    sheet.write_text(f"{ORDER_HEADER}\n{ORDER_ROW.format(coi='', number=number)}\n")
    assert "1 rejected" in bring_in("orders", sheet, capsys)[0]
    sheet.write_text(f"{EVENT_HEADER}\ne1,{number},started,collection,2026-03-02T09:00:00Z\n")
    assert "1 rejected" in bring_in("events", sheet, capsys)[0]
    assert not PatientOrder.objects.exists()


def test_an_empty_cell_is_a_field_not_given(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER},attempt,resource,donation_number,payload\ne1,CO1,started,collection,2026-03-02T09:00Z,,,,\n"
    )
    bring_in("events", sheet, capsys)

    event = StatusEvent.objects.get(source_event_id="e1")
    assert (event.attempt, event.resource, event.payload) == (None, "", {})


def test_the_payload_column_and_columns_of_its_own_come_together(world, sheet, capsys):
    world.order(coi="CO1")
    with sheet.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*EVENT_HEADER.split(","), "payload", "payload.operator", "donation_number"])
        start = ["e1", "CO1", "started", "collection", "2026-03-02T09:00:00Z"]
        rows.writerow([*start, '{"bags": 2, "donation_number": "D1"}', "A17", "D1"])
        rows.writerow(["e2", *start[1:], '{"donation_number": "D2"}', "", "D1"])
        rows.writerow(["e3", *start[1:], "[1]", "", ""])
        rows.writerow(["e4", *start[1:], "{", "", ""])
    bring_in("events", sheet, capsys)

    assert StatusEvent.objects.get(source_event_id="e1").payload == {
        "bags": 2,
        "donation_number": "D1",
        "operator": "A17",
    }
    reasons = [row[1].partition(" (")[0] for row in rejected(sheet)[1:]]
    object_wanted = 'payload: it must be a JSON object such as {"note": "text"}'
    assert reasons == [
        "donation_number: the payload column says “D2”, this one “D1”; keep one.",
        object_wanted,
        object_wanted,
    ]


def test_rejected_rows_are_kept_beside_the_file_and_can_be_mended(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER}\n"
        "e1,CO1,started,collection,2026-03-02T09:00:00Z\n"
        "\n"
        "e2,CO1,started,colection,2026-03-02T09:00:00Z\n"
        "e3,CO1,started,collection\n"
        "e4,CO1,started,collection,2026-03-02T09:00:00Z,more\n"
        "e5,CO1,started,collection,\n"
        "e6,NOBODY,started,collection,2026-03-02T09:00:00Z\n"
    )

    said, problem = bring_in("events", sheet, capsys)

    assert said == "1 events created, 0 already known, 0 conflicts, 5 rejected, 1 blank lines."
    beside = sheet.with_suffix(".rejected.csv")
    assert (
        problem == f"Rows not taken are in {beside}, each with its line and reason. Mend them, then import that file."
    )
    header, *rows = rejected(sheet)
    assert header == ["rejected_line", "rejected_because", *EVENT_HEADER.split(",")]
    assert [row[0] for row in rows] == ["4", "5", "6", "7", "8"]
    assert [row[1].split()[0] for row in rows] == ["stage:", "It", "It", "occurred_at:", "order:"]
    assert rows[2][2:] == ["e4", "CO1", "started", "collection", "2026-03-02T09:00:00Z", "more"]

    beside.write_text(beside.read_text().replace("colection", "collection"))
    again = bring_in("events", beside, capsys)
    assert again[0] == "1 events created, 0 already known, 0 conflicts, 4 rejected."
    second = beside.with_suffix(".rejected.csv")
    assert second.read_text().splitlines()[0] == f"rejected_line,rejected_because,{EVENT_HEADER}"


def test_a_file_of_rejected_rows_is_never_written_over(world, sheet, capsys):
    sheet.write_text(f"{EVENT_HEADER}\ne1,CO1,started,collection,2026-03-02T09:00:00Z\n")
    bring_in("events", sheet, capsys)
    sheet.with_suffix(".rejected.csv").write_text("half mended")
    bring_in("events", sheet, capsys)

    assert sheet.with_suffix(".rejected.csv").read_text() == "half mended"
    assert len(sheet.with_suffix(".rejected-2.csv").read_text().splitlines()) == 2


def test_a_known_id_with_other_content_is_a_conflict_and_kept_aside(world, sheet, capsys):
    world.order(coi="CO1")
    row = "e1,CO1,started,collection,2026-03-02T09:00:00Z"
    sheet.write_text(f"{EVENT_HEADER}\n{row}\n")
    bring_in("events", sheet, capsys)
    sheet.write_text(f"{EVENT_HEADER}\n{row.replace('09:', '10:')}\n")

    said, problem = bring_in("events", sheet, capsys)
    assert said == "0 events created, 0 already known, 1 conflicts, 0 rejected."
    assert "Rows not taken" in problem
    assert rejected(sheet)[1][1].startswith("source_event_id: already used")


def test_without_ids_the_content_makes_one_that_lasts(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text("order,kind,stage,occurred_at\nCO1,started,collection,2026-03-02T09:00:00Z\n")
    bring_in("events", sheet, capsys)
    sheet.write_text("occurred_at;stage;kind;order\n2026-03-02 10:00:00+01:00;collection;started;CO1\n")

    assert bring_in("events", sheet, capsys)[0] == "0 events created, 1 already known, 0 conflicts, 0 rejected."


def test_orders_come_in_and_a_second_run_finds_them_known(world, sheet, capsys):
    rows = [ORDER_ROW.format(coi=f"CO{number}", number=f"H{number}") for number in range(3)]
    sheet.write_text("\n".join([ORDER_HEADER, *rows]))

    assert bring_in("orders", sheet, capsys)[0] == "3 orders created, 0 already known, 0 conflicts, 0 rejected."
    assert bring_in("orders", sheet, capsys)[0] == "0 orders created, 3 already known, 0 conflicts, 0 rejected."
    order = PatientOrder.objects.get(coi="CO1")
    assert (order.ordered_at, order.promised_at, order.patient_reference) == (at(0), None, "P-1")


def test_an_edited_row_of_a_known_order_is_a_conflict_never_a_second_order(world, sheet, capsys):
    sheet.write_text(f"{ORDER_HEADER}\n{ORDER_ROW.format(coi='', number='H1')}")
    bring_in("orders", sheet, capsys)
    sheet.write_text(f"{ORDER_HEADER}\n{ORDER_ROW.format(coi='', number='H1')}2026-04-01T12:00:00Z")

    assert bring_in("orders", sheet, capsys)[0] == "0 orders created, 0 already known, 1 conflicts, 0 rejected."
    assert PatientOrder.objects.count() == 1


def test_orders_that_cannot_be_placed_say_why(world, sheet, capsys):
    good = ORDER_ROW.format(coi="", number="")
    rows = [good.replace("product-small", "aspirin"), good.replace("P-1", "Jane Doe"), good.replace("oslo", "")]
    sheet.write_text("\n".join([ORDER_HEADER, *rows]))
    bring_in("orders", sheet, capsys)
    assert [row[1].split(":")[0] for row in rejected(sheet)[1:]] == ["product", "patient_reference", "ordering_site"]


def test_the_only_spreadsheet_speaks_when_no_source_is_named(world, sheet, capsys):
    world.stranger.kind = SourceKind.HOSPITAL
    world.stranger.save()
    world.order(coi="CO1")
    sheet.write_text(f"{EVENT_HEADER}\ne1,CO1,started,collection,2026-03-02T09:00:00Z\n")
    call_command("import_events", str(sheet))
    assert StatusEvent.objects.get(source_event_id="e1").source == world.source


@pytest.mark.parametrize("source", ["nobody", None])
def test_without_a_source_it_says_how_to_make_one(world, sheet, source):
    sheet.write_text(EVENT_HEADER)
    with pytest.raises(CommandError, match=r"known: hospital-bergen, hospital-oslo.*manage\.py create_source"):
        call_command("import_events", str(sheet), source=source)


def test_more_rows_than_one_chunk_come_in_whole(world, sheet, capsys):
    world.order(coi="CO1")
    rows = [f"e{number},CO1,note,collection,2026-03-02T09:00:00Z" for number in range(2_345)]
    rows[1_500] = rows[1_500].replace("CO1", "NOBODY")
    sheet.write_text("\n".join([EVENT_HEADER, *rows]))

    assert bring_in("events", sheet, capsys)[0] == "2344 events created, 0 already known, 0 conflicts, 1 rejected."
    assert rejected(sheet)[1][0] == "1502"


@pytest.mark.parametrize(("coi", "number"), [("", "h-1a"), ("co-9x", "")])
def test_an_order_comes_again_with_its_number_in_other_letters(world, sheet, capsys, coi, number):
    for cells in ((coi, number), (coi.upper(), number.upper()), (coi, number)):
        sheet.write_text(f"{ORDER_HEADER}\n{ORDER_ROW.format(coi=cells[0], number=cells[1])}\n")
        said, problem = bring_in("orders", sheet, capsys)
        assert (problem, PatientOrder.objects.count()) == ("", 1), said
    sheet.write_text(f"{ORDER_HEADER}\n{ORDER_ROW.format(coi=coi, number=number).replace('P-1', 'P-2')}\n")
    assert "1 conflict" in bring_in("orders", sheet, capsys)[0]


def test_an_order_of_an_older_version_is_known(world):
    row = dict(zip(ORDER_HEADER.split(","), ORDER_ROW.format(coi="", number="H-1A").split(","), strict=True))
    made = order_row({name: cell for name, cell in row.items() if cell}, None)
    (before,) = place_orders([made], by=world.reporter)
    (answer,) = sender_of_orders(world.reporter)([made])
    assert (before.created, answer.outcome) == (True, "duplicate")


def test_what_was_taken_and_does_not_fit_is_said_line_by_line(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER}\ne1,CO1,started,collection,2026-03-02T09:00:00Z\ne2,CO1,completed,release,2026-03-02T10:00:00Z\n"
    )
    call_command("import_events", str(sheet), source="hospital-oslo")
    said = capsys.readouterr()
    assert said.out.strip() == "2 events created, 0 already known, 0 conflicts, 0 rejected."
    assert said.err.strip().splitlines()[-2:] == [
        "1 row was taken and flagged; look at the orders:",
        "line 3: Kept and flagged: “Release: released” before Harvest had ended.",
    ]


def test_of_many_such_rows_the_first_are_said_and_the_rest_counted():
    tally = Tally()
    for line in range(MOST_DOUBTS + 3):
        tally.doubt(line, "Kept and flagged.")
    assert (tally.doubted, len(tally.doubts), tally.doubts[0]) == (
        MOST_DOUBTS + 3, MOST_DOUBTS, "line 0: Kept and flagged.",
    )  # fmt: skip
