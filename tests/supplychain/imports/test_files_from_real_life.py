"""Files as spreadsheets and people make them: read, or refused for the true reason with its line."""

import csv
from io import StringIO

import pytest

from supplychain.orders.models import StatusEvent
from supplychain.pages.spreadsheets import with_formula, without_formula
from tests.supplychain.builders import World
from tests.supplychain.imports.test_imports import EVENT_HEADER, bring_in, rejected

pytestmark = pytest.mark.django_db

ROW = "e1,CO1,note,collection,2026-03-02T09:00:00Z"
ONE = ("1 events created, 0 already known, 0 conflicts, 0 rejected.", "")
MARK = b"\xef\xbb\xbf"


@pytest.fixture
def sheet(tmp_path):
    World().order(coi="CO1")
    return tmp_path / "sheet.csv"


@pytest.mark.parametrize(
    "content",
    [
        MARK * 2 + f"{EVENT_HEADER}\n{ROW}\n".encode(),
        MARK * 3 + f"{EVENT_HEADER}\r\n{ROW}\r\n".encode(),
        f"sep=,\n{EVENT_HEADER}\n{ROW}\n".encode(),
        MARK + f"sep=;\r\n{EVENT_HEADER}\r\n{ROW}\r\n".replace(",", ";").encode(),
        f'"sep=;"\n{EVENT_HEADER}\n{ROW}\n'.replace(",", ";").encode(),
        f"sep=\t\n{EVENT_HEADER}\n{ROW}\n".replace(",", "\t").encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", '"Occurred\nat"').encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", '"Occurred\r\nat"').encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", "Occurred\u00a0at").encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", " Occurred  at ").encode(),
        MARK * 9 + f"{EVENT_HEADER}\n{ROW}\n".encode(),
        b"sep=,\n" + MARK + f"{EVENT_HEADER}\n{ROW}\n".encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", "occurred\u2028at").encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", "occurred\u0085at").encode(),
        f"{EVENT_HEADER}\n{ROW}\n".replace("occurred_at", "occurred\fat").encode(),
        f"{EVENT_HEADER}\n{ROW}".encode(),
        f"{EVENT_HEADER}\n{ROW}\r".encode(),
    ],
)
def test_a_file_in_a_usual_shape_is_read(sheet, capsys, content):
    sheet.write_bytes(content)
    assert bring_in("events", sheet, capsys) == ONE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f"{EVENT_HEADER}\n{ROW}\n".encode("utf-16-le"), "The file is in UTF-16. Save it as “CSV UTF-8”"),
        (f"{EVENT_HEADER}\n{ROW}\n".encode("utf-16-be"), "The file is in UTF-16. Save it as “CSV UTF-8”"),
        (f"{EVENT_HEADER}\r{ROW}\r".encode(), "Line 1: A line ends with a carriage return alone"),
        (f"{EVENT_HEADER}\r{ROW}\n{ROW}\n".encode(), "Line 1: A line ends with a carriage return alone"),
        (f"{EVENT_HEADER}\r{ROW}\r{ROW}\n".encode(), "Line 1: A line ends with a carriage return alone"),
        (f'{EVENT_HEADER},payload.a\r{ROW},"b\nc"\r'.encode(), "Line 1: A line ends with a carriage return alone"),
        (f'{EVENT_HEADER},payload.a\r{ROW},"b\nc"\r{ROW},d\n'.encode(), "Line 1: A line ends with a carriage"),
        (f"sep=,\n{EVENT_HEADER}\r{ROW}\n".encode(), "Line 2: A line ends with a carriage return alone"),
        (f'{EVENT_HEADER},payload.5" a\n{ROW},5" b\n'.encode(), "Line 1 cannot be read: a quote is not closed"),
        (f"{EVENT_HEADER},{'x' * 70_000}\n{ROW},1\n".encode(), "Line 1 has more than 65,536 characters"),
        (f"{EVENT_HEADER}\n{ROW}\n".replace(",", "|").encode(), "Line 1: “|” parts its cells; use a comma"),
        (f'"{EVENT_HEADER}"\n"{ROW}"\n'.encode(), "Line 1: The whole line stands in quotes"),
        (f"“{EVENT_HEADER}”\n{ROW}\n".replace(",", "”,“").encode(), "Line 1: Its quotes are those of a word processor"),
        (f"sep=|\n{EVENT_HEADER}\n".encode(), "Line 1 says that “|” parts the cells"),
        (f"sep=;\n\n{EVENT_HEADER}\n".encode(), "Line 2 is empty"),
        (f"sep=;\n{EVENT_HEADER};\"open\n".encode(), "Line 2 cannot be read: a quote is not closed"),
        (f"{EVENT_HEADER}\u200b\n{ROW}\n".encode(), "Column occurred_at‹U+200B›: it is not known; rename it to"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_the_true_reason(sheet, capsys, content, reason):
    sheet.write_bytes(content)
    assert reason in bring_in("events", sheet, capsys)[1]
    assert not StatusEvent.objects.filter(kind="note").exists()


def test_rows_behind_a_line_feed_and_a_carriage_return_are_each_rejected_never_lost(sheet, capsys):
    sheet.write_bytes(f"{EVENT_HEADER}\n\r{ROW}\n\r{ROW.replace('e1', 'e2')}\n\r".encode())
    bring_in("events", sheet, capsys)
    assert [row[0] for row in rejected(sheet)[1:]] == ["2", "3"]


@pytest.mark.parametrize("before", ["sep=,\n", ""])
def test_lines_are_counted_from_the_top_of_the_file(sheet, capsys, before):
    head = EVENT_HEADER.replace("occurred_at", '"occurred\nat"')
    sheet.write_text(f"{before}{head}\n{ROW}\n{ROW.replace('CO1', 'NOBODY').replace('e1', 'e2')}\n")
    bring_in("events", sheet, capsys)
    assert rejected(sheet)[1][0] == ("5" if before else "4")


def test_hidden_characters_are_shown_in_the_reason_and_kept_in_the_row(sheet, capsys):
    sheet.write_text(f"{EVENT_HEADER}\n{ROW}\n".replace("note", "no\u200bte"))
    bring_in("events", sheet, capsys)
    row = rejected(sheet)[1]
    assert "“no‹U+200B›te”" in row[1]
    assert row[4] == "no\u200bte"


TEXTS = [
    "=1+1",
    "+47 22",
    "-5",
    "@home",
    "'=1+1",
    "''-x",
    "'quoted'",
    "a\rb",
    "two\nlines",
    '=HYPERLINK("x")',
    "\uff1d1",
    "x,=HYPERLINK(1)",
    "x;-1",
    "a\t=1",
    "a\n@b",
    'x,"=1"',
    "x,'=1",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_rejected_row_runs_no_formula_and_comes_back_as_it_was(sheet, capsys, text):
    with sheet.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\r\n")
        rows.writerow([*EVENT_HEADER.split(","), "payload.remark"])
        rows.writerow(["e1", "NOBODY", *ROW.split(",")[2:], without_formula(text)])
    bring_in("events", sheet, capsys)
    beside = sheet.with_suffix(".rejected.csv")
    kept = rejected(sheet)[1][-1]

    beside.write_bytes(beside.read_bytes().replace(b"NOBODY", b"CO1"))
    mended = bring_in("events", beside, capsys)

    assert (kept, kept[0] in "=+-@\uff1d") == (without_formula(text), False)
    assert mended == ONE
    assert StatusEvent.objects.get(kind="note").payload == {"remark": text}


@pytest.mark.parametrize("text", [*TEXTS, "Oslo, ward 2", "one; two"])
@pytest.mark.parametrize("ours", [",", ";", "\t"])
@pytest.mark.parametrize("theirs", [",", ";", "\t"])
def test_no_formula_runs_where_another_delimiter_is_read(text, ours, theirs):
    file = StringIO(newline="")
    csv.writer(file, delimiter=ours, lineterminator="\r\n").writerow(["P-1", without_formula(text), "end"])
    file.seek(0)
    cells = [cell for row in csv.reader(file, delimiter=theirs) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\uff1d"))] == []


@pytest.mark.parametrize("text", [*TEXTS, "", "'", "''", "\t", "\r'", "P-1"])
def test_the_apostrophe_of_our_own_files_is_understood(text):
    assert with_formula(without_formula(text)) == text
