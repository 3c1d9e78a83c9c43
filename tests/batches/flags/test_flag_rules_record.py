"""Facts that do not fit, and identifiers that lead to two orders."""

from dataclasses import replace

import pytest

from batches.flags.rules.harm import harm_of
from batches.flags.rules.judging import judge
from batches.flags.rules.record import out_of_sequence
from batches.flags.rules.stops import doubt_of
from batches.judgement.rules.findings import NOTHING
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.materials.rules.fitness import DoseSaid
from supplychain.orders.statuses import Doubt
from supplychain.sentences import moment_mark
from tests.batches.builders import (
    a_surprise,
    an_order,
    at,
    completed,
    hours_after_start,
    running,
    subjects,
    waiting,
)
from tests.batches.flags.record_facts import ODD


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("before_predecessor", Severity.ATTENTION),
        ("after_end", Severity.ATTENTION),
        ("contradicts", Severity.CRITICAL),
        ("after_order_end", Severity.CRITICAL),
    ],
)
def test_how_bad_a_fact_that_does_not_fit_is(reason, severity):
    found = out_of_sequence(an_order(surprises=[a_surprise(reason)]), at(5))

    assert subjects(found.findings) == [(ODD, "selection", severity)]
    assert found.next_at is None


@pytest.mark.parametrize(
    ("now", "severity", "next_hours"), [(5, Severity.ATTENTION, 26), (25.9, Severity.ATTENTION, 26),
                                        (26, Severity.CRITICAL, None)],
)  # fmt: skip
def test_cells_at_two_places_press_as_silence_does_while_an_end_is_missing(now, severity, next_hours):
    early = a_surprise("before_predecessor", hours=2)
    order = an_order(running("selection", 2), running("receipt", 1), done_until="inbound", surprises=[early])
    found = out_of_sequence(order, at(now))
    assert subjects(found.findings) == [(ODD, "selection", severity)]
    assert hours_after_start(found.next_at) == next_hours
    assert found.findings[0].since == at(2)
    assert found.findings[0].next_step == (
        "Operations: find out where the cells are, and have the end of Receipt, or the right start, reported."
    )


def test_they_press_at_once_where_their_limit_is_near():
    early = a_surprise("before_predecessor", stage="receipt", hours=20)
    order = an_order(
        running("receipt", 20), running("inbound", 1, qualified_until=50), done_until="collection", surprises=[early]
    )
    (finding,) = out_of_sequence(order, at(21)).findings
    assert (finding.severity, finding.due) == (Severity.CRITICAL, at(50))
    assert finding.why.endswith(f"; the limit of the cells passes at {moment_mark(at(50))}.")


def test_an_early_start_is_past_once_the_end_came_or_the_cells_have_moved_on():
    early = [a_surprise("before_predecessor", hours=2)]
    ended = an_order(running("selection", 2), done_until="receipt", surprises=early)
    gone_on = an_order(completed("selection", 9), running("receipt", 1), done_until="inbound", surprises=early)
    tests = [a_surprise("before_predecessor", stage="qc_release_tests", hours=2)]
    samples = an_order(running("qc_release_tests", 2), running("harvest", 1), done_until="expansion", surprises=tests)
    for order in (ended, gone_on, samples):
        assert [one.severity for one in out_of_sequence(order, at(2000)).findings] == [Severity.ATTENTION]


@pytest.mark.parametrize(
    ("runs", "stage", "dose"),
    [
        ((running("outbound", 9),), "outbound", "left"),
        ((completed("outbound", 9), completed("site_receipt", 12), running("infusion", 20)), "outbound", "given"),
    ],
)
def test_a_dose_that_is_out_without_a_release_presses_at_once_and_keeps_people_back(runs, stage, dose):
    early = a_surprise("before_predecessor", stage=stage, hours=9)
    order = an_order(*runs, waiting("disposition", 5), done_until="qc_release_tests", surprises=[early])
    (finding,) = out_of_sequence(order, at(9.1) if dose == "left" else at(30)).findings
    assert (finding.severity, finding.due, finding.since) == (Severity.CRITICAL, None, at(9))
    assert finding.evidence["dose"] == dose
    assert "no release of it is on record" in finding.why
    assert doubt_of(finding.code, finding.severity, finding.evidence) == Doubt.RECORD
    released = an_order(*runs, completed("disposition", 10), done_until="qc_release_tests", surprises=[early])
    assert [one.severity for one in out_of_sequence(released, at(30)).findings] == [Severity.ATTENTION]


