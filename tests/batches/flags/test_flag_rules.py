"""The judgement as a whole: it holds until the moment it names, and ends with the order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.flags.rules.judging import RULES, judge
from batches.flags.rules.promise import promise_at_risk
from batches.forecasts.rules.forecasts import forecast
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import OrderStatus, StageStatus
from tests.batches.builders import (
    CODES,
    a_run,
    a_surprise,
    an_order,
    at,
    running,
    subjects,
    waiting,
)

HOURS = st.integers(-40, 40).map(float) | st.floats(-400, 400, allow_nan=False)
MAYBE_HOURS = st.none() | HOURS
LATER = st.floats(0, 1, exclude_max=True)
ALL_RULES = (*RULES, lambda facts, now: promise_at_risk(facts, forecast(facts, now), now))


@st.composite
def a_stage_run(draw, code):
    status = draw(st.sampled_from(StageStatus))
    moments = {
        "ready": status in (StageStatus.READY,) or draw(st.booleans()),
        "started": status == StageStatus.RUNNING or (status == StageStatus.HELD and draw(st.booleans())),
        "completed": status == StageStatus.COMPLETED,
        "failed": status == StageStatus.FAILED,
        "held": status == StageStatus.HELD,
    }
    said = {name: draw(HOURS) for name, is_said in moments.items() if is_said}
    for name in ("planned_start", "planned_end", "qualified_until"):
        if (hours := draw(MAYBE_HOURS)) is not None:
            said[name] = hours
    return a_run(code, status, **said)


@st.composite
def a_change(draw):
    wish, outcome = draw(st.sampled_from(["hold", "cancel", "resume"])), draw(st.sampled_from(["", "declined"]))
    asked = at(draw(HOURS))
    return ChangeRequest("e", wish, "too_ill", "", asked, outcome=outcome, outcome_at=asked if outcome else None)


@st.composite
def any_order(draw):
    codes = draw(st.lists(st.sampled_from(CODES), unique=True, max_size=6))
    given = {name: hours for name in ("promised", "held", "last_recorded") if (hours := draw(MAYBE_HOURS)) is not None}
    waits = st.sampled_from([0.0, 6.0, 48.0])
    return an_order(
        *[draw(a_stage_run(code)) for code in codes],
        done_until=draw(st.sampled_from(["", *CODES])),
        queues={pool: draw(waits) for pool in ("suite", "courier", "qc_lane")},
        status=draw(st.sampled_from(OrderStatus)),
        change=draw(st.none() | a_change()),
        surprises=[a_surprise(draw(st.sampled_from(["in_future", "after_end"])), hours=draw(HOURS))],
        **given,
    )


def a_moment_before(next_at, now, share):
    """A moment from `now` on, before `next_at`; up to ten years ahead where nothing will ever change."""
    end = next_at or now + timedelta(days=3650)
    return now + min((end - now) * share, end - now - timedelta(microseconds=1))


@settings(max_examples=400, deadline=None)
@given(order=any_order(), hours=HOURS, share=LATER)
def test_no_rule_changes_its_mind_before_the_moment_it_names(order, hours, share):
    now = at(hours)
    for rule in ALL_RULES:
        found = rule(order, now)
        assert found.next_at is None or found.next_at > now
        later = a_moment_before(found.next_at, now, share)
        assert subjects(rule(order, later).findings) == subjects(found.findings)


@settings(max_examples=300, deadline=None)
@given(order=any_order(), hours=HOURS, share=LATER)
def test_the_verdict_holds_until_the_moment_it_names(order, hours, share):
    now = at(hours)
    verdict = judge(order, now)
    assert verdict.next_at is None or verdict.next_at > now

    later = judge(order, a_moment_before(verdict.next_at, now, share))

    assert subjects(later.findings) == subjects(verdict.findings)
    assert len({(one.code, one.stage, one.subject) for one in verdict.findings}) == len(verdict.findings)


@settings(max_examples=200, deadline=None)
@given(order=any_order(), hours=HOURS, later=st.floats(0, 500))
def test_without_news_the_forecast_never_comes_earlier_and_never_lies_in_the_past(order, hours, later):
    first, second = forecast(order, at(hours)), forecast(order, at(hours + later))
    if first is not None and not first.is_reached:
        assert first.ready_at >= at(hours)
        # An infusion whose start was reported for later is begun once that moment is there.
        assert second.is_reached or second.ready_at >= first.ready_at


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.CLOSED])
def test_an_ended_order_has_no_findings_and_nothing_to_wait_for(status):
    order = an_order(waiting("enrolment"), status=status, held=0, promised=-100)

    verdict = judge(order, at(1000))

    assert (verdict.findings, verdict.next_at, verdict.forecast) == ([], None, None)


def test_an_infused_order_is_judged_until_it_is_closed():
    order = an_order(
        running("sterility_final"), done_until="infusion", status=OrderStatus.INFUSED, promised=-100, last_recorded=0
    )

    verdict = judge(order, at(0))

    assert (verdict.findings, verdict.next_at, verdict.forecast) == ([], at(336), None)


def test_every_rule_has_its_say():
    order = an_order(
        waiting("selection"), running("sterility_final"), a_run("infusion", StageStatus.FAILED, failed=5),
        done_until="receipt", held=0, promised=0, surprises=[a_surprise("after_end")], last_recorded=0,
    )  # fmt: skip

    assert subjects(judge(order, at(340)).findings) == [
        (FlagCode.HOLD_EXPIRING, "selection", Severity.CRITICAL),
        (FlagCode.ON_HOLD, "", Severity.CRITICAL),
        (FlagCode.OUT_OF_SEQUENCE, "selection", Severity.ATTENTION),
        (FlagCode.PROMISE_AT_RISK, "", Severity.ATTENTION),
        (FlagCode.STAGE_FAILED, "infusion", Severity.CRITICAL),
        (FlagCode.STAGE_LATE, "sterility_final", Severity.ATTENTION),
    ]


def test_a_flag_whose_numbers_move_is_looked_at_every_hour():
    order = an_order(waiting("selection"), done_until="receipt")

    assert judge(order, at(25)).next_at == at(26)
    assert judge(order, at(35.5)).next_at == at(36)
