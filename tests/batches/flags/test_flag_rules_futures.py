"""The flags that rest on simulated futures: what they say, and when they leave it to the slack."""

from dataclasses import replace
from datetime import UTC

import pytest

from batches.flags.rules.centre_words import next_for_centre
from batches.flags.rules.judging import judge
from batches.flags.rules.limits import left_words
from batches.judgement.statuses import FlagCode, Remedy
from supplychain.orders.statuses import OrderStatus
from supplychain.sentences import moment_mark, said_in
from tests.batches.builders import a_run, an_order, at, failed, running, subjects, waiting
from tests.batches.flags.foreseen import CLOSED, flag, order, said

RESCUE = {
    "kind": "goes_first", "stage": "disposition", "cost": 1, "late_before": 0.62, "late": 0.12, "helps": True,
    "worst_before": 0.1, "worst_after": 0.18,
}  # fmt: skip


def test_the_flag_says_what_share_is_late_why_and_when():
    found = flag(order(said()))
    assert said_in(found.why, UTC, at(1)) == (
        "Likely late (62 %), about 20 hours; main cause: waiting for Qc release tests. Ready: most likely 9–15 Mar, "
        "promised 10 Mar. Not critical: it waits for a place; a new date is to be agreed by 3 Mar."
    )
    assert (found.severity, found.probability, found.due) == ("attention", 0.62, at(32))
    assert found.evidence["slack_hours"] == -20


def test_what_has_not_begun_is_not_asked_what_holds_it_up():
    longer = {"stage": "disposition", "excess_hours": 40.0, "wait_hours": 1.0, "work_hours": 64.0}
    ahead = flag(order(said(evidence={"contributes": longer})))
    assert "main cause: Disposition is likely to take longer than planned" in ahead.why
    assert ahead.next_step.startswith("QA: ask whether Disposition can be done faster; ")
    early = an_order(waiting("collection"), done_until="enrolment", promised=200, last_recorded=0,
                     prediction=said(evidence={"contributes": longer}))  # fmt: skip
    assert flag(early).next_step.startswith("Operations: ask the treatment centre whether Collection can be earlier; ")
    tests = order(said(evidence={"contributes": longer | {"stage": "qc_release_tests"}}))
    begun = flag(tests)
    assert "main cause: Qc release tests are likely to take longer than planned" in begun.why
    assert begun.next_step.startswith("QA: ask when Qc release tests will end; ")
    long_at_work = running("qc_release_tests", started=-tests.stages["qc_release_tests"].plan.planned_hours)
    over = flag(
        an_order(long_at_work, done_until="harvest", promised=200, last_recorded=0, prediction=tests.prediction)
    )
    assert "main cause: Qc release tests take longer than planned" in over.why
    assert over.next_step.startswith("QA: ask what holds up Qc release tests and when it ends; ")


def test_what_is_booked_for_after_the_promise_is_why_it_is_at_risk():
    moving = running("outbound", started=0, planned_end=212.75)
    values = {"done_until": "disposition", "promised": 200, "last_recorded": 0}
    for prediction in (said(evidence={"contributes": {"stage": "outbound", "excess_hours": 3.0}}), None):
        found = flag(an_order(moving, prediction=prediction, **values), now=1 if prediction else 180)
        why = said_in(found.why, UTC, at(1))
        assert "; Outbound is booked to end 11 Mar 2026 04:45 UTC, after the promised date. Ready: " in why
        assert found.next_step.startswith("Operations: ask whether Outbound can end earlier than booked; ")


def test_what_is_booked_for_after_the_promise_waits_for_no_place():
    booked = waiting("outbound", planned_start=212, planned_end=236)
    longer = {"stage": "outbound", "excess_hours": 30.0, "wait_hours": 30.0, "work_hours": 24.0}
    facts = an_order(booked, done_until="disposition", promised=200, last_recorded=0,
                     prediction=said(evidence={"contributes": longer}))  # fmt: skip
    found = flag(facts)
    why = said_in(found.why, UTC, at(1))
    assert "Outbound is booked to start 11 Mar 2026 04:00 UTC, after the promised date" in why
    assert "it waits for a place" not in found.why
    assert (found.remedy, found.cause) == (Remedy.OWN, "")


def test_a_test_that_may_end_later_and_a_transport_that_was_left_are_no_late_bookings():
    values = {"promised": 200, "last_recorded": 0, "prediction": said()}
    tests = running("qc_release_tests", 0), running("sterility_final", 0, planned_end=400)
    assert "booked to end" not in flag(an_order(*tests, done_until="harvest", **values)).why
    left = running("outbound", 0, planned_end=300), running("site_receipt", 0.5)
    assert "booked to end" not in flag(an_order(*left, done_until="disposition", **values)).why


