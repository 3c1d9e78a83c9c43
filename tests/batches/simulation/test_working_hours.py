"""Stages that are begun in some hours only: when, what becomes of their places, waits and booked moments; by hand."""

from datetime import UTC, datetime

import numpy as np
import pytest

from batches.durations.rules.start_hours import MOST_AN_HOUR, WAITED, ChancesAhead, WeekHours, chances_ahead
from batches.simulation.rules.futures import runs_of, simulate
from batches.simulation.rules.moments import LEAST_HOURS
from batches.simulation.rules.network import OrderAhead, Visit, network
from tests.batches.simulation.lines import always, through_a_suite

CURVES = [always(10), always(1)]
# Begun from 8 on; now is a Monday at 0:00.
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def hours_of(first: int, last: int, *, zone: str = "UTC", now: datetime = NOW, rate: float = MOST_AN_HOUR):
    rates = tuple(rate * (first <= hour % 24 < last) for hour in range(168))
    return list(chances_ahead((WeekHours("", "", zone, rates),), now).values())


def net_of(*orders: OrderAhead, places: int = 1, hours=None):
    return network(orders, [[(0.0, places)]], CURVES, hours or hours_of(8, 17))[0]


def starts_of(net) -> list[float]:
    return runs_of(net, path=0)["start"][::2].tolist()


def about(*hours: float):
    return pytest.approx(list(hours), abs=LEAST_HOURS)


def test_who_comes_at_night_begins_in_the_morning_and_who_comes_by_day_at_once():
    net = net_of(*(through_a_suite(at, begins_at=begins, hours=0) for at, begins in enumerate((3, 12, 18))), places=3)
    assert starts_of(net) == about(8, 12, 32)


def test_a_place_that_comes_free_at_night_is_taken_in_the_morning_by_the_first_who_waits():
    """The first works from 12 to 22; the second, who waits since 13, begins at 8 and works to 18; the third then has to
    wait for the next morning."""
    net = net_of(*(through_a_suite(at, begins_at=begins, hours=0) for at, begins in enumerate((12, 13, 14))))
    assert starts_of(net) == about(12, 32, 56)


def test_a_place_kept_for_who_has_yet_to_begin_is_not_in_use_and_its_order_waits():
    net = net_of(through_a_suite(1, begins_at=2, hours=0))
    futures = simulate(net, paths=1, horizon=24)
    assert futures.queue[0, 0] == pytest.approx(6, abs=LEAST_HOURS)
    assert futures.busy[0, 0] == pytest.approx(10, abs=LEAST_HOURS)
    cut = simulate(net, paths=1, horizon=5, opened=3)
    assert (cut.queue[0, 0], cut.busy[0, 0]) == pytest.approx((2, 0), abs=LEAST_HOURS)


def test_the_night_counts_as_permitted_wait():
    for longest, expired in ((5, 1), (7, 0)):
        net = net_of(through_a_suite(1, begins_at=2, hours=0, longest_wait=longest))
        assert simulate(net, paths=1).expired[0] == expired


def test_a_booked_moment_stands_whatever_the_hour():
    assert starts_of(net_of(through_a_suite(1, booked_at=3.0, hours=0))) == about(3)


def test_who_finds_no_place_at_the_booked_moment_begins_in_the_hours():
    """The place is held from 12 to 22; booked for 20, begun at 8."""
    first, booked = (
        through_a_suite(1, begins_at=12, booked_at=12.0, hours=0),
        through_a_suite(2, booked_at=20.0, hours=0),
    )
    assert starts_of(net_of(first, booked)) == about(12, 32)


def test_a_walk_in_that_would_begin_in_the_morning_leaves_a_place_that_is_booked_then():
    """Without hours the walk-in would work from 18 to 28 and be gone."""
    walk_in, booked = through_a_suite(1, begins_at=18, hours=0), through_a_suite(2, booked_at=33.0, hours=0)
    assert starts_of(net_of(walk_in, booked)) == about(56, 33)


def test_what_goes_straight_on_waits_for_its_hours_too():
    visits = (Visit("making", 0, hours=-1), Visit("release", 1, (0,), hours=0), Visit("infusion", 1, (1,)))
    runs = runs_of(network([OrderAhead(1, visits, exit=2)], [], CURVES, hours_of(8, 9))[0], path=0)
    assert runs["start"].tolist() == about(0, 32, 33)
    assert runs["ready"].tolist() == about(0, 10, 33)


@pytest.mark.parametrize(("day", "waits"), [(28, 31.0), (27, 32.0)], ids=["the clock goes on", "an ordinary night"])
def test_a_night_of_summer_time_is_an_hour_shorter(day, waits):
    """Ready at midnight UTC, which is 1:00 in Oslo on both days; begun at 8:00 there from the day after on."""
    now = datetime(2026, 3, day, tzinfo=UTC)
    net = net_of(through_a_suite(1, begins_at=8, hours=0), hours=hours_of(8, 9, zone="Europe/Oslo", now=now))
    assert starts_of(net) == about(waits - 1)


def test_an_hour_in_which_half_begin_is_drawn():
    """Starts come at ½ an hour from 8 on: exponential, mean 2 hours."""
    net = net_of(through_a_suite(1, hours=0), hours=hours_of(8, 24, rate=0.5))
    waits = np.array([runs_of(net, path=path)["start"][0] for path in range(400)])
    assert waits.min() >= 8
    assert waits.mean() - 8 == pytest.approx(2, abs=0.4)


def agreed_hours(*, nobody_before: float) -> list[ChancesAhead]:
    """Begun at ¼ an hour, but hardly ever within so many hours of when it could have been."""
    (hours,) = hours_of(0, 24, rate=0.25)
    return [hours._replace(by_wait=tuple(1e-6 if hour < nobody_before else 1.0 for hour in WAITED))]


@pytest.mark.parametrize(("ready", "least"), [(0.0, 72.0), (-60.0, 12.0), (-100.0, 0.0)])
def test_what_is_agreed_ahead_is_begun_when_others_were(ready, least):
    """A stage that needs no place: three days after it could have been, then at ¼ an hour; what waits has waited."""
    visits = (Visit("collection", 0, ready_at=ready, hours=0),)
    net = network([OrderAhead(1, visits, exit=0)], [], CURVES, agreed_hours(nobody_before=72))[0]
    starts = np.array([runs_of(net, path=path)["start"][0] for path in range(400)])
    assert starts.min() >= least - 0.1
    assert starts.mean() - least == pytest.approx(4, abs=0.8)


def test_no_hour_ever_is_no_start():
    assert simulate(net_of(through_a_suite(1, hours=0), hours=hours_of(0, 0)), paths=3).ready.min() > 9_000


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [(0.0, [0.0, 2.0, 1.0])],
        [(-1.0, [0.0, 1.0])],
        [(0.0, [0.0, np.inf])],
        [(0.0, [0.0, 1.0], (0.0,) * len(WAITED))],
    ],
    ids=str,
)
def test_hours_that_are_none_are_refused(hours):
    with pytest.raises(ValueError, match="hours that|Chances"):
        network([through_a_suite(1, hours=0)], [[(0.0, 1)]], CURVES, [ChancesAhead(*one) for one in hours])
