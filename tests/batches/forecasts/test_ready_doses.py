"""What is told of a dose that is there, or looked forward to: facts, conditions, and when the promise is at risk."""

from datetime import UTC

import pytest

from batches.flags.rules.judging import judge
from batches.flags.rules.promise import promise_at_risk
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.ledger import has_moved
from batches.forecasts.rules.outlooks import usual_newcomer
from batches.forecasts.rules.ready import ready_of
from batches.judgement.rules.findings import NOTHING
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import OrderStatus
from supplychain.sentences import said_in
from tests.batches.builders import (
    a_surprise,
    an_order,
    at,
    completed,
    failed,
    hours_after_start,
    running,
    subjects,
    waiting,
)
from tests.batches.forecasts.forecast_readings import FROM_DISPOSITION, standing
from tests.batches.forecasts.test_forecast_rule import FROM_EXPANSION, path

RISK = FlagCode.PROMISE_AT_RISK


@pytest.mark.parametrize("status", [OrderStatus.INFUSED, OrderStatus.CANCELLED, OrderStatus.CLOSED])
def test_nothing_is_forecast_for_a_patient_who_no_longer_waits(status):
    assert forecast(an_order(waiting("enrolment"), status=status), at(0)) is None


def test_a_dose_that_is_being_given_is_ready_and_has_no_date_to_come():
    made = forecast(an_order(running("infusion", 40), done_until="site_receipt"), at(41))
    assert (hours_after_start(made.ready_at), made.is_reached, made.steps) == (40, True, ())
    later = forecast(an_order(running("infusion", 60), done_until="site_receipt"), at(41))
    assert (later.is_reached, later.next_at(at(41)) <= at(60)) == (False, True)  # reported for later: not begun


@pytest.mark.parametrize("status", [OrderStatus.IN_PROGRESS, OrderStatus.ON_HOLD])
def test_a_dose_in_doubt_that_is_being_given_has_no_date_on_hold_neither(status):
    early = [a_surprise("before_predecessor", stage="infusion", hours=40)]
    order = an_order(running("infusion", 40), completed("collection", 30), surprises=early, status=status, promised=90)
    ready = ready_of(order, judge(order, at(41)).forecast, at(41))
    assert (ready.is_fact, ready.when(at(41))) == (True, "not known: the dose is in doubt")
    assert "hold" not in ready.rests_on
    assert "if the doubt about the dose is cleared" in ready.rests_on
    assert ready.stands(at(41)) == "not known to be kept"


def test_a_forecast_of_a_new_attempt_rests_on_that_alone_and_not_on_the_clearing_of_the_dose_that_failed():
    order = an_order(failed("sterility_final", 12), waiting("outbound", 11), done_until="disposition", promised=20)
    told = judge(order, at(13))
    ready = ready_of(order, told.forecast, at(13))
    assert ready.assumes.startswith("if a new attempt began now")
    assert "cleared" not in ready.assumes
    assert ready.unsure == "the dose is in doubt"
    [risk] = [one for one in told.findings if one.code == RISK]
    assert "cleared" not in risk.why
    assert "if a new attempt began now" in risk.why


@pytest.mark.parametrize("run", [waiting("infusion", 40), running("infusion", 40)])
def test_a_dose_that_is_there_is_a_fact_on_hold_too_and_the_hold_is_said_beside_it(run):
    order = an_order(run, done_until="site_receipt", status=OrderStatus.ON_HOLD, held=40.5, promised=90)
    ready = ready_of(order, judge(order, at(41)).forecast, at(41))
    assert (ready.is_fact, ready.ready_at, ready.when(at(41))[:6]) == (True, at(40), "since ")
    assert ready.how_known(at(41)) == "reported; the order is on hold"
    assert (ready.rests_on, ready.stands(at(41))) == ("the order is on hold", "promise kept")


def test_the_path_names_each_stage_with_its_wait_and_work():
    order = an_order(running("harvest", started=0), done_until="expansion", queues={"qc_lane": 30})

    assert path(order, 4) == [
        ("harvest", 0, 8), ("qc_release_tests", 30, 168), ("disposition", 0, 24), ("outbound", 0, 24),
        ("site_receipt", 0, 2),
    ]  # fmt: skip
    made = forecast(order, at(4))
    assert made.longest.stage == "qc_release_tests"
    assert made.evidence()["steps"][1] == {
        "stage": "qc_release_tests", "wait_hours": 30.0, "work_hours": 168.0, "basis": "planned",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("promised", "severity", "next_hours"),
    [
        (FROM_DISPOSITION + 48.1, None, 0.1),
        (FROM_DISPOSITION + 48, Severity.ATTENTION, 48),
        (FROM_DISPOSITION + 1, Severity.ATTENTION, 1),
        (FROM_DISPOSITION, Severity.CRITICAL, FROM_DISPOSITION),  # until the date passes, which nothing brings back
        (FROM_DISPOSITION - 1, Severity.CRITICAL, FROM_DISPOSITION - 1),
    ],
)
def test_a_waiting_stage_uses_up_the_slack_at_the_pace_of_the_clock(promised, severity, next_hours):
    order = an_order(waiting("disposition"), done_until="qc_release_tests", promised=promised)

    found = promise_at_risk(order, forecast(order, at(0)), at(0))

    assert subjects(found.findings) == ([(RISK, "", severity)] if severity else [])
    assert hours_after_start(found.next_at) == pytest.approx(next_hours)


