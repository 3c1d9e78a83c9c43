"""What can still be done about a promise at risk, when that is this shift's, and which flags are one alarm of a line.

The order of the facts: promised at hour 400, so that a new date is to be agreed by hour 232, a week before;
that is this shift's from hour 220 on, 12 h before.
"""

from datetime import UTC
from uuid import UUID

import pytest

from batches.flags.rules.causes import LEAST_ORDERS, CauseCount, LineAlarm, LineCause, Places, line_causes, way_out
from batches.flags.rules.judging import judge
from batches.forecasts.rules.forecasts import NEVER, NOW, Course
from batches.judgement.statuses import FlagCode, Remedy, Severity
from supplychain.sentences import day_mark, said_in
from tests.batches.builders import an_order, at, hours_after_start, running, waiting
from tests.batches.flags.test_flag_rules_futures import CLOSED, RESCUE, said

CRITICAL, ATTENTION = Severity.CRITICAL, Severity.ATTENTION
PROMISED = at(400)
PLANT = UUID(int=7)


def way(likely=CRITICAL, now: float = 0, **given):
    found = way_out(likely, PROMISED, at(now), **given)
    return found.severity, found.remedy, hours_after_start(found.latest), hours_after_start(found.next_at)


def test_a_promise_weeks_away_that_waits_for_a_place_is_a_matter_of_its_line():
    assert way(pool="suite") == (ATTENTION, Remedy.LINE, 232, 220)


def test_with_a_way_out_of_its_own_it_is_a_matter_of_the_order_and_critical_when_that_begins_this_shift():
    """Hand-made: the stage arrives at hour 100, 12 h before which is hour 88."""
    fixed = Course(at(100), NOW.rest)
    assert way(pool="suite", rescue=fixed) == (ATTENTION, Remedy.OWN, 100, 88)
    assert way(pool="suite", rescue=fixed, now=88) == (CRITICAL, Remedy.OWN, 100, 220)
    assert way(ATTENTION, rescue=fixed, now=88) == (ATTENTION, Remedy.OWN, 100, 220)
    # What moves along with now never comes nearer by itself.
    moving = Course(NEVER, at(50) - at(0))
    assert way(rescue=moving, now=10) == (ATTENTION, Remedy.OWN, 60, 220)


def test_what_helps_after_the_new_date_is_to_be_agreed_leaves_no_longer_than_that():
    assert way(rescue=Course(at(300), NOW.rest)) == (ATTENTION, Remedy.OWN, 232, 220)


@pytest.mark.parametrize(
    "given", [{"pool": "suite"}, {"rescue": Course(at(390), NOW.rest)}, {"is_always_late": True}, {}]
)
def test_what_has_to_be_agreed_within_the_shift_is_critical(given):
    assert way(now=219.9, **given)[0] == ATTENTION
    assert way(now=220, **given) == (CRITICAL, Remedy.OWN, 400, 400)


def test_a_week_before_the_promise_a_new_date_is_this_shifts_whatever_it_waits_for():
    assert way(pool="suite", now=232) == (CRITICAL, Remedy.OWN, 400, 400)
    assert way(is_always_late=True, now=300) == (CRITICAL, Remedy.OWN, 400, 400)
    assert way(ATTENTION, pool="suite", now=300) == (ATTENTION, Remedy.OWN, 400, 400)


def test_what_is_late_in_every_future_or_past_its_date_cannot_be_changed_any_more():
    assert way(is_always_late=True) == (ATTENTION, Remedy.TELL, 232, 220)
    assert way(now=400) == (ATTENTION, Remedy.TELL, None, None)
    # A place that is opened may still change it.
    assert way(is_always_late=True, pool="suite") == (ATTENTION, Remedy.LINE, 232, 220)


def test_without_a_queue_or_certainty_it_is_a_matter_of_the_order():
    assert way() == (ATTENTION, Remedy.OWN, 232, 220)


def promise(prediction, now: float = 1, run=None, **given):
    values = {"done_until": "harvest", "promised": 400, "last_recorded": 0} | given
    facts = an_order(run or waiting("qc_release_tests", ready=0), prediction=prediction, **values)
    return next(one for one in judge(facts, at(now)).findings if one.code == FlagCode.PROMISE_AT_RISK)


FAR = {"promised_at": PROMISED, "ready_low": at(380), "ready_median": at(420), "ready_high": at(520)}


def test_the_flag_names_the_pool_at_the_plant_and_says_why_it_is_not_critical():
    found = promise(said(**FAR))
    assert (found.severity, found.remedy, found.cause) == (ATTENTION, Remedy.LINE, "qc_lane")
    assert said_in(found.why, UTC, at(1)).endswith(
        "Not critical: it waits for a place; a new date is to be agreed by 12 Mar."
    )
    assert said_in(found.next_step, UTC, at(1)) == (
        "Operations: it waits for a place (Qc release tests), for which one more place, or fewer orders that come to "
        "it would help; agree a new date with the treatment centre by 12 Mar."
    )


@pytest.mark.parametrize("now", [1, 100, 221, 300, 399])
def test_sentence_and_evidence_name_the_moment_that_the_flag_is_due(now):
    near = said(now, **FAR, made_at=at(now))
    found = promise(near, now=now)
    assert found.evidence["act_by"] == found.due.isoformat()
    assert day_mark(found.due) in found.next_step


def test_of_a_date_that_has_passed_nothing_is_asked_that_would_bring_it_back():
    found = promise(said(401, **FAR, made_at=at(401)), now=401)
    assert (found.remedy, found.due) == (Remedy.TELL, None)
    assert found.next_step == (
        "Operations: tell the treatment centre that the date has passed, and agree a new one now."
    )


