"""Stages that take too long, and stages that failed."""

import pytest

from batches.flags.rules.harm import with_harm
from batches.flags.rules.working import stage_failed, stage_late
from batches.judgement.rules.facts import LateFailure
from batches.judgement.rules.findings import NOTHING
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.sentences import moment_mark
from tests.batches.builders import (
    FLOW,
    a_run,
    an_order,
    at,
    completed,
    failed,
    hours_after_start,
    running,
    subjects,
    waiting,
)

LATE, FAILED = FlagCode.STAGE_LATE, FlagCode.STAGE_FAILED


@pytest.mark.parametrize(
    ("now", "severity", "next_hours"),
    [
        (10, None, 178),
        (177.9, None, 178),
        (178, Severity.ATTENTION, 274),
        (273.9, Severity.ATTENTION, 274),
        (274, Severity.CRITICAL, None),
    ],
)
def test_a_stage_is_late_past_its_plan_and_critical_past_its_worst_case(now, severity, next_hours):
    found = stage_late(an_order(running("expansion", started=10), done_until="transduction"), at(now))

    assert subjects(found.findings) == ([(LATE, "expansion", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


def test_it_says_how_long_it_has_run_and_what_was_planned():
    (finding,) = stage_late(an_order(running("receipt"), done_until="inbound"), at(7)).findings

    since = moment_mark(at(0))
    assert finding.why == f"Receipt has run since {since}; 4 h were planned and 12 h are the worst case."
    assert finding.next_step == "Operations: find out what holds it up; report its end, or its new time."
    assert (finding.since, finding.due) == (at(4), at(12))
    assert finding.evidence == {
        "started_at": at(0).isoformat(), "running_hours": 7.0, "planned_hours": 4, "worst_hours": 12,
    }  # fmt: skip


def test_two_running_stages_are_judged_each_for_itself():
    order = an_order(running("qc_release_tests"), running("sterility_final"), done_until="harvest")

    found = stage_late(order, at(241))

    assert subjects(found.findings) == [(LATE, "qc_release_tests", Severity.CRITICAL)]
    assert hours_after_start(found.next_at) == 336


def test_a_held_stage_is_not_late():
    held = a_run("expansion", StageStatus.HELD, started=0, held=5)

    assert stage_late(an_order(held, done_until="transduction"), at(900)) == NOTHING


def test_a_late_result_after_infusion_is_still_waited_for():
    order = an_order(running("sterility_final", started=0), done_until="harvest", status=OrderStatus.INFUSED)

    assert subjects(stage_late(order, at(361)).findings) == [(LATE, "sterility_final", Severity.CRITICAL)]


def test_a_failed_stage_is_critical_until_an_attempt_takes_it_back():
    found = stage_failed(an_order(failed("expansion", 50, attempt=2), attempt=2), at(60))

    assert subjects(found.findings) == [(FAILED, "expansion", Severity.CRITICAL)]
    (finding,) = found.findings
    assert finding.why == "Expansion failed (attempt 2)."
    assert (finding.since, finding.due, found.next_at) == (at(50), None, None)


@pytest.mark.parametrize(
    ("done_until", "runs", "why", "dose"),
    [
        ("qc_release_tests", [], "Sterility final failed (attempt 1).", None),
        (
            "disposition",
            [],
            "Sterility final failed and the dose is already released, 2026-03-02T08:00Z.",
            "released",
        ),
        (
            "disposition",
            [running("outbound", started=5)],
            "Sterility final failed and the dose has already left the plant, 2026-03-02T13:00Z.",
            "left",
        ),
        (
            "site_receipt",
            [waiting("infusion", ready=0)],
            "Sterility final failed and the dose is at the infusion site, received 2026-03-02T08:00Z.",
            "left",
        ),
        (
            "site_receipt",
            [running("infusion", started=8)],
            "Sterility final failed and the dose is being given and no end of that is reported, infusion begun "
            "2026-03-02T16:00Z.",
            "given",
        ),
    ],
)
def test_a_late_test_that_fails_says_where_the_dose_is(done_until, runs, why, dose):
    order = an_order(failed("sterility_final", 10), *runs, done_until=done_until)

    (finding,) = stage_failed(order, at(20)).findings

    assert (finding.severity, finding.why, finding.evidence.get("dose")) == (Severity.CRITICAL, why, dose)


def test_a_dose_reported_as_given_later_than_now_is_not_told_as_given():
    order = an_order(failed("sterility_final", 10), running("infusion", started=30), done_until="site_receipt")

    found = stage_failed(order, at(20))

    (finding,) = found.findings
    assert "the dose is at the infusion site, received 2026-03-02T08:00Z, and is reported as given at" in finding.why
    assert "at 2026-03-03T14:00Z, which is still to come" in finding.why
    assert (finding.evidence["dose"], found.next_at) == ("left", at(30))
    ranked = with_harm(order, [finding], at(20))
    assert (ranked.findings[0].harm, ranked.next_at) == (Harm.DOSE_TO_STOP, at(30))


def test_a_dose_given_from_a_failed_attempt_stays_an_alarm_in_the_next_attempt():
    late = LateFailure(FLOW.stages["sterility_final"], 1, at(400), at(380))
    order = an_order(attempt=2, status=OrderStatus.INFUSED, late_failures=(late,))

    (finding,) = stage_failed(order, at(500)).findings

    assert (finding.code, finding.stage, finding.severity) == (FAILED, "sterility_final", Severity.CRITICAL)
    assert "has already been given" in finding.why
    assert finding.evidence == {
        "failed_at": at(400).isoformat(),
        "attempt": 1,
        "dose": "given",
        "gist": "attempt 1, dose given",
    }


def test_a_dose_given_from_a_failed_attempt_outweighs_a_failure_of_the_same_test_now():
    late = LateFailure(FLOW.stages["sterility_final"], 1, at(400), at(380))
    order = an_order(failed("sterility_final", 900, attempt=2), attempt=2, late_failures=(late,))

    (finding,) = stage_failed(order, at(901)).findings

    assert finding.evidence["dose"] == "given"


def test_nothing_failed_nothing_found():
    assert stage_failed(an_order(completed("enrolment")), at(5)) == NOTHING
