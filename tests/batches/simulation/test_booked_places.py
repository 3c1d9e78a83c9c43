"""A booking reserves its place: nobody takes it who would still be there at the booked moment."""

import random

import pytest

from batches.simulation.rules.network import RUNNING, OrderAhead, Visit
from tests.batches.simulation.lines import always, futures_of, through_a_suite

WEEK = 168.0
# Curves: a week in the suite, the infusion, 2 hours in the suite, a test of 4 hours.
HOURS = [always(WEEK), always(0), always(2), always(4)]


def starts(orders, steps, **more) -> list[float]:
    """When each order began in the suite."""
    found = futures_of(orders, steps, HOURS, **more)
    hours = {0: WEEK, 2: 2.0}
    return [float(found.ready[at, 0]) - hours[order.visits[0].curve] for at, order in enumerate(orders)]


def test_who_comes_an_hour_before_does_not_take_the_booked_place():
    walk_in, booked = through_a_suite(1, begins_at=9.0), through_a_suite(2, booked_at=10.0)
    assert starts([walk_in, booked], [(0.0, 1)]) == [178, 10]


def test_who_is_usually_gone_by_then_may_use_it():
    quick, booked = through_a_suite(1, 2, begins_at=8.0), through_a_suite(2, booked_at=10.0)
    assert starts([quick, booked], [(0.0, 1)]) == [8, 10]


def test_with_a_second_place_nobody_has_to_wait():
    walk_in, booked = through_a_suite(1, begins_at=9.0), through_a_suite(2, booked_at=10.0)
    assert starts([walk_in, booked], [(0.0, 2)]) == [9, 10]


def test_of_two_places_one_is_kept_for_each_booking():
    """Places for two until 200 h, booked at 20 and 30 h: who walks in at 0 would still hold one of them."""
    orders = [
        through_a_suite(1),
        through_a_suite(2, booked_at=20.0),
        through_a_suite(3, booked_at=30.0),
        through_a_suite(4, 2, begins_at=1.0),
    ]
    assert starts(orders, [(0.0, 2)]) == [188, 20, 30, 198]


def test_a_booking_needs_its_place_only_until_its_order_usually_leaves():
    """Four places and one booking of 2 hours a day: never more than one place is in use beside the walk-in."""
    daily = [through_a_suite(20 + day, 2, booked_at=10.0 + 24 * day) for day in range(7)]
    assert starts([through_a_suite(1), *daily], [(0.0, 4)])[0] == 0
    assert starts([through_a_suite(1, begins_at=9.0), *daily], [(0.0, 2)])[0] == 9


def foreseen_start(begins: float, stay: float, booked: list[tuple[float, float]], places: int) -> float:
    """The first moment from which on a place is left over all the time, looked for hour by hour by hand: at each booked
    moment (from, until) of the stay the bookings that overlap it are counted."""
    moments = [begins, *sorted(moment for row in booked for moment in row if moment > begins)]

    def is_left(start: float) -> bool:
        seen = [start, *(at for at, _ in booked if start < at < start + stay)]
        return all(sum(at <= moment < until for at, until in booked) < places for moment in seen)

    return next(moment for moment in moments if is_left(moment))


@pytest.mark.parametrize("places", [2, 3, 4])
def test_a_walk_in_starts_as_soon_as_counting_the_bookings_by_hand_lets_it(places):
    chances = random.Random(places)
    for _ in range(60):
        booked: list[tuple[float, float]] = []
        orders = [through_a_suite(1, chances.choice([0, 2, 3]), begins_at=chances.uniform(0, 60))]
        for key in range(2, 12):
            curve, at = chances.choice([0, 2, 3]), chances.uniform(1, 300)
            until = at + HOURS[curve][0]
            if all(
                sum(a <= m < b for a, b in booked) < places for m in [at, *(a for a, _ in booked if at < a < until)]
            ):
                booked.append((at, until))
                orders.append(through_a_suite(key, curve, booked_at=at))
        stay = HOURS[orders[0].visits[0].curve][0]
        found = futures_of(orders, [(0.0, places)], HOURS)
        assert found.ready[0, 0] - stay == pytest.approx(foreseen_start(orders[0].begins_at, stay, booked, places))


def test_a_place_that_comes_back_before_the_booked_moment_serves_it():
    """One of two places is held for 8 more hours; the booking at 10 h can have that one, the walk-in the free one."""
    running = Visit("suite", 0, pool=0, state=RUNNING, elapsed=WEEK - 8)
    holds = OrderAhead(9, (running, Visit("infusion", 1, (0,))), exit=1)
    orders = [through_a_suite(1), through_a_suite(2, booked_at=10.0)]
    found = futures_of([*orders, holds], [(0.0, 2)], HOURS)
    assert list(found.ready[:2, 0]) == [WEEK, 10 + WEEK]


def test_a_place_that_will_be_closed_by_then_serves_no_booking():
    walk_in, booked = through_a_suite(1), through_a_suite(2, booked_at=10.0)
    assert starts([walk_in, booked], [(0.0, 2), (5.0, 1)]) == [178, 10]


@pytest.mark.parametrize(("curve", "walk_in_at", "booked_at"), [(2, 8, 6), (3, 6, 6 + WEEK)], ids=["kept", "missed"])
def test_a_booking_missed_by_the_stages_before_it_is_given_away(curve, walk_in_at, booked_at):
    """Booked at 6 h; tests of 4 and 2 hours end just in time, of 4 and 4 do not. A walk-in waits since 5 h."""
    stages = (Visit("a", 3), Visit("b", curve, (0,)), Visit("suite", 2, (1,), pool=0, booked_at=6.0))
    booked = OrderAhead(2, (*stages, Visit("infusion", 1, (2,))), exit=3)
    found = futures_of([through_a_suite(1, begins_at=5.0), booked], [(0.0, 1)], HOURS)
    # A booking counts as missed a minute after its moment.
    assert list(found.ready[:, 0]) == pytest.approx([walk_in_at + WEEK, booked_at + 2], abs=0.02)


def test_a_booking_of_an_order_that_is_lost_is_given_away():
    """The order that has booked 100 h is withdrawn at 4 h; the walk-in of a week need not wait until then."""
    visits = (Visit("test", 3, withdrawn=1.0), Visit("suite", 0, (0,), pool=0, booked_at=100.0), Visit("in", 1, (1,)))
    found = futures_of([through_a_suite(1), OrderAhead(2, visits, exit=2)], [(0.0, 1)], HOURS)
    assert found.ready[0, 0] == 4 + WEEK


def test_kept_places_are_reserved_for_the_whole_stay():
    """The walk-in needs the suite for 2 and then 4 hours; the booking is in 5."""
    stay = (Visit("making", 2, pool=0), Visit("harvest", 3, (0,), pool=0, keeps=True), Visit("infusion", 1, (1,)))
    orders = [OrderAhead(1, stay, exit=2), through_a_suite(2, 2, booked_at=5.0)]
    found = futures_of(orders, [(0.0, 1)], HOURS)
    assert list(found.ready[:, 0]) == [13, 7]
