"""What a flag asks for is asked of those who may record it, and of work that is still to be done."""

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.flags.rules.record import out_of_sequence
from batches.flags.rules.silence import silent
from batches.flags.rules.working import stage_failed, stage_late
from batches.judgement.statuses import FlagCode
from supplychain.reasons import TOO_SHORT
from tests.batches.builders import a_surprise, an_order, at, failed, running, waiting
from tests.batches.flags.interlocked import InterlockWorld, failed_after_infusion, judged


@pytest.mark.parametrize(
    ("stage", "who"), [("collection", "Site coordinator"), ("selection", "Operations"), ("disposition", "QA")]
)
def test_what_is_asked_for_is_asked_of_those_who_may_report_it(stage, who):
    facts = an_order(running("expansion"), done_until="transduction", surprises=[a_surprise("withdrawn", stage=stage)])
    (found,) = out_of_sequence(facts, at(2)).findings
    assert found.next_step == f"{who}: report what is right, if that is missing; QA: judge whether anybody acted on it."
    asked = an_order(running("expansion"), done_until="transduction", surprises=[a_surprise("withdrawal_asked", stage)])
    (found,) = out_of_sequence(asked, at(2)).findings
    others = "QA" if who == "QA" else f"QA or {who}"
    assert found.next_step == (
        f"{others}: look at it as a second person; if it is wrong, press “Confirm: wrong” among the order’s events."
    )


def test_what_was_reported_anew_is_not_asked_for_again():
    withdrawn = a_surprise("withdrawn", stage="expansion") | {"kind": "started"}
    facts = an_order(running("expansion"), done_until="transduction", surprises=[withdrawn])
    (found,) = out_of_sequence(facts, at(2)).findings
    assert found.next_step == "QA: it was reported anew; judge whether anybody acted on the withdrawn report."


def test_an_order_of_a_day_still_to_come_can_be_mended():
    ahead = a_surprise("in_future", stage="", hours=700) | {"kind": "ordered"}
    (found,) = out_of_sequence(an_order(waiting("enrolment"), surprises=[ahead]), at(2)).findings
    assert found.next_step == "Operations: cancel this order and place it anew with the right moment."


WITH_QA = "agree with QA and the treating physician"
CELLS = ", from stored cells if any are left, else from a new collection"
BY_OPERATIONS = "what follows; Operations: begin a new attempt"


@pytest.mark.parametrize(
    ("stage", "before", "step"),
    [
        ("expansion", "transduction", f"Operations: {WITH_QA} on a new attempt{CELLS}, or cancel the order."),
        ("qc_release_tests", "harvest", f"QA: agree with the treating physician {BY_OPERATIONS}{CELLS}, or cancel."),
        ("collection", "enrolment", f"Site coordinator: {WITH_QA} {BY_OPERATIONS}, or cancel."),
    ],
)
def test_who_agrees_on_a_new_attempt_is_not_asked_to_record_it_without_the_right(stage, before, step):
    (found,) = stage_failed(an_order(failed(stage, 5), done_until=before), at(6)).findings
    assert found.next_step == step


def test_a_release_that_was_taken_back_while_the_dose_is_out_is_neither_late_nor_silent():
    for release in (running("disposition", 0), waiting("disposition", 0, planned_start=1)):
        here = an_order(release, done_until="qc_release_tests", last_recorded=0)
        assert stage_late(here, at(90)).findings or silent(here, at(90)).findings
        odd = [a_surprise("before_predecessor", "outbound", hours=20)]
        moving = running("outbound", 20)
        out = an_order(release, moving, done_until="qc_release_tests", last_recorded=0, surprises=odd)
        assert [one for one in judge(out, at(90)).findings if one.stage == "disposition" and one.code in (
            FlagCode.STAGE_LATE, FlagCode.SILENT)] == []  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["x", "ok", "- - -"])
def test_a_decision_says_why(client, reason):
    world = InterlockWorld()
    order = failed_after_infusion(world)
    judged()
    flag = Flag.objects.get(order=order, code="stage_failed")
    client.force_login(world.quality)
    answer = client.post(reverse("settle_flag", args=[flag.pk]), {"reason": reason})
    assert (answer.status_code, TOO_SHORT in answer.content.decode()) == (422, True)
    assert not order.events.filter(kind="settled").exists()
