"""A failed test that quality assurance decided to repeat: what is foreseen goes by that, not by a new attempt."""

import pytest

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.rules.promise import promise_at_risk
from batches.forecasts.models import Forecast
from batches.forecasts.queries.ready import ready_forecasts
from batches.forecasts.rules.forecasts import forecast
from batches.forecasts.rules.ready import ready_of
from batches.judgement.queries import stage_runs_of
from supplychain.orders.models import StatusEvent
from supplychain.recording.actions import withdraw_report
from tests.batches.builders import an_order, at, failed, hours_after_start
from tests.batches.flags.interlocked import InterlockWorld, judged, say, told
from tests.batches.forecasts.line_builders import line_order, said_of, state_of
from tests.supplychain import builders

TESTED = "qc_release_tests"
# Planned hours from the start of the tests to the moment at which infusion could start, and to that of a new attempt.
FROM_TESTS = 168 + 24 + 24 + 2
FROM_SELECTION = 12 + 24 + 168 + 12 + FROM_TESTS


def repeated():
    return failed(TESTED, 10)._replace(is_to_repeat=True)


def test_the_test_is_taken_to_begin_again_now():
    order = an_order(repeated(), done_until="harvest", promised=400)
    made = forecast(order, at(20))
    assert (hours_after_start(made.ready_at), made.assumes_restart) == (20 + FROM_TESTS, "")
    assert made.assumes_repeated == "Qc release tests"
    assert ready_of(order, made, at(20)).assumes == "if Qc release tests began again now"
    assert promise_at_risk(order, made, at(20)).findings == []


def test_a_date_that_is_late_even_so_says_on_what_it_rests():
    order = an_order(repeated(), done_until="harvest", promised=200)
    (finding,) = promise_at_risk(order, forecast(order, at(20)), at(20)).findings
    assert "(if Qc release tests began again now)" in finding.why


def test_a_failure_on_which_nobody_decided_still_asks_for_a_new_attempt():
    order = an_order(repeated(), failed("sterility_final", 12), done_until="harvest")
    made = forecast(order, at(20))
    assert (hours_after_start(made.ready_at), made.assumes_restart) == (20 + FROM_SELECTION, "selection")
    assert made.assumes_repeated == ""


def test_the_simulated_futures_repeat_it_too():
    order = line_order(1, repeated(), done_until="harvest")
    assert said_of(order, now=20)[1].ready_median == FROM_TESTS
    (ahead,) = state_of(order, now=20).orders
    (anew,) = state_of(line_order(1, failed(TESTED, 10), done_until="harvest"), now=20).orders
    assert (ahead.attempts_left, anew.attempts_left) == (2, 1)


@pytest.mark.django_db
def test_the_decision_is_read_until_somebody_doubts_it_or_the_test_begins():
    world = InterlockWorld()
    order = world.order()
    told(world, order, *TO_TESTS)
    judged(101)
    assert not is_to_repeat(order)
    flag = Flag.objects.get(order=order, code="stage_failed")
    settle_flag(flag.pk, by=world.quality, reason="Repeat it, D-30.", now=builders.at(102))
    assert is_to_repeat(order)
    judged(103)
    made = Forecast.objects.get(order=order, superseded_at=None)
    assert (made.evidence["assumes_repeated"], made.evidence["assumes_restart_from"]) == ("Sterility", "")
    assert ready_forecasts([order.pk], builders.at(103))[order.pk].assumes == "if Sterility began again now"
    settled = StatusEvent.objects.get(order=order, kind="settled")
    withdraw_report(settled.pk, by=world.quality, reason="It was another order.", now=builders.at(104))
    assert not is_to_repeat(order)
    judged(105)
    assert ready_forecasts([order.pk], builders.at(105))[order.pk].assumes == (
        "if a new attempt began now from stored cells, if any are left"
    )
    settle_flag(flag.pk, by=world.quality, reason="Repeat it all the same.", now=builders.at(106))
    assert is_to_repeat(order)
    say(order, world.both, "started", "sterility", hours=107, now=builders.at(107))
    assert not is_to_repeat(order)


TO_TESTS = (
    ("started", "collection", 1), ("completed", "collection", 5), ("started", "inbound", 6),
    ("completed", "inbound", 30), ("started", "selection", 31), ("completed", "selection", 43),
    ("started", "harvest", 43), ("completed", "harvest", 55), ("started", "sterility", 56),
    ("failed", "sterility", 100),
)  # fmt: skip


def is_to_repeat(order) -> bool:
    return any(run.is_to_repeat for run in stage_runs_of([str(order.pk)])[order.pk])
