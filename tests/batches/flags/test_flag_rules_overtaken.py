"""Work that the cells have left: only the report of its end is missing, and one flag asks for it."""

import pytest

from batches.flags.rules.judging import judge
from batches.forecasts.rules.conditions import IN_DOUBT, unsure_words
from batches.forecasts.rules.ready import ready_of
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.statuses import FlagCode, Severity
from supplychain.sentences import moment_mark
from tests.batches.builders import a_run, a_surprise, an_order, at, completed, running, waiting

EARLY = a_surprise("before_predecessor", stage="site_receipt", hours=520)
ODD = FlagCode.OUT_OF_SEQUENCE


def received(*more, surprises=(EARLY,), **transport) -> OrderFacts:
    """A dose of which the courier's delivery was never reported."""
    runs = (running("outbound", 500, planned_delivery=540, **transport), completed("site_receipt", 520), *more)
    ready = () if more else (waiting("infusion", 520),)
    return an_order(*runs, *ready, done_until="disposition", surprises=list(surprises), promised=900, last_recorded=520)


def only_finding(now: float, **transport):
    (found,) = [one for one in judge(received(**transport), at(now)).findings
                if one.code != FlagCode.SILENT or one.stage]  # fmt: skip
    return found


@pytest.mark.parametrize("now", [530, 545])
def test_only_the_missing_end_is_asked_for_once_the_cells_have_moved_on(now):
    found = only_finding(now)
    assert (found.code, found.stage, found.severity) == (ODD, "site_receipt", Severity.ATTENTION)
    assert found.why == "Site receipt was completed; the end of Outbound was never reported."
    assert found.next_step == "Operations: have the end of Outbound reported."


@pytest.mark.parametrize(
    ("now", "severity", "left"),
    [(535, "attention", "passes"), (541, "critical", "passes"), (700, "critical", "passed")],
)
def test_a_receipt_that_may_be_another_orders_silences_no_cold_that_runs_out(now, severity, left):
    found = only_finding(now, qualified_until=550)
    assert (found.code, found.severity) == (ODD, severity)
    assert found.why.endswith(
        "the end of Outbound was never reported; if the cells have not left Outbound, "
        f"the limit of the cells {left} at {moment_mark(at(550))}."
    )
    if severity == "critical":
        assert found.due == at(550)
        assert found.next_step.startswith("Operations: find out where the cells are, and have the end of Outbound")


def test_a_transport_without_a_known_cold_presses_as_its_silence_would():
    assert [only_finding(now).severity for now in (551.9, 552, 700)] == ["attention", "critical", "critical"]


def test_work_in_house_that_the_cells_have_left_does_not_press():
    early = a_surprise("before_predecessor", stage="transduction", hours=20)
    runs = (running("selection", 5), completed("transduction", 20))
    order = an_order(*runs, done_until="receipt", surprises=[early], last_recorded=900)
    (found,) = [one for one in judge(order, at(900)).findings if one.code == ODD]
    assert found.severity == Severity.ATTENTION


def test_without_a_later_stage_the_transport_is_late():
    under_way = an_order(running("outbound", 500, planned_delivery=540, qualified_until=550), done_until="disposition")
    codes = {one.code for one in judge(under_way, at(560)).findings if one.stage == "outbound"}
    assert codes == {FlagCode.SHIPMENT_LATE, FlagCode.HOLD_EXPIRING}


def test_tests_on_samples_and_what_is_reported_to_begin_later_take_no_cells():
    later = an_order(
        running("outbound", 500, planned_delivery=540), running("site_receipt", 600), done_until="disposition"
    )
    assert FlagCode.SHIPMENT_LATE in {one.code for one in judge(later, at(545)).findings}
    assert judge(later, at(599)).next_at <= at(600)
    assert "outbound" not in {one.stage for one in judge(later, at(600)).findings}
    samples = an_order(running("harvest", 500), running("qc_release_tests", 505), done_until="expansion")
    assert FlagCode.STAGE_LATE in {one.code for one in judge(samples, at(530)).findings}


def test_a_transport_that_began_anew_after_the_receipt_has_the_cells_again():
    back = an_order(running("outbound", 530), completed("site_receipt", 520), done_until="disposition")
    assert FlagCode.STAGE_LATE in {one.code for one in judge(back, at(560)).findings}


def test_a_promise_is_not_called_kept_while_an_end_is_missing():
    verdict = judge(received(), at(545))
    ready = ready_of(received(), verdict.forecast, at(545))
    assert ready.is_fact
    assert ready.how_known(at(545)) == "reported; the end of Outbound was never reported"
    assert ready.stands(at(545)) == unsure_words(IN_DOUBT)
    whole = an_order(waiting("infusion", 520), done_until="site_receipt", promised=900)
    assert ready_of(whole, judge(whole, at(545)).forecast, at(545)).stands(at(545)) == "promise kept"


def never_said(*more, ready: float = 480, **outbound) -> OrderFacts:
    """A dose of whose transport nobody reported anything, though it was received."""
    runs = (waiting("outbound", ready, **outbound), *(more or (completed("site_receipt", 520),)))
    behind = () if more else (waiting("infusion", 520),)
    return an_order(*runs, *behind, done_until="disposition", surprises=[EARLY], promised=900, last_recorded=520)


