"""A release or test that is reported of an order whose cells nobody has reported: no dose is made of it."""

import pytest

from batches.flags.rules.judging import judge
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.ready import ready_of
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.simulation.rules.network import DONE, RUNNING, WAITING
from tests.batches.builders import (
    CODES,
    a_run,
    a_surprise,
    an_order,
    at,
    completed,
    hours_after_start,
    running,
    waiting,
)
from tests.batches.forecasts.line_builders import line_order, state_of

ODD = a_surprise("before_predecessor", stage="disposition", hours=9)


def released(*runs, **more):
    return an_order(*runs, completed("disposition", 9), surprises=[ODD], **more)


def test_the_forecast_is_that_of_the_order_without_the_report():
    order, plain = released(running("enrolment", 0)), an_order(running("enrolment", 0))
    assert forecast(order, at(10)).ready_at == forecast(plain, at(10)).ready_at
    assert forecast(order, at(10)).assumes_ended == ""
    made = judge(order, at(10)).forecast
    assert ready_of(order, made, at(10)).assumes == "as if Disposition had not been reported"


def test_so_are_its_simulated_futures():
    order = line_order(1, running("enrolment", 0), completed("disposition", 9), surprises=[ODD])
    ahead = state_of(order, now=10).orders[0]
    states = dict(zip(CODES, (visit.state for visit in ahead.visits), strict=True))
    assert (states["enrolment"], states["collection"], states["disposition"]) == (RUNNING, WAITING, WAITING)
    assert DONE not in states.values()


def test_the_flag_asks_for_the_right_order_and_does_not_stand_above_a_dose():
    (flag,) = [one for one in judge(released(running("enrolment", 0)), at(10)).findings if one.stage == "disposition"]
    assert (flag.code, flag.severity, flag.harm) == (FlagCode.OUT_OF_SEQUENCE, Severity.CRITICAL, Harm.UNCLEAR)
    assert flag.why.endswith("; no cells of this order have been reported, so the report may belong to another order.")
    assert flag.next_step == (
        "QA: ask the sender which order was released; withdraw this report, and have it said of the right one."
    )


@pytest.mark.parametrize(
    "order",
    [
        released(running("collection", 1), done_until="enrolment"),
        released(running("expansion", 1)),
    ],
)
def test_with_cells_in_hand_it_counts_as_before(order):
    assert forecast(order, at(10)).assumes_ended
    (flag,) = [one for one in judge(order, at(10)).findings if one.stage == "disposition"]
    assert flag.harm == Harm.DOSE_TO_STOP


def test_a_dose_that_left_is_to_be_stopped_whatever_was_reported_of_its_cells():
    order = released(running("outbound", 10))
    (flag,) = [one for one in judge(order, at(11)).findings if one.stage == "disposition"]
    assert flag.harm == Harm.DOSE_TO_STOP


def test_a_test_without_cells_passes_nothing_either():
    order = an_order(waiting("enrolment"), a_run("qc_release_tests", "completed", completed=5))
    assert hours_after_start(forecast(order, at(10)).ready_at) > 400