def test_a_release_reported_for_a_moment_to_come_is_none_before_it_for_a_dose_that_left():
    early = a_surprise("before_predecessor", stage="outbound", hours=9)
    runs = (running("outbound", 9), completed("disposition", 30))
    order = an_order(*runs, done_until="qc_release_tests", surprises=[early])
    found = out_of_sequence(order, at(10))
    (finding,) = found.findings
    assert (finding.severity, finding.evidence["dose"]) == (Severity.CRITICAL, "left")
    assert finding.why.endswith(
        f"; the dose has left and its release is reported only for {moment_mark(at(30))}, still to come."
    )
    assert (harm_of(order, finding, at(10)), found.next_at) == (Harm.DOSE_TO_STOP, at(30))
    assert doubt_of(finding.code, finding.severity, finding.evidence) == Doubt.RECORD
    assert [one.severity for one in out_of_sequence(order, at(30)).findings] == [Severity.ATTENTION]


@pytest.mark.parametrize(
    ("runs", "dose", "gone"),
    [
        ((), "released", "is released"),
        ((running("outbound", 9.5),), "left", "has left"),
        ((completed("outbound", 10), completed("site_receipt", 12), running("infusion", 20)), "given", "was given"),
    ],
)
def test_a_dose_that_was_released_before_its_tests_ended_presses_at_once_and_keeps_people_back(runs, dose, gone):
    early = a_surprise("before_predecessor", stage="disposition", hours=9)
    tests = running("qc_release_tests", 5)
    order = an_order(*runs, tests, completed("disposition", 9.2), done_until="harvest", surprises=[early])
    (finding,) = out_of_sequence(order, at(30)).findings
    assert (finding.severity, finding.due, finding.since) == (Severity.CRITICAL, None, at(9))
    assert finding.evidence["dose"] == dose
    assert finding.why.endswith(f"; the dose {gone} and Qc release tests have not ended.")
    assert "Qc release tests" in finding.next_step
    assert doubt_of(finding.code, finding.severity, finding.evidence) == Doubt.RECORD
    assert harm_of(order, finding, at(30)) == (Harm.DOSE_IN_DOUBT if dose == "given" else Harm.DOSE_TO_STOP)
    tested = an_order(*runs, completed("disposition", 9.2), done_until="qc_release_tests", surprises=[early])
    assert [one.severity for one in out_of_sequence(tested, at(30)).findings] == [Severity.ATTENTION]


@pytest.mark.parametrize(
    ("done_until", "what"),
    [("", "nobody has reported that anything was collected or made"),
     ("collection", "nobody has reported that anything was made of its cells")],
)  # fmt: skip
def test_a_dose_that_was_given_although_nothing_was_made_presses_and_says_so(done_until, what):
    early = a_surprise("before_predecessor", stage="infusion", hours=9)
    given = (completed("disposition", 8), completed("infusion", 9))
    order = an_order(*given, done_until=done_until, surprises=[early])
    (finding,) = out_of_sequence(order, at(30)).findings
    assert (finding.severity, finding.evidence["dose"]) == (Severity.CRITICAL, "given")
    assert finding.why.endswith(f"; {what}: the dose may be another patient’s.")
    assert "find out what was given, and to whom" in finding.next_step
    assert harm_of(order, finding, at(30)) == Harm.DOSE_IN_DOUBT
    again = an_order(*given, done_until="collection", attempt=2, surprises=[early])
    assert f"{what} in attempt 2" in out_of_sequence(again, at(30)).findings[0].why or not done_until
    made = an_order(*given, done_until="qc_release_tests", surprises=[early])
    assert [one.severity for one in out_of_sequence(made, at(30)).findings] == [Severity.ATTENTION]


def test_a_fact_from_the_future_is_critical_until_its_moment_has_come():
    order = an_order(surprises=[a_surprise("in_future", hours=24)])

    before = out_of_sequence(order, at(23))
    assert subjects(before.findings) == [(ODD, "selection", Severity.CRITICAL)]
    assert hours_after_start(before.next_at) == 24
    since = out_of_sequence(order, at(24))
    assert (subjects(since.findings), since.next_at) == ([(ODD, "selection", Severity.ATTENTION)], None)


def test_there_is_one_finding_a_stage_with_the_worst_fact_first():
    surprises = [a_surprise("after_end"), a_surprise("contradicts"), a_surprise("after_end", stage="")]

    findings = out_of_sequence(an_order(surprises=surprises), at(5)).findings

    assert subjects(findings) == [(ODD, "", Severity.ATTENTION), (ODD, "selection", Severity.CRITICAL)]
    assert findings[0].why == "Selection started contradicts, and 1 more such fact."
    evidence = {"count": 2, "facts": [surprises[1], surprises[0]], "gist": findings[0].gist}
    assert findings[0].evidence == evidence


def test_a_contradiction_keeps_people_back_however_many_other_facts_are_critical():
    future = [a_surprise("in_future", hours=24, event=number) for number in range(10, 16)]
    surprises = [*future, a_surprise("contradicts", event=3)]

    (finding,) = out_of_sequence(an_order(surprises=surprises), at(5)).findings

    assert doubt_of(finding.code, finding.severity, finding.evidence) == Doubt.RECORD
    assert finding.why == "Selection started contradicts, and 6 more such facts."


