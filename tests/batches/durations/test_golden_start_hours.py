"""In which hours stages are begun: learned from small pasts worked out by hand, at any place and over summer time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from batches.durations.rules.start_hours import (
    MOST_AN_HOUR,
    NO_MATTER,
    WAITED,
    Held,
    Started,
    WeekHours,
    chances_ahead,
    free_since,
    full_times,
    hours_of,
    learn_start_hours,
    week_hours,
)

OSLO, LONDON, KOLKATA = "Europe/Oslo", "Europe/London", "Asia/Kolkata"
HOUR = timedelta(hours=1)


def local(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def begun_at(could: datetime, zone: str) -> datetime:
    """At once on working days from 8 to 17, else at 8 on the next one."""
    here = could.astimezone(ZoneInfo(zone))
    while not (here.weekday() < 5 and 8 <= here.hour < 17):
        hour = here.replace(minute=0, second=0, microsecond=0)
        here = (hour.replace(tzinfo=None) + HOUR).replace(tzinfo=here.tzinfo)
    return here.astimezone(UTC)


def past(zone: str, *, hours: int = 26 * 168, every: float = 7.3) -> list[Started]:
    """Half a year of starts; every 7.3 hours one could begin, so that all hours of the week are met."""
    first = local(zone, 2026, 1, 5)
    could = [first + at * every * HOUR for at in range(int(hours / every))]
    return [Started("a site", zone, "making", one, begun_at(one, zone)) for one in could]


def open_hours() -> set[int]:
    return {day * 24 + hour for day in range(5) for hour in range(8, 17)}


@pytest.mark.parametrize("zone", [OSLO, LONDON, KOLKATA])
def test_working_hours_are_learned_in_the_time_of_the_site(zone):
    (found,) = learn_start_hours(past(zone))
    assert (found.site, found.stage, found.zone) == ("a site", "making", zone)
    assert {hour for hour, rate in enumerate(found.rates) if rate} == open_hours()
    assert set(found.rates) == {0.0, MOST_AN_HOUR}


def test_starts_an_hour_are_starts_over_hours_in_which_one_could_have_begun():
    """Forty that could begin on a Monday at 9: ten at 9:30, thirty at 10:30. Spent of 9–10 are 10 · ½ + 30 hours, of
    10–11 30 · ½."""
    mondays = [local(OSLO, 2026, 1, 5) + timedelta(weeks=week) for week in range(10)]
    starts = [
        Started("a site", OSLO, "making", monday + 9 * HOUR, monday + (9.5 if at < 1 else 10.5) * HOUR)
        for monday in mondays
        for at in range(4)
    ]
    (found,) = learn_start_hours(starts)
    assert found.rates[9] == pytest.approx(10 / 35, abs=1e-6)
    assert found.rates[10] == pytest.approx(30 / 15, abs=1e-6)


def test_an_hour_through_which_few_passed_is_taken_from_the_other_working_days():
    starts = [one for one in past(OSLO) if one.could_at.astimezone(ZoneInfo(OSLO)).weekday() != 2]
    (found,) = learn_start_hours(starts)
    assert {hour for hour, rate in enumerate(found.rates) if rate} == open_hours()


@pytest.mark.parametrize(
    ("starts", "learned"),
    [
        (past(OSLO)[:39], 0),
        ([one._replace(started_at=one.could_at + HOUR / 4) for one in past(OSLO)], 0),
        ([one._replace(started_at=one.could_at + timedelta(days=30)) for one in past(OSLO)], 0),
        (past(OSLO, hours=6 * 168, every=3.7), 0),
        (past(OSLO, hours=9 * 168, every=3.7), 1),
    ],
    ids=["39 starts", "begun within half an hour", "waits for something else", "six weeks", "nine weeks"],
)
def test_with_too_little_to_learn_from_a_stage_begins_at_once(starts, learned):
    assert len(learn_start_hours(starts)) == learned


def test_what_few_sites_begin_alone_is_learned_of_all_of_them_together():
    """Twenty starts in Oslo and thirty in London, each at 8 in its own morning: neither is enough alone."""
    oslo = [one for one in past(OSLO, every=70) if one.could_at != one.started_at][:20]
    london = [one._replace(site="another", zone=LONDON) for one in past(LONDON, every=70)]
    london = [one for one in london if one.could_at != one.started_at][:30]
    (found,) = learn_start_hours([*oslo, *london])
    assert (found.site, found.zone) == ("", LONDON)
    assert found.rates[8] == MOST_AN_HOUR
    assert not any(rate for hour, rate in enumerate(found.rates[: 5 * 24]) if not 8 <= hour % 24 < 17)
    assert (hours_of({("", "making"): 3}, "a third", "making"), hours_of({("", "making"): 3}, "", "testing")) == (3, -1)


def agreed_ahead(zone: str) -> list[Started]:
    """Ten weeks of appointments: asked for at noon of any day, begun at 9 four to six days later, as often each."""
    asked = [local(zone, 2026, 1, 5, 12) + timedelta(days=day) for day in range(70)]
    return [
        Started("a site", zone, "collection", one, one + timedelta(days=4 + at % 3) - 3 * HOUR)
        for at, one in enumerate(asked)
    ]


def test_what_is_agreed_for_a_day_ahead_hangs_on_how_long_ago_it_was_asked_for():
    """Nobody begins within three days. On the fourth 23 do, and the hour at 9 passes for 47; on the fifth 23 and 23."""
    (found,) = learn_start_hours(agreed_ahead(OSLO))
    assert {hour % 24 for hour, rate in enumerate(found.rates) if rate} == {9}
    by_wait = dict(zip(WAITED, found.by_wait, strict=True))
    assert by_wait[72] == pytest.approx(by_wait[96] / 2, rel=0.1)
    assert by_wait[96] > 20 * by_wait[0]
    # Nobody waits for a seventh day.
    assert by_wait[120] > by_wait[96]


def test_what_begins_within_a_day_hangs_on_the_hour_alone():
    assert all(one.by_wait == NO_MATTER for one in learn_start_hours(past(OSLO)))


def test_hours_of_the_week_over_the_nights_of_summer_time():
    """In Oslo 2 o'clock is left out on 29 March 2026, and comes twice on 25 October."""
    offset, spring = week_hours(OSLO, local(OSLO, 2026, 3, 29, 0, 30), 4)
    assert (offset, [hour % 24 for hour in spring]) == (0.5, [0, 1, 3, 4])
    _, autumn = week_hours(OSLO, local(OSLO, 2026, 10, 25), 5)
    assert [hour % 24 for hour in autumn] == [0, 1, 2, 2, 3]
    offset, india = week_hours(KOLKATA, datetime(2026, 3, 2, 0, 0, tzinfo=UTC), 2)  # 5:30 there
    assert (offset, list(india)) == (0.5, [5, 6])


