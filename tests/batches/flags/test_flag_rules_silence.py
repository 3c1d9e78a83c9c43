"""Events that were expected and did not come."""

import pytest

from batches.flags.rules.silence import silent
from batches.judgement.rules.findings import NOTHING
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.sentences import moment_mark
from tests.batches.builders import (
    FLOW,
    a_run,
    an_order,
    at,
    hours_after_start,
    running,
    subjects,
    waiting,
)

SILENT = FlagCode.SILENT


@pytest.mark.parametrize(
    ("now", "severity", "next_hours"),
    [(13.9, None, 14), (14, Severity.ATTENTION, 34), (33.9, Severity.ATTENTION, 34), (34, Severity.CRITICAL, None)],
)
def test_an_appointment_that_nobody_reports_is_asked_after_four_hours(now, severity, next_hours):
    order = an_order(waiting("collection", ready=0, planned_start=10), done_until="enrolment", last_recorded=10)

    found = silent(order, at(now))

    assert subjects(found.findings) == ([(SILENT, "collection", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


@pytest.mark.parametrize(("now", "severity"), [(11.9, None), (12, Severity.ATTENTION), (22, Severity.CRITICAL)])
def test_a_pickup_is_asked_after_two_hours(now, severity):
    order = an_order(waiting("outbound", planned_pickup_at=10), done_until="disposition", last_recorded=10)

    assert subjects(silent(order, at(now)).findings) == ([(SILENT, "outbound", severity)] if severity else [])


@pytest.mark.parametrize(("now", "severity"), [(31.9, None), (32, Severity.ATTENTION), (42, Severity.CRITICAL)])
def test_a_delivery_that_nobody_reports_is_asked_after_two_hours(now, severity):
    order = an_order(running("outbound", planned_delivery_at=30), done_until="disposition", last_recorded=20)

    assert subjects(silent(order, at(now)).findings) == ([(SILENT, "outbound", severity)] if severity else [])


def test_it_says_what_was_expected_when_and_whom_to_ask():
    order = an_order(running("collection", planned_end=6), done_until="enrolment", last_recorded=0)

    (finding,) = silent(order, at(11)).findings

    due, until = moment_mark(at(6)), moment_mark(at(10))
    assert (
        finding.why == f"Collection was to be completed at {due} and nobody has said so (4 h allowed, until {until})."
    )
    assert finding.next_step == (
        "Site coordinator: ask whoever does it; report that it was completed, or its new time."
    )
    assert (finding.since, finding.due) == (at(10), at(10))
    assert finding.evidence == {
        "expected": "completed", "planned_at": at(6).isoformat(), "overdue_hours": 5.0, "grace_hours": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("run", "done_until", "allowed"),
    [
        (running("expansion"), "transduction", 264 + 24),
        (running("inbound"), "collection", 60 + 24),
        (waiting("enrolment"), "", 120 + 24),
    ],
)
def test_an_order_without_a_word_is_asked_after(run, done_until, allowed):
    order = an_order(run, done_until=done_until, last_recorded=100)

    before = silent(order, at(100 + allowed - 0.1))
    assert (subjects(before.findings), hours_after_start(before.next_at)) == ([], 100 + allowed)
    since = silent(order, at(100 + allowed))
    assert (subjects(since.findings), hours_after_start(since.next_at)) == (
        [(SILENT, "", Severity.ATTENTION)], 100 + 2 * allowed,
    )  # fmt: skip
    assert subjects(silent(order, at(100 + 2 * allowed)).findings) == [(SILENT, "", Severity.CRITICAL)]


def test_an_order_never_heard_of_counts_from_when_it_was_ordered():
    (finding,) = silent(an_order(waiting("enrolment"), status=OrderStatus.ORDERED), at(150)).findings

    since = moment_mark(at(0))
    assert finding.why == f"No word of this order since {since}, where news was due within 6 d; open: Enrolment."
    assert finding.since == at(144)


@pytest.mark.parametrize(
    ("run", "done_until"),
    [
        (waiting("collection"), "enrolment"),
        (waiting("selection"), "receipt"),
        (waiting("disposition"), "qc_release_tests"),
        (waiting("infusion"), "site_receipt"),
        (waiting("outbound"), "disposition"),
    ],
)
@pytest.mark.parametrize("queue", [0.0, 240.0])
def test_of_an_order_that_queues_for_a_place_nobody_owes_news(run, done_until, queue):
    order = an_order(run, done_until=done_until, queues={FLOW.stages[run.stage].pool: queue}, last_recorded=0)
    assert silent(order, at(5000)) == NOTHING


def test_what_queues_beside_work_lets_nobody_off():
    order = an_order(waiting("disposition"), running("sterility_final"), done_until="qc_release_tests", last_recorded=0)
    (finding,) = silent(order, at(400)).findings
    assert (finding.stage, finding.evidence["stages"], finding.evidence["allowed_hours"]) == (
        "", ["sterility_final"], 384,
    )  # fmt: skip


def test_a_booked_start_far_ahead_explains_the_silence():
    order = an_order(waiting("collection", planned_start=500), done_until="enrolment", last_recorded=0)

    found = silent(order, at(400))

    assert (subjects(found.findings), hours_after_start(found.next_at)) == ([], 504)


def test_cells_that_run_out_of_time_make_a_silence_critical_and_due_by_their_limit():
    # Nobody said that the courier came at hour 14; the cells may wait until hour 24.
    order = an_order(waiting("inbound", ready=0, planned_pickup_at=14), done_until="collection", last_recorded=1)
    (finding,) = silent(order, at(16)).findings
    assert (finding.severity, finding.due, finding.since) == (Severity.CRITICAL, at(24), at(16))
    until = moment_mark(at(24))
    assert finding.why.endswith(
        f" and nobody has said so (2 h allowed, until {moment_mark(at(16))}); the limit of the cells passes at {until}."
    )
    assert finding.next_step == (
        f"Operations: now, well before {until} when the time of the cells ends, ask whoever does it; report that "
        "it was started, or its new time."
    )
    assert finding.evidence["limit_of_the_cells"] == at(24).isoformat()
    past = silent(order, at(25)).findings[0]
    assert past.next_step.startswith("QA: decide whether the cells may still be used; Operations: ask whoever does it")
    assert past.why.endswith(f"the limit of the cells passed at {until}.")


def test_a_shipper_that_stays_cold_for_long_presses_once_three_days_are_left():
    order = an_order(
        running("outbound", planned_delivery_at=30, qualified_until=110), done_until="disposition", last_recorded=20
    )
    early, late = silent(order, at(37)), silent(order, at(38))
    assert (early.findings[0].severity, early.findings[0].due) == (Severity.ATTENTION, at(32))
    assert hours_after_start(early.next_at) == 38
    assert (late.findings[0].severity, late.findings[0].due) == (Severity.CRITICAL, at(110))


def test_a_transport_that_is_silent_presses_for_its_cold_without_a_plan_too():
    order = an_order(running("inbound", qualified_until=100), done_until="collection", last_recorded=0)
    (finding,) = silent(order, at(90)).findings
    assert (finding.stage, finding.severity, finding.due) == ("", Severity.CRITICAL, at(100))


def test_a_stage_asked_after_is_not_asked_after_twice():
    order = an_order(waiting("collection", planned_start=10), done_until="enrolment", last_recorded=0)

    assert subjects(silent(order, at(300)).findings) == [(SILENT, "collection", Severity.CRITICAL)]


def test_a_hold_explains_the_silence():
    held = a_run("expansion", StageStatus.HELD, started=0, held=5, planned_end=20)

    assert silent(an_order(held, done_until="transduction", last_recorded=5), at(2000)) == NOTHING
    order = an_order(waiting("selection", planned_start=3), done_until="receipt", last_recorded=5, held=5)
    assert silent(order, at(2000)) == NOTHING


def test_where_nothing_can_go_on_nobody_is_asked():
    assert silent(an_order(done_until="infusion", status=OrderStatus.INFUSED), at(9000)) == NOTHING


@pytest.mark.parametrize(
    ("now", "dose", "severity", "next_hours"),
    [
        (71, [], None, 72),
        (72, [], Severity.ATTENTION, None),
        (80, [running("outbound", 79)], Severity.CRITICAL, 200),
        (78, [running("outbound", 79)], Severity.ATTENTION, 79),
    ],
)
def test_a_final_test_that_nobody_began_is_asked_after(now, dose, severity, next_hours):
    order = an_order(waiting("sterility_final", ready=0), *dose, done_until="harvest", last_recorded=now)
    found = silent(order, at(now))
    assert subjects(found.findings) == ([(SILENT, "sterility_final", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


def test_what_a_final_test_waits_for_is_said():
    order = an_order(waiting("sterility_final", ready=0), done_until="harvest", last_recorded=100)
    (finding,) = silent(order, at(100)).findings
    assert finding.why == (
        f"Sterility final could have begun since {moment_mark(at(0))} and nobody has reported that it has: "
        "no result of it can come."
    )
    assert finding.next_step == "QA: find out whether Sterility final runs; report its start, or begin it now."
    booked = an_order(waiting("sterility_final", planned_start=500), done_until="harvest", last_recorded=100)
    assert silent(booked, at(100)).findings == []
    queued = an_order(waiting("sterility_final"), done_until="harvest", last_recorded=100,
                      queues={FLOW.stages["sterility_final"].pool: 240.0})  # fmt: skip
    assert silent(queued, at(100)).findings == []
