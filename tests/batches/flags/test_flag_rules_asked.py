"""The flag about what a centre asks of the plant: how urgent, by where the cells are, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from batches.flags.rules.asked import change_asked
from batches.flags.rules.judging import judge
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.rules.findings import Finding
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.rules.outcomes import outcome_words
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import OrderStatus
from supplychain.recording.rules.requests import sent_words
from supplychain.sentences import day_mark, moment_mark
from tests.batches.builders import an_order, at, running, waiting
from tests.batches.flags.test_flag_rules_futures import order, said

REQUEST = ChangeRequest("e1", "hold", "too_ill", "Fever since the night", at(100))
CRITICAL, ATTENTION = Severity.CRITICAL, Severity.ATTENTION


def asked(*runs, change: ChangeRequest = REQUEST, now: float = 101, **given) -> Finding:
    [finding] = [one for one in judge(an_order(*runs, change=change, **given), at(now)).findings
                 if one.code == FlagCode.CHANGE_ASKED]  # fmt: skip
    return finding


def severity(*runs, **given) -> tuple[Severity, Harm]:
    found = asked(*runs, **given)
    return found.severity, found.harm


def test_it_says_what_is_asked_why_and_what_to_do():
    found = asked(running("expansion", 90), done_until="transduction")
    assert found.why == (
        "The centre asks to hold the order. Patient too ill: Fever since the night. "
        f"Asked {moment_mark(at(100))}, no answer yet. Expansion is under way."
    )
    assert found.next_step.startswith("QA or Operations: answer on the order’s page.")
    assert (found.since, found.due) == (at(100), at(104))


def test_it_says_that_the_patient_was_said_to_have_died_before():
    change = ChangeRequest("e1", "resume", "well", "", at(100), replaces="cancel", replaces_cause="died")
    assert asked(change=change).why.endswith(" Before, it had said that the patient has died.")


def test_a_start_reported_for_later_is_not_called_under_way():
    found = asked(running("collection", 110), done_until="enrolment", now=101)
    assert "is reported to start: still to come" in found.why
    assert "under way" not in found.why


def test_only_a_request_to_stop_keeps_people_from_beginning():
    assert "cannot be undone" in asked(waiting("enrolment", 90)).next_step
    resume = replace(REQUEST, wish="resume")
    assert "cannot be undone" not in asked(waiting("enrolment", 90), change=resume).next_step


@pytest.mark.parametrize(
    ("runs", "done_until", "expected"),
    [
        # Nothing of the patient is on the way yet.
        ([waiting("enrolment", 90)], None, (ATTENTION, Harm.ON_HOLD)),
        ([running("expansion", 90)], "transduction", (CRITICAL, Harm.ON_HOLD)),
        ([running("qc_release_tests", 90)], "harvest", (ATTENTION, Harm.ON_HOLD)),
        # Cells that wait for a stage with a limit, a dose that may leave, that is on its way, that may be given.
        ([waiting("outbound", 90)], "disposition", (CRITICAL, Harm.CELLS)),
        ([running("outbound", 90)], "disposition", (CRITICAL, Harm.CELLS)),
        ([waiting("infusion", 90)], "site_receipt", (CRITICAL, Harm.CELLS)),
    ],
)
def test_it_is_as_urgent_as_where_the_cells_are(runs, done_until, expected):
    assert severity(*runs, **{"done_until": done_until} if done_until else {}) == expected


def test_an_appointment_ahead_makes_it_press():
    facts = an_order(waiting("collection", 90, planned_start=150), done_until="enrolment", change=REQUEST)
    assert [one.severity for one in change_asked(facts, at(101)).findings] == [CRITICAL]
    later = an_order(waiting("collection", 90, planned_start=400), done_until="enrolment", change=REQUEST)
    early = change_asked(later, at(101))
    assert [one.severity for one in early.findings] == [ATTENTION]
    assert early.next_at == at(124)


def test_an_answer_is_never_due_before_it_was_asked():
    found = asked(waiting("collection", 80, planned_start=90), done_until="enrolment")
    assert (found.severity, found.due) == (CRITICAL, at(104))
    assert "was booked for a moment that has passed: it may begin any time." in found.why


def test_after_a_day_without_an_answer_it_is_critical():
    assert severity(running("qc_release_tests", 90), done_until="harvest", now=124)[0] == CRITICAL


def test_to_go_on_presses_nobody_at_once():
    wish = ChangeRequest("e1", "resume", "well", "", at(100))
    assert severity(running("expansion", 90), done_until="transduction", change=wish)[0] == ATTENTION


def foreseen(change: ChangeRequest | None) -> Finding:
    facts = order(said(), change=change)
    return next(one for one in judge(facts, at(101)).findings if one.code == FlagCode.PROMISE_AT_RISK)


@pytest.mark.parametrize("wish", ["hold", "cancel"])
def test_of_a_date_nothing_is_asked_that_the_answer_may_make_void(wish):
    assert foreseen(replace(REQUEST, wish=wish)).next_step.startswith("QA or Operations: answer on the order’s page.")
    assert "answer on" not in foreseen(replace(REQUEST, wish="resume")).next_step
    assert "answer on" not in foreseen(None).next_step


@pytest.mark.parametrize(("wish", "begins"), [("cancel", False), ("hold", False), ("resume", True)])
def test_cells_that_wait_are_no_call_to_begin_while_the_order_may_end(wish, begins):
    change = replace(REQUEST, wish=wish, asked_at=at(119))
    facts = an_order(waiting("selection", 80), done_until="receipt", change=change)
    found = {one.code: one for one in judge(facts, at(120)).findings}
    step = found[FlagCode.HOLD_EXPIRING].next_step
    assert step.startswith("Operations: start Selection by") == begins
    assert ("QA or Operations: answer on the order’s page. If the order goes on, Operations: start" in step) != begins
    said = {"cancel": "If it is declined: the cells must go on", "hold": "The cells must go on"}
    assert said.get(wish, "") in found[FlagCode.CHANGE_ASKED].why


@pytest.mark.parametrize(("wanted", "told"), [(900, "would likely be kept"), (201, "is not sure to be kept")])
def test_of_a_postponement_it_is_said_whether_its_date_would_be_kept(wanted, told):
    found = foreseen(replace(REQUEST, wish="postpone", wanted_at=at(wanted)))
    assert f"The date that the centre asks for, {day_mark(at(wanted))}, {told}." in found.why


def outcome(outcome: str, **given) -> ChangeRequest:
    return ChangeRequest("e1", "hold", "too_ill", "", at(100), outcome=outcome, outcome_at=at(105), **given)


def of(facts: OrderFacts, now: float) -> list[Finding]:
    return change_asked(facts, at(now)).findings


def test_an_answer_ends_it_and_a_no_is_told_to_the_centre_for_three_days():
    facts = an_order(running("expansion", 90), change=outcome("declined", outcome_reason="Too late."))
    [told] = of(facts, 106)
    assert (told.severity, told.why) == (ATTENTION, "The plant declined to hold the order: Too late.")
    assert (change_asked(facts, at(106)).next_at, of(facts, 177)) == (at(105) + timedelta(hours=72), [])
    for end in ("agreed", "taken_back"):
        assert of(an_order(running("expansion", 90), change=outcome(end)), 106) == []


def test_a_postponement_that_was_agreed_to_a_later_day_is_to_be_read():
    change = replace(outcome("agreed"), wish="postpone", wanted_at=at(300))
    [told] = of(an_order(running("expansion", 90), change=change, promised_at=at(300 + 20 * 24)), 106)
    assert told.why == (
        f"The plant agreed to postpone the order to {day_mark(at(300))}, but promised is {day_mark(at(780))}, "
        "20 days later than asked."
    )
    assert told.next_step.startswith("Coordinator: read the date and acknowledge it")
    assert outcome_words(change, at(780)) == f"Agreed; promised for {day_mark(at(780))}, 20 days later than asked"
    assert of(an_order(running("expansion", 90), change=change, promised_at=at(310)), 106) == []
    assert outcome_words(change, at(310)) == f"Agreed; promised for {moment_mark(at(310))}, later than asked"
    assert outcome_words(change, at(300)) == "Agreed"
    assert sent_words("answered", change, "Porto", "", at(310)) == (
        f"You agreed to postpone the order to {day_mark(at(300))}; promised for {moment_mark(at(310))}, later than "
        "asked; the treatment centre is told."
    )


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.CLOSED, OrderStatus.INFUSED])
def test_of_an_ended_order_nothing_is_asked(status):
    assert of(an_order(running("expansion", 90), change=REQUEST, status=status), 101) == []
