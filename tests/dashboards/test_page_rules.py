"""The pure rules behind the pages: words for times, the time line, marks at events."""

from datetime import timedelta

import pytest

from dashboards.orders.rules.spans import booked, expected, happened, plan_from_start
from dashboards.orders.rules.time_lines import BarKind, Span
from supplychain.orders.rules.states import RunState
from supplychain.orders.statuses import StageStatus
from supplychain.words import ago_words, hours_words, slack_words, span_words
from tests.dashboards.drawn import FakeRun, told
from tests.supplychain.builders import T0, at, plain_plan


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0, "less than 1 min"),
        (0.999, "59 min"),
        (1, "1 h"),
        (47.99, "47 h"),
        (48, "48 h"),
        (103, "4 d 7 h"),
        (300, "12 d"),
    ],
)
def test_a_span_is_said_in_the_unit_that_one_acts_on(hours, words):
    assert span_words(timedelta(hours=hours)) == words
    assert span_words(timedelta(hours=-hours)) == words
    assert hours_words(hours) == words


def test_slack_says_left_or_over():
    moments = (at(31), at(-4), at(0.001), None)
    assert [slack_words(due, at(0)) for due in moments] == ["31 h left", "4 h over", "due now", ""]
    assert [ago_words(moment, at(0)) for moment in moments] == ["in 31 h", "4 h ago", "just now", ""]


@pytest.mark.parametrize(
    ("run", "spans"),
    [
        (FakeRun(StageStatus.PENDING), []),
        (FakeRun(StageStatus.READY, ready_at=at(2)), [("waited", 2, 10)]),
        (FakeRun(StageStatus.RUNNING, ready_at=at(2), started_at=at(4)), [("waited", 2, 4), ("worked", 4, 10)]),
        (FakeRun(StageStatus.RUNNING, started_at=at(4)), [("worked", 4, 10)]),
        (FakeRun(StageStatus.RUNNING, ready_at=at(6), started_at=at(4)), [("worked", 4, 10)]),
        (FakeRun(StageStatus.HELD, started_at=at(4), held_at=at(6)), [("worked", 4, 6), ("held", 6, 10)]),
        (FakeRun(StageStatus.HELD, ready_at=at(4), held_at=at(6)), [("waited", 4, 10)]),
        (FakeRun(StageStatus.FAILED, started_at=at(4), failed_at=at(7)), [("failed", 4, 7)]),
        (FakeRun(StageStatus.COMPLETED, ready_at=at(1), completed_at=at(7)), []),
        (FakeRun(StageStatus.COMPLETED, started_at=at(8), completed_at=at(7)), [("worked", 8, 8)]),
        (FakeRun(StageStatus.RUNNING, started_at=at(12)), [("worked", 12, 12)]),
    ],
)
def test_what_happened_to_a_run(run, spans):
    assert told(happened(run, at(10))) == spans


def test_one_end_of_a_booking_gives_the_other():
    both = FakeRun(StageStatus.READY, planned_start_at=at(3), planned_end_at=at(5))
    runs = (both, FakeRun("ready", planned_start_at=at(3)), FakeRun("ready", planned_end_at=at(9)), FakeRun("ready"))
    assert [told([span]) if (span := booked(run, 4)) else None for run in runs] == [
        [("planned", 3, 5)],
        [("planned", 3, 7)],
        [("planned", 5, 9)],
        None,
    ]


def test_the_plan_follows_the_critical_path_from_the_order_on():
    plan = plan_from_start(plain_plan(), T0)
    assert {code: told([span])[0][1:] for code, span in plan.items()} == {
        "collection": (0, 6),
        "inbound": (6, 30),
        "selection": (30, 42),
        "harvest": (42, 54),
        "sterility": (54, 390),
        "release": (54, 78),
        "infusion": (78, 80),
    }


FLOW = plain_plan()


STEPS = [
    {"stage": "harvest", "wait_hours": 0, "work_hours": 12},
    {"stage": "sterility", "wait_hours": 1, "work_hours": 10},
    {"stage": "release", "wait_hours": 5, "work_hours": 24},
]


def ahead(ready: float, **newest: RunState) -> dict[str, list]:
    """What lies ahead at hour 0 until the forecast moment."""
    return {code: told(some) for code, some in expected(FLOW, at(ready), {"steps": STEPS}, newest, at(0)).items()}


