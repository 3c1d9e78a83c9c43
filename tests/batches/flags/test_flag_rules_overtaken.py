"""Work that the cells have left: only the report of its end is missing, and one flag asks for it."""

import pytest

from batches.flags.rules.judging import judge
from batches.forecasts.rules.ready import DOSE_UNSURE, ready_of
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.statuses import FlagCode, Severity
from supplychain.sentences import moment_mark
from tests.batches.builders import a_surprise, an_order, at, completed, running, waiting

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
        f"the end of Outbound was never reported; the limit of the cells {left} at {moment_mark(at(550))}."
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


def test_without_a_later_stage_the_transport_is_late_and_silent():
    under_way = an_order(running("outbound", 500, planned_delivery=540, qualified_until=550), done_until="disposition")
    codes = {one.code for one in judge(under_way, at(560)).findings if one.stage == "outbound"}
    assert codes == {FlagCode.STAGE_LATE, FlagCode.SILENT, FlagCode.HOLD_EXPIRING}


def test_tests_on_samples_and_what_is_reported_to_begin_later_take_no_cells():
    later = an_order(
        running("outbound", 500, planned_delivery=540), running("site_receipt", 600), done_until="disposition"
    )
    assert FlagCode.SILENT in {one.code for one in judge(later, at(545)).findings}
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
    assert ready.stands(at(545)) == DOSE_UNSURE
    whole = an_order(waiting("infusion", 520), done_until="site_receipt", promised=900)
    assert ready_of(whole, judge(whole, at(545)).forecast, at(545)).stands(at(545)) == "promise kept"