@pytest.mark.parametrize("now", [521, 700, 2000])
def test_a_stage_that_the_cells_have_passed_is_neither_late_nor_silent_nor_awaited(now):
    order = never_said(planned_pickup_at=490)
    before = an_order(waiting("outbound", 480, planned_pickup_at=490), done_until="disposition", last_recorded=480)
    assert FlagCode.SILENT in {one.code for one in judge(before, at(700)).findings if one.stage == "outbound"}
    assert "outbound" not in {one.stage for one in judge(order, at(now)).findings}


def test_of_a_stage_that_was_passed_start_and_end_are_asked_for_by_one_flag():
    (found,) = [one for one in judge(never_said(), at(545)).findings if one.code == ODD]
    assert found.why == "Site receipt was completed; the start and end of Outbound were never reported."
    assert found.next_step == "Operations: have the start and end of Outbound reported."
    assert found.severity == Severity.ATTENTION


@pytest.mark.parametrize(("now", "severity"), [(521, "attention"), (540, "critical")])
def test_a_passed_stage_presses_as_the_silence_of_its_start_would(now, severity):
    order = never_said(planned_pickup_at=520)
    (found,) = [one for one in judge(order, at(now)).findings if one.code == ODD]
    assert found.severity == severity


def test_a_passed_stage_presses_by_the_limit_of_the_cells_that_may_still_wait_for_it():
    early = a_surprise("before_predecessor", stage="receipt", hours=20)
    order = an_order(
        waiting("inbound", 10), completed("receipt", 20), done_until="collection", surprises=[early], last_recorded=20
    )
    codes = {(one.code, one.stage) for one in judge(order, at(33)).findings}
    assert (FlagCode.HOLD_EXPIRING, "inbound") not in codes
    found = {now: next(one for one in judge(order, at(now)).findings if one.code == ODD) for now in (21, 33)}
    assert [found[now].severity for now in (21, 33)] == [Severity.ATTENTION, Severity.CRITICAL]
    assert found[33].due == at(34)
    assert "have the start and end of Inbound, or the right start, reported" in found[33].next_step


def test_all_that_was_passed_is_named_and_what_could_start_only_since_is_awaited():
    early = a_surprise("before_predecessor", stage="infusion", hours=560)
    order = an_order(
        waiting("outbound", 480), running("infusion", 560), done_until="disposition", surprises=[early],
        last_recorded=560,
    )  # fmt: skip
    (found,) = [one for one in judge(order, at(561)).findings if one.code == ODD]
    assert "have the start and end of Outbound and Site receipt, or the right start, reported" in found.next_step
    runs = (running("outbound", 480), completed("infusion", 560))
    order = an_order(*runs, done_until="disposition", surprises=[early], last_recorded=560)
    (found,) = [one for one in judge(order, at(561)).findings if one.code == ODD]
    assert "the end of Outbound and the start and end of Site receipt were never reported" in found.why
    again = never_said(completed("site_receipt", 470), planned_pickup_at=490)
    assert "outbound" in {one.stage for one in judge(again, at(600)).findings if one.code == FlagCode.SILENT}


def test_tests_a_release_and_what_is_on_hold_are_not_passed_unseen():
    samples = an_order(waiting("qc_release_tests", 400, planned_start=410), completed("outbound", 500),
                       done_until="harvest", last_recorded=500)  # fmt: skip
    assert FlagCode.SILENT in {one.code for one in judge(samples, at(600)).findings if one.stage == "qc_release_tests"}
    release = an_order(waiting("disposition", 400, planned_start=410), completed("outbound", 500),
                       done_until="sterility_final", last_recorded=500)  # fmt: skip
    assert FlagCode.SILENT in {one.code for one in judge(release, at(600)).findings if one.stage == "disposition"}
    held = an_order(a_run("outbound", "held", ready=480, held=485), completed("site_receipt", 520),
                    done_until="disposition", surprises=[EARLY], last_recorded=520)  # fmt: skip
    assert FlagCode.ON_HOLD in {one.code for one in judge(held, at(700)).findings if one.stage == "outbound"}


def test_a_hold_of_the_order_is_not_decided_by_the_limit_of_what_was_passed():
    early = a_surprise("before_predecessor", stage="receipt", hours=20)
    order = an_order(waiting("inbound", 10), running("receipt", 20), done_until="collection", surprises=[early],
                     last_recorded=20, status="on_hold", held=21)  # fmt: skip
    (hold,) = [one for one in judge(order, at(22)).findings if one.code == FlagCode.ON_HOLD]
    assert hold.due > at(34)


def test_no_promise_is_kept_and_nothing_is_done_twice_while_a_passed_stage_is_not_reported():
    order = never_said()
    verdict = judge(order, at(545))
    ready = ready_of(order, verdict.forecast, at(545))
    assert ready.is_fact
    assert ready.stands(at(545)) == unsure_words(IN_DOUBT)
    on_its_way = an_order(
        waiting("outbound", 480), running("site_receipt", 520), done_until="disposition", promised=900,
        last_recorded=520,
    )  # fmt: skip
    made = judge(on_its_way, at(521)).forecast
    assert "outbound" not in made.legs
    assert made.assumes_ended == "Outbound"
