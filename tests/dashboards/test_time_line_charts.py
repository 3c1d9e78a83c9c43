"""How the spans of an order are drawn on its time line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.alarms.rules.charts import curve_chart
from dashboards.kpis.rules.tables import charts as charts_of_kpis
from dashboards.orders.rules.events import marks_of
from dashboards.orders.rules.spans import permitted
from dashboards.orders.rules.time_lines import BarKind, Span, time_line
from supplychain.orders.statuses import StageStatus
from supplychain.pages.charts import Chart, Look
from tests.dashboards.drawn import FakeRun, told
from tests.supplychain.builders import T0, at


def draw(spans: dict[str, list[Span]], **given) -> Chart:
    moments = {"ordered_at": T0, "now": at(100)} | given
    return time_line({code: code.capitalize() for code in spans}, spans, **moments)


def worked(start: float, end: float, attempt: int = 1, **given) -> Span:
    return Span(BarKind.WORKED, at(start), at(end), attempt, **given)


def test_a_band_stands_where_its_time_lies():
    line = draw({"a": [worked(0, 50), worked(50, 100, is_open=True)]}, promised_at=at(200))
    assert [(band.started_at, band.ended_at, band.text) for band in line.bands] == [
        (at(0), at(50), "Worked 2 d 2 h"),
        (at(50), at(100), "Worked 2 d 2 h so far"),
    ]
    assert (line.start, line.end) == (at(0), at(206))
    assert [(moment, text) for moment, text, _ in line.moments] == [(at(100), "Now"), (at(200), "Promised")]


def test_an_earlier_attempt_stands_back():
    line = draw({"a": [worked(0, 50), worked(60, 100, attempt=2)]})
    assert [(band.look, band.text) for band in line.bands] == [
        (Look.FADED, "Worked 2 d 2 h (attempt 1)"),
        (Look.SOLID, "Worked 40 h (attempt 2)"),
    ]


def test_every_kind_of_stretch_can_be_told_from_the_others_without_knowing_its_word():
    spans = [Span(kind, at(0), at(1)) for kind in BarKind]
    assert len({(band.tone, band.look) for band in draw({"a": spans}).bands}) == len(BarKind)


def test_cells_collected_years_before_the_order_do_not_squeeze_the_rest():
    line = draw({"a": [worked(-20_000, -19_990)], "b": [worked(-200, 100)]})
    assert [(band.row, band.started_at) for band in line.bands] == [("B", at(-168))]


def test_the_table_tells_the_end_of_a_stretch_and_not_the_edge_of_the_chart():
    line = draw({"a": [worked(-200, -100), Span(BarKind.PERMITTED, at(0), at(20_000))], "b": [worked(0, 100)]})
    assert [row[1:3] for row in line.table] == [[at(0), at(20_000)], [at(-200), at(-100)], [at(0), at(100)]]
    assert [[cell.value for cell in row[1:3]] for row in line.cells] == [row[1:3] for row in line.table]
    assert all(band.ended_at <= line.end for band in line.bands)


def test_a_wait_that_may_last_years_does_not_stretch_the_axis():
    line = draw({"a": [worked(0, 100), Span(BarKind.PERMITTED, at(0), at(20_000))]})
    assert [(band.text, band.ended_at) for band in line.bands] == [
        ("May wait 833 d", at(103)),
        ("Worked 4 d 4 h", at(100)),
    ]


def may_wait(hours: float | None, status: StageStatus, **moments) -> FakeRun:
    """A run that could start at hour 2 and may wait so long."""
    until = None if hours is None else at(2 + hours)
    return FakeRun(status, ready_at=at(2), wait_until=until, wait_expires_at=until, **moments)


@pytest.mark.parametrize(
    ("run", "span"),
    [
        (may_wait(24, StageStatus.READY), [("permitted", 2, 26)]),
        (may_wait(24, StageStatus.RUNNING, started_at=at(30)), [("permitted", 2, 26)]),
        (may_wait(24, StageStatus.RUNNING, started_at=at(20)), []),
        (may_wait(24, StageStatus.COMPLETED, started_at=at(30)), []),
        (may_wait(None, StageStatus.READY), []),
        (may_wait(0, StageStatus.READY), []),
        (FakeRun(StageStatus.PENDING), []),
    ],
)
def test_how_long_a_run_may_wait(run, span):
    assert told([found] if (found := permitted(run)) else []) == span


@given(st.lists(st.tuples(st.floats(-5_000, 5_000), st.floats(0, 5_000)), max_size=8), st.floats(-10_000, 10_000))
def test_nothing_is_drawn_outside_the_axis(stretches, now):
    line = draw({"a": [worked(start, start + length) for start, length in stretches]}, now=at(now))
    moments = [moment for band in line.bands for moment in (band.started_at, band.ended_at)]
    moments += [moment for moment, _, _ in line.moments]
    assert all(line.start <= moment <= line.end for moment in moments)


@dataclass
class FakeEvent:
    """One event."""

    id: UUID
    occurred_at: datetime
    recorded_at: datetime
    lacked_scope: str = ""


def test_events_are_marked_when_late_out_of_order_or_surprising():
    first, second, third = (UUID(int=number) for number in (1, 2, 3))
    events = [
        FakeEvent(first, at(5), at(5.9)),
        FakeEvent(second, at(3), at(6)),
        FakeEvent(third, at(5), at(6.5)),
    ]
    surprise = {"event": str(third), "text": "Harvest started before Selection had ended"}
    assert marks_of(events, [surprise]) == {
        second: [("late", "reported 3 h later"), ("out_of_order", "arrived after later events")],
        third: [("late", "reported 1 h later"), ("surprising", "Harvest started before Selection had ended")],
    }


def test_every_column_of_a_charts_table_has_a_name():
    found = [*charts_of_kpis([], []), curve_chart([])]
    assert [chart.key for chart in found if not all(chart.header)] == []
