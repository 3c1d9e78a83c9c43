"""The clock behind the demo gives queues their known lengths."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from cellops.demo.engine import Clock, DemoPool, Place, Process
from cellops.demo.times import (
    LABORATORY,
    OFFICE,
    PLANT,
    appointment,
    end_in_shift,
    in_shift,
    last_in_shift,
    work_hours,
    working_days_later,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def pool(places: int) -> DemoPool:
    return DemoPool("plant", "pool", ("Pool", "Place {place}"), [(START, places)])


def tandem(suites: int, lanes: int) -> tuple[float, float, float]:
    """Mean waits (days) for a suite and a lane, and the day on which the last test ends: 12 orders, a day apart."""
    clock, suite, lane = Clock(START), pool(suites), pool(lanes)
    waits: list[tuple[timedelta, timedelta]] = []

    def order() -> Process:
        arrived = clock.now
        place = yield Place(suite)
        in_suite = clock.now - arrived
        yield clock.now + 7 * DAY
        clock.give_back(suite, place)
        ready = clock.now
        place = yield Place(lane)
        waits.append((in_suite, clock.now - ready))
        yield clock.now + 7 * DAY
        clock.give_back(lane, place)
        ends.append(clock.now)

    ends: list[datetime] = []
    for day in range(12):
        clock.start(order(), START + day * DAY)
    clock.run(until=START + 100 * DAY)
    means = (sum((wait[index] for wait in waits), timedelta()) / 12 / DAY for index in (0, 1))
    return (*means, (max(ends) - START) / DAY)


@pytest.mark.parametrize(("suites", "lanes", "expected"), [(3, 3, (6, 0, 37)), (4, 3, (3, 3, 37)), (4, 4, (3, 0, 31))])
def test_two_pools_in_a_row_wait_as_the_golden_numbers_say(suites, lanes, expected):
    assert tandem(suites, lanes) == expected


def test_a_lower_rank_goes_first_and_a_new_place_is_taken_at_once():
    clock = Clock(START)
    place = DemoPool("plant", "pool", ("Pool", "Place {place}"), [(START, 1), (START + 3 * DAY, 2)])
    clock.add_places(place)
    began: dict[str, float] = {}

    def visit(name: str, rank: int) -> Process:
        mine = yield Place(place, rank)
        began[name] = (clock.now - START) / DAY
        yield clock.now + 5 * DAY
        clock.give_back(place, mine)

    for name, rank, day in (("first", 1, 0), ("routine", 1, 1), ("urgent", 0, 2)):
        clock.start(visit(name, rank), START + day * DAY)
    clock.run(until=START + 20 * DAY)

    assert began == {"first": 0, "urgent": 3, "routine": 5}


def test_durations_lie_between_planned_and_worst_with_some_above():
    random = Random(1)
    drawn = sorted(work_hours(random, 168, 264) for _ in range(4_000))

    assert 0.25 < sum(hours > 168 for hours in drawn) / len(drawn) < 0.4
    assert 0.01 < sum(hours > 264 for hours in drawn) / len(drawn) < 0.03
    assert 140 < drawn[2_000] < 150


def test_an_appointment_is_on_a_weekday_morning_of_the_place():
    random = Random(1)
    for hours in range(0, 400, 7):
        moment = appointment(random, START + timedelta(hours=hours), "Europe/Athens")
        local = moment + timedelta(hours=2)
        assert moment >= START + timedelta(hours=hours)
        assert (local.weekday() < 5, 8 <= local.hour < 12) == (True, True)


FRIDAY = datetime(2026, 1, 2, tzinfo=UTC)


def at(hour: float) -> datetime:
    """So many hours after Friday, 0:00 in Lisbon."""
    return FRIDAY + timedelta(hours=hour)


def test_what_comes_at_night_or_at_the_weekend_waits_for_the_shift():
    random = Random(1)
    assert in_shift(random, at(9.5), OFFICE, "Europe/Lisbon") == at(9.5)
    assert in_shift(random, at(3), None, "Europe/Lisbon") == at(3)
    assert at(6) <= in_shift(random, at(3), PLANT, "Europe/Lisbon") < at(7.5)
    assert at(30) <= in_shift(random, at(21), PLANT, "Europe/Lisbon") < at(31.5)
    assert at(80) <= in_shift(random, at(18), OFFICE, "Europe/Lisbon") < at(81.5)
    assert at(79) <= in_shift(random, at(50), LABORATORY, "Europe/Lisbon") < at(80.5)
    assert last_in_shift(at(50), OFFICE, "Europe/Lisbon") == at(17.75)


def test_work_is_ended_before_the_night_or_after_it_whichever_is_nearer():
    random = Random(1)
    assert end_in_shift(random, at(7), at(20.5), PLANT, "Europe/Lisbon") == at(20.5)
    assert at(19.5) <= end_in_shift(random, at(7), at(24), PLANT, "Europe/Lisbon") < at(21)
    assert at(30) <= end_in_shift(random, at(7), at(28), PLANT, "Europe/Lisbon") < at(31.5)
    # Nobody says that work is done which has hardly begun.
    assert at(30) <= end_in_shift(random, at(19), at(24), PLANT, "Europe/Lisbon") < at(31.5)


def test_working_days_later_leave_out_the_weekend():
    days = [working_days_later(at(15), number, "Europe/Lisbon") for number in (0, 1, 3)]
    assert days == [at(0), at(72), at(120)]
