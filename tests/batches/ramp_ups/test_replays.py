"""Does the model repeat the last weeks? Held against an independent queue and a plant's own record."""

from heapq import heappop, heappush
from random import Random

import numpy as np
import pytest
import time_machine
from django.urls import reverse

from batches.durations.rules.curves import constant
from batches.judgement.rules.facts import RunFacts
from batches.ramp_ups.actions import runs as ramp_up_runs
from batches.ramp_ups.models import ScenarioRun
from batches.ramp_ups.queries.past import past_line, past_span
from batches.ramp_ups.rules.lines import OpenOrder, OpenVisit, SimulatedLine
from batches.ramp_ups.rules.past import run_as_of
from batches.ramp_ups.rules.replays import (
    DIFFERS,
    FINISHED,
    MEDIAN,
    ON_TIME,
    P90,
    REPEATS,
    UNKNOWN,
    WAITED,
    PastWeeks,
    ReplayFound,
    ReplayRow,
    joint_ranges,
    judge,
    replay,
    row_words,
    too_little,
)
from batches.ramp_ups.statuses import RunStatus
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import StageStatus
from tests.batches.ramp_ups.lines import a_pool, exponential
from tests.batches.ramp_ups.world import NOW, RampWorld
from tests.dashboards.builders import browser_of
from tests.supplychain.builders import at

DAY, WEEKS = 24.0, 8 * 168.0
MEAN = 6 * DAY


def test_ranges_hold_nine_of_ten_rows_with_every_figure_at_once():
    draw = np.random.default_rng(4)
    rows = [{"a": a, "b": a + b} for a, b in draw.normal(size=(400, 2))]
    ranges = joint_ranges(rows, ["a", "b"])

    def inside(row):
        return all(low <= row[key] <= high for key, (low, high) in ranges.items())

    # Of fresh draws about nine in ten, and no figure by itself as seldom as that.
    fresh = [{"a": a, "b": a + b} for a, b in draw.normal(size=(4000, 2))]
    assert sum(map(inside, rows)) >= 360
    assert sum(map(inside, fresh)) / 4000 == pytest.approx(0.9, abs=0.03)


def queue(seed: int, mean: float, places: int) -> tuple[list[float], list[float], float]:
    """An M/M/c queue by a loop of its own: when each order came, when it was done, order-hours waited in the window."""
    luck, free, came, done, waited = Random(seed), [0.0] * places, [], [], 0.0
    now = luck.expovariate(places * 0.85 / MEAN)
    while now < WEEKS:
        begins = max(now, heappop(free))
        ends = begins + luck.expovariate(1 / mean)
        heappush(free, ends)
        came.append(now)
        done.append(ends)
        waited += min(begins, WEEKS) - now
        now += luck.expovariate(places * 0.85 / MEAN)
    return came, done, waited


def past_of(came, done, waited) -> tuple[SimulatedLine, PastWeeks]:
    """The line with the very orders that came, and what became of them."""
    orders = tuple(
        OpenOrder(
            key=number, exit=1, collection=0, promised_at=begins + 12 * DAY, begins_at=begins,
            visits=(OpenVisit("work", 0, pool="pool"), OpenVisit("infusion", 1, after=(0,))),
        )
        for number, begins in enumerate(came)
    )  # fmt: skip
    line = SimulatedLine(
        "line", "The line", "2026-03-02T08:00:00+00:00", (), (a_pool("pool", 4, "Suites"),),
        open_orders=orders, open_curves=(exponential(MEAN), constant(0)),
    )  # fmt: skip
    days = [(end - begins) / DAY for begins, end in zip(came, done, strict=True) if end <= WEEKS]
    due = [(begins + 12 * DAY, end) for begins, end in zip(came, done, strict=True) if begins + 12 * DAY <= WEEKS]
    figures = {
        FINISHED: float(len(days)), ON_TIME: 100 * sum(end <= promise for promise, end in due) / len(due),
        MEDIAN: float(np.median(days)), P90: float(np.quantile(days, 0.9)), WAITED + "pool": waited / DAY,
    }  # fmt: skip
    return line, PastWeeks("", "", figures, tuple(came), (False,) * len(came))


def verdict(mean: float, seed: int):
    line, past = past_of(*queue(seed, mean, 4))
    return judge(replay(line, past, range(400)), past, line.pool_names)


def test_a_model_that_is_right_repeats_what_an_independent_queue_did():
    found = [verdict(MEAN, seed).verdict for seed in range(30)]
    assert found.count(REPEATS) >= 24  # 9 in 10 of them would be 27


