"""When simulated futures put the dose itself at risk, and what the flag then asks for."""

from dataclasses import replace

import pytest

from batches.flags.rules.judging import judge
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.ready import ready_of
from batches.judgement.rules.findings import hours
from batches.judgement.statuses import FlagCode
from supplychain.sentences import moment_mark
from tests.batches.builders import FLOW, an_order, at, running, waiting
from tests.batches.flags.foreseen import CLOSED, flag, order, said


def test_a_wait_that_may_run_out_puts_the_dose_at_risk():
    risky = said(
        p_wait_expires=0.26,
        evidence={
            "wait_expires": {"low": 0.22, "high": 0.3, "stage": "disposition"},
            "severities": {"dose_at_risk": "attention"},
        },
    )
    found = flag(order(risky), code=FlagCode.DOSE_AT_RISK)
    assert found.why == (
        "The permitted wait before Disposition may run out (26 %, range 22–30 %); that no dose comes: 3 %."
    )
    assert (found.severity, found.probability) == ("attention", 0.26)
    assert found.next_step == "QA: secure a place for Disposition before the limit, or ask QA beforehand."


NO_PLACE = {
    "wait_expires": {"low": 0.98, "high": 1.0, "stage": "selection"}, "severities": {"dose_at_risk": "critical"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("run", "severity", "next_hours"),
    [
        (waiting("collection"), "attention", 6),
        (waiting("collection", planned_start=15), "attention", 3),
        (waiting("collection", planned_start=13), "critical", None),
        (running("collection"), "critical", None),
    ],
    ids=["nothing booked", "booked for later", "booked within a shift", "begun"],
)
def test_before_cells_are_collected_nothing_is_dying(run, severity, next_hours):
    risky = said(p_wait_expires=1.0, p_no_dose=0.0, promised_at=None, p_late=None, evidence=NO_PLACE)
    facts = an_order(run, done_until="enrolment", prediction=risky, last_recorded=0)
    found = flag(facts, code=FlagCode.DOSE_AT_RISK)
    is_booked_later = next_hours == 3
    assert found.severity == severity
    assert (found.due is None) == (severity == "attention" and not is_booked_later)
    assert not is_booked_later or found.due == at(15)  # to be asked before that
    if run.started_at:
        assert "asks_first" not in found.evidence
        assert found.why.startswith("Cells are being collected although no place for Selection is sure: the permitted ")
        assert found.next_step.startswith(
            "Operations: call the centre now, and agree with QA how the cells are kept until there is a place for "
            "Selection. Operations: secure a place for Selection before the limit"
        )
        return
    assert found.evidence["asks_first"] == {"stage": "collection", "why": "no place for Selection is sure"}
    assert found.why.startswith("No cells are collected yet. If they were collected as foreseen: the permitted wait ")
    assert found.next_step == (
        "Coordinator: do not begin Collection before the plant says that a place for Selection is sure; "
        "Operations: find a place, or agree another date with the centre."
    )
    if next_hours:
        assert judge(facts, at(1)).next_at <= at(next_hours)


def test_no_dose_in_too_many_futures_puts_the_dose_at_risk():
    risky = said(p_no_dose=0.25, evidence={"severities": {"dose_at_risk": "attention"}})
    found = flag(order(risky), code=FlagCode.DOSE_AT_RISK)
    assert found.why == (
        "The dose may be lost (25 %, range 2–5 %): work fails with no attempt left, or the order is withdrawn."
    )


def test_a_wait_that_runs_out_says_so_too():
    facts = an_order(
        waiting("selection", ready=0), prediction=said(evidence={"closed": CLOSED | {"stage": "selection"}}),
        done_until="receipt", last_recorded=0,
    )  # fmt: skip
    facts = replace(facts, prediction=facts.prediction._replace(confirmed_at=at(29)))
    found = flag(facts, now=30, code=FlagCode.HOLD_EXPIRING)
    assert " 48 h are permitted, until " in found.why
    assert found.why.endswith("; Selection has no open place and no date is set for one.")


def test_the_flag_is_about_the_reason_that_stands():
    """P(wait) 0.06 stands since it was at 0.1; P(no dose) 0.15 never came to its threshold of 0.2."""
    facts = order(
        said(
            p_wait_expires=0.06,
            p_no_dose=0.15,
            evidence={
                "severities": {"dose_at_risk": "attention"},
                "dose_severities": {"wait_expires": "attention"},
                "wait_expires": {"low": 0.04, "high": 0.09, "stage": "disposition"},
            },
        )
    )
    found = flag(facts, code=FlagCode.DOSE_AT_RISK)
    assert (found.probability, found.why[:18]) == (0.06, "The permitted wait")


@pytest.mark.parametrize(("evidence", "runs", "latest"), [
    # The wait has not begun: its end as foreseen. Collection ends in hour 6, inbound takes 24 h.
    (NO_PLACE, (running("collection"),), "wait"),
    # No dose comes: what takes the time begins, or ends, where it is at work.
    ({"severities": {"dose_at_risk": "critical"}, "dose_severities": {"no_dose": "critical"}}, (), "work"),
], ids=["wait", "no dose"])  # fmt: skip
def test_a_critical_dose_at_risk_has_the_latest_moment_at_which_something_can_be_changed(evidence, runs, latest):
    risky = said(p_wait_expires=1.0 if runs else 0.0, p_no_dose=0.0 if runs else 1.0, promised_at=None, p_late=None,
                 evidence=evidence)  # fmt: skip
    facts = an_order(*runs, done_until="enrolment", prediction=risky, last_recorded=0) if runs else order(risky)
    outlook = forecast(facts, at(1))
    found = flag(facts, code=FlagCode.DOSE_AT_RISK)
    foreseen = {
        "wait": lambda: (
            outlook.legs["selection"].arrives.at(at(1)) + hours(FLOW.stages["selection"].longest_wait_hours)
        ),
        "work": lambda: outlook.legs["qc_release_tests"].ends.at(at(1)),
    }[latest]()
    assert (found.severity, found.due) == ("critical", foreseen)
    assert foreseen > at(1)
    assert f"that can be changed until {moment_mark(foreseen)}." in found.why


def test_a_date_that_most_futures_reach_only_with_cells_that_waited_too_long_says_so():
    for share, rests in ((1.0, "if the cells may still be used then"), (0.2, "")):
        facts = order(said(p_wait_expires=share))
        ready = ready_of(facts, forecast(facts, at(1)), at(1))
        assert ready.rests_on == rests
        assert (", if the cells may still be used then." in flag(facts).why) == bool(rests)
