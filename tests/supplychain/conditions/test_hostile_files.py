"""No reading of a logger's file is lost, or another than was measured, without a word."""

from datetime import UTC, datetime, timedelta

import pytest

from supplychain.conditions.rules.forms import form_of
from supplychain.conditions.rules.previews import refusal_of
from supplychain.conditions.rules.readings import LineReader, Told, readings_of
from supplychain.conditions.rules.texts import FileUnreadable, lines_of
from tests.supplychain.conditions.test_logger_files import parsed

HEAD = "Serial: L1\nTime zone: UTC\n"
COLD = HEAD + "Time;Temperature (°C)\n"


def rows(*temperatures: object, mark: str = ";") -> str:
    """A line every minute."""
    start = datetime(2026, 8, 7, 15, tzinfo=UTC)
    return "".join(
        f"{start + timedelta(minutes=at):%Y-%m-%d %H:%M:%S}{mark}{one}\n" for at, one in enumerate(temperatures)
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("size", [999, 1 << 14, 1 << 20])
def test_a_large_file_with_any_line_ends_loses_no_reading(end, size):
    raw = (COLD + rows(*[-170] * 2_000, *[-100] * 31)).replace("\n", end).encode()
    lines = list(lines_of([raw[at : at + size] for at in range(0, len(raw), size)]))
    form, told = form_of([line for line, _ in lines]), Told()
    assert [one.temperature for one in readings_of(lines, LineReader(form), told)] == [-17_000] * 2_000 + [-10_000] * 31
    assert (told.faulty, told.behind) == (0, 0)


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        (("Temperature 1 (°C)", "Temperature 2 (°C)"), [("-170", "-20")]),
        (("Temp °C", "Ambient °C"), [("-170", ""), ("-170", "-20")]),
        (("CH1", "CH2"), [("-170", "-20")]),
        (("Inside", "Outside"), [("-170", "-20")]),
        (("Temp °C", "Probe 2"), [("ERR", "-20"), ("-170", "ERR")]),
    ],
)
def test_of_two_temperatures_neither_is_guessed(names, cells):
    form, _, _ = parsed(f"{HEAD}Time;{';'.join(names)}\n" + rows(*(";".join(pair) for pair in cells)))
    assert (tuple(form.probes), form.probe, form.unit, form.asks[0]) == (names, "", "", "probe")


def test_numbers_without_a_header_are_not_guessed():
    form, _, _ = parsed(rows("5;40", "5;41"))
    assert (list(form.probes), form.asks[0]) == (["column 2", "column 3"], "probe")


def test_humidity_a_dew_point_and_statistics_beside_the_temperature_are_none():
    text = HEAD + "Time;Temperature (°C);Humidity (%RH);Dew point (°C);Max (°C)\n" + rows("5;40;1;9", "5;40;1;9")
    assert [one.temperature for one in parsed(text)[1]] == [500, 500]


@pytest.mark.parametrize("names", ["Time,Temp (°C)", "Time,Temp (°C),", "Time,Temp (°C),Humidity %", "Time,Measured"])
def test_a_decimal_comma_among_commas_is_refused_with_what_to_do(names):
    cells = ("8,9,40,5", "8,40,5") if "Hum" in names else ("8", "8,9")
    with pytest.raises(FileUnreadable, match=r"decimal commas.*semicolons"):
        parsed(f"{HEAD}{names}\n" + rows(*cells, mark=","))


def test_a_decimal_comma_among_commas_far_behind_is_told():
    _, readings, told = parsed(f"{HEAD}Time,Temp (°C)\n" + rows(*["8"] * 2_100, "8,9", "8", mark=","))
    assert (len(readings), [one.line for one in told.faults]) == (2_101, [2_104])
    assert "3 cells where the header has 2" in told.faults[0].problem


def test_a_word_behind_the_last_column_costs_no_reading_but_a_number_does():
    text = f"{HEAD}Time,Temp (°C)\n" + rows("8.9", "9.5,ALARM", "9.1,8.8", "7", "7,opened", mark=",")
    _, readings, told = parsed(text)
    assert [one.temperature for one in readings] == [890, 950, 700, 700]
    assert [one.line for one in told.faults] == [6]


def test_quoted_decimal_commas_and_delimiters_at_the_end_are_read():
    _, readings, told = parsed(f"{HEAD}Time,Temp (°C)\n" + rows('"8,9",', '"8,8",,', mark=","))
    assert ([one.temperature for one in readings], told.faulty) == ([890, 880], 0)


def test_a_probe_that_breaks_is_told_line_by_line_and_costs_no_reading():
    _, readings, told = parsed(COLD + rows(*[-170] * 60, *["ERR"] * 140) + "\nMaximum;-170\n")
    assert (len(readings), told.faulty, told.behind, refusal_of(told)) == (60, 140, 1, "")
    assert [one.line for one in told.faults] == list(range(64, 204))
    assert told.faults[0].problem == "“ERR” is no temperature."


def test_a_probe_that_begins_broken_is_told_too():
    broken = ["NaN", "1e309", "99999", "-", ""] * 60
    form, readings, told = parsed(COLD + rows(*broken, *[-170] * 40))
    assert (len(readings), told.faulty, form.unit, form.first) == (40, 300, "C", 3)
    assert (len(told.faults), told.faults[0].line) == (200, 4)


def test_a_fault_before_and_one_behind_are_told_in_their_order_and_statistics_are_none():
    text = COLD + rows(-170, "ERR") + "spilled\n" + rows(-171, -172, "ERR") + "Minimum;\n2026-08-07 15:0x;1\n"
    _, readings, told = parsed(text)
    assert (len(readings), [one.line for one in told.faults], told.behind) == (3, [5, 6, 9, 11], 1)


def test_more_lines_between_readings_than_are_kept_are_all_counted():
    _, readings, told = parsed(COLD + rows(-170) + "noise\n" * 300 + rows(-171) + "noise\n" * 200)
    assert (len(readings), told.faulty, told.behind, len(told.faults)) == (2, 300, 200, 200)


def test_more_lines_behind_than_statistics_have_are_told():
    _, readings, told = parsed(COLD + rows(*[-170] * 40) + ";" * 40 + "\n" + f"{';' * 40}\n" * 300)
    assert (len(readings), told.faulty, told.behind, len(told.faults)) == (40, 301, 0, 200)
    assert "line 44" in refusal_of(told)


@pytest.mark.parametrize("date", ["", "--", "00:00", "1764324000"])
def test_temperatures_without_a_date_behind_the_last_reading_are_told(date):
    _, readings, told = parsed(COLD + rows(-170, -170, -170) + f"{date};-100 °C\nMinimum;-170\n")
    assert (len(readings), [one.line for one in told.faults], told.behind) == (3, [7], 1)


def test_a_file_of_which_no_line_can_be_read_once_answered_is_refused_with_words():
    text = "Serial: LG-Y\nTime;Temp (°C)\n9999-12-31 23:59:59-05:00;-170\n9999-12-31 23:59:59-06:00;-171\n"
    _, readings, told = parsed(text, order="day")
    assert readings == []
    assert "line 3" in refusal_of(told)
    assert refusal_of(Told()) == "It has no readings that can be read."
