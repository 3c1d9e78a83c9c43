"""A hold: by when it must be decided, and the one thing that every flag about it asks for."""

import pytest

from batches.flags.rules.holds import on_hold
from batches.flags.rules.judging import judge
from batches.flags.rules.waiting import hold_expiring
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.sentences import moment_mark
from tests.batches.builders import a_run, an_order, at, hours_after_start, running, waiting

HOLD = FlagCode.HOLD_EXPIRING
ASKED_BY_CENTRE = ChangeRequest("e", "hold", "too_ill", "", at(0), outcome="agreed")


def test_a_flag_about_a_hold_says_why_it_was_put_on():
    run = a_run("selection", StageStatus.HELD, ready=0, held=30)._replace(held_reason="Bag  leaks")
    order = an_order(run, done_until="receipt")
    (hold,) = on_hold(order, at(39)).findings
    assert hold.why.startswith(f"Selection has been on hold since {moment_mark(at(30))} (“Bag leaks”); the limit")
    assert hold.evidence["reason"] == "Bag  leaks"
    (waiting_flag,) = hold_expiring(order, at(39)).findings
    assert waiting_flag.why.endswith("; it is on hold (“Bag leaks”).")
    long = an_order(waiting("selection"), done_until="receipt", held=30, held_reason="f" * 200)
    said = f"The order has been on hold since {moment_mark(at(30))} (“{'f' * 79}…”)"
    assert said in on_hold(long, at(39)).findings[0].why


def test_a_hold_of_work_is_decided_by_the_worst_case_of_the_work():
    """Put on hold it has no more time than it had, and none where the worst case had passed."""
    worst = an_order().flow.stages["selection"].worst_hours
    for held in (worst - 20, worst + 5):
        order = an_order(a_run("selection", StageStatus.HELD, ready=0, started=0, held=held), done_until="receipt")
        (hold,) = on_hold(order, at(worst + 6)).findings
        assert (hold.due, hold.severity) == (at(worst), Severity.CRITICAL)
        assert f"; the end of its worst case was at {moment_mark(at(worst))}." in hold.why


@pytest.mark.parametrize("plan", [{"planned_start": 60}, {}])
def test_the_limit_of_a_hold_becomes_no_later_because_work_began_in_spite_of_it(plan):
    waits = waiting("selection", **plan)
    begun = waits._replace(status=StageStatus.RUNNING, started_at=at(32))
    if plan:  # a booked start alone, no limit of the cells
        waits, begun = (one._replace(wait_until=None, wait_expires_at=None) for one in (waits, begun))
    before, after = (
        on_hold(an_order(run, done_until="receipt", held=30), at(33)).findings[0] for run in (waits, begun)
    )
    assert (after.due, after.severity) == (before.due, before.severity)
    assert "cells may still be used" not in after.next_step


def held_cells(*, by_order: bool) -> OrderFacts:
    """Cells that may wait for selection until hour 48; on hold since hour 30."""
    if by_order:
        return an_order(waiting("selection"), done_until="receipt", held=30)
    return an_order(a_run("selection", StageStatus.HELD, ready=0, held=30), done_until="receipt")


@pytest.mark.parametrize("by_order", [True, False])
def test_a_hold_of_cells_with_nine_hours_left_is_critical_and_due_by_their_limit(by_order):
    order = held_cells(by_order=by_order)
    (hold,) = on_hold(order, at(39)).findings
    assert (hold.severity, hold.due) == (Severity.CRITICAL, at(48))
    held, limit = moment_mark(at(30)), moment_mark(at(48))
    assert hold.why.endswith(f"has been on hold since {held}; the limit of the cells passes at {limit}.")
    assert hours_after_start(on_hold(order, at(39)).next_at) == 48


@pytest.mark.parametrize("now", [39, 50])
@pytest.mark.parametrize("by_order", [True, False])
def test_a_hold_of_cells_asks_for_one_thing(by_order, now):
    findings = judge(held_cells(by_order=by_order), at(now)).findings
    steps = {one.next_step for one in findings if one.code in (HOLD, FlagCode.ON_HOLD)}
    ends = "the order resumed or cancelled" if by_order else "Selection resumed or failed"
    who = "QA or Operations" if by_order else "QA"
    wanted = {
        39: f"{who}: decide well before {moment_mark(at(48))}, when the time of the cells ends, and report {ends}.",
        50: f"QA: decide whether the cells may still be used, and report {ends}.",
    }
    assert steps == {wanted[now]}