def test_what_lies_ahead_fills_the_time_to_the_forecast_without_a_break():
    """Simulated futures may say another moment than the usual durations: what is more is waited where most is."""
    assert ahead(100) == {
        "harvest": [("expected", 0, 12)],
        "sterility": [("awaited", 12, 13), ("expected", 13, 23)],
        "release": [("awaited", 23, 76), ("expected", 76, 100)],
    }


def test_an_appointment_is_kept_where_less_time_is_left_than_is_usual():
    booked_run = RunState(1, "sterility", planned_start_at=at(13))
    assert ahead(48, sterility=booked_run)["sterility"][0] == ("awaited", 12, 13)
    assert ahead(46.5, sterility=booked_run)["sterility"][0] == ("awaited", 12, 12.5)


def test_a_pickup_is_an_appointment_too():
    pickup = RunState(1, "sterility", details={"planned_pickup_at": at(13).isoformat()})
    named = {"stage": "sterility", "excess_hours": 40.0, "wait_hours": 40.0, "work_hours": 10.0}
    spans = expected(FLOW, at(100), {"steps": STEPS}, {"sterility": pickup}, at(0), named)
    assert told(spans["sterility"])[0] == ("awaited", 12, 13)
    assert ahead(48, sterility=pickup)["sterility"][0] == ("awaited", 12, 13)


@pytest.mark.parametrize("ready", [100, 60, 46])
def test_a_booked_delivery_is_kept_by_the_journey_of_what_is_under_way(ready):
    steps = [{"stage": "inbound", "wait_hours": 0, "work_hours": 6}, *STEPS]
    under_way = RunState(
        1, "inbound", StageStatus.RUNNING, started_at=at(-10), details={"planned_delivery_at": at(20).isoformat()}
    )
    named = {"stage": "inbound", "excess_hours": 40.0, "wait_hours": 0.0, "work_hours": 40.0}
    spans = expected(FLOW, at(ready), {"steps": steps}, {"inbound": under_way}, at(0), named)
    assert told(spans["inbound"]) == [("expected", 0, 20)]
    assert spans["release"][-1].end == at(ready)


@pytest.mark.parametrize(("begins", "ready"), [(30, 100), (12, 100), (50, 60), (5, 40)])
def test_the_journey_begins_with_the_cells_when_their_budget_says(begins, ready):
    """The page told two moments of one begin: the wait's, by simulation, and the journey's, by usual durations."""
    spans = expected(FLOW, at(ready), {"steps": STEPS}, {}, at(0), None, ("sterility", at(begins)))
    (work,) = [span for span in spans["sterility"] if span.kind == BarKind.EXPECTED]
    told_all = [span for code in ("harvest", "sterility", "release") for span in spans[code]]
    assert work.start == at(begins)
    assert (told_all[0].start, told_all[-1].end) == (at(0), at(ready))
    assert [one.end for one in told_all[:-1]] == [one.start for one in told_all[1:]]


def test_a_receipt_is_not_drawn_before_the_arrival_that_it_follows():
    steps = [
        {"stage": "inbound", "wait_hours": 0, "work_hours": 6},
        {"stage": "selection", "wait_hours": 0, "work_hours": 4},
    ]
    under_way = RunState(
        1, "inbound", StageStatus.RUNNING, started_at=at(-10), details={"planned_delivery_at": at(20).isoformat()}
    )
    spans = expected(FLOW, at(60), {"steps": steps}, {"inbound": under_way}, at(0), None, ("selection", at(31)))
    assert told(spans["inbound"]) == [("expected", 0, 20)]
    assert told(spans["selection"]) == [("awaited", 20, 31), ("expected", 31, 60)]


@pytest.mark.parametrize("begins", [None, ("gone", 30), ("sterility", 200)])
def test_a_begin_that_the_journey_does_not_have_moves_nothing(begins):
    moved = begins and (begins[0], at(begins[1]))
    assert expected(FLOW, at(100), {"steps": STEPS}, {}, at(0), None, moved) == expected(
        FLOW, at(100), {"steps": STEPS}, {}, at(0)
    )


