"""Key figures from facts, reckoned by hand beside it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from batches.outcomes.rules import (
    Attempt,
    Cases,
    Figure,
    KeyFigures,
    KpiOutcome,
    figures,
    figures_of_cases,
    loss_reasons,
    percentile,
)
from dashboards.kpis.rules.tables import KpiRow, charts, file_rows, rows_by_month, sums_of
from supplychain.moments import read_day
from supplychain.pages.periods import Due, Month, due_span, read_month

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
NOW = datetime(2026, 5, 1, tzinfo=UTC)
PLACES = (UUID(int=1), UUID(int=2), UUID(int=3))


def day(number: float) -> datetime:
    """A day of March; 32 is the first of April."""
    return MARCH[0] + timedelta(days=number - 1)


def outcome(**given) -> KpiOutcome:
    values = dict.fromkeys(KpiOutcome._fields) | {
        "order_id": UUID(int=9), "ordered_at": day(-30), "lost_reason": "", "has_conforming_dose": False,
    }  # fmt: skip
    values |= dict(zip(("product_id", "plant_id", "site_id"), PLACES, strict=True))
    return KpiOutcome(**values | given)


def collected(at: float, **given) -> KpiOutcome:
    return outcome(first_collected_at=day(at), collected_at=day(at), **given)


def attempt(**given) -> Attempt:
    return Attempt(**dict.fromkeys(Attempt._fields) | {"order_id": UUID(int=9)} | given)


def of_march(outcomes=(), attempts=()):
    return figures(outcomes, attempts, MARCH, NOW)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([7.0], 0.9, 7.0), ([1, 2, 3, 4], 0.5, 2.5), (list(range(11)), 0.9, 9.0), ([3, 1, 2], 0.5, 2)],
)
def test_percentiles_are_those_of_postgresql(values, share, expected):
    assert percentile(values, share) == expected


def test_vein_to_vein_is_by_month_of_infusion_from_the_newest_collection():
    seen = [
        collected(-20, infused_at=day(2)),
        outcome(first_collected_at=day(-60), collected_at=day(-10), infused_at=day(20)),
        collected(5, infused_at=day(32)),
        collected(5),
    ]
    assert of_march(seen).vein_to_vein == Figure(26.0, 2, pytest.approx(29.2))


def test_turnaround_is_by_month_of_release():
    assert of_march([collected(-9, released_at=day(1)), collected(20, released_at=day(40))]).turnaround == Figure(
        10.0, 1, 10.0
    )


def test_facts_that_contradict_each_other_give_no_duration():
    assert of_march([collected(20, infused_at=day(10))]).vein_to_vein == Figure(None, 0, None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"promised_at": day(10), "ready_at": day(10)}, Figure(100, 1)),
        ({"promised_at": day(10), "ready_at": day(11)}, Figure(0, 1)),
        ({"promised_at": day(10), "infused_at": day(9)}, Figure(100, 1)),
        ({"promised_at": day(10)}, Figure(0, 1)),
        ({"promised_at": day(10), "lost_at": day(9)}, Figure(None, 0)),
        ({"promised_at": day(10), "lost_at": day(11)}, Figure(0, 1)),
        ({"promised_at": day(32), "ready_at": day(10)}, Figure(None, 0)),
        ({"ready_at": day(10)}, Figure(None, 0)),
    ],
)
def test_on_time_is_ready_by_the_promised_date(given, expected):
    assert of_march([outcome(**given)]).on_time == expected


def test_a_promise_for_a_date_to_come_is_not_judged_yet():
    seen = [outcome(promised_at=day(10)), outcome(promised_at=day(20), ready_at=day(5))]
    assert figures(seen, [], MARCH, day(15)).on_time == Figure(0, 1)


def test_conforming_doses_over_patients_whose_case_was_decided():
    seen = [
        collected(-10, released_at=day(5), has_conforming_dose=True),
        collected(-10, released_at=day(6), has_conforming_dose=True, lost_at=day(20)),
        collected(-10, lost_at=day(7)),
        collected(-10, released_at=day(4), infused_at=day(9)),
        collected(1),
        outcome(lost_at=day(3)),
        collected(-10, released_at=day(33), has_conforming_dose=True),
    ]
    found = of_march(seen)
    assert (found.conforming, found.still_in_process) == (Figure(50.0, 4), 1)


def test_losses_over_patients_who_were_infused_or_lost():
    seen = [
        collected(-10, infused_at=day(5)),
        collected(-10, lost_at=day(6), lost_reason="patient died"),
        collected(-10, lost_at=day(7), lost_reason=" "),
        collected(-10, lost_at=day(8), lost_reason="patient died"),
        collected(9, lost_at=day(8), lost_reason="before the collection"),
        outcome(lost_at=day(8), lost_reason="never collected"),
        collected(-10, lost_at=day(33), lost_reason="later"),
    ]
    assert of_march(seen).losses == Figure(75.0, 4)


def cases(measure: str, month: int = 0, **given) -> Cases:
    return Cases(measure, *PLACES, month, **{"reason": "", "n": 1, "hits": 0, "days": ()} | given)


def test_reasons_of_losses_the_most_frequent_first():
    seen = [
        cases("losses", n=1, hits=1, reason=" "), cases("losses", n=2, hits=2, reason="patient died"),
        cases("losses", month=1, n=1, hits=1, reason="patient died "), cases("losses", n=7),
    ]  # fmt: skip
    assert loss_reasons(seen) == [("patient died", 3), ("reason not stated", 1)]


def test_cases_of_several_places_make_one_figure():
    seen = [
        cases("turnaround", n=2, days=(9.0, 1.0)), cases("turnaround", n=1, days=(2.0,)),
        cases("turnaround", month=1, n=1, days=(30.0,)), cases("on_time", n=3, hits=1), cases("on_time", n=1, hits=1),
        cases("in_process", n=2), cases("in_process", month=1, n=3),
    ]  # fmt: skip
    first, both = figures_of_cases(seen, 0), figures_of_cases(seen)
    assert first.turnaround == Figure(2.0, 3, pytest.approx(7.6))
    assert (first.on_time, first.still_in_process) == (Figure(50.0, 4), 2)
    assert (both.turnaround.n, figures_of_cases(seen, 1).still_in_process, both.still_in_process) == (4, 5, 5)


def test_failures_are_shares_of_the_attempts_that_ended():
    tried = [
        attempt(made_at=day(3), released_at=day(20)),
        attempt(making_failed_at=day(4)),
        attempt(made_at=day(5), tests_failed_at=day(15)),
        attempt(made_at=day(6), released_at=day(18), tests_failed_at=day(25)),
        attempt(made_at=day(7)),
        attempt(made_at=day(33), making_failed_at=None),
        attempt(),
    ]
    found = of_march(attempts=tried)
    assert (found.making_failures, found.out_of_specification) == (Figure(20.0, 5), Figure(100 * 2 / 3, 3))


@pytest.mark.parametrize(("n", "is_few"), [(0, False), (1, True), (9, True), (10, False)])
def test_few_cases_are_marked(n, is_few):
    assert Figure(1.0, n).is_few == is_few


def test_months_before_anything_happened_are_left_out():
    months = [(month.name, month.code) for month in (Month((2026, 2)), Month((2026, 3)), Month((2026, 4)))]
    rows = rows_by_month(sums_of([cases("vein_to_vein", month=1, days=(15.0,))], len(months)).months, months)
    assert [(row.name, row.figures.vein_to_vein.n) for row in rows] == [("Mar 2026", 1), ("Apr 2026", 0)]


def test_the_file_has_one_figure_a_row():
    rows = file_rows(
        {"month": rows_by_month(sums_of([cases("vein_to_vein", days=(22.0,))], 1).months, [("Mar 2026", "")])}
    )
    assert rows[0] == ("month", "", "Mar 2026", "vein_to_vein", "days", 22.0, 22.0, 1)
    assert [row[3] for row in rows] == [
        "vein_to_vein", "turnaround", "on_time", "conforming", "making_failures", "out_of_specification", "losses",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-05", (2026, 3, 5)), ("2026-3-5", None), ("1999-01-01", None), ("9999-12-31", None), ("x", None)],
)
def test_dates_of_no_reasonable_year_are_none(text, day):
    read = read_day(text)
    assert (read and (read.year, read.month, read.day)) == day


def test_months_know_their_neighbours():
    assert (Month((2026, 1)).plus(-1), Month((2026, 12)).plus(1)) == (Month((2025, 12)), Month((2027, 1)))
    assert (read_month("2026-10"), read_month("2026-13"), read_month("2026-1")) == (Month((2026, 10)), None, None)
    assert Month((2026, 10)).code == "2026-10"


def test_due_today_is_the_persons_day():
    now = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
    assert due_span(Due.TODAY, now, UTC) == (day(5), day(6))
    assert due_span(Due.WEEK, now, UTC) == (day(5), day(12))
    assert due_span(Due.OVERDUE, now, UTC) == (None, now)


def test_a_month_of_too_few_cases_is_in_the_table_alone():
    many, few = Figure(5.04, 10, 7.0), Figure(100.0, 1, 100.0)
    rows = [
        KpiRow(name, KeyFigures(one, one, one, one, one, one, one, 0)) for name, one in (("Jun", few), ("Jul", many))
    ]
    drawn = charts(rows, [])
    assert [series.values for series in drawn[0].series] == [[None, 5.0], [None, 7.0]]
    assert {tuple(series.values) for chart in drawn[2:4] for series in chart.series} == {(None, 5.0)}


def test_a_chart_without_a_month_of_enough_cases_says_that_and_not_that_nothing_happened():
    none, few = Figure(None, 0, None), Figure(100.0, 9, 100.0)
    rows = [KpiRow("Jul", KeyFigures(none, few, none, few, few, none, none, 0))]
    told = {chart.key: chart.empty_text for chart in charts(rows, [])}
    assert told["vein_to_vein"] == "the first infusions will stand here"
    assert {told[key] for key in ("turnaround", "shares", "failures")} == {
        "no month has 10 cases; the table has what there is"
    }
