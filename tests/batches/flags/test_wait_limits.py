"""A judgement stands while every pool's wait is within the limits that it gives, and until the moment it names."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.flags.rules.judging import judge
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.wait_limits import WaitLimits, WaitReach
from batches.judgement.rules.predictions import FRESH
from batches.lines.rules.pools import round_wait
from supplychain.orders.statuses import DONE_STAGE_STATUSES
from tests.batches.builders import CODES, a_run, an_order, at, completed, failed, running, waiting
from tests.batches.flags.test_flag_rules import HOURS, LATER, a_moment_before, any_order
from tests.batches.flags.test_flag_rules_futures import RESCUE, said

WAITS = st.sampled_from([0, 0, 6, 12, 48, 96, 108, 240, 2160]).map(float) | st.floats(0, 600).map(round_wait)
POOLS = ("chair", "courier", "bench", "suite", "qc_lane", "qa_reviewer", "bed")
SITE = "a site"
SUITE, LANE = (SITE, "suite"), (SITE, "qc_lane")


@st.composite
def a_prediction(draw):
    severity = st.sampled_from(["attention", "critical"])
    evidence = {
        "severities": draw(st.dictionaries(st.sampled_from(["promise_at_risk", "dose_at_risk"]), severity)),
        "dose_severities": draw(st.dictionaries(st.sampled_from(["wait_expires", "no_dose"]), severity)),
        "rescue": draw(st.none() | st.just({"found": RESCUE, "tried": [RESCUE]})),
    }
    confirmed = draw(st.floats(-20, 20))
    values = {"promised_at": draw(st.none() | st.floats(0, 900).map(at)), "p_late": draw(st.sampled_from([None, 0.6]))}
    return said(confirmed, evidence=evidence, p_wait_expires=0.3, p_no_dose=0.3, **values)


@st.composite
def a_world(draw):
    """Any order, far from its date or close to it, with or without futures."""
    order = draw(any_order())
    promised = draw(st.none() | st.floats(0, 3000).map(at))
    prediction = draw(st.none() | a_prediction())
    if prediction and draw(st.booleans()):
        promised = prediction.promised_at
    return with_waits(
        replace(order, promised_at=promised, prediction=prediction), {(SITE, pool): draw(WAITS) for pool in POOLS}
    )


@st.composite
def an_order_on_its_way(draw):
    """At some stage, some later ones booked; so far from its date that it is not flagged yet, by little or much."""
    reached = draw(st.integers(0, len(CODES) - 4))
    at_stage = draw(st.sampled_from([waiting, running, failed, completed]))(CODES[reached], draw(st.floats(-60, 0)))
    booked = draw(st.dictionaries(st.sampled_from(CODES[reached + 1 :]), st.floats(0, 900), max_size=3))
    order = an_order(
        at_stage, *(a_run(code, planned_start=hours) for code, hours in booked.items()),
        done_until=CODES[reached - 1] if reached else "", last_recorded=0,
    )  # fmt: skip
    order = with_waits(order, {(SITE, pool): draw(WAITS) for pool in POOLS})
    made = forecast(order, at(1))
    spare = draw(st.floats(-60, 60) | st.floats(0, 800))
    return order if made is None else replace(order, promised_at=made.ready_at + timedelta(hours=48 + spare))


def with_waits(order, waits):
    """As they are read: of a stage that is done none is."""
    stages = {
        code: stage
        if stage.run.status in DONE_STAGE_STATUSES
        else stage._replace(queue_hours=waits.get((stage.run.site, stage.plan.pool), stage.queue_hours))
        for code, stage in order.stages.items()
    }
    return replace(order, stages=stages)


def shown(verdict):
    """What people read, and what flags are compared by (flags/rules/changes.py)."""
    return [
        (one.code, one.stage, one.subject, one.severity, one.since, one.due, one.why, one.next_step, one.gist, one.harm,
         one.remedy, one.cause, one.probability)
        for one in verdict.findings
    ]  # fmt: skip


def within(draw, limits):
    """Waits within these limits, most often at their very ends."""
    if draw(st.booleans()):
        return {place: high for place, (_, high) in limits.items()}
    at_ends = {place: st.sampled_from(ends) | st.floats(*ends) for place, ends in sorted(limits.items())}
    return {place: draw(wait) for place, wait in at_ends.items()}


@settings(max_examples=600, deadline=None)
@given(
    order=an_order_on_its_way() | a_world(), hours=st.just(1.0) | HOURS, share=st.just(0.999) | LATER, data=st.data()
)
def test_no_wait_within_the_limits_changes_what_is_said_until_the_moment_named(order, hours, share, data):
    """Neither at once nor later, and whichever of its own earlier limits a judgement has left standing."""
    now = at(hours)
    first = judge(order, now)
    limits = first.reach.limits({})
    assert all(0 <= low <= first.reach.waits[place] <= high for place, (low, high) in limits.items())
    assert first.reach.limits(limits) is limits
    for _ in range(2):
        moved = with_waits(order, within(data.draw, limits) | others(data.draw, limits))
        later = a_moment_before(first.next_at, now, share)
        assert shown(judge(moved, later)) == shown(judge(order, later))
        order, now = moved, later
        first = judge(order, now)
        limits = first.reach.limits(limits)


def others(draw, limits):
    """Any waits of the pools that have no limits: none is in the answer."""
    return {(SITE, pool): draw(WAITS) for pool in POOLS if (SITE, pool) not in limits}


def far(promised: float, **given):
    return an_order(running("selection", 0), done_until="receipt", promised=promised, last_recorded=0, **given)


QUEUES = {"suite": 48.0, "qc_lane": 108.0}


def limits_of(order, now: float = 1, standing=None):
    return judge(order, at(now)).reach.limits(standing or {})


def test_who_has_time_left_is_concerned_by_longer_waits_only_and_by_none_that_leave_enough():
    limits = limits_of(far(2000, queues=QUEUES))
    assert SUITE not in limits  # it has its place and keeps it
    assert limits[LANE].low == 0
    assert limits[LANE].high >= 108 + 12
    assert limits_of(far(20_000, queues=QUEUES))[LANE].high > limits[LANE].high


def test_of_a_flag_that_tells_of_the_way_ahead_every_other_wait_changes_the_words():
    limits = limits_of(far(400, queues=QUEUES))
    assert limits[LANE] == (108, 108)
    assert limits[SITE, "courier"] == (0, 0)


@pytest.mark.parametrize(("spare", "more"), [(20, 0), (33, 0), (37, 12), (67, 24)])
def test_a_wait_may_grow_by_what_is_left_when_the_order_is_looked_at_again(spare, more):
    """The date comes closer by six hours until then, and four pools, 30 hours a step together, may grow at once."""
    order = an_order(waiting("selection", 0), done_until="receipt", last_recorded=0, queues={"qc_lane": 108.0})
    ready_at = judge(order, at(1)).forecast.ready_at
    close = replace(order, promised_at=ready_at + timedelta(hours=48 + spare))
    assert judge(close, at(1)).findings == []
    assert limits_of(close)[LANE] == (0, 108 + more)


@pytest.mark.parametrize("severities", [{}, {"promise_at_risk": "critical"}])
def test_where_futures_decide_no_wait_is_in_the_answer(severities):
    order = far(200, queues=QUEUES, prediction=said(evidence={"severities": severities}))
    assert bool(judge(order, at(1)).findings) == bool(severities)
    assert limits_of(order) == {}
    assert limits_of(order, FRESH / timedelta(hours=1)) != {}, "they count no more"


def test_when_a_rescue_must_begin_hangs_on_the_waits_before_it():
    prediction = said(promised_at=at(2000), evidence={"rescue": {"found": RESCUE, "tried": [RESCUE]}})
    assert limits_of(far(2000, queues=QUEUES, prediction=prediction))[LANE] == (108, 108)


def test_limits_that_are_right_stand_and_are_not_written_again():
    standing = limits_of(far(2000, queues=QUEUES))
    for queues in ({"qc_lane": 120.0}, {"qc_lane": 60.0}, {"courier": 6.0}):
        assert limits_of(far(2000, queues=QUEUES | queues), 7, standing) is standing
    assert limits_of(far(1300, queues=QUEUES), 1, standing) != standing
    assert (SITE, "courier") in standing
    assert limits_of(an_order(waiting("infusion", 0), done_until="site_receipt", promised=900), 1, standing) == {}


def test_a_date_by_usual_durations_follows_the_waits_at_the_latest_after_six_hours():
    order = an_order(running("expansion", 0), done_until="transduction", promised=3000, last_recorded=0, queues=QUEUES)
    assert judge(order, at(1)).next_at == at(7)


@pytest.mark.parametrize(("spare", "more"), [(14, 0), (70, 6)])
def test_who_would_come_too_late_for_a_booked_place_is_woken_before(spare, more):
    """The place lost, its whole queue would come on top: more than is left."""
    lane = a_run("qc_release_tests", planned_start=264 + spare)
    order = an_order(
        waiting("selection", 0), lane, done_until="receipt", last_recorded=0, queues={"suite": 48.0, "qc_lane": 240.0}
    )
    ready_at = judge(order, at(1)).forecast.ready_at
    assert limits_of(replace(order, promised_at=ready_at + timedelta(hours=48 + 100)))[SUITE] == (0, 48 + more)
    assert limits_of(replace(order, promised_at=ready_at + timedelta(hours=48 + 1000)))[SUITE].high > 48 + 60


def test_no_reach_has_no_limits():
    assert WaitReach().limits({SUITE: WaitLimits(0, 6)}) == {}
