"""What harm a flag is about: the order of every list that says “most urgent first”."""

import pytest

from batches.flags.api.reads import raised_flags
from batches.flags.models import Flag
from batches.flags.queries.flags import URGENT_FIRST, urgency_in_sql
from batches.flags.rules.harm import STOP_FIRST, urgency
from batches.flags.rules.judging import judge
from batches.flags.rules.list_words import NO_WORD, NOT_IN_TIME, place_words
from batches.forecasts.rules.ready import ready_of
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.notifications.rules.mails import TO_DO
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.statuses import OrderStatus, StageStatus
from tests.batches.builders import (
    a_run,
    a_shared,
    a_surprise,
    an_order,
    at,
    completed,
    failed,
    hours_after_start,
    running,
    waiting,
)
from tests.dashboards.builders import TowerWorld, raise_flag


def harms(order: OrderFacts, now: float) -> dict[str, Harm]:
    return {finding.code.value: finding.harm for finding in judge(order, at(now)).findings}


def given(*runs, **more) -> OrderFacts:
    return an_order(*runs, completed("infusion", 10), done_until="site_receipt", **more)


def test_a_dose_that_can_still_be_stopped_stands_above_one_that_was_given():
    assert min(Harm) == Harm.DOSE_BEING_GIVEN < Harm.DOSE_TO_STOP < Harm.DOSE_IN_DOUBT


def test_a_failed_test_of_a_dose_that_was_given_comes_before_all_but_one_to_stop():
    assert harms(given(failed("sterility_final", 12)), 20)[FlagCode.STAGE_FAILED] == Harm.DOSE_IN_DOUBT


def test_one_that_has_left_or_is_released_is_the_worst():
    for order in (
        an_order(failed("sterility_final", 12), running("outbound", 11), done_until="disposition"),
        an_order(failed("sterility_final", 12), waiting("outbound", 11), done_until="disposition"),
    ):
        assert harms(order, 20)[FlagCode.STAGE_FAILED] == Harm.DOSE_TO_STOP


def test_a_failed_release_test_of_a_dose_that_left_all_the_same_puts_it_in_doubt():
    order = an_order(failed("qc_release_tests", 12), running("outbound", 11), done_until="harvest")
    assert harms(order, 20)[FlagCode.STAGE_FAILED] == Harm.DOSE_TO_STOP


def test_other_failures_are_failures():
    assert harms(an_order(failed("expansion", 12), done_until="transduction"), 20)[FlagCode.STAGE_FAILED] == Harm.FAILED


@pytest.mark.parametrize(
    ("order", "harm"),
    [
        (an_order(running("expansion"), done_until="transduction", shared=(a_shared(),)), Harm.IDENTITY),
        (given(shared=(a_shared(),)), Harm.DOSE_IN_DOUBT),
        (given(shared=(a_shared(),), status=OrderStatus.CLOSED, ended=30), Harm.DOSE_IN_DOUBT),
        (an_order(running("outbound"), done_until="disposition", shared=(a_shared(),)), Harm.DOSE_TO_STOP),
        (an_order(running("expansion"), shared=(a_shared(IdentifierKind.DONATION, same_patient=True),)), Harm.UNCLEAR),
    ],
)
def test_a_swapped_identity_comes_next_and_first_once_the_dose_is_out(order, harm):
    assert harms(order, 40)[FlagCode.IDENTITY_SHARED] == harm


@pytest.mark.parametrize(
    ("now", "harm"),
    [(31, Harm.CELLS), (47, Harm.CELLS), (59.9, Harm.CELLS), (60, Harm.FAILED)],
)
def test_cells_run_out_of_time_until_half_a_day_after_their_limit(now, harm):
    assert harms(an_order(waiting("selection"), done_until="receipt"), now)[FlagCode.HOLD_EXPIRING] == harm


def test_a_limit_that_is_days_away_is_foreseen_and_the_rule_says_when_that_changes():
    order = an_order(waiting("infusion"), done_until="site_receipt")
    verdict = judge(order, at(8760 - 200))
    assert [finding.harm for finding in verdict.findings if finding.code == FlagCode.HOLD_EXPIRING] == [Harm.FORESEEN]
    assert hours_after_start(verdict.next_at) <= 8760 - 72
    assert harms(order, 8760 - 72)[FlagCode.HOLD_EXPIRING] == Harm.CELLS


def test_a_hold_is_about_the_cells_that_it_keeps():
    cells = an_order(a_run("selection", StageStatus.HELD, ready=0, held=30), done_until="receipt")
    none = an_order(a_run("disposition", StageStatus.HELD, ready=0, held=30), done_until="qc_release_tests")
    assert harms(cells, 39)[FlagCode.ON_HOLD] == Harm.CELLS
    assert harms(none, 39)[FlagCode.ON_HOLD] == Harm.ON_HOLD


