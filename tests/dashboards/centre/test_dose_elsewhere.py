"""A dose that is not where its stages say, or of which nobody knows when it arrives: no patient is prepared for it."""

from dataclasses import replace

import pytest
import time_machine

from batches.judgement.statuses import FlagCode
from dashboards.centre.rules.cards import card_of
from dashboards.centre.rules.preparation import Readiness, preparation
from dashboards.orders.rules.elsewhere import with_whereabouts
from supplychain.custody.queries import last_holders
from supplychain.custody.rules.whereabouts import LastHolder
from supplychain.orders.actions.events import record_event
from supplychain.orders.statuses import StageStatus
from supplychain.recording.rules.steps import NextStep
from tests.dashboards.builders import TowerWorld
from tests.dashboards.centre.builders import NOW, OSLO, flag, hours, run_of, standing_at
from tests.dashboards.centre.said_ready import FRESH, READY, RUNNING, said
from tests.supplychain.builders import at, report

WITH_COURIER = LastHolder("courier", NOW - hours(1))
WHERE = "the dose is with the courier since today 08:00, as was reported last"


@pytest.mark.parametrize("stage", ["site_receipt", "infusion"])
def test_a_dose_that_left_the_centre_prepares_nobody(stage):
    facts = standing_at(FRESH, stage, READY, last=WITH_COURIER, plant="Leiden", ready=said(-48))
    card = card_of(facts, NOW, OSLO)
    assert card.preparation == (Readiness.WAIT, f"Wait: {WHERE}. Speak with the plant first.")
    assert card.headline == f"T{WHERE[1:]}"
    assert (card.ready_since, card.forecast) == ("", "")
    (need,) = card.needs
    assert need.text.startswith("Do not begin ")
    assert WHERE in need.text
    assert not need.button
    here = replace(facts, last=LastHolder("infusion_site", NOW - hours(1)))
    assert preparation(here, NOW, OSLO).text.startswith("May be planned")


@pytest.mark.parametrize(
    ("last", "where"),
    [
        (LastHolder("plant", NOW - hours(1)), "the dose is with the plant since today 08:00, as was reported last"),
        (
            LastHolder("other", NOW - hours(1), place="St James"),
            "the dose is with somebody else (St James) since today 08:00, as was reported last",
        ),
        (LastHolder("destroyed", NOW - hours(1)), "the dose was destroyed, as was reported, today 08:00"),
    ],
)
def test_on_its_way_only_the_courier_or_the_centre_has_it(last, where):
    facts = standing_at(FRESH, "outbound", RUNNING, last=last)
    assert preparation(facts, NOW, OSLO).text == f"Wait: {where}. Speak with the plant first."
    assert preparation(replace(facts, last=WITH_COURIER), NOW, OSLO).readiness == Readiness.SHIPPED
    assert preparation(replace(facts, last=None), NOW, OSLO).readiness == Readiness.SHIPPED


def test_an_arrival_that_nobody_knows_prepares_nobody_and_is_given_no_usual_date():
    unknown = {"details": {"arrival_unknown_since": (NOW - hours(1)).isoformat()}}
    card = card_of(standing_at(FRESH, "outbound", RUNNING, run=unknown), NOW, OSLO)
    assert card.preparation.text == "Wait: nobody knows when it arrives. Speak with the plant first."
    assert card.next is None


def test_a_product_that_was_rerouted_is_not_on_its_way_to_the_centre():
    back = {"kind": "shipment_rerouted", "destination": "plant", "at": NOW.isoformat()}
    facts = standing_at(FRESH, "outbound", RUNNING, run={"details": {"delays": [back]}})
    card = card_of(facts, NOW, OSLO)
    assert card.headline == "The product was rerouted: the courier goes to the plant"
    assert [need.text for need in card.needs if "take" in need.text.lower()] == []


def test_an_arrival_that_was_missed_prepares_nobody():
    missed = {"planned_end_at": NOW - hours(2)}
    late = (flag(FlagCode.SHIPMENT_LATE, "outbound"),)
    facts = standing_at(FRESH, "outbound", RUNNING, run=missed, flags=late)
    assert preparation(facts, NOW, OSLO).text == (
        "Wait: it was to arrive today 07:00, and nobody has reported that it did. Speak with the plant first."
    )
    agreed = standing_at(FRESH, "outbound", RUNNING, run={"planned_end_at": NOW + hours(9)}, flags=late)
    assert preparation(agreed, NOW, OSLO).readiness == Readiness.SHIPPED


def test_a_booked_infusion_waits_for_its_dose():
    booked = {"planned_start_at": NOW + hours(30)}
    facts = standing_at(FRESH, "infusion", READY, run=booked, last=WITH_COURIER)
    assert card_of(facts, NOW, OSLO).next.what == "Once the dose is there: Infusion begins"


def test_a_dose_that_is_given_is_nowhere_else():
    facts = standing_at(FRESH, "infusion", RUNNING, last=LastHolder("infused", NOW - hours(1)))
    assert card_of(facts, NOW, OSLO).headline.startswith("The infusion is under way")
    done = run_of("infusion", StageStatus.COMPLETED)
    assert not replace(facts, runs=dict(facts.runs) | {"infusion": done}).is_elsewhere(NOW)


def test_the_order_page_offers_no_infusion_of_a_dose_that_is_elsewhere():
    facts = standing_at(FRESH, "infusion", READY)
    step = NextStep("infusion", "Infusion", READY, "Infusion can start", "infusion_site", "the infusion site", NOW)
    other = replace(step, stage="sterility_final")
    told = with_whereabouts([step, other], FRESH, facts.runs, WITH_COURIER, NOW)
    assert told[0].words.startswith("Infusion waits: the dose is with the courier since ")
    assert told[1] == other
    here = LastHolder("infusion_site", NOW)
    assert with_whereabouts([step], FRESH, facts.runs, here, NOW) == [step]


@pytest.mark.django_db
def test_the_last_hand_over_that_has_come_says_who_has_it():
    world = TowerWorld()
    with time_machine.travel(at(30), tick=False):
        order = world.order()
        world.say(order, "started", "collection", 1)
        world.say(order, "completed", "collection", 2, payload={"donation_number": "D-1"})
        given = {"from": "collection_site", "to": "other", "place": "St James"}
        record_event(report(order, "handed_over", "", 40, payload=given), by=world.everywhere, now=at(30))
        assert last_holders([order.pk], at(30))[order.pk].holder == "collection_site"
        assert last_holders([order.pk], at(41))[order.pk][:4] == ("other", at(40), "", "St James")