def test_what_a_new_attempt_has_reopened_is_past():
    order = an_order(waiting("selection", attempt=2), attempt=2, surprises=[a_surprise("contradicts", attempt=1)])

    assert out_of_sequence(order, at(5)) == NOTHING


def test_a_new_attempt_beside_a_released_dose_is_critical_unless_that_dose_was_lost():
    unasked = a_surprise("unasked_attempt", "collection", attempt=2)
    order = an_order(waiting("collection", attempt=2), attempt=2, surprises=[unasked])
    assert out_of_sequence(order, at(5)).findings[0].severity == Severity.ATTENTION
    order = replace(order, surprises=[unasked | {"unused_dose": "True"}])
    assert out_of_sequence(order, at(5)).findings[0].severity == Severity.CRITICAL
    lost = DoseSaid("BAG-1", at(0), "destroyed", at(1), "burst")
    assert out_of_sequence(replace(order, doses=(lost,)), at(5)) == NOTHING
    assert out_of_sequence(replace(order, doses=(lost, lost._replace(status="released"))), at(5)) != NOTHING


def test_an_order_whose_facts_fit_has_no_finding():
    assert out_of_sequence(an_order(), at(5)) == NOTHING


def test_who_took_a_report_back_is_not_asked_what_happened():
    steps = {
        reason: out_of_sequence(an_order(surprises=[a_surprise(reason)]), at(5)).findings[0].next_step
        for reason in ("withdrawn", "withdrawal_asked", "unasked_attempt")
    }
    assert ["ask the sender" in step for step in steps.values()] == [False, False, True]
    assert steps["withdrawn"].startswith("Operations: report what is right, if that is missing; QA: ")
    assert "second person" in steps["withdrawal_asked"]


def test_a_pending_withdrawal_of_a_decision_comes_before_all_that_the_flag_tells_and_hides_nothing():
    asked = [a_surprise("withdrawal_asked", "disposition", event=number) | {"decided": "release"} for number in (1, 2)]
    early = a_surprise("before_predecessor", stage="disposition", hours=9)
    more = [a_surprise("in_future", "disposition", hours=99, event=number) for number in range(10, 15)]
    wrong = a_surprise("contradicts", "disposition", event=7)
    out = (running("qc_release_tests", 5), completed("disposition", 9.2), running("outbound", 9.5))
    order = an_order(*out, done_until="harvest", surprises=[early, *more, wrong, *asked])
    (finding,) = out_of_sequence(order, at(30)).findings
    assert finding.why.startswith("Disposition started withdrawal_asked, and 8 more such facts; the dose has left")
    assert finding.next_step.startswith("QA or Operations: look at it as a second person, one of the two must be")
    assert "keep it aside until" in finding.next_step
    assert [one["reason"] for one in finding.evidence["facts"][:2]] == ["withdrawal_asked", "contradicts"]
    assert harm_of(order, finding, at(30)) == Harm.DOSE_TO_STOP
    failure = a_surprise("withdrawal_asked") | {"decided": "failed"}
    (mild,) = out_of_sequence(an_order(surprises=[failure]), at(5)).findings
    assert (mild.severity, doubt_of(mild.code, mild.severity, mild.evidence)) == (Severity.CRITICAL, "report")


def test_a_stage_whose_end_was_withdrawn_is_not_called_slow_beside_it_unless_that_is_worse():
    def codes(hours: float, *out, stage: str = "disposition") -> list[str]:
        withdrawn = [a_surprise("withdrawn", stage) | {"kind": "completed"}]
        order = an_order(running("disposition", 5), *out, done_until="qc_release_tests", surprises=withdrawn)
        found = [one for one in judge(order, at(hours)).findings if one.stage == "disposition"]
        return sorted(one.code.value for one in found if one.code in (FlagCode.STAGE_LATE, FlagCode.OUT_OF_SEQUENCE))

    plan = an_order().flow.stages["disposition"]
    late, worst = 5 + plan.planned_hours + 1, 5 + plan.worst_hours + 1
    assert codes(late) == ["out_of_sequence"]
    assert codes(worst) == ["out_of_sequence", "stage_late"]
    assert codes(late, stage="harvest") == ["stage_late"]


def test_facts_that_are_only_counted_count_and_no_senders_id_is_shown():
    counted = a_surprise("after_end") | {"by": "0191", "kind": "completed", "more": 32}
    (finding,) = out_of_sequence(an_order(surprises=[a_surprise("after_end"), counted]), at(5)).findings
    assert "and 33 more such facts" in finding.why
    assert (finding.evidence["count"], "0191" in str(finding.evidence)) == (34, False)
