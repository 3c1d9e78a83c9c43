"""The hold-time budget: permitted − elapsed − forecast of the rest; the flag about the wait says the same."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.flags.rules.waiting import hold_expiring
from batches.forecasts.rules.begins import BEGINS, ForeseenBegin
from batches.forecasts.rules.hold_budgets import budget_words, hold_budgets, left_words
from batches.forecasts.rules.running_waits import watched
from batches.judgement.rules.facts import OrderFacts
from batches.judgement.statuses import FlagCode
from supplychain.orders.statuses import OrderStatus, StageStatus
from supplychain.sentences import moment_mark
from supplychain.words import hours_words
from tests.batches.builders import a_run, an_order, at, running, waiting
from tests.batches.flags.foreseen import said


def begins(stage: str, median: float | None, latest: float | None = None) -> dict:
    moments = (None if one is None else at(one) for one in (median, latest))
    return {BEGINS: {stage: ForeseenBegin(*moments).row}}


def selecting(median: float | None, latest: float | None = None, **given) -> OrderFacts:
    """A selection that may wait until hour 48."""
    foreseen = said(confirmed=given.pop("confirmed", 29), evidence=begins("selection", median, latest))
    runs = [given.pop("run", waiting("selection", ready=0))]
    return an_order(*runs, prediction=foreseen, done_until="receipt", **{"last_recorded": 0} | given)


def only(facts: OrderFacts, now: float):
    (budget,) = hold_budgets(facts, at(now))
    return budget


def test_what_is_left_is_what_was_permitted_less_what_is_gone_less_the_rest():
    budget, now = only(selecting(38, 44), 30), at(30)
    assert (budget.permitted_hours, budget.elapsed_hours(now), budget.rest_hours(now)) == (48, 30, 8)
    assert (budget.left_hours(now), budget.least_hours(now)) == (10, 4)
    median, latest = moment_mark(at(38)), moment_mark(at(44))
    assert budget_words(budget, now) == (
        f"Selection: the wait may last 48 h, until {moment_mark(at(48))}; 30 h gone; "
        f"Selection is foreseen to begin {median}, 10 h before the limit (in 19 of 20 simulations by {latest}, 4 h "
        "before the limit); 10 h to spare."
    )


@pytest.mark.parametrize(("now", "words"), [(36, "14 h to spare"), (37.5, "12 h to spare if the cells are found")])
def test_of_cells_that_are_missed_there_is_something_to_spare_only_if_they_are_found(now, words):
    run = running("inbound", 1, planned_delivery=25, qualified_until=50)
    foreseen = said(confirmed=now - 1, evidence=begins("receipt", 36))
    facts = an_order(run, prediction=foreseen, done_until="collection", last_recorded=0)
    assert left_words(only(facts, now), at(now)) == words


@pytest.mark.parametrize(
    ("arrival", "begins_at", "latest_at"),
    [
        ({}, 33, 38), ({"planned_delivery_at": at(35)}, 35, 38), ({"planned_delivery_at": at(20)}, 33, 38),
        ({"agreed_end_at": at(39), "agreed_times": "1"}, 39, 39),
        ({"planned_delivery_at": at(35), "unknown_since": at(9)}, None, None),
    ],
)  # fmt: skip
def test_cells_are_not_taken_up_before_they_arrive_nor_at_any_moment_when_nobody_knows(arrival, begins_at, latest_at):
    given = {name: one if isinstance(one, str) else one.isoformat() for name, one in arrival.items()}
    run = running("inbound", 0, qualified_until=50)._replace(**given)
    foreseen = said(confirmed=9, evidence=begins("receipt", 33, 38))
    budget = only(an_order(run, prediction=foreseen, done_until="collection", last_recorded=0), 10)
    expected = tuple(None if one is None else at(one) for one in (begins_at, latest_at))
    assert (budget.begins_at, budget.latest_at) == expected


def test_of_a_wait_that_has_yet_to_begin_nothing_is_gone():
    budget, now = only(selecting(38, run=waiting("selection", ready=35)), 30), at(30)
    assert f"; it begins {moment_mark(at(35))};" in budget_words(budget, now)
    assert " gone" not in budget_words(budget, now)


def test_too_little_is_never_nothing():
    budget, now = only(selecting(53, 60), 30), at(30)
    assert (budget.left_hours(now), budget.least_hours(now)) == (-5, -12)
    assert left_words(budget, now) == "5 h too little"
    assert "5 h after the limit" in budget_words(budget, now)


def test_what_was_to_begin_by_now_begins_now_at_the_earliest():
    budget = only(selecting(31), 34)
    assert (budget.rest_hours(at(34)), budget.left_hours(at(34))) == (0, 14)
    assert f"was foreseen to begin by {moment_mark(at(31))}" in budget_words(budget, at(34))
    assert budget.left_hours(at(50)) == -2


@pytest.mark.parametrize(
    "facts", [selecting(None), selecting(38, confirmed=23), replace(selecting(38), prediction=None)]
)
def test_what_no_future_that_counts_says_is_not_known(facts):
    budget = only(facts, 30)
    assert (budget.rest_hours(at(30)), budget.left_hours(at(30))) == (None, None)
    assert left_words(budget, at(30)) == "budget not known, 18 h to the limit"
    assert budget.is_tight(at(30))
    assert not budget.is_tight(at(20))


def test_of_an_order_on_hold_it_holds_if_the_hold_were_lifted_now():
    held = a_run("selection", StageStatus.HELD, ready=0, held=20)
    for facts in (selecting(38, run=held), selecting(38, status=OrderStatus.ON_HOLD, held=20)):
        budget = only(facts, 30)
        assert budget.if_lifted
        assert budget.left_hours(at(30)) == 10
        assert "; if the hold were lifted now, Selection is foreseen to begin" in budget_words(budget, at(30))


def test_what_was_foreseen_before_the_last_report_says_so():
    budget = only(selecting(38, last_recorded=29.5), 30)
    assert budget.is_before_news
    assert "(foreseen before the last report)" in budget_words(budget, at(30))


def test_on_the_way_the_rest_lasts_until_the_next_stage_takes_the_cells_up():
    moving = running("inbound", started=0, qualified_until=40)
    facts = an_order(
        moving, done_until="collection", last_recorded=0, prediction=said(confirmed=9, evidence=begins("receipt", 33))
    )
    budget = only(facts, 10)
    assert (budget.stage, budget.ended_by, budget.left_hours(at(10))) == ("inbound", "receipt", 7)
    assert budget_words(budget, at(10)).startswith("Inbound: the shipper’s cold may last 40 h, until ")
    assert watched(facts, [True] * len(facts.stages), at(10)) == (list(facts.stages).index("receipt"),)


def test_nobody_plans_with_a_wait_that_must_follow_at_once():
    assert hold_budgets(an_order(waiting("expansion"), done_until="transduction"), at(0.5)) == []


def test_of_an_order_that_has_ended_there_is_none():
    assert hold_budgets(selecting(38, status=OrderStatus.CANCELLED), at(30)) == []


@given(
    median=st.none() | st.integers(0, 90), longer=st.integers(0, 30), now=st.integers(0, 70), is_held=st.booleans(),
    confirmed=st.integers(0, 70), ready=st.integers(0, 20),
)  # fmt: skip
def test_flag_and_budget_never_say_two_things(median, longer, now, is_held, confirmed, ready):
    latest = None if median is None else median + longer
    run = a_run("selection", StageStatus.HELD, ready=ready, held=ready) if is_held else waiting("selection", ready)
    facts = selecting(median, latest, run=run, confirmed=confirmed)
    found = hold_expiring(facts, at(now)).findings
    budget = only(facts, now)
    if budget.begins_at is None:
        assert not found or "begins_at" not in found[0].evidence
        return
    assert budget.left_hours(at(now)) == ready + 48 - max(median, now)
    for finding in found:
        assert finding.evidence["begins_at"] == at(median).isoformat()
        assert finding.due == budget.until
        assert finding.code == FlagCode.HOLD_EXPIRING
        if median > now and at(now) < budget.until and ready + 48 != median:
            side = "before" if median < ready + 48 else "after"
            assert f"{hours_words(abs(budget.left_hours(at(now))))} {side} the limit" in finding.why
    assert hold_expiring(facts, at(now)).findings == found


def test_the_flag_is_judged_again_when_the_foreseen_moment_passes():
    found = hold_expiring(selecting(33), at(30))
    assert found.next_at == at(33)
    assert hold_expiring(selecting(45), at(30)).next_at == at(35)  # the futures are fresh until then
    kept = replace(selecting(33), prediction=None)
    assert "foreseen" not in hold_expiring(kept, at(30)).findings[0].why


def test_of_cells_in_storage_there_is_none_until_a_fortnight_before_their_end():
    stored = an_order(waiting("infusion"), done_until="site_receipt")
    assert hold_budgets(stored, at(8760 - 15 * 24)) == []
    assert [one.stage for one in hold_budgets(stored, at(8760 - 14 * 24))] == ["infusion"]