def test_a_line_twice_as_slow_as_the_model_is_told_by_name():
    found = [verdict(2 * MEAN, seed) for seed in range(10)]
    assert [one.verdict for one in found].count(DIFFERS) >= 9
    told = next(one for one in found if one.verdict == DIFFERS)
    outside = sum(not row.is_inside for row in told.rows)
    assert told.words == f"Does not repeat: {outside} of 5 figures lie outside the model's range."
    assert any("longer than in the model (" in said for said in told.differences)
    assert len(told.differences) == outside


def test_too_little_history_is_said_and_nothing_else():
    assert too_little(10, has_earlier_orders=True) == ""
    assert too_little(1, has_earlier_orders=True) == "1 dose was ready in these weeks, at least 10 are needed"
    _line, past = past_of(*queue(1, MEAN, 4))
    past = PastWeeks("", "", past.figures, past.placed, past.was_ready, unknown=too_little(0, has_earlier_orders=False))
    found = judge([], past, {})
    assert found.verdict == UNKNOWN
    assert found.words == "Not known: too little history (no order was placed before these weeks)."


@pytest.mark.parametrize(
    ("hour", "status", "kept"),
    [(0, "pending", (None, None, None)), (3, "ready", (2, None, None)), (5, "running", (2, 4, None)),
     (9, "failed", (2, 4, 8))],
)  # fmt: skip
def test_what_had_not_happened_by_then_is_taken_away(hour, status, kept):
    run = RunFacts("a", 1, "site", "suite", StageStatus.FAILED, at(2), at(4), None, at(8), None, at(3), at(9))
    then = run_as_of(run, at(hour))
    assert then.status == status
    moments = tuple(hour if hour is None else at(hour) for hour in kept)
    assert (then.ready_at, then.started_at, then.failed_at) == moments
    assert (then.planned_start_at, then.planned_end_at, then.held_at) == (None, None, None)


@pytest.fixture
def world(monkeypatch, transactional_db) -> RampWorld:
    monkeypatch.setattr(ramp_up_runs, "send", lambda run_id: None)
    return RampWorld()


def finish(run_id) -> ScenarioRun:
    while ramp_up_runs.work_on_run(run_id, now=NOW, seconds=0):
        pass
    return ScenarioRun.objects.get(pk=run_id)


def test_a_line_is_put_back_to_where_it_stood(world):
    """Twelve orders, one a week: one was collected before the weeks began and is at work when they do."""
    order = PatientOrder.objects.order_by("ordered_at")[0]
    span = past_span(NOW)
    opened = (span[0] - at(0)).total_seconds() / 3600
    for kind, stage, hours in (
        ("started", "collection", opened - 60), ("completed", "collection", opened - 50),
        ("started", "inbound", opened - 10), ("completed", "inbound", opened + 5),
    ):  # fmt: skip
        world.say(order, kind, stage, hours)
    past = past_line(world.plant, span)
    assert len(past.line.open_orders) == 12
    assert [round(placed / 168) for placed in past.placed if placed < 0] == [-4, -3, -2, -1]
    assert sorted(one.begins_at for one in past.line.open_orders)[-1] == 7 * 168
    first = past.line.open_orders[past.placed.index(min(past.placed))]
    assert [(visit.stage, visit.state, visit.elapsed) for visit in first.visits[:3]] == [
        ("collection", 0, 0.0), ("inbound", 1, 10.0), ("selection", 2, 0.0),
    ]  # fmt: skip


def test_the_page_says_first_whether_the_model_repeats(world):
    (run_id,) = ramp_up_runs.start_replays(now=NOW)
    assert ramp_up_runs.start_replays(now=NOW) == []
    run = finish(run_id)
    assert (run.status, run.error, run.result["replay"]["verdict"]) == (RunStatus.DONE, "", UNKNOWN)
    with time_machine.travel(NOW, tick=False):
        page = " ".join(browser_of(world.operations).get(reverse("ramp_ups")).content.decode().split())
        assert "Not known: too little history (no dose" in page.replace("no doses were", "no dose")
        assert page.index("Does the model repeat your last 8 weeks?") < page.index(
            "What limits us in the next four weeks?"
        )
        own = reverse("ramp_up", args=[run.scenario_id])
        assert browser_of(world.operations).get(own).status_code == 404


@pytest.mark.parametrize(
    ("key", "ends", "words"),
    [
        (f"{WAITED}suite", (0.0, 0.04), "no wait in any simulation"),
        (f"{WAITED}suite", (0.0, 2.5), "0.0 to 2.5"),
        (FINISHED, (0.0, 0.0), "none in any simulation"),
        (FINISHED, (4.0, 4.0), "always 4"),
    ],
)
def test_a_range_of_one_value_is_said_in_words(key, ends, words):
    row = ReplayRow(key, "Waited for the suite", "days", 12.0, 0.0, *ends, is_inside=False)
    assert row_words(row)[2] == words
    told = ReplayFound(DIFFERS, "", "", "", (row,), 400, 0)
    assert told.differences[0].endswith(f"; model: {words}).")
