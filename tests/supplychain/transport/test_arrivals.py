"""When a transport is expected to arrive: one rule for whoever asks."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supplychain.orders.rules.states import RunState
from supplychain.sentences import moment_mark
from supplychain.transport.rules.arrivals import (
    Arrival,
    ShownArrival,
    Transit,
    asks_lane,
    due_at,
    expected_arrival,
    hours_of,
    transit_of,
)
from supplychain.transport.rules.lanes import Lane, lane_of
from supplychain.transport.statuses import ArrivalBasis
from tests.batches.builders import FLOW, at

LANE = Lane("", 20, 4, (), "UTC")
PLAN = FLOW.stages["inbound"]
COURIER, BOOKED, BY_LANE = ArrivalBasis.COURIER, ArrivalBasis.BOOKED, ArrivalBasis.LANE


def a_run(*, booked: float | None = None, delivery: float | None = None, started: float | None = None,
          agreed: float | None = None, unknown: bool = False, status: str = "") -> RunState:  # fmt: skip
    """A transport; moments in hours."""
    said = {"planned_pickup_at": booked, "planned_delivery_at": delivery, "agreed_end_at": agreed}
    details = {name: at(one).isoformat() for name, one in said.items() if one is not None}
    details |= {"arrival_unknown_since": at(0).isoformat()} if unknown else {}
    begun = None if started is None else at(started)
    return RunState(
        1, "inbound", status or ("pending" if begun is None else "running"), started_at=begun, details=details
    )


@pytest.mark.parametrize(
    ("run", "now", "expected"),
    [
        # Under way: the courier's newest word, else its booking, else its lane from the real pickup.
        ({"started": 1, "booked": 0, "delivery": 20, "agreed": 40}, 2, (40, COURIER)),
        ({"started": 1, "booked": 0, "delivery": 20}, 2, (20, BOOKED)),
        ({"started": 1, "booked": 0, "delivery": 30}, 2, (30, BOOKED)),
        ({"started": 1}, 2, (25, BY_LANE)),
        ({"started": 1, "booked": 5}, 2, (25, BY_LANE)),
        # What has passed counts no more; what the courier said is not taken back by its lane.
        ({"started": 1, "booked": 0, "delivery": 20}, 21, (25, BY_LANE)),
        ({"started": 1}, 25, None),
        ({"started": 1, "delivery": 5, "agreed": 10}, 11, None),
        ({"started": 1, "delivery": 20, "unknown": True}, 2, None),
        ({"started": 1, "delivery": 20, "status": "held"}, 2, None),
        ({"started": 1, "delivery": 20, "status": "completed"}, 2, None),
        # To come: the same from the booked pickup; who is late with it is with the delivery.
        ({"booked": 10, "delivery": 30, "agreed": 40}, 2, (40, COURIER)),
        ({"booked": 10, "delivery": 30}, 2, (30, BOOKED)),
        ({"booked": 10, "delivery": 30}, 12, (32, BOOKED)),
        ({"booked": 10}, 2, (34, BY_LANE)),
        ({"booked": 10}, 12, (36, BY_LANE)),
        ({"booked": 10, "delivery": 30, "agreed": 11}, 12, None),
        ({"delivery": 30}, 2, (30, BOOKED)),
        ({"agreed": 40}, 2, (40, COURIER)),
        ({}, 2, None),
        ({"booked": 10, "unknown": True}, 2, None),
        ({"booked": 10, "status": "skipped"}, 2, None),
    ],
)
def test_the_newest_word_counts_before_the_booking_and_that_before_the_lane(run, now, expected):
    arrival = expected_arrival(PLAN, a_run(**run), LANE, at(now))
    assert arrival == (Arrival(at(expected[0]), expected[1]) if expected else None)


@pytest.mark.parametrize(
    ("run", "now", "hours", "waits"),
    [
        ({"started": 6}, 8, 38, 14),  # picked up at 14:00 after the cut-off at 13:00: it leaves at 04:00
        ({"started": 4}, 8, 24, 0),
        ({"booked": 6}, 2, 38, 14),
        ({"booked": 4}, 2, 24, 0),
        ({"booked": 4}, 5.5, 38.5, 14.5),  # nobody came, and the cut-off has passed
        ({}, 2, 24, 0),
    ],
)
def test_a_missed_cut_off_is_waited_out(run, now, hours, waits):
    lane = LANE._replace(cut_offs=(time(4), time(13)))
    assert (at(0).hour, at(0).minute) == (8, 0)
    assert transit_of(PLAN, a_run(**run), lane, at(now)) == Transit(hours, waits, BY_LANE, lane.words)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ({"started": 1, "agreed": 9}, None), ({"started": 1, "unknown": True}, None),
        ({"booked": 4, "delivery": 30}, 26), ({"booked": 4, "delivery": 30, "agreed": 44}, 40),
        ({"booked": 4, "delivery": 3}, 24), ({"unknown": True}, None),
    ],
)  # fmt: skip
def test_what_is_known_of_the_way_takes_the_place_of_what_is_usual(run, expected):
    transit = transit_of(PLAN, a_run(**run), LANE, at(2))
    assert (transit and transit.hours) == expected


def test_only_transports_have_ways():
    plan = FLOW.stages["selection"]
    run = replace_stage(a_run(booked=4, delivery=30))
    assert transit_of(plan, run, LANE, at(2)) is None
    assert expected_arrival(plan, run, LANE, at(2)) is None
    assert not asks_lane(plan, run, at(2))


def replace_stage(run: RunState) -> RunState:
    return RunState(1, "selection", run.status, details=run.details)


def test_a_lane_is_asked_for_only_where_nobody_said_when_it_arrives():
    asked = [{}, {"booked": 4}, {"started": 1}, {"started": 1, "delivery": 1.5}]
    told = [{"booked": 4, "delivery": 30}, {"started": 1, "agreed": 9}, {"started": 1, "agreed": 1.5},
            {"started": 1, "unknown": True},
            {"started": 1, "status": "completed"}, {"started": 1, "status": "held"}]  # fmt: skip
    assert [asks_lane(PLAN, a_run(**one), at(2)) for one in asked] == [True] * 4
    assert [asks_lane(PLAN, a_run(**one), at(2)) for one in told] == [False] * 6


def test_when_it_was_to_arrive_stays_known_after_that():
    assert due_at(PLAN, a_run(started=1), LANE) == at(25)
    assert due_at(PLAN, a_run(started=1, delivery=20), LANE) == at(20)
    assert [due_at(PLAN, a_run(**one), LANE) for one in ({"booked": 4}, {"started": 1, "unknown": True})] == [None] * 2
    assert due_at(PLAN, a_run(started=1), None) is None


@pytest.mark.parametrize(
    ("lane", "hours"),
    [(None, (24, 60)), (LANE._replace(usual_hours=4), (24, 60)), (LANE._replace(usual_hours=44), (48, 120))],
)
def test_a_longer_lane_makes_a_longer_plan(lane, hours):
    assert hours_of(PLAN, lane, at(1)) == hours


@pytest.mark.parametrize(
    ("run", "now", "words"),
    [
        ({"started": 4}, 5, ""), ({"started": 6}, 7, ", cut-off 13:00 at the origin missed"),
        ({"booked": 6}, 2, ", the planned pickup is after cut-off 13:00 at the origin"),
        ({"booked": 4}, 6, ", cut-off 13:00 at the origin missed"),
    ],
)  # fmt: skip
def test_an_arrival_by_the_lane_is_told_with_the_cut_off_that_it_misses(run, now, words):
    shown = ShownArrival.of(PLAN, a_run(**run), LANE._replace(cut_offs=(time(13),)), at(now))
    when = f"{shown.arrival.at:%Y-%m-%dT%H:%MZ}"
    assert shown.words == f"Expected {moment_mark(shown.arrival.at)} by its lane{words}; nobody said when it arrives."
    assert when in shown.words


def test_an_arrival_that_was_said_needs_no_words():
    assert ShownArrival.of(PLAN, a_run(started=1, delivery=20), LANE, at(2)) == (Arrival(at(20), BOOKED), "", LANE)
    assert ShownArrival.of(PLAN, a_run(), LANE, at(2)) is None
    assert ShownArrival.of(PLAN, a_run(started=1, unknown=True), None, at(2)) is None


def test_an_arrival_by_the_lane_that_has_passed_is_told_as_that():
    shown = ShownArrival.of(PLAN, a_run(started=1), LANE, at(26))
    assert shown == (None, f"Was expected {moment_mark(at(25))} by its lane; nobody said when it arrives.", LANE)
    assert ShownArrival.of(PLAN, a_run(started=1, delivery=20), LANE, at(26)) == (None, "", LANE)
    shown = ShownArrival.of(PLAN, a_run(started=1, delivery=20), LANE, at(21))
    assert shown.words == f"Expected {moment_mark(at(25))} by its lane; what was booked no longer counts."


def test_the_lane_of_the_courier_comes_before_that_of_all():
    places = {"collection_site": "oslo", "plant": "bergen", "infusion_site": "oslo"}
    own, every = LANE._replace(courier="Nord"), LANE._replace(usual_hours=9)
    lanes = {("oslo", "bergen", "NORD"): own, ("oslo", "bergen", ""): every}
    assert lane_of(lanes, "inbound", places, "nord") == own
    assert lane_of(lanes, "inbound", places, "Other") == every
    assert lane_of(lanes, "outbound", places, "nord") is None
    assert lane_of(lanes, "", places, "nord") is None
    assert lane_of({}, "inbound", {}, "nord") is None


hours = st.floats(-60, 60) | st.none()


@given(
    st.builds(dict, booked=hours, delivery=hours, started=hours, agreed=hours, unknown=st.booleans(),
              status=st.sampled_from(["", "held", "ready", "completed"])),
    st.floats(0.5, 90), st.lists(st.times(), max_size=2), st.floats(-60, 60),
)  # fmt: skip
def test_an_arrival_lies_ahead_and_what_the_way_takes_leads_there(run, usual, cut_offs, now):
    one, lane = a_run(**run), Lane("", usual, 2, tuple(sorted(cut_offs)), "Europe/Oslo")
    arrival, transit = expected_arrival(PLAN, one, lane, at(now)), transit_of(PLAN, one, lane, at(now))
    if arrival:
        assert arrival.at > at(now)
        assert not run["unknown"]
    if transit:
        assert 0 <= transit.waits <= transit.hours
    if transit and arrival and one.started_at is None and one.expected_start:
        assert abs(begin_of(one, now) + timedelta(hours=transit.hours) - arrival.at) < timedelta(seconds=1)
    if transit and arrival and one.started_at and arrival.by == BY_LANE:
        assert abs(one.started_at + timedelta(hours=transit.hours) - arrival.at) < timedelta(seconds=1)


def begin_of(run: RunState, now: float) -> datetime:
    return max(run.expected_start, at(now))
