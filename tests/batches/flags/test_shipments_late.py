"""A shipment that is, or is expected to be, later than its plan."""

from dataclasses import replace
from datetime import time

import pytest

from batches.flags.models import Flag
from batches.flags.rules.judging import judge
from batches.flags.rules.shipments import shipment_late
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.events import record_event
from supplychain.transport.actions.lanes import change_lane, create_lane
from supplychain.transport.rules.lanes import Lane
from tests.batches.builders import an_order, at, running
from tests.batches.flags.interlocked import InterlockWorld, judged, told
from tests.supplychain.builders import report

CODE = FlagCode.SHIPMENT_LATE
DAY = Lane("", 20, 4, (), "UTC")


def shipped(now: float, lane: Lane | None = None, agreed: float | None = None, unknown: float | None = None, **run):
    """What is found `now` hours in of cells picked up after 1 hour."""
    said = running("inbound", 1, **run)
    if agreed is not None:
        said = said._replace(agreed_end_at=at(agreed).isoformat(), agreed_times="1")
    if unknown is not None:
        said = said._replace(unknown_since=at(unknown).isoformat(), delay_cause="customs")
    order = an_order(said, done_until="collection", last_recorded=1)
    inbound = order.stages["inbound"]._replace(lane=lane)
    return shipment_late(replace(order, stages={**order.stages, "inbound": inbound}), at(now))


@pytest.mark.parametrize(
    ("now", "given", "severity"),
    [
        (90, {}, None),  # nobody said when it arrives
        (25, {"planned_delivery": 25}, None),
        (25.9, {"planned_delivery": 25}, None),
        (26, {"planned_delivery": 25}, Severity.ATTENTION),
        # By its lane alone: due a day after pickup.
        (25.9, {"lane": DAY}, None),
        (26, {"lane": DAY}, Severity.ATTENTION),
        # Its lane says at pickup that it cannot keep its plan.
        (2, {"lane": DAY, "planned_delivery": 20}, Severity.ATTENTION),
        (2, {"lane": DAY, "planned_delivery": 24.5}, None),
        (2, {"lane": DAY, "planned_pickup": -8}, Severity.ATTENTION),
        # Picked up at 09:00 after the only cut-off: it leaves the next day.
        (2, {"lane": DAY._replace(cut_offs=(time(8, 30),)), "planned_delivery": 25}, Severity.ATTENTION),
        # What the courier says counts before its lane.
        (2, {"planned_delivery": 25, "agreed": 30}, Severity.ATTENTION),
        (2, {"planned_delivery": 20, "agreed": 20.5, "lane": DAY}, None),
        # The shipper's cold ends before it can arrive.
        (2, {"planned_delivery": 25, "agreed": 30, "qualified_until": 29}, Severity.CRITICAL),
        (2, {"planned_delivery": 25, "agreed": 30, "qualified_until": 90}, Severity.ATTENTION),
        (90, {"planned_delivery": 25, "qualified_until": 90}, Severity.CRITICAL),
        # … as is known from the pickup on.
        (2, {"planned_delivery": 25, "qualified_until": 20}, Severity.CRITICAL),
        (2, {"planned_delivery": 25, "qualified_until": 25.5}, None),
        (25.6, {"planned_delivery": 25, "qualified_until": 25.5}, None),
        (26, {"planned_delivery": 25, "qualified_until": 25.5}, Severity.CRITICAL),
        # An arrival that nobody knows is never in time, planned or not.
        (2, {"unknown": 3}, None),
        (3, {"unknown": 3}, Severity.ATTENTION),
        (3, {"planned_delivery": 25, "unknown": 3}, Severity.ATTENTION),
        (3, {"lane": DAY, "unknown": 3, "qualified_until": 90}, Severity.ATTENTION),
        (83, {"lane": DAY, "unknown": 3, "qualified_until": 900}, Severity.CRITICAL),
        # That contact was lost is no news of the cells: it presses as if nobody had said a word, half a day late.
        (36.9, {"planned_delivery": 25, "unknown": 36}, Severity.ATTENTION),
        (37, {"planned_delivery": 25, "unknown": 36}, Severity.CRITICAL),
    ],
)
def test_when_a_shipment_is_late(now, given, severity):
    found = shipped(now, **given).findings
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert all((one.code, one.stage) == (CODE, "inbound") for one in found)


