"""An order that cannot be judged is set aside, says so, and never stops the others."""

from datetime import timedelta

import pytest

from batches.flags.models import Flag
from batches.flags.statuses import FlagChangeKind
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder
from tests.batches.judging import HOLD, changes, due_again, evaluate, make_due, raised
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    return PoolWorld()


def poison(order: PatientOrder, surprise: dict) -> None:
    PatientOrder.objects.filter(pk=order.pk).update(surprises=[surprise])


def test_an_order_whose_rules_raise_is_set_aside_and_the_others_go_on(world):
    bad, good = world.arrived(20), world.arrived(20)
    poison(bad, {"unexpected": 1})

    evaluate(44)

    assert raised(good) == [(HOLD, "selection", Severity.ATTENTION)]
    flag = Flag.objects.get(order=bad)
    assert (flag.code, flag.severity) == (FlagCode.EVALUATION_FAILED, Severity.CRITICAL)
    assert flag.why == ("This order could not be judged (KeyError: 'stage'); its other flags may be out of date.")
    assert (flag.evidence["error"], flag.evidence["message"]) == ("KeyError", "'stage'")
    assert flag.evidence["where"].startswith("record.py, line ")
    assert due_again(bad) == at(44) + timedelta(minutes=5)


def test_flags_of_an_order_that_cannot_be_judged_stand_until_it_can(world):
    order = world.arrived(20)
    evaluate(44)
    poison(order, {"unexpected": 1})
    make_due([order], 45)
    evaluate(45)
    assert raised(order) == [
        (FlagCode.EVALUATION_FAILED, "", Severity.CRITICAL), (HOLD, "selection", Severity.ATTENTION),
    ]  # fmt: skip

    PatientOrder.objects.update(surprises=[])
    evaluate(46)

    assert raised(order) == [(HOLD, "selection", Severity.ATTENTION)]
    assert changes(order, FlagCode.EVALUATION_FAILED) == [
        (FlagChangeKind.RAISED, Severity.CRITICAL), (FlagChangeKind.CLEARED, Severity.CRITICAL),
    ]  # fmt: skip


def test_an_order_whose_verdict_cannot_be_stored_is_set_aside_and_the_others_are_stored(world):
    good, bad, last = world.arrived(20), world.arrived(20), world.arrived(20)
    too_long = "s" * 41
    said_at = at(21).isoformat()
    poison(bad, {"reason": "after_end", "stage": too_long, "attempt": 1, "event": "", "at": said_at, "text": "Odd"})

    evaluation = evaluate(44)

    assert [raised(order) for order in (good, last)] == [[(HOLD, "selection", Severity.ATTENTION)]] * 2
    assert raised(bad) == [(FlagCode.EVALUATION_FAILED, "", Severity.CRITICAL)]
    assert Flag.objects.get(order=bad).evidence["error"] == "DataError"
    assert set(evaluation.orders) == {good.pk, bad.pk, last.pk}
