"""Waits that run out and holds that nobody ends."""

from dataclasses import replace

import pytest

from batches.flags.rules.holds import on_hold
from batches.flags.rules.judging import judge
from batches.flags.rules.steps import held_time
from batches.flags.rules.waiting import hold_expiring
from batches.judgement.rules.findings import NOTHING
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import StageStatus
from supplychain.sentences import moment_mark
from tests.batches.builders import (
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

HOLD = FlagCode.HOLD_EXPIRING
MINUTE = 1 / 60


@pytest.mark.parametrize(
    ("now", "severity", "next_hours"),
    [
        (0, None, 24),
        (24 - MINUTE, None, 24),
        (24, Severity.ATTENTION, 36),
        (36 - MINUTE, Severity.ATTENTION, 36),
        (36, Severity.CRITICAL, 48),
        (48, Severity.CRITICAL, None),
        (500, Severity.CRITICAL, None),
    ],
)
def test_a_wait_of_48_hours_warns_at_half_and_a_shift_before_its_end(now, severity, next_hours):
    found = hold_expiring(an_order(waiting("selection", ready=0), done_until="receipt"), at(now))

    assert subjects(found.findings) == ([(HOLD, "selection", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


def test_it_says_how_long_by_when_and_whom_to_ask():
    (finding,) = hold_expiring(an_order(waiting("selection"), done_until="receipt"), at(31)).findings

    since, until = moment_mark(at(0)), moment_mark(at(48))
    assert finding.why == f"Selection has waited since {since}; 48 h are permitted, until {until}."
    assert finding.next_step == f"Operations: start Selection by {until}, or ask QA before then."
    assert (finding.since, finding.due, finding.moves) == (at(24), at(48), True)
    assert finding.evidence == {
        "waiting_since": at(0).isoformat(),
        "deadline": at(48).isoformat(),
        "limit_from": "longest_wait",
        "limit_hours": 48.0,
        "gist": "within the limit",
    }


def test_past_the_limit_qa_decides():
    (finding,) = hold_expiring(an_order(waiting("selection"), done_until="receipt"), at(50)).findings

    since, until = moment_mark(at(0)), moment_mark(at(48))
    assert finding.why == f"Selection has waited since {since}, only 48 h were permitted, until {until}."
    assert finding.next_step.startswith("QA: decide whether the cells may still be used")


@pytest.mark.parametrize(
    ("now", "severity", "next_hours"),
    [
        (8760 - 14 * 24 - 1, None, 8760 - 14 * 24),
        (8760 - 14 * 24, Severity.ATTENTION, 8760 - 72),
        (8760 - 72, Severity.CRITICAL, 8760),
    ],
)
def test_a_wait_of_a_year_warns_a_fortnight_and_three_days_before_its_end(now, severity, next_hours):
    found = hold_expiring(an_order(waiting("infusion"), done_until="site_receipt"), at(now))

    assert subjects(found.findings) == ([(HOLD, "infusion", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


@pytest.mark.parametrize(("now", "severity", "next_hours"), [(0.99, None, 1), (1, Severity.CRITICAL, None)])
def test_a_stage_that_must_follow_at_once_is_given_an_hour_to_be_reported(now, severity, next_hours):
    found = hold_expiring(an_order(waiting("expansion"), done_until="transduction"), at(now))

    assert subjects(found.findings) == ([(HOLD, "expansion", severity)] if severity else [])
    assert hours_after_start(found.next_at) == next_hours


def test_a_stage_that_must_follow_at_once_says_so():
    (finding,) = hold_expiring(an_order(waiting("expansion"), done_until="transduction"), at(3)).findings

    assert finding.why == f"Expansion has waited since {moment_mark(at(0))}, but must follow at once."


def test_a_limit_of_four_hours_warns_before_it_passes():
    order = an_order(waiting("transduction"), done_until="selection")

    assert hold_expiring(order, at(1.9)).findings == []
    # It ends within the shift: whatever is flagged of it has to be done now.
    assert subjects(hold_expiring(order, at(2)).findings) == [(HOLD, "transduction", Severity.CRITICAL)]


def test_any_wait_is_permitted_where_the_flow_names_no_limit():
    assert hold_expiring(an_order(waiting("disposition"), done_until="qc_release_tests"), at(9000)) == NOTHING


def test_at_the_infusion_site_the_shippers_cold_is_the_limit():
    order = an_order(completed("outbound", 0, qualified_until=100), waiting("site_receipt", ready=0))

    found = hold_expiring(order, at(60))

    (finding,) = found.findings
    assert (finding.severity, finding.due, finding.evidence["limit_from"]) == (
        Severity.ATTENTION, at(100), "qualified_until",
    )  # fmt: skip
    assert finding.why == (
        f"Site receipt: the shipper's guaranteed cold ends at {moment_mark(at(100))}, after 4 d 4 h in all."
    )
    assert hours_after_start(found.next_at) == 80


def test_at_the_plant_the_earlier_of_wait_and_cold_counts():
    def due(qualified_until: float) -> object:
        order = an_order(completed("inbound", 0, qualified_until=qualified_until), waiting("receipt", ready=0))
        return hold_expiring(order, at(500)).findings[0].due

    assert (due(5), due(50)) == (at(5), at(12))


def test_in_custody_the_shippers_cold_replaces_the_wait_of_the_plan():
    order = an_order(completed("outbound", 0, qualified_until=200), waiting("site_receipt", ready=0))
    receipt = order.stages["site_receipt"]
    stages = {**order.stages, "site_receipt": receipt._replace(plan=replace(receipt.plan, longest_wait_hours=24))}

    assert hold_expiring(replace(order, stages=stages), at(150)).findings[0].due == at(200)


def test_a_dose_under_way_is_warned_of_before_its_cold_ends():
    order = an_order(running("outbound", started=0, qualified_until=240), done_until="disposition")

    assert subjects(hold_expiring(order, at(119)).findings) == []
    assert subjects(hold_expiring(order, at(120)).findings) == [(HOLD, "outbound", Severity.ATTENTION)]
    (finding,) = hold_expiring(order, at(241)).findings
    assert finding.severity == Severity.CRITICAL
    ended = moment_mark(at(240))
    assert finding.why == f"Outbound: the shipper's guaranteed cold ended at {ended} and the cells are still in it."


def test_cold_that_ended_before_the_dose_arrived_is_critical_at_once():
    order = an_order(completed("outbound", 10, qualified_until=5), waiting("site_receipt", ready=10))

    assert subjects(hold_expiring(order, at(10)).findings) == [(HOLD, "site_receipt", Severity.CRITICAL)]


def test_a_hold_does_not_stop_the_clock_of_the_cells():
    held = a_run("selection", StageStatus.HELD, ready=0, held=1)

    found = hold_expiring(an_order(held, done_until="receipt"), at(40))

    assert subjects(found.findings) == [(HOLD, "selection", Severity.CRITICAL)]


def test_a_moment_that_cannot_be_read_is_raised_not_passed_over():
    unreadable = completed("outbound", 0)._replace(qualified_until="tomorrow")

    with pytest.raises(ValueError, match="tomorrow"):
        hold_expiring(an_order(unreadable, waiting("site_receipt")), at(1))


@pytest.mark.parametrize(("now", "severity", "next_hours"), [
    (5, Severity.ATTENTION, 77), (76.9, Severity.ATTENTION, 77), (77, Severity.CRITICAL, None),
])  # fmt: skip
def test_a_held_order_is_noted_at_once_and_critical_after_three_days(now, severity, next_hours):
    found = on_hold(an_order(waiting("disposition"), done_until="qc_release_tests", held=5), at(now))

    assert subjects(found.findings) == [(FlagCode.ON_HOLD, "", severity)]
    assert hours_after_start(found.next_at) == next_hours


def test_every_held_stage_is_named():
    held = a_run("expansion", StageStatus.HELD, started=0, held=10)

    found = on_hold(an_order(held, done_until="transduction", held=20), at(30))

    assert [(one.stage, one.why) for one in found.findings] == [
        ("", f"The order has been on hold since {moment_mark(at(20))}; a hold is to be decided within 3 d."),
        ("expansion", f"Expansion has been on hold since {moment_mark(at(10))}; a hold is to be decided within 3 d."),
    ]
    assert hours_after_start(found.next_at) == 82


def test_an_order_that_is_not_held_has_nothing_to_decide():
    assert on_hold(an_order(running("expansion"), done_until="transduction"), at(900)) == NOTHING


def test_a_new_attempt_from_stored_cells_is_not_held_to_the_wait_of_fresh_ones():
    order = an_order(waiting("selection", attempt=2), done_until="receipt", attempt=2)
    assert hold_expiring(order, at(500)) == NOTHING

    further = an_order(completed("selection", attempt=2), waiting("transduction", attempt=2), done_until="receipt")
    assert subjects(hold_expiring(further, at(2)).findings) == [(HOLD, "transduction", Severity.CRITICAL)]


def test_a_limit_that_has_passed_is_another_fact_than_one_that_is_near():
    order = an_order(waiting("selection"), done_until="receipt")

    gists = [hold_expiring(order, at(hours)).findings[0].gist for hours in (39, 47.9, 48, 60)]

    assert gists == ["within the limit", "within the limit", "the limit has passed", "the limit has passed"]


def test_a_forecast_of_an_order_on_hold_says_that_it_counts_the_hold_as_lifted():
    order = an_order(running("expansion"), done_until="transduction", promised=300, held=1, last_recorded=0)
    (promise,) = [one for one in judge(order, at(2)).findings if one.code == FlagCode.PROMISE_AT_RISK]
    assert promise.why.startswith("If the hold were lifted now: likely late, about ")
    assert promise.evidence["assumes"] == "if the hold were lifted now"


def test_an_order_on_hold_has_one_instruction_and_so_has_one_that_failed():
    held = an_order(running("expansion"), done_until="transduction", promised=300, held=1, last_recorded=0)
    lost = an_order(failed("qc_release_tests"), done_until="harvest", promised=200)
    for order, code in ((held, FlagCode.ON_HOLD), (lost, FlagCode.STAGE_FAILED)):
        steps = {one.code: one.next_step for one in judge(order, at(100)).findings}
        assert steps[FlagCode.PROMISE_AT_RISK] == steps[code]
    assert steps[FlagCode.STAGE_FAILED] == (
        "QA: agree with the treating physician what follows; Operations: begin a new attempt, from stored cells if any "
        "are left, else from a new collection, or cancel."
    )


def test_of_a_date_that_has_passed_the_centre_is_told_whatever_is_decided_first():
    told = "; Operations: tell the treatment centre that the date has passed, and agree a new one now."
    held = an_order(running("expansion"), done_until="transduction", promised=50, held=60, last_recorded=0)
    lost = an_order(failed("qc_release_tests"), done_until="harvest", promised=50)
    for order, code in ((held, FlagCode.ON_HOLD), (lost, FlagCode.STAGE_FAILED)):
        steps = {one.code: one.next_step for one in judge(order, at(100)).findings}
        assert steps[FlagCode.PROMISE_AT_RISK] == steps[code].rstrip(".") + told


@pytest.mark.parametrize(("held_at", "is_cause"), [(40, True), (60, False)])
def test_a_hold_is_no_cause_of_a_date_that_had_passed_before_it(held_at, is_cause):
    order = an_order(running("expansion"), done_until="transduction", promised=50, held=held_at, last_recorded=0)
    assert bool(held_time(order)) is is_cause
    run = a_run("expansion", StageStatus.HELD, started=1, held=held_at)
    assert bool(held_time(an_order(run, done_until="transduction", promised=50))) is is_cause