@pytest.mark.parametrize("is_simulated", [True, False])
@pytest.mark.parametrize("now", [190, 205])
def test_of_a_delivered_dose_only_the_receipt_by_its_centre_is_left(is_simulated, now):
    rescue = {"rescue": {"found": RESCUE, "tried": [RESCUE]}}
    values = {"promised": 200, "last_recorded": 188, "prediction": said(now, evidence=rescue) if is_simulated else None}
    delivered = an_order(waiting("site_receipt", 189), done_until="outbound", **values)
    asks = "the dose has been delivered, and Site receipt is all that is left; report it as soon as it is done."
    assert flag(delivered, now).next_step == f"Site coordinator: {asks}"
    assert next_for_centre("promise_at_risk", flag(delivered, now).next_step) == f"T{asks[1:]}"
    for elsewhere in (
        an_order(waiting("site_receipt", now + 1), done_until="outbound", **values),
        an_order(running("outbound", 180), done_until="disposition", **values),
    ):
        assert "delivered" not in flag(elsewhere, now).next_step


def test_the_next_step_names_the_rescue_and_what_it_does_to_another():
    found = flag(order(said(evidence={"rescue": {"found": RESCUE, "tried": [RESCUE]}})))
    assert found.next_step == (
        "Operations: let it go first in the queues from Disposition on: then may be late (12 %); another order "
        "becomes more likely to be late: 10 % before, 18 % then."
    )


def test_that_no_rescue_was_found_is_said_plainly():
    tried = RESCUE | {"late": 0.5, "helps": False}
    found = flag(order(said(evidence={"rescue": {"found": None, "tried": [tried]}})))
    assert said_in(found.next_step, UTC, at(1)) == (
        "Operations: no single rescue is enough; the best, let it go first in the queues from Disposition on, leaves "
        "a chance of 50 % that it is late. Agree a new date with the treatment centre by 3 Mar."
    )


def test_a_probability_below_its_threshold_raises_nothing_whatever_the_slack():
    calm = said(p_late=0.1, evidence={"severities": {}})
    assert flag(order(calm), now=1) is None
    assert flag(order(None), now=1) is not None  # by slack alone it would be raised


@pytest.mark.parametrize(
    "doubtful",
    [said(confirmed=-5), said(is_used=False)],
    ids=["old", "not in use"],
)
def test_the_slack_decides_where_the_futures_do_not_count(doubtful):
    found = flag(order(doubtful), now=1)
    assert found.probability is None
    assert "by usual durations" in found.why


@pytest.mark.parametrize(
    "silent",
    [said(promised_at=at(300)), said(p_late=None, evidence={"late": None})],
    ids=["another promise", "no dose"],
)
def test_the_median_decides_where_the_futures_say_when_but_not_how_likely_late(silent):
    found = flag(order(silent), now=1)
    assert (found.severity, found.probability, found.evidence["slack_hours"]) == ("attention", None, -20)
    assert found.evidence["likely"] == "critical"
    assert found.why.startswith("Likely late, about 20 hours; ")
    assert "Ready: most likely 9–15 Mar, promised 10 Mar." in said_in(found.why, UTC, at(1))


def test_where_no_date_can_be_foreseen_that_is_said():
    lost = said(ready_low=None, ready_median=None, ready_high=None, p_late=None, evidence={"late": None})
    found = flag(order(lost), now=1)
    assert (found.evidence["likely"], found.why[:30]) == ("critical", "No date can be foreseen; longe")


def test_the_verdict_is_good_until_the_prediction_is_six_hours_old():
    verdict = judge(order(said()), at(1))
    assert verdict.next_at <= at(6)
    assert subjects(judge(order(said()), at(5.9)).findings) == subjects(verdict.findings)


def test_the_flags_say_that_a_pool_is_closed_and_until_when():
    risky = {
        "wait_expires": {"low": 0.99, "high": 1.0, "stage": "disposition"},
        "severities": {"dose_at_risk": "critical", "promise_at_risk": "critical"},
    }
    shut = order(said(p_wait_expires=1.0, p_no_dose=1.0, evidence=risky | {"closed": CLOSED}))
    assert flag(shut, code=FlagCode.DOSE_AT_RISK).why.startswith(
        "The permitted wait before Disposition will very likely run out (100 %, range 99–100 %); that no dose comes: "
        "100 %; Disposition has no open place and no date is set for one."
    )
    until = CLOSED | {"opens_at": at(60 * 24).isoformat()}
    found = flag(order(said(p_wait_expires=1.0, p_no_dose=0.0, evidence=risky | {"closed": until})))
    assert "main cause: Disposition has no open place until 1 May 2026." in said_in(found.why, UTC)


