"""A file of lanes: good rows are in, bad ones beside it with their reasons."""

import re
from datetime import time
from pathlib import Path

import pytest

from supplychain.transport.models import Lane
from tests.supplychain.builders import World
from tests.supplychain.imports.sheets import bring_in, rejected

pytestmark = pytest.mark.django_db
HEADER = "from_site,to_site,courier,usual_hours,customs_hours,cut_offs"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "lanes.csv"


def test_one_bad_row_is_reported_and_the_others_are_in(world, sheet, capsys):
    oslo, plant = world.oslo.code, world.plant.code
    rows = [
        f"{oslo},{plant},Nord Express,20.5,4,16:30 09:00", f"{plant},{oslo},,18,,",
        f"{oslo},nowhere,,20,,", f"{oslo},{plant},Fast,20 h,,", f"{oslo},{plant},Late,20,,25:00",
        f"{oslo},{oslo},,20,,", f"{oslo},{plant},Slow,999,,", f"{oslo},,,,,",
        f"{oslo},{plant},Odd,20,,0٩:00", f"{oslo},{plant},Odd,٢٠,,",
    ]  # fmt: skip
    sheet.write_text("\n".join([HEADER, *(row.replace("16:30 09:00", '"16:30, 09:00"') for row in rows)]))
    said, _ = bring_in("lanes", sheet, capsys)
    assert said == "2 lanes created, 0 already known, 0 conflicts, 8 rejected."
    stored = {(one.courier, one.usual_hours, one.customs_hours, tuple(one.cut_offs)) for one in Lane.objects.all()}
    assert stored == {("Nord Express", 20.5, 4, (time(9), time(16, 30))), ("", 18, 0, ())}
    reasons = {row[0]: row[1] for row in rejected(sheet)[1:]}
    assert "no site in use has the code “nowhere”" in reasons["4"]
    assert "is no number of hours" in reasons["5"]
    assert "is no time of the day" in reasons["6"]
    assert "from one site to another" in reasons["7"]
    assert "usual_hours" in reasons["8"]
    assert "to_site, usual_hours: empty" in reasons["9"]
    assert ("is no time of the day" in reasons["10"], "is no number of hours" in reasons["11"]) == (True, True)


def test_a_row_on_which_the_reader_itself_fails_ends_no_file(world, sheet, capsys, monkeypatch):
    monkeypatch.setattr("supplychain.imports.lanes.HOURS", re.compile(".*"))
    oslo, plant = world.oslo.code, world.plant.code
    sheet.write_text("\n".join([HEADER, f"{oslo},{plant},Odd,x,,", f"{oslo},{plant},Nord,20,,"]))
    assert bring_in("lanes", sheet, capsys)[0] == "1 lanes created, 0 already known, 0 conflicts, 1 rejected."
    assert "could not convert string to float: 'x'" in rejected(sheet)[1][1]


def test_the_same_file_twice_changes_nothing_and_other_hours_are_a_conflict(world, sheet, capsys):
    row = f"{world.oslo.code},{world.plant.code},Nord,20,,"
    sheet.write_text(f"{HEADER}\n{row}")
    bring_in("lanes", sheet, capsys)
    assert bring_in("lanes", sheet, capsys)[0] == "0 lanes created, 1 already known, 0 conflicts, 0 rejected."
    sheet.write_text(f"{HEADER}\n{row.replace('Nord,20', 'NORD,30')}")
    said, _ = bring_in("lanes", sheet, capsys)
    assert said == "0 lanes created, 0 already known, 1 conflicts, 0 rejected."
    assert Lane.objects.get().usual_hours == 20