def test_chances_count_from_the_hour_of_the_clock_on():
    rates = np.zeros(168)
    rates[8], rates[9] = 2.0, 4.0  # of a Monday
    hours = (WeekHours("a site", "making", OSLO, tuple(rates)),)
    offset, passed, _ = chances_ahead(hours, local(OSLO, 2026, 3, 30, 7, 15), 4)["a site", "making"]
    assert (offset, list(passed)) == (0.25, [0, 0, 2, 6, 6])


def test_a_pool_is_full_while_all_of_its_places_are_held():
    at = [local(OSLO, 2026, 1, 5) + hour * HOUR for hour in range(12)]
    stays = [Held(at[1], at[6]), Held(at[2], at[4]), Held(at[4], at[5]), Held(at[8], None)]
    assert full_times(stays, [(at[0], 2), (at[7], 1)], at[11]) == [(at[2], at[5]), (at[8], at[11])]


@pytest.mark.parametrize(
    ("ready", "started", "could"), [(1, 9, 5), (3, 9, 5), (6, 9, 6), (1, 4, 4), (1, 1, 1)], ids=str
)
def test_who_waited_for_a_place_could_begin_when_one_was_free(ready, started, could):
    at = [local(OSLO, 2026, 1, 5) + hour * HOUR for hour in range(12)]
    assert free_since(at[ready], at[started], [(at[2], at[5]), (at[9], at[11])]) == at[could]