def test_a_dose_that_never_comes_for_a_closed_pool_is_flagged_without_a_limit_and_a_promise():
    evidence = {
        "no_dose": {"low": 0.99, "high": 1.0}, "closed": CLOSED,
        "severities": {"dose_at_risk": "critical"}, "dose_severities": {"no_dose": "critical"},
    }  # fmt: skip
    never = said(p_late=None, promised_at=None, p_no_dose=1.0, evidence=evidence)
    found = flag(replace(order(never), promised_at=None), code=FlagCode.DOSE_AT_RISK)
    assert found.why == (
        "The dose will very likely be lost (100 %, range 99–100 %): Disposition has no open place and no date is set "
        f"for one. As foreseen that can be changed until {moment_mark(found.due)}."
    )
    assert found.next_step == (
        "Operations: set the date from which there is a place for Disposition again, or agree with the site "
        "coordinator what else can be done."
    )


def test_an_infused_order_has_no_futures_left():
    risky = said(evidence={"severities": {"dose_at_risk": "attention"}})
    assert flag(order(risky, status=OrderStatus.INFUSED), code=FlagCode.DOSE_AT_RISK) is None


def test_a_stage_that_cannot_make_up_the_lateness_is_neither_cause_nor_asked_for():
    longer = {"stage": "disposition", "excess_hours": 40.0, "wait_hours": 1.0, "work_hours": 64.0}
    late = said(ready_median=at(200 + 190), ready_high=at(450), evidence={"contributes": longer})
    found = flag(order(late))
    assert "no single stage makes up most of it" in found.why
    assert found.next_step.startswith("Operations: nothing done about one stage alone brings the date back; agree ")
    assert "Disposition" not in found.why + found.next_step


@pytest.mark.parametrize(("held_at", "cause"), [
    (0, "; Disposition has been on hold for 1 h so far. Ready: "),
    (-41, "; main cause: Disposition has been on hold for 42 h. Ready: "),
])  # fmt: skip
def test_a_hold_that_counts_as_lifted_is_a_cause_by_the_time_that_was_lost(held_at, cause):
    """Of work that is done nothing is waited for any more."""
    held = a_run("disposition", "held", ready=held_at, held=held_at)
    facts = an_order(held, done_until="qc_release_tests", promised=200, last_recorded=0, prediction=said())
    found = flag(facts)
    assert cause in found.why
    assert "waiting for" not in found.why


def test_under_the_condition_that_the_hold_were_lifted_what_the_futures_name_is_the_cause():
    longer = {"stage": "qc_release_tests", "excess_hours": 40.0, "wait_hours": 0.0, "work_hours": 178.0}
    facts = order(said(evidence={"contributes": longer}), held=0)
    found = flag(facts, now=1)
    cause = "main cause: Qc release tests are likely to take longer than planned"
    assert f"{cause}; the order has been on hold for 1 h so far." in found.why


def test_a_hold_of_the_whole_order_is_no_main_cause_where_no_single_stage_is():
    longer = {"stage": "qc_release_tests", "excess_hours": 40.0, "wait_hours": 0.0, "work_hours": 178.0}
    late = said(ready_median=at(200 + 390), ready_high=at(650), evidence={"contributes": longer})
    found = flag(order(late, held=0), now=1)
    assert "main cause: the order" not in found.why
    assert "; the order has been on hold for 1 h so far." in found.why


def test_who_named_a_date_is_not_told_that_it_passed():
    over = order(said(199.5), is_promised=False)
    found = flag(over, 201)
    assert found.why.startswith("The wanted date has passed")
    assert "confirm the order with a date that can be kept, or refuse it" in found.next_step
    assert "tell the treatment centre" not in found.next_step


def test_a_promise_that_has_passed_is_no_chance():
    found = flag(order(said(confirmed=200)), now=201)
    assert (found.probability, left_words(found.code, found.due, found.probability, at(201))) == (
        1.0, "the date has passed",
    )  # fmt: skip
    always = flag(order(said(p_late=1.0)))
    assert left_words(always.code, always.due, always.probability, at(1)) == "very likely late (over 99 %)"


def test_work_that_failed_does_not_take_longer_it_is_still_to_be_done_again():
    longer = {"stage": "qc_release_tests", "excess_hours": 40.0, "wait_hours": 1.0, "work_hours": 200.0}
    prediction = said(evidence={"contributes": longer})
    facts = an_order(
        failed("qc_release_tests", -300), done_until="harvest", promised=200, last_recorded=0, prediction=prediction
    )
    assert "main cause: Qc release tests are likely to take longer than planned" in flag(facts).why
