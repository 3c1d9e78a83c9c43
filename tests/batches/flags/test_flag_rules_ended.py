"""What still comes to light of an order that was cancelled or closed."""

import pytest

from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.statuses import OrderStatus
from tests.batches.builders import (
    a_shared,
    a_surprise,
    an_order,
    at,
    completed,
    failed,
    hours_after_start,
    subjects,
    waiting,
)

FAILED = (FlagCode.STAGE_FAILED, "sterility_final", Severity.CRITICAL)


def found(*runs, status=OrderStatus.CLOSED, now=600, **given) -> list[tuple[str, str, str]]:
    values = {"ended": 500, "ended_heard": 500} | given
    return subjects(judge(an_order(*runs, done_until="infusion", status=status, **values), at(now)).findings)


@pytest.mark.parametrize(
    ("failed_at", "heard_at", "flags"),
    [
        (510, 511, [FAILED]),
        (490, 511, [FAILED]),  # happened before, but nobody knew when the order was closed
        (490, 495, []),
        (490, 500, []),  # told together with the closing
        (505, 500, [FAILED]),
    ],
)
def test_a_late_test_that_fails_counts_on_a_closed_order_unless_it_was_known(failed_at, heard_at, flags):
    assert found(failed("sterility_final", failed_at, failed_heard=heard_at)) == flags


def test_any_other_failure_of_an_ended_order_is_history():
    assert found(failed("expansion", 510, failed_heard=510)) == []
    sterility = failed("sterility_final", 510, failed_heard=510)
    assert found(sterility, status=OrderStatus.CANCELLED, ended_heard=500) == []


def test_work_that_goes_on_after_the_end_is_critical_and_what_came_before_is_history():
    surprises = [
        a_surprise("after_order_end", "selection", hours=510),
        a_surprise("before_predecessor", "harvest", hours=10),
        a_surprise("contradicts", "expansion", hours=10),
        a_surprise("contradicts", "disposition", hours=510),
        a_surprise("after_order_end", "", hours=520),
    ]
    for status in (OrderStatus.CANCELLED, OrderStatus.CLOSED):
        assert found(status=status, surprises=surprises) == [
            (FlagCode.OUT_OF_SEQUENCE, "", Severity.ATTENTION),
            (FlagCode.OUT_OF_SEQUENCE, "disposition", Severity.CRITICAL),
            (FlagCode.OUT_OF_SEQUENCE, "selection", Severity.CRITICAL),
        ]


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.CLOSED])
def test_a_second_person_is_asked_to_confirm_a_withdrawal_also_after_the_end(status):
    odd = (FlagCode.OUT_OF_SEQUENCE, "", Severity.ATTENTION)
    for reason in ("withdrawal_asked", "withdrawn"):
        assert found(status=status, surprises=[a_surprise(reason, "", hours=510)]) == [odd]
        assert found(status=status, surprises=[a_surprise(reason, "", hours=490)]) == []


def test_a_late_test_is_awaited_of_a_closed_order_but_not_of_a_cancelled_one():
    surprises = [a_surprise("after_order_end", "sterility_final", hours=510)]

    assert found(completed("sterility_final", 510), surprises=surprises) == []
    odd = (FlagCode.OUT_OF_SEQUENCE, "sterility_final", Severity.CRITICAL)
    assert found(completed("sterility_final", 510), surprises=surprises, status=OrderStatus.CANCELLED) == [odd]


def test_a_cancellation_from_the_future_is_critical_until_its_moment_has_come():
    order = an_order(status=OrderStatus.CANCELLED, ended=24, surprises=[a_surprise("in_future", "", hours=24)])

    before, since = judge(order, at(1)), judge(order, at(24))

    assert subjects(before.findings) == [(FlagCode.OUT_OF_SEQUENCE, "", Severity.CRITICAL)]
    assert hours_after_start(before.next_at) == 24
    assert (since.findings, since.next_at) == ([], None)


@pytest.mark.parametrize(
    ("status", "stage", "is_flagged"),
    [
        (OrderStatus.CANCELLED, "", False), (OrderStatus.CANCELLED, "enrolment", False),
        (OrderStatus.CANCELLED, "infusion", False), (OrderStatus.CLOSED, "enrolment", False),
        (OrderStatus.CLOSED, "infusion", True), (OrderStatus.CLOSED, "sterility_final", True),
    ],
)  # fmt: skip
def test_what_is_said_to_lie_ahead_is_history_once_an_order_without_a_dose_has_ended(status, stage, is_flagged):
    order = an_order(status=status, ended=24, surprises=[a_surprise("in_future", stage, hours=700)])
    assert bool(judge(order, at(30)).findings) is is_flagged


def test_a_swap_counts_on_a_closed_order_whose_dose_was_given():
    swap = (FlagCode.IDENTITY_SHARED, "", Severity.CRITICAL)

    assert found(shared=(a_shared(),)) == [swap]
    assert found(shared=(a_shared(),), status=OrderStatus.CANCELLED) == []
    assert found(waiting("infusion"), shared=(a_shared(),)) == []
    assert found(shared=(a_shared(same_patient=True),)) == []