@pytest.mark.parametrize(
    ("now", "said", "run", "severity"),
    [
        (26, {}, {}, Severity.ATTENTION),
        (10, {"agreed_end_at": at(60).isoformat(), "agreed_times": "1"}, {}, Severity.ATTENTION),
        (10, {"agreed_end_at": at(60).isoformat(), "agreed_times": "1"}, {"qualified_until": 50}, Severity.CRITICAL),
        (40, {"unknown_since": at(9).isoformat(), "delay_cause": "customs"}, {}, Severity.CRITICAL),
    ],
)
def test_a_shipment_that_is_held_on_its_way_is_late_as_any_other(now, said, run, severity):
    under_way = running("inbound", 1, planned_delivery=25, **run)._replace(**said)
    for one in (under_way, under_way._replace(status="held", held_at=at(8))):
        order = an_order(one, done_until="collection", last_recorded=1)
        assert [one.severity for one in shipment_late(order, at(now)).findings] == [severity]
    order = an_order(under_way._replace(status="held", held_at=at(8), started_at=None), done_until="collection")
    assert shipment_late(order, at(now)).findings == []


@pytest.mark.parametrize(
    "given",
    [
        {"planned_delivery": 25, "qualified_until": 40},
        {"lane": DAY},
        {"planned_delivery": 25, "agreed": 24},
        {"planned_delivery": 25, "unknown": 20},
        {"unknown": 20, "qualified_until": 200},
    ],
)
def test_it_changes_only_at_the_moments_that_it_names(given):
    severities, next_at = [], at(1)
    while next_at:
        hours = (next_at - at(0)).total_seconds() / 3600
        found = shipped(hours, **given)
        severities.append([one.severity for one in found.findings])
        next_at = found.next_at
        until = (next_at - at(0)).total_seconds() / 3600 - 0.01 if next_at else 500
        assert [one.severity for one in shipped(until, **given).findings] == severities[-1]
    assert severities[0] == []
    assert severities[-1]


def test_a_pickup_that_is_reported_for_later_and_comes_too_late_for_the_cold_is_told_when_it_comes():
    given = {"planned_delivery": 25, "qualified_until": 20}
    early = shipped(0.5, **given)
    assert (early.findings, early.next_at) == ([], at(1))
    assert [one.severity for one in shipped(1, **given).findings] == [Severity.CRITICAL]


def test_it_says_by_when_it_was_due_and_to_when_the_cold_is_guaranteed():
    [found] = shipped(2, lane=DAY, planned_delivery=20, qualified_until=90).findings
    assert "with 20 h on its lane and 4 h at customs it would arrive only about" in found.why
    assert "until the courier says another, the booked arrival counts" in found.why
    assert "guaranteed cold ends at" in found.why
    assert found.due == at(90)
    said = [found.evidence[name] for name in ("expected_by", "expected_at", "latest_at")]
    assert (found.since, *said) == (at(1), "booking", at(20).isoformat(), at(25).isoformat())
    [missed] = shipped(2, lane=DAY._replace(cut_offs=(time(8, 30),)), planned_delivery=25).findings
    assert "after the last cut-off of its day" in missed.why


@pytest.mark.parametrize(("now", "expected"), [(30, {CODE}), (70, {CODE, FlagCode.STAGE_LATE})])
def test_a_stage_that_is_late_is_said_beside_it_only_once_it_presses(now, expected):
    order = an_order(running("inbound", 1, planned_delivery=25), done_until="collection", last_recorded=1)
    codes = {one.code for one in judge(order, at(now)).findings if one.stage == "inbound"}
    assert codes - {FlagCode.SILENT} == expected


@pytest.mark.parametrize(("planned", "expected"), [({"planned_delivery": 25}, {CODE}), ({}, {FlagCode.STAGE_LATE})])
def test_nobody_says_that_it_should_have_ended_while_its_agreed_arrival_lies_ahead(planned, expected):
    run = running("inbound", 1, qualified_until=50, **planned)
    run = run._replace(agreed_end_at=at(100).isoformat(), agreed_times="1")
    found = judge(an_order(run, done_until="collection", last_recorded=1), at(70)).findings
    own = {one.code: one for one in found if one.stage == "inbound"}
    assert own.keys() & {CODE, FlagCode.STAGE_LATE, FlagCode.SILENT} == expected
    assert all(one.severity == Severity.CRITICAL for code, one in own.items() if code in expected)
    assert not any("should have ended" in one.next_step for one in own.values())