def test_what_follows_an_appointment_is_planned_from_it_on():
    plan = plan_from_start(plain_plan(), T0, {"inbound": Span(BarKind.PLANNED, at(500), at(524))})
    assert (plan["collection"].start, plan["inbound"].end, plan["selection"].start) == (at(0), at(524), at(524))


def test_what_is_more_falls_to_the_stage_that_the_futures_name():
    """Else the journey shows a wait of days where the forecast, on the same page, names another stage."""
    named = {"stage": "sterility", "excess_hours": 40.0, "wait_hours": 40.0, "work_hours": 10.0}
    spans = expected(FLOW, at(100), {"steps": STEPS}, {}, at(0), named)
    assert told(spans["sterility"]) == [("awaited", 12, 61), ("expected", 61, 71)]
    longer = {"stage": "release", "excess_hours": 40.0, "wait_hours": 2.0, "work_hours": 70.0}
    assert told(expected(FLOW, at(100), {"steps": STEPS}, {}, at(0), longer)["release"]) == [
        ("awaited", 23, 28), ("expected", 28, 100),
    ]  # fmt: skip
    assert expected(FLOW, at(100), {"steps": STEPS}, {}, at(0), {"stage": "gone"}) == expected(
        FLOW, at(100), {"steps": STEPS}, {}, at(0)
    )


def test_a_wait_that_futures_name_says_what_is_permitted_where_that_is_less():
    steps = [{"stage": "inbound", "wait_hours": 60, "work_hours": 24}]
    (wait, _) = expected(FLOW, at(84), {"steps": steps}, {}, at(0))["inbound"]
    assert (told([wait]), wait.note) == ([("awaited", 0, 60)], ", 24 h permitted")
    steps[0]["wait_hours"] = 20
    assert expected(FLOW, at(44), {"steps": steps}, {}, at(0))["inbound"][0].note == ""


def test_no_cells_wait_longer_than_they_may_where_nobody_said_so():
    inbound = {"stage": "inbound", "wait_hours": 10, "work_hours": 24}
    steps = [inbound, {"stage": "release", "wait_hours": 1, "work_hours": 24}]
    spans = expected(FLOW, at(100), {"steps": steps}, {}, at(0))
    assert (told(spans["inbound"]), told(spans["release"])) == (
        [("awaited", 0, 10), ("expected", 10, 34)], [("awaited", 34, 76), ("expected", 76, 100)],
    )  # fmt: skip


def test_what_is_less_is_taken_from_the_waits_first():
    assert ahead(49)["release"] == [("awaited", 22.5, 25), ("expected", 25, 49)]
    assert ahead(23)["release"] == [("expected", 11, 23)]
    assert set(map(tuple, ahead(-5).values())) == {()}


def test_who_is_at_work_or_booked_waits_no_longer():
    at_work = RunState(1, "release", StageStatus.RUNNING, started_at=at(-4))
    booked_run = RunState(1, "release", planned_start_at=at(28))
    assert ahead(100, release=booked_run)["sterility"][0] == ("awaited", 12, 61)
    assert ahead(100, release=at_work)["sterility"][0] == ("awaited", 12, 66)
    failed = RunState(2, "release", StageStatus.FAILED, started_at=at(-4), failed_at=at(-1))
    assert ahead(100, release=failed)["release"][0] == ("awaited", 23, 76)
    assert expected(FLOW, at(100), {"steps": STEPS}, {"release": failed}, at(0))["release"][0].attempt == 2
    last = expected(FLOW, at(30), {"steps": STEPS[2:]}, {"release": at_work}, at(0))
    assert told(last["release"]) == [("expected", 0, 30)]


def test_what_began_since_the_steps_were_told_waits_no_longer_and_has_less_left():
    """The forecast stands while its moment stands: its steps may be of before a stage began."""
    at_work = RunState(1, "harvest", StageStatus.RUNNING, started_at=at(-20))
    steps = [{"stage": "harvest", "wait_hours": 26, "work_hours": 23}, *STEPS[2:]]
    spans = expected(FLOW, at(31), {"steps": steps}, {"harvest": at_work}, at(0))
    assert told(spans["harvest"]) == [("expected", 0, 7)]
    assert told(spans["release"]) == [("expected", 7, 31)]
