"""Results that may come after the dose is given: which, when they are due, and what is said of them."""

from datetime import UTC

import pytest

from supplychain.orders.rules.late_results import MAY_GO, WENT, LateResult, late_results
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.words import date_words
from tests.supplychain.builders import at, plain_plan

STAGES = plain_plan().stages.values()


def found(status: str, **moments) -> tuple[LateResult, ...]:
    runs = {code: RunState(1, code, str(status), **moments) for code in ("harvest", "sterility")}
    return late_results(STAGES, runs)


@pytest.mark.parametrize(
    ("status", "moments", "due"),
    [
        (StageStatus.PENDING, {}, None),
        (StageStatus.READY, {"ready_at": at(0)}, None),
        (StageStatus.HELD, {"started_at": at(0)}, None),
        (StageStatus.RUNNING, {"started_at": at(0)}, 336),
        (StageStatus.RUNNING, {"started_at": at(0), "planned_start_at": at(0), "planned_end_at": at(300)}, 300),
    ],
)
def test_a_test_that_may_end_after_release_is_awaited_until_it_has_ended(status, moments, due):
    is_begun = "started_at" in moments
    assert found(status, **moments) == (LateResult("Sterility", None if due is None else at(due), is_begun),)


@pytest.mark.parametrize("status", [StageStatus.COMPLETED, StageStatus.SKIPPED, StageStatus.FAILED])
def test_of_one_that_has_ended_nothing_is_to_come(status):
    assert found(status) == ()


def test_a_flow_without_such_a_test_says_nothing():
    assert late_results([one for one in STAGES if not one.may_end_after_release], {}) == ()
    assert late_results(STAGES, {}) == ()


@pytest.mark.parametrize(
    ("due", "before", "said"),
    [
        (336, MAY_GO, "Sterility: result due about 16 Mar; the flow lets the dose be given before it"),
        (336, WENT, "Sterility: result due about 16 Mar; the dose was given before it"),
        (336, "", "Sterility: result due about 16 Mar"),
        (24, MAY_GO, "Sterility: result was due 3 Mar, not yet in; the flow lets the dose be given before it"),
        (None, MAY_GO, "Sterility: result not yet in; the flow lets the dose be given before it"),
    ],
)
def test_it_is_one_plain_line(due, before, said):
    result = LateResult("Sterility", None if due is None else at(due))
    assert result.words(at(30), lambda moment: date_words(moment, at(30), UTC), before) == said


def test_of_a_test_that_nobody_began_no_result_is_on_its_way():
    (result,) = found(StageStatus.READY, ready_at=at(0))
    said = result.words(at(30), lambda moment: date_words(moment, at(30), UTC), MAY_GO)
    assert said == "Sterility: not reported begun; the flow lets the dose be given before it"
