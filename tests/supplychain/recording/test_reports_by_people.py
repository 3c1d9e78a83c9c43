"""What people record on our screens: the same road as every fact, but checked before it is taken."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import Identifier, PatientOrder, StageRun, StatusEvent
from supplychain.orders.statuses import OrderStatus, ReportOutcome
from supplychain.people.statuses import Role
from supplychain.recording.actions import (
    MOST_ORDERS,
    OrderReport,
    ReportRefused,
    report_by_person,
    report_many_by_person,
)
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = World()
    world.coordinator = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    world.operator = make_user("ola", world.plant)
    world.stranger_person = make_user("else", world.bergen)
    return world


def say(order: PatientOrder, by, kind: str, stage: str = "", hours: float = 1, **more):
    """Report as somebody who has just seen the order."""
    order.refresh_from_db()
    said = {"attempt": None, "seen_version": order.version, "token": f"{kind}-{stage}-{hours}", "now": at(99)}
    said |= {"is_first_asked": True} | more  # the plant, which has not confirmed the order, was asked
    return report_by_person(order.pk, by=by, kind=kind, stage=stage, occurred_at=at(hours), **said)


def refusal(*args, **given) -> str:
    with pytest.raises(ReportRefused) as refused:
        say(*args, **given)
    return str(refused.value)


def fold_facts(world: World, order: PatientOrder, *said: tuple[str, str]) -> None:
    for hours, (kind, stage) in enumerate(said, 1):
        row = report(order, kind, stage, hours, payload={"duration_confirmed": "Kari Nordmann"})
        assert record_event(row, by=world.reporter, now=at(hours)).reason == ""


def test_a_person_records_a_fact_like_any_other(world):
    order = world.order()
    say(order, world.coordinator, "started", "collection", 1)
    say(order, world.coordinator, "completed", "collection", 5, payload={"donation_number": "=G12341765432170"})

    order.refresh_from_db()
    event = StatusEvent.objects.filter(order=order).latest("position")
    assert (event.user, event.source, event.attempt, event.occurred_at) == (world.coordinator, None, 1, at(5))
    assert event.payload == {"donation_number": "G123417654321"}
    assert (order.status, order.current_stage, order.version) == (OrderStatus.IN_PROGRESS, "inbound", 3)
    assert Identifier.objects.filter(order=order, kind="donation").get().value == "G123417654321"


def test_a_person_who_saw_an_older_order_is_told_to_look_again(world):
    order = world.order()
    fold_facts(world, order, ("note", "collection"))
    why = refusal(order, world.coordinator, "started", "collection", seen_version=1)
    assert why == "The order changed meanwhile: look again at what is known now, then record it."
    assert refusal(order, world.coordinator, "started", "collection", seen_version=None) == why


def test_a_form_sent_again_with_other_content_is_refused_and_never_told_as_recorded(world):
    order = world.order()
    fold_facts(world, order, ("completed", "collection"))
    said = {"from": "collection_site", "to": "courier", "courier": "Nord", "seal": "intact"}
    first = say(order, world.coordinator, "handed_over", "", 6, token="T", payload=said)
    again = say(order, world.coordinator, "handed_over", "", 6, token="T", payload=said)
    assert (first.outcome, again.outcome) == (ReportOutcome.CREATED, ReportOutcome.DUPLICATE)
    for other in ({"payload": said | {"seal": "broken"}}, {"payload": said, "hours": 7}):
        hours = other.pop("hours", 6)
        why = refusal(order, world.coordinator, "handed_over", "", hours, token="T", **other)
        assert why.startswith("This form was recorded already, and said something else then")
    assert order.events.filter(kind="handed_over").count() == 1


def test_a_double_click_records_once(world):
    order = world.order()
    first = say(order, world.coordinator, "started", "collection", token="T", seen_version=1)
    again = say(order, world.coordinator, "started", "collection", 1.01, token="T", seen_version=1)
    assert (first.outcome, again.outcome) == (ReportOutcome.CREATED, ReportOutcome.DUPLICATE)
    assert again.event_id == first.event_id
    assert StatusEvent.objects.filter(order=order, kind="started").count() == 1


def test_a_form_cannot_be_used_again_for_something_else(world):
    order = world.order()
    say(order, world.coordinator, "started", "collection", token="T")
    why = refusal(order, world.coordinator, "completed", "collection", 2, token="T")
    assert why == "This form was used already for another report: open it again."


def test_an_order_of_other_sites_does_not_exist(world):
    order = world.order()
    why = refusal(order, world.stranger_person, "started", "collection")
    assert why == "None of your sites' orders is this one; look for it again."


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "started", "stage": "inbound"}, "Inbound waits for Collection."),
        ({"kind": "started", "stage": "freezing"}, "This order's flow has no such report."),
        ({"kind": "started", "stage": "collection", "attempt": 2},
         "Collection started counts for attempt 1 now, not 2: look again."),
        ({"kind": "exploded", "stage": "collection"}, "This order's flow has no such report."),
        ({"kind": "started", "stage": "selection"}, "Selection is reported by operations of the plant."),
        ({"kind": "promised"}, "This is reported by operations of the plant."),
        ({"kind": "started", "stage": "collection", "hours": 100},
         "This moment has not come yet: report what has happened."),
        ({"kind": "held", "stage": "collection"}, "Reason is missing."),
        ({"kind": "held", "stage": "collection", "reason": "  "}, "Reason is missing."),
        ({"kind": "started", "stage": "collection", "hours": -5},
         "Collection could begin only later: check the time, or confirm that it is meant."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_and_nothing_is_stored(world, given, why):
    order = world.order()
    assert refusal(order, world.coordinator, **given) == why
    assert StatusEvent.objects.filter(order=order).count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "started", "hours": 3}, "occurred_at: This moment has not come yet: report what has happened."),
        ({"kind": "scheduled", "payload": {"planned_start_at": at(9).isoformat(), "planned_end_at": at(9).isoformat()}},
         "payload.planned_end_at: it is not after planned_start_at: check both."),
    ],
)  # fmt: skip
def test_over_rest_a_person_hears_the_same_and_a_system_is_heard(world, said, why):
    row = report(world.order(), said["kind"], "collection", said.get("hours", 1), payload=said.get("payload", {}))
    refused = record_event(row, by=Reporter.of_user(world.coordinator), now=at(2))
    assert (refused.outcome, refused.reason) == (ReportOutcome.REJECTED, why)
    assert record_event(row, by=world.reporter, now=at(2)).outcome == ReportOutcome.CREATED


def test_a_moment_before_the_stage_could_begin_is_taken_once_it_is_confirmed(world):
    order = world.order()
    fold_facts(world, order, ("started", "collection"), ("completed", "collection"))
    given = {"payload": {"courier": "Cold Line"}, "hours": 1.5}
    assert "could begin only later" in refusal(order, world.coordinator, "started", "inbound", **given)
    result = say(order, world.coordinator, "started", "inbound", is_early_meant=True, **given)
    assert result.outcome == ReportOutcome.CREATED
    run = StageRun.objects.get(order=order, stage__code="inbound")
    assert (run.status, run.started_at) == ("running", at(1.5))


def test_an_order_on_hold_starts_nothing_until_it_is_resumed_with_a_reason(world):
    order = world.order()
    say(order, world.operator, "held", reason="Patient has a fever.")
    assert refusal(order, world.coordinator, "started", "collection", 2) == (
        "The whole order is on hold: resume it first."
    )
    say(order, world.operator, "resumed", hours=3, reason="Well again.")
    order.refresh_from_db()
    assert order.held_at is None
    assert say(order, world.coordinator, "started", "collection", 4).outcome == ReportOutcome.CREATED


def test_a_cancelled_order_takes_notes_only(world):
    order = world.order()
    say(order, world.coordinator, "cancelled", reason="The patient withdrew.")
    assert refusal(order, world.coordinator, "started", "collection", 2) == (
        "The order has ended: only a note can be added."
    )
    assert say(order, world.coordinator, "note", "collection", 2, payload={"note": "x"}).outcome == "created"


def test_a_new_attempt_begins_with_the_plan_of_its_first_stage(world):
    order = world.order()
    fold_facts(
        world, order, ("started", "collection"), ("completed", "collection"), ("started", "inbound"),
        ("completed", "inbound"), ("started", "selection"), ("failed", "selection"),
    )  # fmt: skip
    say(order, world.operator, "new_attempt", "selection", 7, attempt=2, reason="Cells are stored.")
    order.refresh_from_db()
    run = StageRun.objects.get(order=order, stage__code="selection", attempt=2)
    assert (order.attempt, order.surprises, run.status) == (2, [], "ready")
    again = say(order, world.operator, "new_attempt", "selection", 7, attempt=2, reason="Cells are stored.")
    assert again.outcome == ReportOutcome.DUPLICATE


def test_a_changed_promise_keeps_its_reason(world):
    order = world.order(promised_at=at(500))
    say(order, world.operator, "promised", payload={"promised_at": at(600)}, reason="Suite was closed.")
    order.refresh_from_db()
    event = StatusEvent.objects.get(order=order, kind="promised")
    assert (order.promised_at, event.payload["reason"]) == (at(600), "Suite was closed.")


def many(orders, by, **more):
    versions = PatientOrder.objects.in_bulk([order.pk for order in orders])
    listed = [OrderReport(order.pk, None, versions[order.pk].version) for order in orders]
    said = {"kind": "started", "stage": "collection", "occurred_at": at(5), "token": "T", "now": at(9)}
    said |= {"is_first_asked": True} | more
    return [(result.outcome, result.reason) for result in report_many_by_person(listed, by=by, **said)]


def test_of_many_orders_one_bad_one_stops_no_other(world):
    orders = [world.order(coi=f"CO-{number}") for number in range(4)]
    fold_facts(world, orders[1], ("started", "collection"))
    foreign = world.order(coi="CO-F")
    PatientOrder.objects.filter(pk=foreign.pk).update(
        ordering_site=world.bergen, collection_site=world.bergen, infusion_site=world.bergen
    )
    assert many([*orders, foreign], world.coordinator) == [
        ("created", ""),
        ("rejected", "Collection is under way already."),
        ("created", ""),
        ("created", ""),
        ("rejected", "None of your sites' orders is this one; look for it again."),
    ]
    assert StatusEvent.objects.filter(kind="started", user=world.coordinator).count() == 3


def test_many_recorded_twice_are_recorded_once(world):
    orders = [world.order(coi=f"CO-{number}") for number in range(2)]
    assert many(orders, world.coordinator) == [("created", "")] * 2
    assert many(orders, world.coordinator) == [("duplicate", "")] * 2


def test_too_many_at_once_are_not_taken(world):
    with pytest.raises(ValueError, match="at most 100"):
        report_many_by_person(
            [OrderReport(world.order().pk, None, 1)] * (MOST_ORDERS + 1),
            by=world.coordinator, kind="started", stage="collection", occurred_at=at(1), token="T", now=at(2),
        )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_say_the_same_at_once_one_is_told_to_look_again(world):
    order = world.order()
    colleague = make_user("liv", world.oslo, role=Role.SITE_COORDINATOR)

    def start(by) -> str:
        try:
            return say_now(order, by)
        except ReportRefused as refused:
            return str(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(start, [world.coordinator, colleague]))
    assert said == ["The order changed meanwhile: look again at what is known now, then record it.", "created"]


def say_now(order: PatientOrder, by) -> str:
    given = {"occurred_at": at(1), "seen_version": 1, "token": "T", "now": at(9), "is_first_asked": True}
    return report_by_person(order.pk, by=by, kind="started", stage="collection", **given).outcome.value


@pytest.mark.parametrize(
    ("kind", "stage", "planned", "why"),
    [
        ("scheduled", "collection", {"planned_start_at": 20, "planned_end_at": 19}, "not after the booked start"),
        ("scheduled", "collection", {"planned_start_at": 20, "planned_end_at": 20}, "not after the booked start"),
        ("scheduled", "collection", {"planned_start_at": 9}, "passed already when it was booked"),
        ("scheduled", "inbound", {"planned_pickup_at": 20, "planned_delivery_at": 19}, "not after the booked pickup"),
        ("promised", "", {"promised_at": 9}, "passed already when it was promised"),
    ],
)
def test_a_plan_lies_ahead_of_its_planning_and_begins_before_it_ends(world, kind, stage, planned, why):
    payload = {"courier": "C"} | {name: at(hours) for name, hours in planned.items()}
    by = world.coordinator if stage == "collection" else world.operator
    assert why in refusal(world.order(), by, kind, stage, 10, payload=payload, reason="Later.")


def test_what_was_planned_earlier_may_be_reported_late(world):
    order = world.order()
    said = {"planned_start_at": at(9), "planned_end_at": at(12)}
    say(order, world.coordinator, "scheduled", "collection", 8, payload=said)
    assert StageRun.objects.get(order=order, stage__code="collection").planned_start_at == at(9)