def test_a_running_stage_uses_up_no_slack_before_it_is_over_its_time():
    order = an_order(running("expansion"), done_until="transduction", promised=FROM_EXPANSION + 60)

    found = promise_at_risk(order, forecast(order, at(0)), at(0))

    # From 151.2 h on (a tenth of its time left) the forecast moves; 12 h later 48 h of slack are left.
    assert (subjects(found.findings), hours_after_start(found.next_at)) == ([], pytest.approx(168 * 0.9 + 12))


def test_the_flag_says_how_late_and_what_takes_the_time():
    order = an_order(waiting("qc_release_tests"), done_until="harvest", promised=200, queues={"qc_lane": 12})

    (finding,) = promise_at_risk(order, forecast(order, at(0)), at(0)).findings

    assert said_in(finding.why, UTC, at(1)) == (
        "Likely late, about 30 hours; longest ahead: Qc release tests, 7 d 12 h, 12 h of it waiting. "
        "Ready: about 11 Mar by usual durations, promised 10 Mar. "
        "Not critical: nothing has to be done in this shift; act by 3 Mar."
    )
    assert said_in(finding.next_step, UTC, at(1)) == (
        "QA: ask whether Qc release tests can be done faster; Operations: agree a new date with the treatment centre "
        "by 3 Mar."
    )
    assert (finding.since, finding.due, finding.moves) == (None, at(32), True)
    assert (finding.evidence["slack_hours"], finding.evidence["longest"]) == (-30.0, "qc_release_tests")


def test_an_assumed_new_attempt_is_said():
    order = an_order(failed("harvest"), done_until="expansion", promised=450)

    (finding,) = promise_at_risk(order, forecast(order, at(0)), at(0)).findings

    assert "if a new attempt began now from stored cells, if any are left" in finding.why


def test_a_collection_that_begins_anew_takes_up_no_stored_cells():
    order = an_order(failed("collection"), done_until="enrolment", promised=450)
    made = forecast(order, at(0))
    assert (made.assumes_restart, made.assumes_stored_cells) == ("collection", False)


@pytest.mark.parametrize(
    "order",
    [
        an_order(waiting("enrolment")),
        an_order(waiting("infusion"), done_until="site_receipt", promised=-100),
        an_order(completed("infusion"), status=OrderStatus.INFUSED, promised=-100),
    ],
)
def test_without_a_promise_or_with_the_dose_there_is_nothing_at_risk(order):
    assert promise_at_risk(order, forecast(order, at(0)), at(0)) == NOTHING


def test_an_idle_forecast_is_made_afresh_every_six_hours():
    idle, at_work = an_order(waiting("enrolment")), an_order(running("expansion"), done_until="transduction")

    assert hours_after_start(forecast(idle, at(5)).next_at(at(5))) == 11
    assert hours_after_start(forecast(at_work, at(5)).next_at(at(5))) == pytest.approx(168 * 0.9 + 6)


def test_a_dose_that_arrives_about_when_forecast_is_told_as_a_fact():
    arrived = an_order(waiting("infusion", ready=-1), done_until="outbound", promised=1000)
    forecast_before, fact = standing(-1.0), standing(-1.0)._replace(is_reached=True)

    assert forecast(arrived, at(0)).is_reached
    assert has_moved(forecast_before, forecast(arrived, at(0)), at(0)) is True
    assert has_moved(fact, forecast(arrived, at(0)), at(0)) is False


def test_what_must_have_ended_although_nobody_said_so_is_named():
    begun = an_order(running("disposition"), done_until="harvest", promised=1000)
    made = forecast(begun, at(0))

    assert made.assumes_ended == begun.stages["qc_release_tests"].plan.name
    assert has_moved(standing(hours_after_start(made.ready_at)), made, at(0)) is True


def test_with_the_end_of_a_test_missing_nobody_knows_whether_the_dose_is_in_time():
    begun = an_order(running("disposition"), done_until="harvest", promised=1000)
    assert ready_of(begun, forecast(begun, at(0)), at(0)).stands(at(0)) == "not known to be in time"


def test_of_a_new_order_it_is_said_that_the_queue_is_longer_than_cells_may_wait():
    pool = an_order().flow.stages["selection"].pool
    for queue, words in ((14 * 24, "Before Selection cells may wait 48 h, and the queue is 14 d now: ask "), (40, "")):
        made = forecast(an_order(waiting("enrolment"), queues={pool: queue}), at(0))
        said = usual_newcomer(made, at(0)).wait_words
        assert said.startswith(words)
        assert bool(said) == bool(words)


def test_an_infusion_that_is_reported_for_later_is_still_foreseen():
    order = an_order(running("expansion"), running("infusion", started=400), done_until="transduction", promised=450)
    made, without = (
        forecast(order, at(10)),
        forecast(an_order(running("expansion"), done_until="transduction", promised=450), at(10)),
    )
    assert made.ready_at == without.ready_at
    assert forecast(order, at(400)).is_reached
