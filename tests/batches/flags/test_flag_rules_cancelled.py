"""Flags about the cells of an order that is cancelled, or of which that is not sure."""

from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode, Harm, Severity
from supplychain.orders.statuses import OrderStatus
from tests.batches.builders import a_surprise, an_order, at, hours_after_start, waiting

DOUBT = a_surprise("withdrawal_asked", "", hours=6) | {"decided": "cancelled", "kind": "cancelled"}


def found(now: float, *surprises, status=OrderStatus.CANCELLED):
    order = an_order(waiting("selection", 4), done_until="receipt", status=status, surprises=list(surprises), ended=5)
    (odd,) = [one for one in judge(order, at(now)).findings if one.code == FlagCode.OUT_OF_SEQUENCE]
    return odd


def test_of_a_cancellation_in_doubt_the_clock_of_the_cells_is_told():
    odd = found(7, DOUBT)
    limit = odd.due
    assert limit is not None
    assert "the limit of the cells passes at" in odd.why
    assert odd.next_step.endswith("Until then keep the cells, and discard nothing.")
    near = hours_after_start(limit) - 1
    odd = found(near, DOUBT)
    assert (odd.severity, odd.harm, odd.due) == (Severity.CRITICAL, Harm.CELLS, limit)


def test_of_a_closing_without_its_cancellation_somebody_finds_the_cells():
    closing = a_surprise("contradicts", "", hours=6) | {"kind": "closed", "of_decision": "True"}
    odd = found(7, closing, status=OrderStatus.IN_PROGRESS)
    assert (odd.severity, odd.due is not None) == (Severity.CRITICAL, True)
    assert odd.next_step.startswith("QA: find out now what became of the patient’s cells")


def test_of_a_withdrawn_cancellation_somebody_makes_sure_of_the_cells():
    gone = a_surprise("withdrawn", "", hours=6) | {"kind": "cancelled"}
    odd = found(7, gone, status=OrderStatus.IN_PROGRESS)
    assert odd.next_step.startswith("QA: make sure first that the patient’s cells still exist")


def undecided(now: float, **given):
    order = an_order(waiting("selection", 4), done_until="receipt", status=OrderStatus.CANCELLED, ended=5, **given)
    return [one for one in judge(order, at(now)).findings if one.code == FlagCode.CELLS_UNDECIDED]


def test_cells_of_a_cancelled_order_are_flagged_until_somebody_decides_on_them():
    (one,) = undecided(6)
    assert one.why.startswith(
        "The order is cancelled, and nobody has said what becomes of the patient’s cells (cells were collected)"
    )
    assert one.next_step.startswith("QA: decide what becomes of the patient’s cells")
    (near,) = undecided(hours_after_start(one.due) - 1)
    assert (near.severity, near.harm) == (Severity.CRITICAL, Harm.CELLS)
    (over,) = undecided(hours_after_start(one.due) + 30)
    assert (over.severity, over.due) == (Severity.CRITICAL, one.due)
    assert "the limit of the cells passed at" in over.why
    assert undecided(6, is_closed=True) == []
    assert undecided(7, surprises=[DOUBT]) == []
    released = an_order(done_until="disposition", status=OrderStatus.CANCELLED, ended=5)
    (one,) = judge(released, at(900)).findings
    assert (one.severity, "a released dose" in one.why) == (Severity.ATTENTION, True)
    assert judge(an_order(status=OrderStatus.CANCELLED, ended=5), at(6)).findings == []
