"""When the dose will be ready, and how that moves with time."""

import pytest

from batches.forecasts.rules.forecasts import forecast
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import (
    a_run,
    an_order,
    at,
    failed,
    hours_after_start,
    running,
    waiting,
)
from tests.batches.forecasts.forecast_readings import FROM_DISPOSITION, FROM_QC

FROM_EXPANSION = 168 + 12 + FROM_QC


FROM_SELECTION = 12 + 24 + FROM_EXPANSION


FROM_ENROLMENT = 24 + 6 + 24 + 4 + FROM_SELECTION


def ready_hours(order, now: float) -> float:
    return hours_after_start(forecast(order, at(now)).ready_at)


def path(order, now: float) -> list[tuple[str, float, float]]:
    return [(step.stage, step.wait_hours, step.work_hours) for step in forecast(order, at(now)).steps]


def test_a_new_order_takes_the_longest_way_and_ignores_tests_that_may_end_after_release():
    assert ready_hours(an_order(waiting("enrolment")), 0) == FROM_ENROLMENT


def test_while_nothing_starts_the_forecast_moves_with_now():
    assert ready_hours(an_order(waiting("enrolment")), 100) == 100 + FROM_ENROLMENT


@pytest.mark.parametrize(
    ("now", "ready"),
    [
        (0, FROM_EXPANSION),
        (100, FROM_EXPANSION),
        (168 * 0.9, FROM_EXPANSION),
        (168, FROM_EXPANSION + 16.8),
        (300, 300 + 16.8 + 12 + FROM_QC),
    ],
)
def test_a_running_stage_ends_when_it_usually_does_but_never_in_the_past(now, ready):
    order = an_order(running("expansion", started=0), done_until="transduction")

    assert ready_hours(order, now) == pytest.approx(ready)


def test_a_short_stage_over_its_time_is_given_another_hour():
    assert ready_hours(an_order(running("site_receipt"), done_until="outbound"), 10) == 11


def test_the_usual_hours_of_the_site_count_where_they_are_known():
    order = an_order(running("expansion"), done_until="transduction", work={"expansion": 200})

    assert ready_hours(order, 0) == FROM_EXPANSION + 32


def test_a_queue_is_waited_for_once_where_a_place_is_kept():
    order = an_order(waiting("enrolment"), queues={"suite": 30, "qc_lane": 12})

    assert ready_hours(order, 0) == FROM_ENROLMENT + 30 + 12


def test_who_stands_in_the_queue_has_waited_for_part_of_it():
    order = an_order(waiting("selection", ready=0), done_until="receipt", queues={"suite": 30})

    assert [ready_hours(order, now) for now in (0, 20, 30, 40)] == [
        30 + FROM_SELECTION, 30 + FROM_SELECTION, 30 + FROM_SELECTION, 40 + FROM_SELECTION,
    ]  # fmt: skip


def test_a_booked_start_is_waited_for_without_a_queue():
    order = an_order(waiting("selection", planned_start=50), done_until="receipt", queues={"suite": 90})

    assert ready_hours(order, 10) == 50 + FROM_SELECTION


def test_a_missed_booked_start_joins_the_queue_and_that_moment_is_foretold():
    order = an_order(
        running("receipt"), a_run("selection", planned_start=50), done_until="inbound", queues={"suite": 90}
    )

    made = forecast(order, at(0))

    # Receipt over its time needs an hour more, so from 49 h on selection cannot start at 50 h.
    assert [hours_after_start(jump) for jump in made.jumps_at] == [49]
    assert ready_hours(order, 48.9) == 50 + FROM_SELECTION
    assert ready_hours(order, 49) == 50 + 90 + FROM_SELECTION


def test_of_two_ways_the_longer_counts():
    order = an_order(waiting("disposition"), running("sterility_final"), done_until="qc_release_tests")

    assert ready_hours(order, 0) == FROM_DISPOSITION


def test_a_held_stage_goes_on_now_from_where_it_stopped():
    held = a_run("expansion", StageStatus.HELD, started=0, held=100)

    assert ready_hours(an_order(held, done_until="transduction"), 150) == 150 + 68 + 12 + FROM_QC


@pytest.mark.parametrize(
    ("stage", "ready", "restart"),
    [("expansion", FROM_SELECTION, "selection"), ("inbound", FROM_SELECTION + 28, "inbound")],
)
def test_after_a_failure_a_new_attempt_is_assumed_to_start_now(stage, ready, restart):
    order = an_order(failed(stage), done_until="transduction")

    made = forecast(order, at(10))

    assert (hours_after_start(made.ready_at), made.assumes_restart) == (10 + ready, restart)


def test_a_dose_that_waits_for_infusion_is_ready_since_it_arrived():
    made = forecast(an_order(waiting("infusion", ready=40), done_until="site_receipt", promised=30), at(90))

    assert (hours_after_start(made.ready_at), made.is_reached, made.slack_hours, made.steps) == (40, True, -10, ())
    assert made.next_at(at(90)) is None


def test_a_dose_whose_receipt_is_reported_for_later_is_foreseen_then_and_not_ready():
    order = an_order(waiting("infusion", ready=24), done_until="site_receipt")
    made = forecast(order, at(1))
    assert (made.is_reached, made.ready_at, made.next_at(at(1))) == (False, at(24), at(24))
    assert forecast(order, at(24)).is_reached
