"""The Monte-Carlo forecast against exact answers."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.durations.rules.curves import SHARES, share_below
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.refinements import Refined
from batches.forecasts.rules.summaries import simulated
from supplychain.orders.statuses import OrderStatus, Priority
from tests.batches.builders import a_run, an_order, at, completed, failed, running, waiting
from tests.batches.forecasts.golden import AFTER_SUITE, SUITE, UNIFORM
from tests.batches.forecasts.line_builders import kind, line_facts, line_order, said_of, state_of

EXPONENTIAL = tuple(-24 * log(1 - min(share, 1 - 1 / 512)) for share in SHARES)


def moments(said) -> tuple:
    return said.ready_low, said.ready_median, said.ready_high


@pytest.mark.parametrize("done", ["", "collection", "harvest", "disposition"])
def test_with_fixed_durations_every_future_is_the_critical_path(done):
    order = line_order(1, done_until=done, promised=2_000)
    path = forecast(an_order(done_until=done), at(50))

    said = said_of(order, now=50)[1]

    hours = (path.ready_at - at(50)).total_seconds() / 3600
    assert moments(said) == (hours, hours, hours)
    assert (said.late.share, said.no_dose.share, said.wait_expires.share) == (0, 0, 0)


def test_a_running_stage_of_fixed_length_ends_when_it_must():
    order = line_order(1, running("qc_release_tests", started=10), done_until="harvest", promised=100)

    said = said_of(order, now=20)[1]

    assert moments(said) == (208, 208, 208)  # 158 of the tests, then 24, 24 and 2
    assert said.late.share == 1


def test_a_full_suite_makes_wait_exactly():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    first, second = (line_order(n, waiting("selection", ready=90 + n), done_until="receipt") for n in (2, 3))

    said = said_of(holds, second, first, now=100, pools={"suite": 1})

    free = 68 + 12  # the rest of expansion, then harvest
    assert said[1].ready_median == free + AFTER_SUITE
    assert said[2].ready_median == free + SUITE + AFTER_SUITE
    assert said[3].ready_median == free + 2 * SUITE + AFTER_SUITE


def test_an_urgent_order_goes_before_one_that_has_waited_longer():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    usual = line_order(2, waiting("selection", ready=60), done_until="receipt")
    urgent = line_order(3, waiting("selection", ready=90), done_until="receipt", priority=Priority.URGENT)

    said = said_of(holds, usual, urgent, now=100, pools={"suite": 1})

    assert said[3].ready_median < said[2].ready_median


def test_what_is_left_of_a_running_stage_follows_its_truncated_distribution():
    order = line_order(1, running("site_receipt", started=0), done_until="outbound")

    state = state_of(order, now=64, curves={"site_receipt": UNIFORM})
    left = np.sort(simulated(state, paths=2_000).futures.ready[0])

    exact = left / 64  # uniform on 64–128, seen from 64
    steps = np.arange(1, left.size + 1) / left.size
    distance = max(np.abs(steps - exact).max(), np.abs(steps - 1 / left.size - exact).max())
    assert distance < 1.63 / np.sqrt(left.size)  # Kolmogorov, 1 %


def test_the_chance_to_be_late_is_the_exponential_tail():
    order = line_order(1, running("site_receipt", started=0), done_until="outbound", promised=48)

    said = said_of(order, now=0, paths=1_000, curves={"site_receipt": EXPONENTIAL})[1]

    assert abs((1 - share_below(EXPONENTIAL, 48)) - exp(-2)) < 0.001
    assert said.late.low <= exp(-2) <= said.late.high
    assert said.late.of == 1_000


def test_the_chance_of_no_dose_is_that_of_failing_in_the_last_attempt():
    order = line_order(1, running("qc_release_tests"), done_until="harvest", attempt=3)

    said = said_of(order, paths=1_000, ends={"qc_release_tests": (0.15, 0.1)})[1]

    assert said.no_dose.low <= 0.25 <= said.no_dose.high


def test_a_failure_now_starts_a_new_attempt_from_the_restart_stage():
    order = line_order(1, failed("qc_release_tests", 10), done_until="harvest")
    assert said_of(order, now=20)[1].ready_median == SUITE + AFTER_SUITE


def test_a_permitted_wait_that_cannot_be_kept_runs_out_in_every_future():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    waits = line_order(2, waiting("selection", ready=100), done_until="receipt")

    said = said_of(holds, waits, now=110, pools={"suite": 1})[2]  # free after 70 h, 48 are permitted

    assert (said.wait_expires.share, said.expires_stage) == (1, "selection")


def test_a_wait_that_ran_out_before_is_no_future():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    waits = line_order(2, waiting("selection", ready=20), done_until="receipt")
    assert said_of(holds, waits, now=110, pools={"suite": 1})[2].wait_expires.share == 0


def test_the_stage_that_exceeds_its_plan_by_most_is_named():
    holds = line_order(1, running("expansion", started=0), done_until="transduction")
    waits = line_order(2, waiting("selection", ready=90), done_until="receipt", promised=300)

    found = said_of(holds, waits, now=100, pools={"suite": 1})[2].contributes

    assert (found.stage, found.excess_hours, found.wait_hours) == ("selection", 80, 80)


def test_a_hold_is_taken_as_lifted_and_its_hours_do_not_count_as_work():
    order = line_order(
        1, a_run("qc_release_tests", "held", started=0, held=40), done_until="harvest", status=OrderStatus.ON_HOLD
    )
    assert said_of(order, now=100)[1].ready_median == 168 - 40 + 24 + 24 + 2


def test_a_stage_whose_end_was_never_reported_is_over_once_the_next_has_begun():
    order = line_order(1, running("expansion"), running("qc_release_tests", started=60), done_until="transduction")
    assert said_of(order, now=100)[1].ready_median == 128 + 24 + 24 + 2


def test_demand_to_come_has_the_rate_of_the_last_eight_weeks():
    state = state_of(line_order(1), recent=[kind()] * 28)
    begins = [order.begins_at for order in state.orders[1:]]
    assert (len(begins), begins[0], begins[-1]) == (15, 24, 720 - 24)  # 28 in 56 days, for 30 days, evenly


def test_demand_to_come_at_random_has_the_same_rate():
    facts = replace(line_facts(recent=[kind()] * 28), refined=Refined(has_random_arrivals=True))
    orders = line_state(facts, at(0)).orders
    assert [one.arrival for one in orders] == [(n, 48, 720) for n in range(1, 24)]
    assert len({one.key for one in orders}) == len(orders)


def test_an_infused_order_holds_its_lane_but_nothing_is_said_of_it():
    infused = line_order(
        1, completed("infusion", 5), running("sterility_final"), done_until="site_receipt", status=OrderStatus.INFUSED
    )
    waits = line_order(2, waiting("qc_release_tests", ready=0), done_until="harvest")

    said = said_of(infused, waits, pools={"qc_lane": 1})

    assert list(said) == [2]
    assert said[2].ready_median == 336 + 168 + 24 + 24 + 2


def test_an_order_that_cannot_be_simulated_is_left_out_and_named():
    broken = line_order(1, running("collection", planned_end=5), done_until="enrolment")
    broken.facts.stages["inbound"] = None  # type: ignore[index]

    state = state_of(broken, line_order(2))

    assert [one.facts.id.int for one in state.foreseen] == [2]
    assert list(state.left_out) == [str(broken.facts.id)]


STARTS = ("", "enrolment", "collection", "receipt", "transduction", "harvest", "disposition")


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(STARTS), st.floats(-50, 2_000)), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_shares_are_shares_and_the_order_of_orders_does_not_matter(orders, chance):
    given_orders = [
        line_order(number, done_until=done, promised=promised) for number, (done, promised) in enumerate(orders, 1)
    ]
    limits = {"pools": {"suite": 1, "qc_lane": 1}, "curves": {"qc_release_tests": UNIFORM}}
    limits["ends"] = {"expansion": (0.2, 0.05)}
    shuffled = chance.sample(given_orders, len(given_orders))

    said = said_of(*given_orders, paths=10, **limits)

    assert said_of(*shuffled, paths=10, **limits) == said
    for one in said.values():
        for found in (one.late, one.wait_expires, one.no_dose):
            assert found is None or 0 <= found.low <= found.share <= found.high <= 1
        known = [moment for moment in moments(one) if moment is not None]
        assert known == sorted(known)


def test_a_line_without_orders_is_no_line_state():
    assert line_facts().orders == ()
    assert state_of().orders == []
