"""The figures of the line pages: golden numbers by hand."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboards.lines.rules.charts import (
    Behind,
    distribution,
    queue_by_age,
    throughput_of_line,
    times_of_line,
    week_end,
)
from dashboards.lines.rules.figures import (
    Load,
    PresenceChange,
    StageRow,
    Times,
    bar_edges,
    bar_names,
    counts_at,
    counts_by_week,
    merge_stages,
    moments,
    shown_stages,
    week_starts,
)
from supplychain.pages.charts import ChartKind, Series, Tone

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)  # a Monday
OSLO = ZoneInfo("Europe/Oslo")
BEHIND = Behind("/lines/plant/orders/", {"weeks": 26})


def row(code: str, position: int = 1, **given) -> StageRow:
    values = {
        "name": code.capitalize(), "pool": "suite", "planned_hours": 12.0, "longest_wait_hours": 48.0,
        "is_current": True,
    } | given  # fmt: skip
    return StageRow(code=code, position=position, **values)


def test_flows_share_the_row_of_a_stage_and_old_versions_come_last():
    facts = merge_stages(
        [
            row("selection", 3),
            row("selection", 4, planned_hours=24.0, longest_wait_hours=None),
            row("receipt", 2),
            row("washing", 1, is_current=False),
            row("receipt", 1, is_current=False),
        ]
    )
    assert [stage.code for stage in facts] == ["receipt", "selection", "washing"]
    assert facts[1].planned == (12.0, 24.0)
    assert facts[1].permitted == (48.0,)
    assert [stage.code for stage in shown_stages(facts, {}, {})] == ["receipt", "selection"]
    assert [stage.code for stage in shown_stages(facts, {}, {"washing": Times(1)})][-1] == "washing"


def test_weeks_begin_on_mondays_at_local_midnight_also_across_a_change_of_clocks():
    starts = week_starts(NOW, 6, OSLO)
    assert [start.isoformat() for start in starts[:3]] == [
        "2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "2026-11-02T00:00:00+01:00",
    ]  # fmt: skip
    assert starts[-1] == datetime(2026, 11, 23, tzinfo=OSLO)
    assert week_end(starts[0].astimezone(UTC), OSLO) == starts[1]


def test_work_in_progress_is_counted_daily_over_eight_weeks_and_weekly_over_more():
    days = moments(NOW, 8, OSLO)
    assert len(days) == 7 * 7 + 2
    assert days[-2:] == [datetime(2026, 11, 23, tzinfo=OSLO), NOW]
    assert len(moments(NOW, 26, OSLO)) == 27


def test_who_came_and_left_adds_up_to_who_was_there():
    # Three moments: one there before the first, one comes after it, and that one leaves after the second.
    changes = [
        PresenceChange("a", "waiting", 0, 1), PresenceChange("a", "waiting", 1, 1),
        PresenceChange("a", "waiting", 2, -1), PresenceChange("a", "working", 2, 1),
        PresenceChange("a", "waiting", 3, -1),
    ]  # fmt: skip
    assert counts_at(changes, 3) == {("a", "waiting"): [1, 2, 1], ("a", "working"): [0, 0, 1]}


def test_completions_of_other_weeks_are_left_out():
    assert counts_by_week([("a", 0, 4), ("a", 1, 2), ("a", 3, 1), ("a", 4, 9)], 3) == {"a": [2, 0, 1]}


@pytest.mark.parametrize(
    ("usual", "edges"),
    [
        ((None,), [0, 4, 8, 12, 16, 20, 24, 28, 32]),
        ((1.0,), [0, 0.5, 1, 1.5]),
        ((10 * 24.0, 48.0), [0, 48, 96, 144, 192, 240, 288, 336]),
    ],
)
def test_a_histogram_has_few_bars_and_room_above_what_is_usual(usual, edges):
    assert bar_edges(*usual) == edges


def test_bars_are_named_in_days_only_where_they_are_whole_days():
    assert bar_names([0, 0.5, 1]) == ["0–0.5 h", "0.5–1 h", "over 1 h"]
    assert bar_names([0, 48, 96]) == ["0–2 d", "2–4 d", "over 4 d"]


def test_a_queue_by_age_leads_to_its_orders_and_is_empty_when_nobody_waits():
    chart = queue_by_age([Load(within=(1, 0, 0, 0, 0), past=(0, 0, 1, 0, 0))], BEHIND, "selection")
    assert [list(series.values) for series in chart.series] == [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0]]
    assert chart.series[1].links[2] == ("/lines/plant/orders/?part=past&stage=selection&low=24.0&high=48.0&weeks=26")
    assert chart.series[0].links[0] == "/lines/plant/orders/?part=waiting&stage=selection&high=6.0&weeks=26"
    assert chart.series[0].links[4] == "/lines/plant/orders/?part=waiting&stage=selection&low=96.0&weeks=26"
    assert queue_by_age([Load()], BEHIND).is_empty


def test_throughput_shows_first_and_last_stage_and_full_weeks_only():
    stages = merge_stages([row("receipt", 1), row("selection", 2), row("release", 3)])
    weeks = week_starts(NOW, 3, OSLO)
    completed = {"receipt": [3, 4, 1], "selection": [9, 9, 9], "release": [2, 2, 0]}
    chart = throughput_of_line(stages, completed, [1, 0, 5], weeks, OSLO, BEHIND)
    assert chart.labels == ["9 Nov", "16 Nov"]
    assert [(series.name, list(series.values)) for series in chart.series] == [
        ("Receipt completed", [3, 4]), ("Release completed", [2, 2]), ("Infused", [1, 0]),
    ]  # fmt: skip
    assert chart.series[2].links[1] == "/lines/plant/orders/?part=infused&week=2026-11-16&weeks=26"


def test_time_in_stage_never_adds_waiting_to_working():
    stages = merge_stages([row("receipt", 1), row("selection", 2)])
    chart = times_of_line(stages, {"selection": Times(4, 4, 30.04, 60, 3, 11, 20)}, BEHIND)
    assert chart.labels == ["Selection"]
    assert chart.kind == ChartKind.BARS
    assert [list(series.values) for series in chart.series] == [[30.0], [11], [12.0]]


def test_a_distribution_leads_to_the_orders_of_each_bar():
    chart = distribution("waiting", "Waits", [0, 6, 12], [2, 0, 1], BEHIND, "selection", Tone.ATTENTION)
    assert chart.labels == ["0–6 h", "6–12 h", "over 12 h"]
    assert chart.series[0].links == [
        "/lines/plant/orders/?part=waited&stage=selection&low=0&high=6&weeks=26",
        "/lines/plant/orders/?part=waited&stage=selection&low=6&high=12&weeks=26",
        "/lines/plant/orders/?part=waited&stage=selection&low=12&weeks=26",
    ]


def test_a_chart_says_the_same_in_its_table_as_it_draws():
    chart = queue_by_age([Load(within=(1, 0, 0, 0, 0))], BEHIND)
    assert chart.header == ["Waiting for", "Within the permitted wait", "Past the permitted wait"]
    assert chart.table[0] == ["under 6 h", 1, 0]
    assert [cell.value for cell in chart.cells[0]] == chart.table[0]
    assert chart.cells[0][1].link == chart.series[0].links[0]
    assert Series("bare", [1]).links == ()
