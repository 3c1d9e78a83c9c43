"""Forecasts let transports take what their lane says, under way, to come and of orders not yet placed."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.durations.rules.curves import constant, curve_of_plan, median_of
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.line_facts import LineOrder
from batches.forecasts.rules.line_states import line_state
from batches.forecasts.rules.standing_stages import transit_curve
from batches.judgement.rules.facts import RunFacts
from supplychain.transport.rules.arrivals import Transit
from supplychain.transport.rules.lanes import Lane
from supplychain.transport.statuses import ArrivalBasis
from tests.batches.builders import FLOW, a_run, at, failed, running, waiting
from tests.batches.forecasts.line_builders import SITE, kind, line_facts, line_order, said_of, state_of

LANE = Lane("", 44, 4, (), "UTC")
INBOUND = list(FLOW.stages).index("inbound")
USUAL = curve_of_plan(24, 60)


def on_lane(run: RunFacts, lane: Lane | None = LANE, done_until: str = "collection") -> LineOrder:
    """An order with this transport on its lane, and others still to come."""
    order = line_order(1, run, done_until=done_until)
    stages = {**order.facts.stages, run.stage: order.facts.stages[run.stage]._replace(lane=lane)}
    return order._replace(facts=replace(order.facts, stages=stages))


def said_run(code: str = "inbound", **hours: float) -> RunFacts:
    return waiting(code, ready=0, **hours)


@pytest.mark.parametrize(
    ("run", "now", "lane", "arrives"),
    [
        (running("inbound", started=1), 2, LANE, 49),
        (running("inbound", started=1), 2, None, 25),
        (running("inbound", started=1), 60, LANE, 64.8),  # it still needs a tenth
        (running("inbound", started=1, planned_delivery=30), 2, LANE, 30),
        (running("inbound", started=1, planned_delivery=30), 31, LANE, 49),
        (running("inbound", started=6), 8, LANE._replace(cut_offs=(time(4), time(13))), 68),
        (said_run(planned_pickup=10), 2, LANE, 58),
        (said_run(planned_pickup=10), 12, LANE, 60),
        (said_run(planned_pickup=10, planned_delivery=30), 2, LANE, 30),
        (said_run(planned_pickup=10, planned_delivery=30), 2, None, 30),
        (said_run(planned_pickup=10, planned_delivery=30), 12, None, 32),
        (said_run(), 2, LANE, 50),
        (said_run(planned_pickup=4), 4.5, LANE._replace(cut_offs=(time(12, 15),)), 76.25),
        (a_run("inbound", "held", started=1, held=11), 20, LANE, 58),
    ],
)
def test_the_plain_forecast_and_the_futures_let_a_transport_arrive_by_its_lane(run, now, lane, arrives):
    order = on_lane(run, lane)
    leg = forecast(order.facts, at(now)).legs["inbound"]
    assert (leg.ends.at(at(now)) - at(0)) / timedelta(hours=1) == pytest.approx(arrives)
    hours = said_of(order, now=now)[1].ready_median + now
    rest = forecast(order.facts, at(now)).ready_at - leg.ends.at(at(now))
    if now != 60:  # late by its lane it arrives by what is left of that, at once where nothing varies
        assert hours - rest / timedelta(hours=1) == pytest.approx(arrives, abs=2)


def test_it_says_by_what_it_takes_so_long():
    (step, *_) = forecast(on_lane(running("inbound", started=1)).facts, at(2)).steps
    assert (step.stage, step.basis) == ("inbound", "44 h on its lane and 4 h at customs")
    booked = on_lane(said_run(planned_pickup=10, planned_delivery=30))
    assert forecast(booked.facts, at(2)).steps[0].basis == "as booked"


def test_the_next_cut_off_is_a_moment_at_which_the_forecast_jumps():
    order = on_lane(said_run(planned_pickup=4), LANE._replace(cut_offs=(time(13),)))
    made = forecast(order.facts, at(2))
    assert made.next_at(at(2)) <= at(5)
    assert (forecast(order.facts, at(5.1)).ready_at - made.ready_at) > timedelta(hours=20)


def test_a_lane_keeps_the_learned_spread_in_its_measure():
    state = line_state(line_facts(on_lane(running("inbound", started=1)), curves={"inbound": USUAL}), at(2))
    visit = state.orders[0].visits[INBOUND]
    curve = state.curves[visit.curve]
    assert (median_of(curve), visit.load) == (pytest.approx(48), 0.0)
    assert curve[120] / curve[64] == pytest.approx(USUAL[120] / USUAL[64])
    assert visit.elapsed == 1


def test_what_is_done_again_goes_by_its_lane_from_whenever_it_can():
    order = on_lane(failed("inbound", 10), done_until="collection")
    assert forecast(order.facts, at(12)).legs["inbound"].stage.lane == LANE
    leg = forecast(order.facts, at(12)).legs["inbound"]
    assert leg.ends.at(at(12)) - leg.starts.at(at(12)) == timedelta(hours=48)


def test_orders_not_yet_placed_go_by_the_lane_of_whoever_carries_them():
    lanes = {(SITE, SITE, ""): LANE, (SITE, SITE, "NORD"): LANE._replace(usual_hours=9)}
    facts = replace(line_facts(recent=[kind()]), lanes=lanes)
    state = line_state(facts, at(0))
    for ahead in (state.orders[0], state.newcomers[0].ahead):
        hours = [median_of(state.curves[ahead.visits[list(FLOW.stages).index(code)].curve])
                 for code in ("inbound", "outbound", "selection")]  # fmt: skip
        assert hours == [48, 48, 12]


def test_without_lanes_nothing_is_other_than_before():
    order = line_order(1, running("inbound", started=1), done_until="collection")
    assert state_of(order, now=2).orders == state_of(on_lane(running("inbound", started=1), None), now=2).orders


@given(st.floats(0.1, 500), st.floats(0, 40), st.sampled_from([USUAL, constant(24), constant(0), constant(1)]))
def test_half_of_the_futures_arrive_by_the_lane_and_none_before_it_has_left(hours, waits, usual):
    curve = transit_curve(usual, Transit(waits + hours, waits, ArrivalBasis.LANE, ""))
    assert median_of(curve) == pytest.approx(waits + hours)
    assert min(curve) >= waits or usual == constant(0)
    assert list(curve) == sorted(curve)