def test_a_hold_of_cells_that_keep_for_a_year_is_decided_within_three_days():
    order = an_order(waiting("infusion"), done_until="site_receipt", held=5, change=ASKED_BY_CENTRE)
    (finding,) = on_hold(order, at(6)).findings
    assert (finding.severity, finding.due) == (Severity.ATTENTION, at(77))


@pytest.mark.parametrize("by_order", [True, False])
def test_a_hold_is_decided_before_what_is_booked(by_order):
    run = waiting("collection", planned_start=30)
    held = {"held": 5} if by_order else {}
    run = run if by_order else a_run("collection", StageStatus.HELD, ready=0, held=5, planned_start=30)
    (finding,) = on_hold(an_order(run, done_until="enrolment", **held), at(10)).findings
    assert (finding.severity, finding.due) == (Severity.ATTENTION, at(30))
    held, booked = moment_mark(at(5)), moment_mark(at(30))
    assert finding.why.endswith(f"has been on hold since {held}; its booked start is at {booked}.")
    assert f": decide by {booked}, its booked start, and report " in finding.next_step


def test_a_shipper_on_hold_keeps_cells_until_its_cold_ends():
    run = a_run("inbound", StageStatus.HELD, started=1, held=5, qualified_until=40)
    (finding,) = on_hold(an_order(run, done_until="collection"), at(10)).findings
    assert (finding.severity, finding.due) == (Severity.CRITICAL, at(40))


def test_a_hold_presses_once_the_cells_have_three_days_left():
    order = an_order(waiting("infusion"), done_until="site_receipt", held=8760 - 100, change=ASKED_BY_CENTRE)
    severities = [on_hold(order, at(8760 - left)).findings[0].severity for left in (99, 72)]
    assert severities == [Severity.ATTENTION, Severity.CRITICAL]
    assert hours_after_start(on_hold(order, at(8760 - 99)).next_at) == 8760 - 72


def test_a_shipper_under_way_is_not_kept_by_a_hold_of_the_order():
    order = an_order(running("outbound", qualified_until=240), done_until="disposition", held=200)
    (hold,), (cold,) = on_hold(order, at(230)).findings, hold_expiring(order, at(230)).findings
    assert (hold.due, "unpacked or recharged" in cold.next_step) == (at(272), True)


def test_of_a_hold_that_its_centre_asked_for_the_centre_says_first_when_it_ends():
    asked = ChangeRequest("e1", "hold", "too_ill", "", at(5), outcome="agreed", outcome_at=at(6))
    held = an_order(waiting("collection", 1), done_until="enrolment", held=6, status=OrderStatus.ON_HOLD, change=asked)
    (finding,) = on_hold(held, at(9)).findings
    assert finding.next_step.startswith("Site coordinator: say when the order can go on, for the centre asked")
    assert "; QA or Operations: decide" in finding.next_step
    own = an_order(waiting("collection", 1), done_until="enrolment", held=6, status=OrderStatus.ON_HOLD)
    assert on_hold(own, at(9)).findings[0].next_step.startswith("QA or Operations: decide")


def test_the_hold_of_a_collection_may_be_lifted_by_its_centre_which_the_flag_names():
    (finding,) = on_hold(
        an_order(a_run("collection", StageStatus.HELD, held=6), done_until="enrolment"), at(7)
    ).findings
    assert finding.next_step == "QA or Site coordinator: decide, and report Collection resumed, or the order cancelled."


@pytest.mark.parametrize(("now", "severity"), [(40, Severity.ATTENTION), (180, Severity.CRITICAL)])
def test_a_hold_of_an_order_at_work_is_decided_before_what_must_follow_at_once(now, severity):
    """The expansion ends by plan at 168 h, and the harvest may not wait: three days would come too late."""
    order = an_order(running("expansion"), done_until="transduction", held=120 if now > 120 else 30)
    (hold,) = on_hold(order, at(now)).findings
    assert (hold.due, hold.severity) == (at(30 + 72 if now == 40 else 168), severity)
    if now > 168:
        assert f"; the time for what must follow the work under way was at {moment_mark(at(168))}." in hold.why


def test_the_grace_of_what_must_follow_at_once_holds_for_a_hold_too():
    order = an_order(waiting("harvest", 10), done_until="expansion", held=9)
    (hold,) = on_hold(order, at(10.2)).findings
    assert hold.due == at(11)
    assert "cells may still be used" not in hold.next_step
