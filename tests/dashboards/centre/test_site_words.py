"""What a coordinator reads of an order: every stage in every status, of both shipped flows."""

import pytest

from dashboards.centre.rules.words import headline
from supplychain.orders.statuses import StageStatus
from supplychain.pages.days import day_of, day_words
from tests.dashboards.centre.builders import NOW, OSLO, hours, run_of, shipped_flow, standing_at

READY, RUNNING, HELD, FAILED = StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD, StageStatus.FAILED
FRESH, FROZEN = shipped_flow("car_t_fresh"), shipped_flow("car_t_frozen")

# stage, status → the card's headline. Both flows have the same stages; only their permitted waits differ.
HEADLINES = {
    ("enrolment", READY): "Ordered: enrolment has not begun",
    ("enrolment", RUNNING): "Enrolment is under way",
    ("enrolment", HELD): "Enrolment is on hold",
    ("enrolment", FAILED): "Enrolment failed",
    ("collection", READY): "Ready for collection at your centre: no appointment yet",
    ("collection", RUNNING): "Cells are being collected at your centre",
    ("collection", HELD): "The collection is on hold",
    ("collection", FAILED): "The collection failed",
    ("inbound", READY): "Cells collected: they wait for the courier",
    ("inbound", RUNNING): "Cells are on their way to the plant",
    ("inbound", HELD): "The transport to the plant is on hold",
    ("inbound", FAILED): "The transport to the plant failed",
    ("receipt", READY): "Cells have arrived at the plant: not yet received",
    ("receipt", RUNNING): "The plant is receiving the cells",
    ("receipt", HELD): "Receipt at the plant is on hold",
    ("receipt", FAILED): "The plant could not accept the cells",
    ("selection", READY): "Cells are at the plant: they wait for a place in production",
    ("selection", RUNNING): "Production has begun: the cells are being selected",
    ("selection", HELD): "Production is on hold: cell selection",
    ("selection", FAILED): "Production failed: cell selection",
    ("transduction", READY): "In production: transduction is next",
    ("transduction", RUNNING): "Cells are being modified at the plant",
    ("transduction", HELD): "Production is on hold: transduction",
    ("transduction", FAILED): "Production failed: transduction",
    ("expansion", READY): "In production: expansion is next",
    ("expansion", RUNNING): "Cells are growing at the plant: day 1 of about 7",
    ("expansion", HELD): "Production is on hold: expansion",
    ("expansion", FAILED): "Production failed: expansion",
    ("harvest", READY): "Cells have grown: harvest and freezing is next",
    ("harvest", RUNNING): "The product is being harvested and frozen",
    ("harvest", HELD): "Production is on hold: harvest and freezing",
    ("harvest", FAILED): "Production failed: harvest and freezing",
    ("qc_release_tests", READY): "The product is made: release tests not yet begun",
    ("qc_release_tests", RUNNING): "The product is made: release tests under way, day 1 of about 7",
    ("qc_release_tests", HELD): "Testing is on hold: release tests",
    ("qc_release_tests", FAILED): "A test failed: release tests",
    ("sterility_final", READY): "The product is made: final sterility test not yet begun",
    ("sterility_final", RUNNING): "The product is made: final sterility test under way, day 1 of about 14",
    ("sterility_final", HELD): "Testing is on hold: final sterility test",
    ("sterility_final", FAILED): "A test failed: final sterility test",
    ("disposition", READY): "Tested: quality assurance has to decide on the release",
    ("disposition", RUNNING): "Quality assurance is deciding on the release",
    ("disposition", HELD): "The decision on the release is on hold",
    ("disposition", FAILED): "The product was not released",
    ("outbound", READY): "Product released: no courier booked yet",
    ("outbound", RUNNING): "The product is on its way to your centre",
    ("outbound", HELD): "The product's transport is on hold",
    ("outbound", FAILED): "The product's transport failed",
    ("site_receipt", READY): "The product has been delivered at your centre: not yet received",
    ("site_receipt", RUNNING): "The product is being received at your centre",
    ("site_receipt", HELD): "Receipt of the product is on hold",
    ("site_receipt", FAILED): "The product could not be received",
    ("infusion", READY): "The product is ready to infuse at your centre",
    ("infusion", RUNNING): "The infusion is under way at your centre",
    ("infusion", HELD): "The infusion is on hold",
    ("infusion", FAILED): "The infusion failed",
}


