"""Files of every usual making are read; what cannot be read is refused for its reason, with the line."""

from pathlib import Path

import pytest

from supplychain.orders.models import StatusEvent
from tests.supplychain.builders import World
from tests.supplychain.imports.sheets import EVENT_HEADER, bring_in, rejected

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "sheet.csv"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_any_usual_delimiter_and_a_byte_order_mark_are_understood(world, sheet, capsys, delimiter, mark):
    world.order(coi="CO1")
    lines = f"{EVENT_HEADER}\ne1,CO1,started,collection,2026-03-02T09:00:00Z\r\n".replace(",", delimiter)
    sheet.write_text(mark + lines.title().replace("Co1", "CO1").replace("Started", "started").replace("Coll", "coll"))
    assert bring_in("events", sheet, capsys) == ("1 events created, 0 already known, 0 conflicts, 0 rejected.", "")


def test_unknown_and_missing_columns_are_all_named_with_what_to_do(world, sheet, capsys):
    sheet.write_text("order,kind,ocurred_at,colour,stage,stage\n")
    said, problem = bring_in("events", sheet, capsys)

    assert said == ""
    assert problem.splitlines()[:5] == [
        f"{sheet}: nothing was imported.",
        "Column stage: it is there twice; remove one.",
        "Column ocurred_at: it is not known; rename it to occurred_at, remove it, or leave it unread with "
        "--ignore ocurred_at.",
        "Column colour: it is not known; rename it, remove it, or leave it unread with --ignore colour.",
        "Column occurred_at: it is missing; add it.",
    ]


def test_a_column_may_be_left_unread(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(f"{EVENT_HEADER},Our colour\ne1,CO1,started,collection,2026-03-02T09:00:00Z,red\n")
    assert bring_in("events", sheet, capsys, ignore=["Our colour"])[1] == ""


def test_a_cell_under_no_column_name_is_refused_an_empty_one_is_not(world, sheet, capsys):
    world.order(coi="CO1")
    row = "CO1,started,collection,2026-03-02T09:00:00Z"
    sheet.write_text(f"{EVENT_HEADER},\ne1,{row},\ne2,{row},stray\n")
    bring_in("events", sheet, capsys)
    assert [row[0] for row in rejected(sheet)[1:]] == ["3"]


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"order,kind,occurred_at\nCO1,started,M\xfcnchen\n", "Line 2 is not in UTF-8"),
        (b"order,kind,occurred_at\nCO1,started,M\xc3", "Line 2 is not in UTF-8"),
        (b"a\n" * 700_000 + b"\xff\n", "Line 700001 is not in UTF-8"),
        *(("order,kind\n".encode(name), "The file is in UTF-16") for name in ("utf-16", "utf-16-le", "utf-16-be")),
        *(("order,kind\n".encode(name), "The file is in UTF-32") for name in ("utf-32", "utf-32-le", "utf-32-be")),
        (b"\0" * 4_000, "holds NUL characters where text should be"),
        (b"order,kind\n" + b"\0" * 4_000, "holds NUL characters where text should be"),
        (b"", "Line 1 is empty"),
        (b'"order,kind\n', "Line 1 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing_and_says_why(world, sheet, capsys, content, hint):
    sheet.write_bytes(content)
    assert hint in bring_in("events", sheet, capsys)[1]
    assert StatusEvent.objects.count() == 0


def test_a_bad_line_costs_no_good_one(world, sheet, capsys):
    world.order(coi="CO1")
    good = "CO1,note,collection,2026-03-02T09:00:00Z"
    lines = [
        EVENT_HEADER,
        f"e1,{good}",
        f'e2,"{good}',  # a quote that is never closed
        f"e3,{good}",
        "e4,CO1,note,coll\0ection,2026-03-02T09:00:00Z",
        f"e5,{good}",
        'e6,"CO1"x,note,collection,2026-03-02T09:00:00Z',
        f"e7,{good}",
        "e8," + "x" * 300_000,
        f"e9,{good}",
        ",,,,",
        'e10,"CO1",note,"collection",2026-03-02T09:00:00Z',
    ]
    sheet.write_text("\n".join(lines))

    said, _ = bring_in("events", sheet, capsys)

    assert said == "6 events created, 0 already known, 0 conflicts, 4 rejected, 1 blank lines."
    assert [row[0] for row in rejected(sheet)[1:]] == ["3", "5", "7", "9"]
    assert rejected(sheet)[1][2] == f'e2,"{good}'


def test_a_cell_may_hold_line_breaks_and_lines_are_counted_right(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER},payload.remark\n"
        'e1,CO1,note,collection,2026-03-02T09:00:00Z,"two\nlines"\n'
        "e2,NOBODY,note,collection,2026-03-02T09:00:00Z,\n"
    )
    bring_in("events", sheet, capsys)
    assert StatusEvent.objects.get(source_event_id="e1").payload == {"remark": "two\nlines"}
    assert [row[0] for row in rejected(sheet)[1:]] == ["4"]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("2026-03-02 09:00", "has no offset"),
        ("2026-03-02", "has no time of day"),
        ("02.03.2026 09:00", "does not begin with the year"),
    ],
)
def test_a_moment_without_offset_is_refused_not_guessed(world, sheet, capsys, written, reason):
    world.order(coi="CO1")
    sheet.write_text(f"{EVENT_HEADER}\ne1,CO1,started,collection,{written}\n")
    bring_in("events", sheet, capsys)
    assert reason in rejected(sheet)[1][1]


def test_a_time_zone_may_be_given_but_the_hour_that_comes_twice_is_refused(world, sheet, capsys):
    world.order(coi="CO1")
    sheet.write_text(
        f"{EVENT_HEADER}\ne1,CO1,note,collection,2026-03-02 09:00\n"
        "e2,CO1,note,collection,2026-07-02 09:00\n"
        "e3,CO1,note,collection,2026-10-25 02:30\n"
        "e4,CO1,note,collection,2026-03-29 02:30\n"
    )
    bring_in("events", sheet, capsys, time_zone="Europe/Oslo")

    moments = StatusEvent.objects.filter(kind="note").order_by("occurred_at").values_list("occurred_at", flat=True)
    assert [moment.isoformat() for moment in moments] == ["2026-03-02T08:00:00+00:00", "2026-07-02T07:00:00+00:00"]
    assert [row[1].partition("; ")[0] for row in rejected(sheet)[1:]] == [
        "occurred_at: “2026-10-25 02:30” occurs twice in Europe/Oslo",
        "occurred_at: “2026-03-29 02:30” does not occur in Europe/Oslo",
    ]


def test_an_unknown_time_zone_is_refused(world, sheet, capsys):
    sheet.write_text(EVENT_HEADER)
    assert "no IANA time zone" in bring_in("events", sheet, capsys, time_zone="Oslo")[1]
