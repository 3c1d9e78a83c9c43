"""Labels that nobody accounted for: what people are kept from, and what is flagged once a step has ended."""

from uuid import uuid4

import pytest
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.judgement.statuses import FlagCode, Severity
from supplychain.labels.rules.reconciling import OpenLabel
from supplychain.orders.actions.events import Reporter, record_event
from supplychain.orders.models import PatientOrder
from supplychain.orders.queries import open_stops
from supplychain.orders.statuses import OrderStatus
from supplychain.recording.queries import permitted_reports
from tests.batches.builders import a_run, an_order, completed
from tests.batches.flags.interlocked import InterlockWorld, judged, mixed_up, refusal, say, told
from tests.supplychain.builders import at, report

CODE = FlagCode.LABEL_UNRECONCILED
TO_HARVEST = (
    ("completed", "collection", 5), ("started", "inbound", 6), ("completed", "inbound", 30),
    ("started", "selection", 31), ("completed", "selection", 43), ("started", "harvest", 43),
)  # fmt: skip


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


def label(world, order, kind: str, serial: str = "L-1", hours: float = 44, **more) -> None:
    row = report(order, kind, hours=hours, payload={"serial": serial} | more)
    result = record_event(row | {"source_event_id": str(uuid4())}, by=world.reporter, now=at(hours))
    assert result.outcome == "created", result.refusal


@pytest.fixture
def order(world) -> PatientOrder:
    """An order whose harvest is under way, with one label open."""
    order = world.order()
    told(world, order, *TO_HARVEST)
    label(world, order, "label_printed", stage="harvest", attempt=1, number="BAG-1")
    return order


def flags() -> list[Flag]:
    return list(Flag.objects.filter(code=CODE, cleared_at=None))


def test_a_person_ends_no_step_while_a_label_of_it_is_open(world, order):
    said = refusal(order, world.operator, "completed", "harvest", 50)
    assert "L-1 (BAG-1)" in said
    assert "used, spoiled or destroyed first" in said
    label(world, order, "label_used", hours=49)
    assert say(order, world.operator, "completed", "harvest", 50).outcome == "created"
    judged(51)
    assert flags() == []


def test_the_page_says_so_before(world, order):
    order.refresh_from_db()
    reports = permitted_reports(order, world.operator, at(45), stops=open_stops([order.pk], now=at(45))[order.pk])
    assert "still open" in reports.why_not("completed", "harvest", 1)
    assert reports.find("failed", "harvest", 1)


def test_quality_assurance_ends_it_with_a_reason_and_the_label_is_flagged(world, order):
    assert "is missing" in refusal(order, world.both, "completed", "harvest", 50)
    say(order, world.both, "completed", "harvest", 50, payload={"override": "It fell into the drain, seen by two."})
    judged(51)
    [flag] = flags()
    assert (flag.stage, flag.severity, flag.subject) == ("", Severity.CRITICAL, ""), "the release is next"
    assert "L-1 (BAG-1)" in flag.why


def test_what_a_machine_reports_is_kept_with_the_flag_until_the_label_is_accounted_for(world, order):
    label(world, order, "label_printed", "L-2", hours=42, stage="selection")
    label(world, order, "label_used", hours=49)
    judged(51)
    assert [one.severity for one in flags()] == [Severity.ATTENTION]
    label(world, order, "label_destroyed", "L-2", hours=52, reason="Found in the hood.")
    judged(53)
    assert flags() == []


def test_from_the_release_on_it_keeps_people_back_until_it_is_settled(world, order):
    told(world, order, ("completed", "harvest", 50), ("started", "sterility", 51), ("completed", "sterility", 60))
    judged(61)
    [flag] = flags()
    assert flag.severity == Severity.CRITICAL
    assert "is missing" in refusal(order, world.quality, "started", "release", 62)
    settle_flag(flag.pk, by=world.quality, reason="The roll was counted: it was cut in two.", now=at(63))
    judged(64)
    say(order, world.quality, "started", "release", 65)


def test_a_report_that_is_taken_back_takes_two_people_and_opens_the_label_again(world, order):
    label(world, order, "label_used", hours=45)
    used = order.events.get(kind="label_used")
    for by in (world.operator, world.quality):
        assert not order.labels.filter(status="open").exists()
        row = report(order, "withdrawn", hours=46, payload={"event": str(used.pk), "reason": "It is on the bench."})
        result = record_event(row | {"source_event_id": str(uuid4())}, by=Reporter.of_user(by), now=at(46))
        assert result.outcome == "created", result.refusal
    assert order.labels.get().status == "open"


def test_nothing_is_labelled_of_which_nobody_knows_whose_it_is(world, client):
    order = mixed_up(world)
    judged(31)
    sent = {"say": "print", "token": str(uuid4()), "number": "", "stage": "selection", "layout": "Bag", "copies": "1"}
    address = reverse("order_labels", args=[order.pk])
    client.force_login(world.operator)
    assert "Stopped by a critical flag" in client.post(address, sent).content.decode()
    client.force_login(world.both)
    why = {"override": "The bag was compared with the list by two."}
    assert client.post(address, sent | why).status_code == 200
    assert order.labels.get().status == "open"


def an_open(stage: str = "harvest", attempt: int | None = 1, hours: float = 2) -> OpenLabel:
    return OpenLabel("L-1", "", stage, attempt, at(hours))


@pytest.mark.parametrize(
    ("runs", "labels", "more", "expected"),
    [
        ([a_run("harvest", "running")], [an_open()], {}, []),
        ([completed("harvest", 5)], [an_open()], {}, ["attention"]),
        ([completed("harvest", 5)], [], {}, []),
        ([a_run("harvest", "skipped")], [an_open()], {}, ["attention"]),
        ([a_run("harvest", "failed", failed=5)], [an_open(attempt=None)], {}, ["attention"]),
        # Of an earlier attempt, whose step is over whatever the new one does.
        ([a_run("harvest", "running", attempt=2)], [an_open()], {"attempt": 2}, ["attention"]),
        ([a_run("harvest", "running", attempt=2)], [an_open(attempt=2)], {"attempt": 2}, []),
        # Of no step: it belongs to the order.
        ([completed("harvest", 5)], [an_open("")], {}, []),
        ([completed("harvest", 5)], [an_open("")], {"status": OrderStatus.CANCELLED, "ended": 6}, ["attention"]),
        ([a_run("harvest", "running")], [an_open()], {"status": OrderStatus.CANCELLED, "ended": 6}, ["attention"]),
    ],
)
def test_what_is_flagged(runs, labels, more, expected):
    order = an_order(*runs, labels=tuple(labels), **more)
    found = [one for one in judge(order, at(9)).findings if one.code == CODE]
    assert [one.severity.value for one in found] == expected


def test_many_labels_are_one_flag_that_names_some():
    labels = tuple(OpenLabel(f"L-{number}", "B", "harvest", 1, at(2)) for number in range(9))
    [found] = [
        one for one in judge(an_order(completed("harvest", 5), labels=labels), at(9)).findings if one.code == CODE
    ]
    assert "9 labels that were printed are still open" in found.why
    assert "and 6 more" in found.why
    assert found.since == at(5)
    assert len(found.evidence["labels"]) == 9
