"""Who withdraws which report, and what is stored then."""

import pytest

from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.actions.store import load_facts
from supplychain.orders.models import PatientOrder, StageRun, StatusEvent
from supplychain.orders.queries import order_state
from supplychain.orders.rules.fold import fold
from supplychain.orders.rules.withdrawals import needs_second_person
from supplychain.orders.statuses import OrderStatus, ReportOutcome, StageStatus
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from supplychain.recording.actions import ReportRefused, report_by_person, withdraw_report
from supplychain.transport.models import Collection
from tests.supplychain.builders import World, at, make_source, make_user, report
from tests.supplychain.orders.test_fold import FLOW


@pytest.fixture
def world(db) -> World:
    world = World()
    world.operator, world.second = make_user("ola", world.plant), make_user("per", world.plant)
    world.quality = make_user("quynh", world.plant, role=Role.QA)
    world.kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    world.nina = make_user("nina", world.oslo, role=Role.SITE_COORDINATOR)
    return world


def told(world: World, order: PatientOrder, kind: str, stage: str, hours: float, **more) -> StatusEvent:
    result = record_event(report(order, kind, stage, hours, **more), by=world.reporter, now=at(hours))
    assert result.outcome == ReportOutcome.CREATED, result.reason
    return StatusEvent.objects.get(pk=result.event_id)


def rebuilt(order: PatientOrder) -> None:
    """The stored state is what a rebuild from the events gives."""
    order.refresh_from_db()
    state = fold(order_state(order).flow, order.ordered_at, load_facts([order.pk])[order.pk])
    stored = order_state(order)
    assert stored.runs == state.runs
    assert (order.status, order.surprises, order.withdrawn_events) == (state.status, state.surprises, state.withdrawn)