@pytest.mark.parametrize("flow", [FRESH, FROZEN], ids=["fresh", "frozen"])
@pytest.mark.parametrize(("stage", "status"), HEADLINES)
def test_every_stage_has_plain_words(flow, stage, status):
    assert headline(standing_at(flow, stage, status), NOW, OSLO) == HEADLINES[stage, status]


def test_the_table_knows_every_stage():
    for flow in (FRESH, FROZEN):
        assert {(code, status) for code in flow.stages for status in (READY, RUNNING, HELD, FAILED)} == set(HEADLINES)


@pytest.mark.parametrize(
    ("stage", "booked", "text"),
    [
        ("collection", 24, "Collection booked for tomorrow 09:00 at your centre"),
        ("collection", 96, "Collection booked for Fri 27 Nov 09:00 at your centre"),
        ("collection", -3, "Collection was booked for today 06:00 at your centre: no news that it began"),
        ("inbound", 5, "Cells collected: the courier picks them up today 14:00"),
        ("selection", 48, "Cells are at the plant: production begins Wed 25 Nov 09:00"),
        ("outbound", 24, "Product released: the courier picks it up tomorrow 09:00"),
        ("infusion", 72, "Infusion booked for Thu 26 Nov 09:00 at your centre"),
    ],
)
def test_a_booked_moment_is_said_in_the_readers_zone(stage, booked, text):
    facts = standing_at(FRESH, stage, READY, run={"planned_start_at": NOW + hours(booked)})
    assert headline(facts, NOW, OSLO) == text


def test_a_pickup_that_the_courier_planned_counts_as_booked():
    details = {"planned_pickup_at": (NOW + hours(24)).isoformat()}
    facts = standing_at(FRESH, "outbound", READY, run={"details": details})
    assert headline(facts, NOW, OSLO) == "Product released: the courier picks it up tomorrow 09:00"


def test_a_release_that_was_never_reported_is_not_claimed():
    facts = standing_at(FRESH, "outbound", READY, runs={"disposition": run_of("disposition", StageStatus.SKIPPED)})
    assert headline(facts, NOW, OSLO) == "Product made, no release reported: no courier booked yet"


def test_another_centre_is_named():
    facts = standing_at(FRESH, "collection", RUNNING, own=frozenset({"ordering_site"}))
    assert headline(facts, NOW, OSLO) == "Cells are being collected at Oslo"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"status": "cancelled", "ended_at": NOW - hours(30)}, "Cancelled yesterday"),
        ({"status": "closed", "ended_at": NOW - hours(240)}, "Closed without infusion Fri 13 Nov 09:00"),
        ({"status": "closed", "ended_at": NOW, "infused_at": NOW - hours(48)}, "Infused Sat 21 Nov 09:00"),
        ({"status": "infused", "infused_at": NOW - hours(1)}, "Infused today 08:00"),
        ({"status": "on_hold"}, "The whole order is on hold. Cells are growing at the plant: day 1 of about 7"),
        ({"current_stage": ""}, "Nothing can begin yet: news of an earlier step is missing"),
    ],
)
def test_the_order_as_a_whole(given, text):
    facts = standing_at(FRESH, "expansion", RUNNING, **given)
    assert headline(facts, NOW, OSLO).startswith(text)


@pytest.mark.parametrize(
    ("started", "planned", "text"),
    [
        (0, 168, "day 1 of about 7"),
        (-24 * 4 - 1, 168, "day 5 of about 7"),
        (-24 * 8 - 1, 168, "day 9, usually about 7"),
        (-5, 12, ""),
        (3, 168, "day 1 of about 7"),
    ],
)
def test_long_work_says_its_day(started, planned, text):
    assert day_of(NOW + hours(started), planned, NOW) == text


def test_days_are_those_of_the_reader():
    late = NOW.replace(hour=23, minute=30)
    assert day_words(late, NOW, OSLO) == "tomorrow 00:30"
    assert day_words(NOW.replace(year=2027, month=1, day=5), NOW, OSLO) == "Tue 5 Jan 2027 09:00"
