"""How the bottleneck moved, in words and numbers."""

from datetime import UTC, datetime, timedelta

from dashboards.lines.rules.bottleneck_history import (
    Evidence,
    Number,
    RootStretch,
    Share,
    bands_of,
    changes_of,
    shares_of,
)
from supplychain.pages.charts import Tone

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LIMITS = {"enter_share": 0.5, "leave_share": 0.3, "displace_ratio": 1.25}
NOTHING = Evidence({}, {}, {})


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def stretch(number: int, pool: str, start: float, end: float | None = None, **given: str) -> RootStretch:
    texts = {"why": f"{pool}: full", "ended_why": "", "opened_why": f"{pool}: 3 of 3 busy"} | given
    return RootStretch(
        str(number), pool.lower(), pool, days_ago(start), None if end is None else days_ago(end), **texts
    )


def numbers(**pools: dict) -> dict:
    rows = [
        {"pool": pool, "busy": 3, "capacity": 3, "queue": 2, "window_hours": 168.0, "condition": "falling_behind"} | row
        for pool, row in pools.items()
    ]
    return {"limits": LIMITS, "pools": rows}


def test_a_change_that_more_of_the_past_decided_is_told_with_its_figures():
    """In the week more was waited for the suite; the 28 days that decided say 30 order-days against 15."""
    suite = {"waiting_hours": 240.0, "longer": {"window_hours": 672.0, "waiting_hours": 360.0}}
    lanes = {"waiting_hours": 200.0, "longer": {"window_hours": 672.0, "waiting_hours": 720.0}}
    after = numbers(suite=suite, lanes=lanes)
    told = [
        (stretch(1, "Suite", 20, 5, ended_why="Lanes holds up more"), Evidence(after, after, after)),
        (stretch(2, "Lanes", 5), Evidence(after, after, {})),
    ]
    moved, _ = changes_of(told, days_ago(30))
    assert moved.crossed == (
        "30.0 days waited by all orders together in 28 days, against 15.0: "
        "2.00 times as many, at least 1.25 times are needed"
    )
    decided = [(one.pool, one.what, one.after) for one in moved.numbers if "decided" in one.what or "them" in one.what]
    assert decided == [
        ("Suite", "Days that decided", "28"), ("Suite", "Days waited by all orders in them", "15.0"),
        ("Lanes", "Days that decided", "28"), ("Lanes", "Days waited by all orders in them", "30.0"),
    ]  # fmt: skip


def test_a_change_from_one_pool_to_another_is_told_once_with_the_limit_it_crossed():
    before = numbers(
        suite={"pressed_share": 0.6, "waiting_hours": 240.0}, lanes={"pressed_share": 0.45, "waiting_hours": 200.0}
    )
    after = numbers(
        suite={"pressed_share": 0.55, "waiting_hours": 192.0}, lanes={"pressed_share": 0.7, "waiting_hours": 288.0}
    )
    told = [
        (stretch(1, "Suite", 20, 5, ended_why="Lanes hold up more"), Evidence(before, before, after)),
        (stretch(2, "Lanes", 5), Evidence(after, after, {})),
    ]
    moved, began = changes_of(told, days_ago(30))
    assert (moved.id, moved.headline, moved.at) == ("2", "From Suite to Lanes", days_ago(5))
    assert moved.crossed == (
        "12.0 days waited by all orders together in 7 days, against 8.0: "
        "1.50 times as many, at least 1.25 times are needed"
    )
    assert moved.numbers[0] == Number("Suite", "Full with a queue", "60 %", "55 %", "stays named down to 30 %")
    assert moved.numbers[4] == Number("Lanes", "Full with a queue", "45 %", "70 %", "named from 50 %")
    assert (began.id, began.headline) == ("1", "Suite became the bottleneck")
    assert (
        began.crossed == "Full with a queue for 60 % of the last 7 days: at least the 50 % from which a pool is named"
    )


def test_a_pool_that_the_last_days_name_is_not_said_to_have_reached_the_share_of_the_week():
    young = numbers(suite={"pressed_share": 0.4})
    (began,) = changes_of([(stretch(1, "Suite", 20), Evidence(young, young, {}))], days_ago(30))
    assert began.crossed == (
        "Full with a queue for 40 % of the last 7 days, and for half or more of each of the last 3 days: these name it"
    )


def test_an_end_says_which_share_fell_below_the_limit():
    gone = numbers(suite={"pressed_share": 0.14, "waiting_hours": 12.0})
    kept = numbers(suite={"pressed_share": 0.35, "waiting_hours": 30.0})
    ended, _ = changes_of([(stretch(1, "Suite", 20, 5), Evidence(kept, kept, gone))], days_ago(30))
    assert ended.headline == "Suite: no longer the bottleneck"
    assert ended.crossed == (
        "Full with a queue for 14 % of the last 7 days: less than the 30 % down to which a pool stays named"
    )
    assert ended.numbers[1] == Number("Suite", "Days waited, all orders together", "1.2", "0.5", "")


def test_a_stuck_pool_is_named_at_once_and_moves_again():
    stuck = numbers(suite={"pressed_share": 0.0, "condition": "stuck"})
    moves = numbers(suite={"pressed_share": 0.0})
    ended, began = changes_of([(stretch(1, "Suite", 20, 5), Evidence(stuck, stuck, moves))], days_ago(30))
    assert began.crossed == "Nothing moved any more while somebody waited: a stuck pool is named at once"
    assert ended.crossed.startswith("It moves again. Full with a queue for 0 %")


def test_a_period_from_before_its_numbers_were_kept_still_tells_why():
    ended, began = changes_of([(stretch(1, "Suite", 20, 5, ended_why="Suite: 20 %"), NOTHING)], days_ago(30))
    assert (ended.crossed, ended.why, ended.numbers) == ("", "20 %", [])
    assert (began.crossed, began.why) == ("", "3 of 3 busy")


def test_changes_before_the_time_shown_are_left_out():
    told = [(stretch(1, "Suite", 50, 40), NOTHING), (stretch(2, "Lanes", 35, 10), NOTHING)]
    assert [change.headline for change in changes_of(told, days_ago(30))] == ["Lanes: no longer the bottleneck"]


def test_shares_are_of_the_time_shown_and_add_up_to_all_of_it():
    stretches = [stretch(1, "Suite", 40, 25), stretch(2, "Lanes", 10, 8), stretch(3, "Suite", 1)]
    assert shares_of(stretches, days_ago(30), NOW) == [
        Share("Suite", timedelta(days=6), 0.2, 2),
        Share("Lanes", timedelta(days=2), 2 / 30, 1),
        Share("No bottleneck", timedelta(days=22), 22 / 30, 0),
    ]


def test_bands_have_a_row_for_each_pool_and_tell_the_open_one_apart():
    chart = bands_of("b", "Bands", [stretch(3, "Suite", 1), stretch(2, "Lanes", 10, 8)], days_ago(30), NOW)
    assert list(chart.rows) == ["Suite", "Lanes"]
    assert [(band.tone, band.link, band.text) for band in chart.bands] == [
        (Tone.ATTENTION, "#change-3", "3 of 3 busy"), (Tone.SECOND, "#change-2", "3 of 3 busy"),
    ]  # fmt: skip
    assert bands_of("b", "Bands", [], days_ago(30), NOW).is_empty