def test_the_true_end_counts_once_the_wrong_one_is_withdrawn(world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong = told(world, order, "completed", "selection", 10.15)
    told(world, order, "completed", "selection", 22)
    run = StageRun.objects.get(order=order, stage__code="selection")
    assert run.completed_at == at(10.15)
    withdraw_report(wrong.pk, by=world.operator, reason="Clicked the wrong order.", now=at(23))
    run.refresh_from_db()
    assert run.completed_at == at(22)
    rebuilt(order)
    told(world, order, "started", "harvest", 24)
    rebuilt(order)
    assert StatusEvent.objects.filter(pk=wrong.pk).exists()
    assert list(broken_seals([order.pk])) == []
    assert [one["text"] for one in order.surprises if one["reason"] == "withdrawn"] == [
        "Selection completed was withdrawn: Clicked the wrong order"
    ]


def test_who_withdraws_a_report_twice_is_told_whether_it_counts(world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong, failed = told(world, order, "completed", "selection", 10.15), told(world, order, "failed", "harvest", 11)
    for event, said in ((wrong, "was withdrawn already"), (failed, "a second person must confirm")):
        withdraw_report(event.pk, by=world.operator, reason="Another order.", now=at(23))
        with pytest.raises(ReportRefused, match=said):
            withdraw_report(event.pk, by=world.operator, reason="I mean it.", now=at(24))
    withdraw_report(failed.pk, by=world.quality, reason="Confirmed.", now=at(25))
    with pytest.raises(ReportRefused, match="was withdrawn already"):
        withdraw_report(failed.pk, by=world.operator, reason="Once more.", now=at(26))


def test_a_late_fact_does_not_bring_back_what_was_withdrawn(world):
    order = world.order()
    told(world, order, "started", "selection", 10)
    wrong = told(world, order, "failed", "selection", 11)
    withdraw_report(wrong.pk, by=world.operator, reason="It was another batch.", now=at(12))
    withdraw_report(wrong.pk, by=world.quality, reason="Confirmed.", now=at(12.5))
    told(world, order, "note", "collection", 1)
    rebuilt(order)
    assert StageRun.objects.get(order=order, stage__code="selection").status == StageStatus.RUNNING


def test_a_collection_that_never_was_is_withdrawn_by_two_and_its_projection_with_it(world):
    order = world.order()
    wrong = told(world, order, "completed", "collection", 5, payload={"donation_number": "G123417654321"})
    withdraw_report(wrong.pk, by=world.kari, reason="Another patient's bag.", now=at(6))
    assert Collection.objects.filter(stage_run__order=order).exists()
    with pytest.raises(ReportRefused, match="a second person must confirm"):
        withdraw_report(wrong.pk, by=world.kari, reason="I am sure.", now=at(7))
    withdraw_report(wrong.pk, by=world.nina, reason="I saw it, too.", now=at(8))
    assert not Collection.objects.filter(stage_run__order=order).exists()
    assert Collection.everything.filter(stage_run__order=order).exists()
    rebuilt(order)
    assert StageRun.objects.get(order=order, stage__code="collection").details == {}


@pytest.mark.parametrize("first", ["held", "answered"])
def test_a_hold_that_plant_and_centre_agreed_on_takes_two_to_withdraw(world, first):
    order = world.order()
    asked = {"cause": "too_ill", "wish": "hold"}
    report_by_person(order.pk, kind="change_asked", payload=asked, by=world.kari, token="a", occurred_at=at(2),
                     seen_version=order.version, now=at(2))  # fmt: skip
    report_by_person(order.pk, kind="answered", payload={"answer": "agreed"}, by=world.operator, token="b",
                     occurred_at=at(3), seen_version=order.version + 1, now=at(3))  # fmt: skip
    order.refresh_from_db()
    assert order.status == OrderStatus.ON_HOLD
    said = {event.kind: event for event in StatusEvent.objects.filter(order=order, kind__in=("held", "answered"))}
    assert said["held"].payload["request"] == str(StatusEvent.objects.get(order=order, kind="change_asked").pk)
    withdraw_report(said[first].pk, by=world.operator, reason="Wrong order.", now=at(4))
    order.refresh_from_db()
    assert order.status == OrderStatus.ON_HOLD
    assert [one["reason"] for one in order.surprises] == ["withdrawal_asked"]
    withdraw_report(said[first].pk, by=world.second, reason="Yes, the other order was meant.", now=at(5))
    order.refresh_from_db()
    assert str(said[first].pk) in order.withdrawn_events
    assert (order.status == OrderStatus.ON_HOLD) == (first == "answered")
    rebuilt(order)


@pytest.mark.parametrize(
    ("kind", "payload", "wants"),
    [
        ("held", {}, True),
        ("answered", {"request": "x", "answer": "declined"}, True),
        ("promised", {"request": "x"}, True),
        ("resumed", {"request": "x"}, True),
        ("promised", {}, False),
        ("resumed", {}, False),
    ],
)
def test_what_a_centre_relies_on_takes_two(kind, payload, wants):
    assert needs_second_person(FLOW, kind, "", payload) == wants
    assert not needs_second_person(FLOW, "held", "selection", payload)


def test_an_order_closed_by_mistake_opens_again(world):
    order = world.order()
    told(world, order, "completed", "infusion", 5)
    closed = told(world, order, "closed", "", 6)
    withdraw_report(closed.pk, by=world.operator, reason="Wrong order.", now=at(7))
    order.refresh_from_db()
    assert order.status == OrderStatus.CLOSED
    withdraw_report(closed.pk, by=world.quality, reason="Confirmed.", now=at(8))
    order.refresh_from_db()
    assert order.status == OrderStatus.INFUSED
    rebuilt(order)


@pytest.fixture
def failed_test(world) -> StatusEvent:
    order = world.order()
    told(world, order, "started", "sterility", 10)
    return told(world, order, "failed", "sterility", 11)


def sterility_of(event: StatusEvent) -> str:
    return StageRun.objects.get(order=event.order, stage__code="sterility").status


def test_two_operators_alone_do_not_undo_a_failed_test(world, failed_test):
    withdraw_report(failed_test.pk, by=world.operator, reason="Wrong tube.", now=at(12))
    with pytest.raises(ReportRefused, match="One of the two must be quality assurance"):
        withdraw_report(failed_test.pk, by=world.second, reason="I saw it, too.", now=at(13))
    assert sterility_of(failed_test) == StageStatus.FAILED
    withdraw_report(failed_test.pk, by=world.quality, reason="Confirmed.", now=at(14))
    assert sterility_of(failed_test) == StageStatus.RUNNING
    rebuilt(failed_test.order)


def test_an_operator_confirms_what_quality_assurance_asked_for(world, failed_test):
    withdraw_report(failed_test.pk, by=world.quality, reason="Wrong tube.", now=at(12))
    withdraw_report(failed_test.pk, by=world.operator, reason="Confirmed.", now=at(13))
    assert sterility_of(failed_test) == StageStatus.RUNNING


def test_quality_assurance_of_another_site_is_none_of_the_two(world, failed_test):
    elsewhere = make_user("quentin", world.oslo, role=Role.QA)
    Membership.objects.create(user=elsewhere, site=world.plant, role=Role.OPERATIONS)
    withdraw_report(failed_test.pk, by=elsewhere, reason="Wrong tube.", now=at(12))
    with pytest.raises(ReportRefused, match="One of the two must be quality assurance"):
        withdraw_report(failed_test.pk, by=world.operator, reason="Confirmed.", now=at(13))


def test_an_operator_and_the_system_that_said_it_do_not_undo_a_failed_test(world, failed_test):
    withdraw_report(failed_test.pk, by=world.operator, reason="Wrong tube.", now=at(12))
    said = {"event": str(failed_test.pk), "reason": "wrong tube"}
    row = report(failed_test.order, "withdrawn", "sterility", 13, payload=said)
    assert "one of the two must be quality assurance" in record_event(row, by=world.reporter, now=at(13)).reason
    assert sterility_of(failed_test) == StageStatus.FAILED


def test_who_may_withdraw_and_what(world):
    order = world.order()
    ordered = StatusEvent.objects.get(order=order, kind="ordered")
    wrong = told(world, order, "started", "selection", 10)
    with pytest.raises(ReportRefused, match="is reported by operations of the plant"):
        withdraw_report(wrong.pk, by=world.kari, reason="It is not so.", now=at(11))
    with pytest.raises(ReportRefused, match="cannot be withdrawn"):
        withdraw_report(ordered.pk, by=world.operator, reason="It is not so.", now=at(11))
    withdraw_report(wrong.pk, by=world.operator, reason="Wrong.", now=at(11))
    with pytest.raises(ReportRefused, match="was withdrawn already"):
        withdraw_report(wrong.pk, by=world.second, reason="Wrong.", now=at(12))
    taken_back = StatusEvent.objects.get(order=order, kind="withdrawn")
    with pytest.raises(ReportRefused, match="cannot be withdrawn"):
        withdraw_report(taken_back.pk, by=world.operator, reason="It is not so.", now=at(13))


def test_a_system_withdraws_what_it_said_itself_and_nothing_else(world):
    order = world.order()
    wrong = told(world, order, "started", "selection", 10)
    said = {"event": str(wrong.pk), "reason": "wrong order"}
    lims = Reporter.of_source(make_source("lims", world.plant))
    row = report(order, "withdrawn", "selection", 11, payload=said)
    assert record_event(row, by=lims, now=at(11)).reason == (
        "payload.event: a system withdraws only what it said itself; ask the sender."
    )
    elsewhere = report(order, "withdrawn", "harvest", 11, payload=said)
    assert record_event(elsewhere, by=world.reporter, now=at(11)).outcome == ReportOutcome.REJECTED
    assert record_event(row, by=world.reporter, now=at(11)).outcome == ReportOutcome.CREATED
    assert StageRun.objects.get(order=order, stage__code="selection").status == StageStatus.PENDING


@pytest.mark.parametrize("payload", [{}, {"event": "x"}, {"event": 7, "reason": "y"}, {"event": "n", "reason": "y"}])
def test_a_withdrawal_names_its_event_and_its_reason(world, payload):
    order = world.order()
    row = report(order, "withdrawn", "selection", 11, payload=payload)
    assert record_event(row, by=world.reporter, now=at(11)).outcome == ReportOutcome.REJECTED


def test_a_person_is_asked_about_a_duration_of_under_a_tenth_by_every_way_in(world):
    order = world.order()
    for kind, stage, hours in [
        ("completed", "collection", 1),
        ("completed", "inbound", 9),
        ("started", "selection", 10),
    ]:
        told(world, order, kind, stage, hours)
    order.refresh_from_db()
    said = {"by": world.operator, "kind": "completed", "stage": "selection", "occurred_at": at(10.15), "now": at(11)}
    said |= {"seen_version": order.version, "token": "T"}
    with pytest.raises(
        ReportRefused, match=r"Selection completed 9 min after its start; planned 12 h\. Is that right\?"
    ):
        report_by_person(order.pk, **said)
    row = report(order, "completed", "selection", 10.15)
    result = record_event(row, by=Reporter.of_user(world.operator), now=at(11))
    assert (result.outcome, result.reason.split(":")[0]) == (ReportOutcome.REJECTED, "payload.duration_confirmed")
    report_by_person(order.pk, **said, is_short_meant=True)
    assert StatusEvent.objects.filter(order=order).latest("position").payload == {"duration_confirmed": True}
