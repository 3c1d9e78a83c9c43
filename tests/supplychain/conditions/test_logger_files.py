"""Loggers' own exports are read whole: whatever they do not say is asked, whatever cannot be read is told."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.conditions.rules.forms import form_of
from supplychain.conditions.rules.readings import LineReader, Told, readings_of, unit_doubt
from supplychain.conditions.rules.texts import FileUnreadable, lines_of

HEAD = "Serial number;LT-7\nTime zone;UTC+01:00\n\nDate;Time;Temperature (°C)\n"
PLAIN = f"{HEAD}28.11.2026;10:00:00;4,1\n28.11.2026;10:05:00;4,2\n"
COLD_HEAD = "Serial number;LT-7\nTime zone;UTC\nDate;Temperature (°C)\n"
COLD = f"{COLD_HEAD}28.11.2026 10:00;-150,25\n28.11.2026 10:05;-150,25\n"


def parsed(content: bytes | str, **answers: str):
    """The form, the readings and what was told of a file."""
    raw = content.encode() if isinstance(content, str) else content
    lines = list(lines_of([raw[:200], *(raw[at : at + 7] for at in range(200, len(raw), 7))]))
    form = form_of([line for line, _ in lines[:2_000]]).told(answers)
    told = Told()
    return form, list(readings_of(lines, LineReader(form), told)), told


def test_a_preamble_a_decimal_comma_and_the_offset_in_the_header_are_understood():
    form, readings, told = parsed(PLAIN)
    assert (form.logger, form.zone, form.unit, form.order, form.asks) == ("LT-7", "UTC+01:00", "C", "day", ())
    assert readings == [(datetime(2026, 11, 28, 9, tzinfo=UTC), 410), (datetime(2026, 11, 28, 9, 5, tzinfo=UTC), 420)]
    assert (told.faulty, told.behind, told.is_cut) == (0, 0, False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same(encoding, end):
    assert parsed(PLAIN.replace("\n", end).encode(encoding))[:2] == parsed(PLAIN)[:2]


def test_fahrenheit_in_the_name_of_the_column_is_turned_into_celsius():
    head = "sep=,\nLogger ID,X9\nDate/Time (UTC),Temp [°F],Humidity %\n"
    form, readings, _ = parsed(f"{head}2026-11-28 10:00,46.4,30\n2026-11-28 10:05,35.6,31\n")
    assert (form.unit, form.zone, form.logger) == ("F", "UTC", "X9")
    assert [one.temperature for one in readings] == [800, 200]


def test_what_a_file_does_not_say_is_asked():
    form, _, _ = parsed("when,value\n03/04/2026 10:00,4.1\n03/04/2026 10:05,4.2\n")
    assert form.asks == ("zone", "unit", "order", "logger")
    told, readings, _ = parsed(
        "when,value\n03/04/2026 10:00 pm,4.1\n03/04/2026 10:05 pm,4.2\n",
        zone="Europe/Berlin", unit="C", order="day", logger="L1",
    )  # fmt: skip
    assert told.asks == ()
    assert readings[0].read_at == datetime(2026, 4, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_the_hour_that_comes_twice_in_autumn_is_told_apart_by_its_neighbours(is_newest_first):
    clocks = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = [f"25.10.2026 {clock};4,{at}" for at, clock in enumerate(clocks)]
    rows = rows[::-1] if is_newest_first else rows
    _, readings, told = parsed("Zeit;Temperatur °C\n" + "\n".join(rows) + "\n", zone="Europe/Berlin", logger="L")
    first = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
    assert sorted(one.read_at for one in readings) == [first + timedelta(minutes=30 * at) for at in range(6)]
    assert told.faulty == 0


def test_the_hour_that_the_clocks_skip_in_spring_is_told():
    rows = "29.03.2026 01:30;4,0\n29.03.2026 02:30;4,1\n29.03.2026 03:30;4,2\n"
    _, readings, told = parsed("Zeit;Temperatur °C\n" + rows, zone="Europe/Berlin", logger="L")
    assert len(readings) == 2
    assert "does not exist there" in told.faults[0].problem


def test_statistics_at_the_end_without_a_maximum_are_no_fault_and_a_preamble_of_them_is_no_reading():
    text = PLAIN.replace("\n\n", "\nStart;28.11.2026 10:00;5\n\n") + "\nMinimum;;4,1\nMaximum;;\nAverage;;4,15\n"
    _, readings, told = parsed(text)
    assert (len(readings), told.faulty, told.behind) == (2, 0, 3)


def test_one_bad_line_in_a_thousand_is_told_and_the_others_are_kept():
    rows = [f"2026-11-28T{at // 60:02}:{at % 60:02}:00Z,4.{at % 10}" for at in range(1_000)]
    rows[500] = "2026-11-28T08:20:00Z,--"
    _, readings, told = parsed("time,temp °C\n" + "\n".join(rows) + "\n", logger="L")
    assert len(readings) == 999
    assert [(one.line, one.problem) for one in told.faults] == [(502, "“--” is no temperature.")]


@pytest.mark.parametrize(
    ("values", "behind", "end"),
    [
        (("-150,25", "-150,25"), "", ""), (("-150", "-151"), "", ""), (("-150.2", "-149.8"), "", ""),
        (("4", "5"), "", ""), (("10", "11"), "", ""), (("9", "12"), "", ""), (("5", "12"), "", ""),
        (("12", "8"), "", ""), (("-150", "-151"), ";ok", ""),
        (("4,5", "-14,5"), ";40;ok", ""), (("-150", "-151"), "", " °C"),
        (("10.25", "10.5"), "", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_quoted", [False, True])
def test_a_file_that_is_cut_in_the_middle_of_a_reading_never_gives_another_temperature(values, behind, end, is_quoted):
    mark = '"' if is_quoted else ""
    rows = [f"28.11.2026 10:0{at};{mark}{one}{end}{mark}{behind}\n" for at, one in enumerate([values[0], *values])]
    text = "".join((COLD_HEAD.replace("(°C)\n", f"(°C){';more' * behind.count(';')}\n"), *rows))
    true = [round(float(one.replace(",", ".")) * 100) for one in (values[0], *values)]
    for cut in range(1, len(rows[-1])):
        _, readings, told = parsed(text[: -1 - cut])
        found = [one.temperature for one in readings]
        assert found in (true[:2], true), f"cut by {cut}"
        assert told.is_cut or len(found) == 3 or cut > len(rows[-1]) - 5  # of “28.”
    assert [one.temperature for one in parsed(text)[1]] == true


@pytest.mark.parametrize("values", [("10", "9"), ("-150", "-151"), ("4", "5"), ("4,1", "3,9"), ("99", "101")])
def test_the_last_reading_of_a_file_without_a_last_line_break_is_taken_where_it_can_be_whole(values):
    rows = "".join(f"28.11.2026 10:0{at};{one}\n" for at, one in enumerate(values))
    _, readings, told = parsed(COLD_HEAD + rows[:-1], unit="F")
    fewer = len(values[1]) < len(values[0])  # nobody knows whether a digit is missing
    assert (len(readings), told.is_cut) == ((1, True) if fewer else (2, False))


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_moment_that_is_cut_off_is_not_read_as_another(cut):
    rows = "4,1;11/28/2026 10:00 PM\n4,2;11/28/2026 10:05 PM\n"
    _, readings, told = parsed(f"Serial;L\nTime zone;UTC\nTemperature (°C);Time\n{rows}"[: -1 - cut])
    assert (len(readings), told.is_cut) == (1, True)


def test_a_file_without_a_line_break_at_its_end_is_whole():
    _, readings, told = parsed(PLAIN[:-1])
    assert (len(readings), told.is_cut) == (2, False)


def test_an_impossible_temperature_is_told():
    _, readings, told = parsed(PLAIN.replace("4,2", "850"))
    assert (len(readings), told.behind + told.faulty) == (1, 1)


@pytest.mark.parametrize(
    ("middle", "unit", "low", "high", "doubted"),
    [(3920, "C", 200, 800, True), (500, "C", 200, 800, False), (2500, "C", 200, 800, False),
     (-1500, "F", 200, 800, True), (-19_000, "C", None, -15_000, False)],
)  # fmt: skip
def test_readings_that_are_right_only_in_the_other_unit_raise_a_doubt(middle, unit, low, high, doubted):
    assert bool(unit_doubt(middle, unit, low, high)) is doubted


def read_whole(pieces: list[bytes]) -> None:
    """Read all of a file; only the file's own error may be raised."""
    with suppress(FileUnreadable):
        lines = list(lines_of(pieces))
        list(readings_of(lines, LineReader(form_of([line for line, _ in lines])), Told()))


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8))
def test_any_bytes_give_readings_or_the_files_own_error(pieces):
    read_whole(pieces)


@given(st.lists(st.text('0123456789.,;:-/ TZ\t"°CFmax\r\nUT+=sep', max_size=30), max_size=12))
def test_any_text_of_the_letters_of_such_files_does_too(parts):
    read_whole(["\n".join(parts).encode()] if any(parts) else [])


@pytest.mark.parametrize(
    ("above", "logger"),
    [
        ("Device;TRED30-16R\nSerial Number;770001", "770001"),
        ("Logger Model: TT\nTrip Number: 4\nS/N: 770002", "770002"),
        ("Sensor type;Pt100\nDevice ID;D-17", "D-17"),
        ("Trip Number;4\nLogger;LG-9", "LG-9"),
        ("Device;TRED30-16R\nLogger model;TT\nTrip;4", ""),
    ],
)
def test_a_serial_number_names_the_logger_and_a_model_never(above, logger):
    head = f"{above}\nTime zone;UTC\nDate;Time;Temperature (°C)\n"
    assert parsed(f"{head}2026-03-02;10:00;5.0\n2026-03-02;10:10;5.1\n")[0].logger == logger