def test_a_silence_that_keeps_such_cells_is_about_them():
    late = an_order(waiting("inbound", ready=0, planned_pickup_at=14), done_until="collection", last_recorded=1)
    assert harms(late, 16)[FlagCode.SILENT] == Harm.CELLS
    early = an_order(waiting("infusion", planned_start=14), done_until="site_receipt", last_recorded=1)
    assert harms(early, 60)[FlagCode.SILENT] == Harm.UNCLEAR


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (
            an_order(running("outbound", planned_delivery_at=20, started=4), done_until="disposition"),
            FlagCode.SHIPMENT_LATE,
        ),
        (an_order(running("outbound", started=-50), done_until="disposition"), FlagCode.STAGE_LATE),
        (
            an_order(running("inbound", planned_delivery_at=20, started=4), done_until="collection"),
            FlagCode.SHIPMENT_LATE,
        ),
        (an_order(waiting("site_receipt", ready=4), done_until="outbound", last_recorded=-30), FlagCode.SILENT),
    ],
)
def test_cells_that_should_have_arrived_and_nobody_accounts_for_stand_above_holds(order, code):
    """From the moment on at which nobody is merely slow to report, and until they are found."""
    for now in (60, 400):
        assert harms(order, now)[code] == Harm.CELLS
        label = NOT_IN_TIME if code == FlagCode.SHIPMENT_LATE else NO_WORD
        assert place_words(Harm.CELLS, at(20), at(20), at(now), code=code).startswith(f"{label}: due ")


def test_a_transport_that_is_a_little_late_is_late():
    late = an_order(running("outbound", planned_delivery_at=20, started=4), done_until="disposition")
    assert harms(late, 23)[FlagCode.SHIPMENT_LATE] == Harm.UNCLEAR
    not_fetched = an_order(waiting("outbound", ready=4, planned_pickup_at=20), done_until="disposition")
    assert harms(not_fetched, 60)[FlagCode.SILENT] == Harm.UNCLEAR


def test_no_forecast_speaks_as_if_lost_cells_were_on_their_way():
    order = an_order(running("outbound", planned_delivery_at=20, started=4), done_until="disposition", promised=90)
    outlooks = [judge(order, at(now)).forecast for now in (23, 60)]
    assert [outlook and outlook.assumes_cleared for outlook in outlooks] == ["", "if the cells are found"]
    assert [ready_of(order, one, at(60)).against_promise for one in outlooks] == [
        "about 2 days before the promise", "not known to be in time"
    ]  # fmt: skip
    late = an_order(running("outbound", planned_delivery_at=20, started=4), done_until="disposition", promised=61)
    (promise,) = [one for one in judge(late, at(60)).findings if one.code == FlagCode.PROMISE_AT_RISK]
    assert promise.why.startswith("If the cells are found: ")
    assert promise.next_step.startswith("Operations: call the courier when it arrives, and report its new time")


def test_a_dose_that_left_without_a_release_can_still_be_stopped():
    odd = a_surprise("before_predecessor", stage="outbound", hours=9)
    left = an_order(running("outbound", 9), waiting("disposition", 5), done_until="qc_release_tests", surprises=[odd])
    assert harms(left, 10)[FlagCode.OUT_OF_SEQUENCE] == Harm.DOSE_TO_STOP


def test_facts_that_cannot_both_be_true_are_a_failure_and_a_doubt_of_the_dose_where_it_is_out():
    surprise = a_surprise("contradicts", stage="qc_release_tests")
    assert harms(an_order(running("disposition"), done_until="qc_release_tests", surprises=[surprise]), 3) == {
        FlagCode.OUT_OF_SEQUENCE: Harm.FAILED
    }
    released = an_order(waiting("outbound", 11), done_until="disposition", surprises=[surprise])
    assert harms(released, 20)[FlagCode.OUT_OF_SEQUENCE] == Harm.DOSE_TO_STOP
    assert harms(given(surprises=[surprise]), 20)[FlagCode.OUT_OF_SEQUENCE] == Harm.DOSE_IN_DOUBT
    assert harms(given(surprises=[a_surprise("late")]), 20)[FlagCode.OUT_OF_SEQUENCE] == Harm.UNCLEAR


def test_a_promise_comes_last():
    order = an_order(running("expansion"), done_until="transduction", promised=300, last_recorded=0)
    assert harms(order, 1) == {FlagCode.PROMISE_AT_RISK: Harm.PROMISE}


