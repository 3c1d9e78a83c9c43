"""Due orders are judged in claims: what changed is written, what did not is left, and no order stops another."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.durations.models import TypicalDuration
from batches.flags.models import Flag, FlagChange
from batches.flags.statuses import FlagChangeKind
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Severity
from supplychain.flows.queries import flow_plan
from supplychain.orders.actions.events import record_event
from supplychain.orders.rules.states import CELLS_DECIDED
from supplychain.sentences import moment_mark
from tests.batches.flags.standing_flags import standing_flags, standing_flags_from_scratch
from tests.batches.judging import HOLD, changes, due_again, evaluate, make_due, raised
from tests.batches.lines.builders import PoolWorld
from tests.supplychain.builders import at, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> PoolWorld:
    world = PoolWorld()
    world.pool("courier", "Couriers", 9)
    world.pool("chair", "Chairs", 9, site=world.oslo)
    flow_plan(world.flow.pk)  # read once per process, whoever comes first
    return world


def writes(queries: CaptureQueriesContext) -> list[str]:
    """The tables written to."""
    statements = [part.split() for query in queries for part in query["sql"].split(";")]
    places = {"UPDATE": 1, "INSERT": 2}
    return [words[places[words[0]]] for words in statements if words[0] in places]


def test_an_order_is_judged_when_an_event_comes_and_again_when_its_verdict_can_change(world):
    order = world.arrived(20)

    assert evaluate(20).claimed == 1
    assert (raised(order), due_again(order)) == ([], at(26))  # an idle forecast is made afresh after six hours
    assert evaluate(25.9).claimed == 0
    assert evaluate(26).claimed == 1


def test_a_flag_is_raised_grows_worse_and_is_cleared_by_an_event(world):
    order = world.arrived(20)

    evaluate(44)
    assert raised(order) == [(HOLD, "selection", Severity.ATTENTION)]
    evaluate(58.4)
    assert raised(order) == [(HOLD, "selection", Severity.CRITICAL)]
    world.tell(order, ("selection", "started", 59))
    evaluate(59)

    assert raised(order) == []
    assert changes(order) == [
        (FlagChangeKind.RAISED, Severity.ATTENTION),
        (FlagChangeKind.SEVERITY_CHANGED, Severity.CRITICAL),
        (FlagChangeKind.CLEARED, Severity.CRITICAL),
    ]
    flag = Flag.objects.get(order=order, code=HOLD)
    assert (flag.since, flag.due, flag.raised_at, flag.cleared_at) == (at(44), at(68), at(44), at(59))


def test_what_a_flag_says_is_kept_with_its_numbers(world):
    order = world.arrived(20)
    evaluate(44)

    flag = Flag.objects.get(order=order)
    since, until = moment_mark(at(20)), moment_mark(at(68))
    assert flag.why == f"Selection has waited since {since}; 48 h are permitted, until {until}."
    assert flag.next_step == f"Operations: start Selection by {until}, or ask QA before then."
    assert (flag.evidence["deadline"], flag.evidence["limit_hours"]) == (at(68).isoformat(), 48.0)
    assert FlagChange.objects.get(flag=flag).evidence == flag.evidence


def test_a_flag_that_stands_says_since_when_and_flips_no_more(world):
    order = world.arrived(20)
    world.tell(order, ("selection", "started", 21))
    evaluate(34)

    evaluate(35)

    flag = Flag.objects.get(order=order, code=FlagCode.STAGE_LATE)
    assert flag.why.startswith(f"Selection has run since {moment_mark(at(21))}; 12 h were planned")
    assert [change.kind for change in FlagChange.objects.filter(flag=flag)] == [FlagChangeKind.RAISED]


def test_a_limit_is_said_as_its_moment_so_that_no_later_look_makes_it_untrue(world):
    order = world.arrived(20)
    evaluate(44)
    before = Flag.objects.get(order=order)
    evaluate(45)
    flag = Flag.objects.get(order=order)
    assert (flag.why, flag.next_step, flag.evidence) == (before.why, before.next_step, before.evidence)


def test_an_ended_order_loses_its_flags_and_is_never_due_again(world):
    order = world.arrived(20)
    evaluate(44)
    world.tell(order, ("", "cancelled", 45))
    evaluate(45)
    assert [code for code, *_ in raised(order)] == [FlagCode.CELLS_UNDECIDED]
    decided = {"reason": "Discarded as waste.", "cells": CELLS_DECIDED}
    record_event(report(order, "closed", hours=46, payload=decided), by=world.reporter, now=at(46))

    evaluate(46)

    assert (raised(order), due_again(order)) == ([], None)


def test_nothing_is_written_when_nothing_changed(world):
    order = world.arrived(20)
    evaluate(50)
    make_due([order], 50)

    with CaptureQueriesContext(connection) as queries:
        evaluation = evaluate(50)

    assert (evaluation.claimed, dict(evaluation.orders)) == (1, {})
    assert writes(queries) == ["supplychain_dueorder"]


def test_changed_orders_are_named_with_their_sites(world):
    order, quiet = world.arrived(20), world.arrived(40)
    evaluate(43)
    make_due([order, quiet], 44)

    evaluation = evaluate(44)

    assert evaluation.orders == {order.pk: {world.plant.pk, world.oslo.pk}}
    assert evaluation.sites == {world.plant.pk, world.oslo.pk}


def test_pools_are_touched_by_news_and_not_by_time_alone(world):
    order = world.arrived(20)

    assert evaluate(20).pools == {
        (world.oslo.pk, "chair"), (world.plant.pk, "courier"), (world.plant.pk, "suite"),
    }  # fmt: skip
    assert evaluate(44).pools == set()
    world.tell(order, ("selection", "started", 45))
    assert evaluate(45).pools >= {(world.plant.pk, "suite")}


# Begin and end; the claim, orders, what few have, runs, shared identifiers, queues, medians, lanes, predictions,
# donation numbers, whether nobody wrote the orders meanwhile, flags and forecasts; what changed in one round trip
# between two savepoint marks; pools and lines touched by the news.
@pytest.mark.parametrize("number", [1, 30, 50])
def test_the_number_of_statements_does_not_depend_on_the_number_of_orders(world, number):
    for _ in range(number):
        world.arrived(20, promised_at=at(300))

    with CaptureQueriesContext(connection) as queries:
        assert evaluate(44).claimed == number

    assert len(queries) == 22


def test_a_claim_takes_the_longest_due_first_and_no_more_than_its_limit(world):
    orders = [world.arrived(20 - number) for number in range(3)]

    assert evaluate(30, limit=2).claimed == 2
    assert due_again(orders[0]) == at(10)
    assert [evaluate(30, limit=2).claimed, evaluate(30, limit=2).claimed] == [1, 0]


def test_stored_flags_are_those_of_a_judgement_from_scratch(world):
    orders = [world.arrived(hours, promised_at=at(150)) for hours in (5, 20, 40)]
    world.tell(orders[2], ("selection", "failed", 50))
    evaluate(60)

    ids = [order.pk for order in orders]
    stored = standing_flags(ids)

    assert len(stored) == 6
    assert standing_flags_from_scratch(ids, at(60)) == stored


def test_the_forecast_ledger_keeps_what_was_said_and_when(world):
    order = world.arrived(20, promised_at=at(200))
    evaluate(20)
    world.tell(order, ("selection", "started", 25))
    evaluate(25)

    said = Forecast.objects.filter(order=order).order_by("made_at")
    # Selection 12 h, harvest 12 h, release 24 h.
    assert list(said.values_list("made_at", "superseded_at", "ready_at", "slack_hours")) == [
        (at(20), at(25), at(68), 132.0),
        (at(25), None, at(73), 127.0),
    ]
    assert said[1].evidence["steps"][0] == {
        "stage": "selection", "wait_hours": 0.0, "work_hours": 12.0, "basis": "planned",
    }  # fmt: skip


def test_the_sites_own_median_moves_the_forecast(world):
    TypicalDuration.objects.create(
        site=world.plant, product=world.flow.product, stage="harvest", runs=20, median_hours=20, refreshed_at=at(0)
    )
    world.arrived(20)

    evaluate(20)

    forecast = Forecast.objects.get()
    assert forecast.ready_at == at(76)
    assert forecast.evidence["steps"][1]["basis"] == "median of 20 past runs here"


def test_a_hold_is_told_with_its_own_reason_not_with_that_of_an_earlier_report(world):
    order = world.arrived(20)
    for kind, hours, payload in (
        ("started", 21, {}),
        ("held", 22, {"reason": "Bag leaks."}),
        ("resumed", 23, {"reason": "Bag is fine."}),
        ("held", 24, {}),
    ):
        record_event(report(order, kind, "selection", hours, payload=payload), by=world.reporter, now=at(hours))
        evaluate(hours)
        [why] = Flag.objects.filter(order=order, code=FlagCode.ON_HOLD, cleared_at=None).values_list(
            "why", flat=True
        ) or [""]
        assert ("Bag leaks" in why, "fine" in why) == (hours == 22, False)
