"""Who holds a place of a pool, who waits for one, and how long one is usually held."""

from datetime import datetime
from uuid import UUID

from batches.lines.rules.places import Occupancy, Wait, places_of
from batches.lines.rules.services import PooledStage, pool_position, usual_service_hours
from supplychain.orders.statuses import StageStatus
from tests.batches.lines.builders import hour, place_run


def got(ready_at: datetime, started_at: datetime) -> Wait:
    """The wait of who took a place: until that moment it waits for its day."""
    return Wait(ready_at, started_at, True, started_at)


def test_a_suite_is_kept_from_selection_to_harvest_with_the_gaps():
    runs = [
        place_run(5, ready_at=0, started_at=10, completed_at=20),
        place_run(6, keeps=True, ready_at=20, started_at=30, completed_at=40),
        place_run(7, keeps=True, ready_at=40),
        place_run(8, keeps=True),
    ]
    assert places_of(runs) == ([Occupancy(hour(10), None, False)], [got(hour(0), hour(10))])


def test_the_place_is_given_back_with_the_end_of_the_last_stage_that_keeps_it():
    runs = [
        place_run(5, ready_at=0, started_at=10, completed_at=20),
        place_run(6, keeps=True, ready_at=20, started_at=20, completed_at=90),
    ]
    assert places_of(runs)[0] == [Occupancy(hour(10), hour(90), True)]


def test_two_stages_that_each_take_a_place_hold_two():
    runs = [place_run(9, ready_at=0, started_at=1), place_run(10, ready_at=0)]
    assert places_of(runs) == (
        [Occupancy(hour(1), None, False)],
        [got(hour(0), hour(1)), Wait(hour(0), None, False)],
    )


def test_a_failure_gives_the_place_back_and_counts_as_no_service():
    runs = [
        place_run(5, ready_at=0, started_at=1, completed_at=10),
        place_run(6, keeps=True, ready_at=10, started_at=10, failed_at=50),
        place_run(7, keeps=True),
    ]
    assert places_of(runs)[0] == [Occupancy(hour(1), hour(50), False)]


def test_a_second_attempt_holds_a_place_of_its_own():
    runs = [
        place_run(5, ready_at=0, started_at=1, failed_at=50),
        place_run(5, attempt=2, ready_at=50),
    ]
    assert places_of(runs) == (
        [Occupancy(hour(1), hour(50), False)],
        [got(hour(0), hour(1)), Wait(hour(50), None, False)],
    )


def test_a_run_that_a_new_attempt_repeats_no_longer_waits():
    runs = [place_run(9, ready_at=0), place_run(9, attempt=2, ready_at=80)]
    assert places_of(runs)[1] == [Wait(hour(80), None, False)]


def test_a_place_left_between_two_stages_for_a_new_attempt_is_free():
    runs = [
        place_run(5, ready_at=0, started_at=1, completed_at=10),
        place_run(6, keeps=True, ready_at=10),
        place_run(5, attempt=2, ready_at=30),
        place_run(6, attempt=2, keeps=True),
    ]
    assert places_of(runs)[0] == [Occupancy(hour(1), hour(10), False)]


def test_work_at_a_superseded_attempt_holds_its_place_until_the_new_one_starts_there():
    first = place_run(5, ready_at=0, started_at=1)
    assert places_of([first, place_run(5, attempt=2, ready_at=30)])[0] == [Occupancy(hour(1), None, False)]
    second = place_run(5, attempt=2, ready_at=30, started_at=40)
    assert places_of([first, second])[0] == [
        Occupancy(hour(1), hour(40), False),
        Occupancy(hour(40), None, False),
    ]


def test_an_end_that_was_never_reported_is_the_start_of_the_stage_that_follows():
    assert places_of([place_run(5, ready_at=0, started_at=1, passed_at=60)])[0] == [Occupancy(hour(1), hour(60), True)]
    assert places_of([place_run(5, ready_at=0, passed_at=60)])[1] == [Wait(hour(0), hour(60), False)]


def test_the_end_of_an_order_frees_its_place_and_ends_its_wait():
    runs = [
        place_run(5, order=1, ready_at=0, started_at=1, order_ended_at=60),
        place_run(5, order=2, ready_at=2, order_ended_at=70),
    ]
    assert places_of(runs) == (
        [Occupancy(hour(1), hour(60), False)],
        [got(hour(0), hour(1)), Wait(hour(2), hour(70), False)],
    )


def test_who_is_on_hold_does_not_queue_but_holds_a_place_taken_before():
    runs = [
        place_run(5, order=1, ready_at=0, started_at=1, held_at=20),
        place_run(5, order=2, ready_at=0, held_at=20),
        place_run(5, order=3, ready_at=0, order_held_at=30),
    ]
    assert places_of(runs) == (
        [Occupancy(hour(1), None, False)],
        [got(hour(0), hour(1)), Wait(hour(0), hour(20), False), Wait(hour(0), hour(30), False)],
    )


def test_a_lost_start_does_not_hide_that_a_place_is_taken():
    runs = [place_run(5, ready_at=0, completed_at=10), place_run(6, keeps=True, ready_at=10, started_at=11)]
    assert places_of(runs)[0] == [Occupancy(hour(10), None, False)]


def test_a_stage_skipped_before_it_began_takes_no_place_so_the_next_one_queues():
    runs = [
        place_run(5, ready_at=0, completed_at=10, status=StageStatus.SKIPPED.value),
        place_run(6, keeps=True, ready_at=10),
    ]
    assert places_of(runs) == ([], [Wait(hour(10), None, False)])


def test_a_start_before_it_was_possible_is_a_wait_of_nothing():
    assert places_of([place_run(5, started_at=3)])[1] == [got(hour(3), hour(3))]
    assert places_of([place_run(5, ready_at=9, started_at=3)])[1] == [got(hour(3), hour(3))]


# The usual service


def stage(position: int, pool: str = "suite", *, keeps: bool = False, flow: int = 1, hours: float = 10) -> PooledStage:
    return PooledStage(UUID(int=flow), UUID(int=flow), position, f"s{position}", pool, keeps, hours)


def test_the_usual_service_sums_the_stages_that_share_a_place_and_averages_the_flows():
    stages = [stage(5), stage(6, keeps=True, hours=30), stage(5, flow=2, hours=60), stage(9, "lane", hours=1)]
    assert usual_service_hours(stages, "suite", {}) == 50
    assert usual_service_hours(stages, "suite", {(UUID(int=1), "s6"): 50.0}) == 60
    assert usual_service_hours(stages, "bench", {}) == 24
    assert (pool_position(stages, "suite"), pool_position(stages, "lane"), pool_position(stages, "bench")) == (5, 9, 0)