@pytest.mark.parametrize(
    ("harm", "act_by", "due", "words"),
    [
        (Harm.DOSE_IN_DOUBT, at(1), None, "A dose in doubt was given: act at once"),
        (Harm.CELLS, at(12), at(12), "Cells run out of time: act within 9 h"),
        (Harm.CELLS, at(1), at(1), "Cells run out of time: due 2 h ago"),
        (Harm.UNCLEAR, None, None, "Late, or its reports are missing or in doubt"),
        (Harm.FAILED, at(1), None, "Work failed"),
        (Harm.PROMISE, at(4), at(4), "The date of a dose is at risk: at risk by usual durations"),
        (Harm.PROMISE, None, None, "The date of a dose is at risk: the date has passed"),
    ],
)
def test_a_row_says_why_it_stands_there(harm, act_by, due, words):
    assert place_words(harm, act_by, due, at(3)) == words


def test_what_is_not_critical_asks_for_nothing_in_this_shift():
    calm = {"severity": Severity.ATTENTION}
    assert place_words(Harm.UNCLEAR, at(8), at(8), at(3), **calm).endswith(": critical in 5 h")
    assert place_words(Harm.FORESEEN, at(30), at(30), at(3), **calm) == "A dose may be lost later: act within 27 h"


@pytest.mark.parametrize("limit", [2, 4, 12, 24, 30, 48, 72, 200, 1000])
def test_what_is_pinned_for_this_shift_is_critical(limit):
    """By one rule: cells with 12 h or less that are flagged at all, however long they might wait."""
    order = an_order(running("outbound", started=0, qualified_until=limit), done_until="disposition")
    for left in (11.9, 9, 4, 1, -1):
        now = limit - left
        for one in judge(order, at(now)).findings if now >= 0 else ():
            if one.harm <= Harm.CELLS and one.due and one.due <= at(now + 12):
                assert one.severity == Severity.CRITICAL, (one.code, limit, left)


def test_page_rest_and_mail_begin_with_the_same_instruction():
    surprise = a_surprise("contradicts", stage="qc_release_tests")
    steps = {one.code: one for one in judge(given(surprises=[surprise]), at(20)).findings}
    found = steps[FlagCode.OUT_OF_SEQUENCE]
    assert found.next_step.startswith(f"{STOP_FIRST[found.harm]}. ")
    assert all(TO_DO[harm].startswith(words) for harm, words in STOP_FIRST.items())


def test_of_a_promise_a_row_says_how_likely_it_is_missed_and_no_distance_that_drifts():
    for hour in (3, 30):
        words = place_words(Harm.PROMISE, at(4), at(4), at(hour), probability=0.61)
        assert words == "The date of a dose is at risk: likely late (61 %)"


def test_what_a_person_has_acknowledged_is_not_called_for_at_once():
    words = place_words(Harm.DOSE_IN_DOUBT, at(1), None, at(3), is_acknowledged=True)
    assert words == "A dose in doubt was given: acknowledged"


@pytest.mark.django_db
def test_of_one_class_what_is_critical_stands_first_then_the_latest_moment_to_act():
    order = TowerWorld().order()
    given = (
        ("d", Severity.ATTENTION, at(1), Harm.UNCLEAR), ("c", Severity.CRITICAL, None, Harm.UNCLEAR),
        ("b", Severity.CRITICAL, at(5), Harm.UNCLEAR), ("e", Severity.ATTENTION, None, Harm.UNCLEAR),
        ("a", Severity.ATTENTION, None, Harm.FAILED),
    )  # fmt: skip
    for subject, severity, due, harm in given:
        raise_flag(order, subject=subject, severity=severity, due=due, harm=harm, since=at(9))
    flags = Flag.objects.all()
    assert [flag.subject for flag in sorted(flags, key=urgency)] == list("abcde")
    assert list(flags.order_by(*URGENT_FIRST).values_list("subject", flat=True)) == list("abcde")
    assert list(flags.order_by(urgency_in_sql()).values_list("subject", flat=True)) == list("abcde")
    assert [flag.subject for flag in raised_flags(order.pk, now=at(10))] == list("abcde")


def test_a_permitted_wait_that_ran_out_is_no_work_that_failed():
    """Its cells are lost until quality assurance says otherwise; a failure beside it is another flag."""
    words = place_words(Harm.FAILED, at(-21), at(-21), at(0), code=FlagCode.HOLD_EXPIRING)
    assert words == "A permitted wait ran out 21 h ago"
    assert place_words(Harm.FAILED, at(0), None, at(0), code=FlagCode.STAGE_FAILED) == "Work failed"


def test_cells_that_were_rejected_are_not_in_doubt_any_more():
    said = {"code": FlagCode.EXCURSION}
    assert place_words(Harm.FAILED, None, None, at(1), **said) == "The temperature of the cells is in doubt"
    assert place_words(Harm.FAILED, None, None, at(1), is_rejected=True, **said) == "The cells were rejected"