def test_an_arrival_that_nobody_knows_is_told_as_that():
    [found] = shipped(4, planned_delivery=25, unknown=3).findings
    assert "nobody knows when it arrives (customs)" in found.why
    assert (found.evidence["expected_by"], "expected_at" in found.evidence) == ("unknown", False)
    [unplanned] = shipped(4, unknown=3).findings
    assert unplanned.why.startswith("Inbound: nobody said when the shipment was to arrive; since ")


@pytest.mark.parametrize(("now", "severity"), [(26.5, Severity.ATTENTION), (100, Severity.CRITICAL)])
def test_that_nobody_reported_the_arrival_is_said_once_and_as_severe_as_the_worse(now, severity):
    order = an_order(running("inbound", 1, planned_delivery=25), done_until="collection", last_recorded=1)
    found = {one.code: one for one in judge(order, at(now)).findings if one.stage in ("inbound", "")}
    assert FlagCode.SILENT not in {code for code, one in found.items() if one.stage}
    assert found[CODE].severity == severity


@pytest.fixture
def world(db) -> InterlockWorld:
    return InterlockWorld()


def flags() -> list[Flag]:
    return list(Flag.objects.filter(code=CODE, cleared_at=None))


def test_a_shipment_is_judged_by_the_lane_of_its_sites_until_it_is_received(world):
    lane = create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=10, by=None)
    order = world.order()
    assert (order.collection_site, order.plant) == (world.oslo, world.plant)
    told(world, order, ("completed", "collection", 5), ("started", "inbound", 6))
    judged(16.5)
    assert flags() == []
    judged(17.5)
    assert [(one.stage, one.severity) for one in flags()] == [("inbound", Severity.ATTENTION)]
    told(world, order, ("completed", "inbound", 18))
    judged(19)
    assert flags() == []
    assert lane.is_active


def test_a_lane_that_is_corrected_or_switched_off_judges_again(world, monkeypatch):
    monkeypatch.setattr("supplychain.transport.actions.lanes.timezone.now", lambda: at(18))
    lane = create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=10, by=None)
    told(world, world.order(), ("completed", "collection", 5), ("started", "inbound", 6))
    judged(18)
    assert len(flags()) == 1
    said = {"courier": "", "usual_hours": 10, "customs_hours": 12, "cut_offs": (), "by": None}
    change_lane(lane, **said, is_active=True, reason="Customs were forgotten.")
    judged(18.1)
    assert flags() == []
    change_lane(lane, **(said | {"customs_hours": 0}), is_active=False, reason="The courier flies there no more.")
    judged(19)
    assert flags() == []


def test_the_couriers_own_lane_comes_before_that_of_all(world):
    create_lane(from_site=world.oslo, to_site=world.plant, usual_hours=10, by=None)
    create_lane(from_site=world.oslo, to_site=world.plant, courier="polar lane", usual_hours=30, by=None)
    create_lane(from_site=world.oslo, to_site=world.plant, courier="Other", usual_hours=2, by=None)
    order = world.order()
    told(world, order, ("completed", "collection", 5))
    said = report(order, "started", "inbound", 6, payload={"courier": "Polar Lane"})
    record_event(said, by=world.reporter, now=at(6))
    judged(30)
    assert flags() == []
    judged(38)
    assert len(flags()) == 1


@pytest.mark.parametrize(
    ("given", "assumed"),
    [
        ({"planned_delivery": 25, "agreed": 30, "qualified_until": 29}, "if the cells may still be used"),
        ({"planned_delivery": 25, "agreed": 30, "qualified_until": 90}, ""),
    ],
)
def test_cells_that_arrive_after_their_cold_are_foreseen_only_if_they_may_be_used(given, assumed):
    agreed = given.pop("agreed")
    run = running("inbound", 1, **given)._replace(agreed_end_at=at(agreed).isoformat(), agreed_times="1")
    order = an_order(run, done_until="collection", last_recorded=1, promised=400)
    assert judge(order, at(2)).forecast.assumes_cleared == assumed