def test_where_the_dose_is_likely_lost_its_promise_asks_for_what_the_dose_asks_for():
    lost = {"dose_severities": {"no_dose": "critical"}, "severities": {
        "promise_at_risk": "critical", "dose_at_risk": "critical"}}  # fmt: skip
    facts = an_order(
        waiting("qc_release_tests", ready=0), prediction=said(**FAR, p_no_dose=0.99, evidence=lost),
        done_until="harvest", promised=400, last_recorded=0,
    )  # fmt: skip
    found = {one.code: one for one in judge(facts, at(1)).findings}
    promised, dose = found[FlagCode.PROMISE_AT_RISK], found[FlagCode.DOSE_AT_RISK]
    assert promised.next_step == dose.next_step
    assert "Not critical" not in promised.why


def test_a_closed_pool_is_a_cause_too():
    longer = {"stage": "selection", "excess_hours": 40.0, "wait_hours": 1.0, "work_hours": 52.0}
    shut = {"contributes": longer, "closed": CLOSED | {"stage": "selection"}}
    found = promise(said(**FAR, evidence=shut), run=waiting("selection", ready=0), done_until="receipt")
    assert (found.remedy, found.cause) == (Remedy.LINE, "suite")


@pytest.mark.parametrize(
    ("evidence", "remedy"),
    [
        ({"rescue": {"found": RESCUE | {"stage": "qc_release_tests"}, "tried": []}}, Remedy.OWN),
        (
            {"rescue": {"found": RESCUE | {"kind": "extra_place", "stage": "qc_release_tests"}, "tried": []}},
            Remedy.LINE,
        ),
        ({"contributes": {"stage": "infusion", "excess_hours": 9, "wait_hours": 9, "work_hours": 2}}, Remedy.OWN),
        ({"contributes": {"stage": "disposition", "excess_hours": 9, "wait_hours": 1, "work_hours": 20}}, Remedy.OWN),
        ({"contributes": None, "late": {"count": 500, "of": 500, "low": 0.99, "high": 1.0}}, Remedy.TELL),
        ({"contributes": None, "late": {"count": 499, "of": 500, "low": 0.99, "high": 1.0}}, Remedy.OWN),
    ],
    ids=["rescue", "only one more place helps", "bed at the centre", "work", "every future", "nearly every future"],
)
def test_what_hangs_on_the_line_and_what_does_not(evidence, remedy):
    found = promise(said(**FAR, evidence=evidence))
    assert found.remedy == remedy
    assert bool(found.cause) == (remedy == Remedy.LINE)


def test_a_rescue_whose_stage_waits_already_is_this_shifts():
    found = promise(said(**FAR, evidence={"rescue": {"found": RESCUE | {"stage": "qc_release_tests"}, "tried": []}}))
    assert found.severity == CRITICAL
    assert "Not critical" not in found.why


def test_by_usual_durations_the_same_rule_holds():
    facts = an_order(running("receipt", started=0), done_until="inbound", promised=600, queues={"suite": 900})
    (found,) = (one for one in judge(facts, at(1)).findings if one.code == FlagCode.PROMISE_AT_RISK)
    assert (found.severity, found.remedy, found.cause) == (ATTENTION, Remedy.LINE, "suite")
    (near,) = (one for one in judge(facts, at(432)).findings if one.code == FlagCode.PROMISE_AT_RISK)
    assert (near.severity, near.remedy, near.cause) == (CRITICAL, Remedy.OWN, "")


def test_the_judgement_comes_back_when_the_week_before_the_promise_begins():
    facts = an_order(running("receipt", started=0), done_until="inbound", promised=600, queues={"suite": 900})
    moments, now = [], at(1)
    while now < at(600):
        now = judge(facts, now).next_at
        moments.append(now)
    assert at(432) in moments
    assert at(600) in moments


def behind(orders: int, pool="suite"):
    return CauseCount(PLANT, "leiden", "Leiden", pool, orders, at(400), orders, 0, orders)


def test_a_pool_is_one_alarm_from_three_orders_on():
    assert LEAST_ORDERS == 3
    assert line_causes([behind(2), behind(3, pool="qc_lane"), behind(40, pool="bench")]) == [
        LineCause(PLANT, "leiden", "Leiden", "bench", 40, at(400), 40, 0, 40),
        LineCause(PLANT, "leiden", "Leiden", "qc_lane", 3, at(400), 3, 0, 3),
    ]


def test_an_alarm_says_whose_forecast_it_is_and_of_doses_only_what_hangs_on_a_collection():
    def harm(orders: int, doses: int) -> str:
        cause = LineCause(PLANT, "leiden", "Leiden", "suite", orders, None, 0, doses, orders)
        return LineAlarm(cause, "Suites", None, []).harm_words

    own, collected = "4 orders are at risk by their own forecasts", "with their doses if cells are collected as planned"
    assert harm(4, 4) == f"{own}, all {collected}"
    assert harm(4, 1) == f"{own}, 1 of them {collected}"
    assert harm(4, 0) == own


def test_an_alarm_says_that_orders_wait_now_only_where_every_place_is_taken():
    def what(busy: int, queue: int) -> str:
        cause = LineCause(PLANT, "porto", "Porto", "suite", 4, None, 0, 4, 4)
        return LineAlarm(cause, "Suites", Places(busy, 21, queue), []).what

    assert what(21, 3) == "Waiting for Suites, Porto (21 of 21 places taken, 3 waiting now)"
    later = "Waiting later for Suites, Porto, as simulated last (now 7 of 21 places taken, "
    assert what(7, 1) == f"{later}1 waiting)"
    assert what(7, 0) == f"{later}nobody waits)"
