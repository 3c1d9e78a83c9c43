"""What a flag asks of a centre stands on My centre in the words of the order's page, however its order stands."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.urls import reverse

from batches.flags.rules.centre_words import asked_of_centre
from batches.flags.rules.shared import identity_shared
from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import CardGroup, card_of
from dashboards.centre.rules.troubles import troubles
from supplychain.flows.statuses import StagePlace
from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.rules.interlocks import AskFirst, Stop
from supplychain.orders.rules.promises import WANTED
from supplychain.orders.statuses import StageStatus
from tests.batches.builders import a_shared, an_order, running
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.dashboards.centre.builders import NOW, OSLO, flag, shipped_flow, standing_at
from tests.supplychain.builders import at

FRESH = shipped_flow("car_t_fresh")
EARLIER = "Site coordinator: find an earlier place for Apheresis; Operations: agree a new date now."
ASKED = "Find an earlier place for Apheresis."


def needs_of(stage: str, status: StageStatus, next_step: str, code=FlagCode.PROMISE_AT_RISK, of: str = "", **given):
    raised = flag(code, of, next_step=next_step, is_acknowledged=given.pop("seen", False))
    card = card_of(standing_at(FRESH, stage, status, flags=(raised,), **given), NOW, OSLO)
    return [need.text for need in card.needs], card.group


@pytest.mark.parametrize(("next_step", "asked"), [
    (EARLIER, ASKED),
    ("Operations: agree a new date.", ""),
    ("QA: decide; Site coordinator: have the dose put aside.", "Have the dose put aside."),
    ("Coordinator: compare it with the label on the bag.", "Compare it with the label on the bag."),
])  # fmt: skip
def test_the_part_of_a_centre(next_step, asked):
    assert asked_of_centre(next_step) == asked


def test_a_task_that_only_a_flag_names_stands_on_my_centre():
    booked = {"planned_start_at": NOW + timedelta(hours=90)}
    assert needs_of("collection", StageStatus.READY, EARLIER, run=booked) == ([ASKED], CardGroup.NEEDS_YOU)
    assert needs_of("collection", StageStatus.READY, "Operations: agree a date.", run=booked)[0] == []


def test_another_centres_task_is_not_asked_of_this_one():
    own = frozenset({StagePlace.INFUSION_SITE.value})
    assert needs_of("collection", StageStatus.READY, EARLIER, own=own)[0] == []


def test_moments_stand_in_the_zone_of_the_reader():
    step = "Site coordinator: start Infusion by 2026-11-24T10:00Z, or ask QA before then."
    (_, said), _ = needs_of("infusion", StageStatus.READY, step, FlagCode.HOLD_EXPIRING, "infusion")
    assert said == "Start Infusion by 24 Nov 2026 11:00 CET, or ask QA before then."


def test_the_end_or_the_new_time_is_asked_once_with_its_button():
    step = "Site coordinator: find out what holds it up; report its end, or its new time."
    raised = flag(FlagCode.STAGE_LATE, "collection", next_step=step)
    card = card_of(standing_at(FRESH, "collection", StageStatus.RUNNING, flags=(raised,)), NOW, OSLO)
    assert [(need.text, need.button) for need in card.needs][1:] == [
        ("Find out what holds it up; report its end, or its new time.", "Apheresis: new expected end"),
    ]


def test_a_request_that_was_declined_asks_to_be_read_once():
    step = "Coordinator: read the reason and acknowledge it."
    given = {"stage": "expansion", "status": StageStatus.RUNNING, "next_step": step, "code": FlagCode.CHANGE_ASKED}
    assert needs_of(**given)[0] == ["Read the reason and acknowledge it."]
    assert needs_of(**given, seen=True)[0] == []


@pytest.mark.django_db
def test_page_and_card_ask_in_the_same_words():
    world = TowerWorld()
    order = world.order()
    world.say(order, "scheduled", "collection", 2, payload={"planned_start_at": at(190).isoformat()})
    step = "Site coordinator: find an earlier place for Collection; Operations: agree a new date now."
    raise_flag(order, FlagCode.PROMISE_AT_RISK, stage="", severity=Severity.CRITICAL, next_step=step)
    with time_machine.travel(at(10), tick=False):
        page = browser_of(world.operations).get(reverse("order", args=[order.pk])).text
        centre = browser_of(world.coordinator).get(reverse("site")).text
    assert "find an earlier place for Collection" in page
    assert "<p>Find an earlier place for Collection.</p>" in centre
    assert "nothing else is asked of your centre" not in centre


def test_a_lost_pickup_is_told_to_who_hands_over_and_booked_by_the_plant():
    lost = {"details": {"missed_start_at": (NOW - timedelta(hours=4)).isoformat()}}
    card = card_of(standing_at(FRESH, "inbound", StageStatus.READY, run=lost), NOW, OSLO)
    (need,) = card.needs
    assert need.text == "Transport to the plant needs a new appointment; the plant books it"
    assert need.button == ""


def test_a_donation_number_on_two_orders_asks_the_centre_to_compare_the_label_once():
    shared = an_order(running("expansion"), done_until="transduction", shared=(a_shared(),))
    (found,) = identity_shared(shared, at(10)).findings
    late = flag(FlagCode.PROMISE_AT_RISK, next_step=found.next_step, id=UUID(int=8))
    both = (flag(found.code, severity=found.severity, next_step=found.next_step, is_acknowledged=True), late)
    card = card_of(standing_at(FRESH, "expansion", StageStatus.RUNNING, flags=both), NOW, OSLO)
    assert [need.text for need in card.needs] == [
        "Stop work on these cells now and give nothing made of them.",
        "Compare donation number G123498654321 with the label on the bag, and report the right number anew.",
    ]
    (batch,) = identity_shared(replace(shared, shared=(a_shared(IdentifierKind.BATCH),)), at(10)).findings
    assert asked_of_centre(batch.next_step) == ""


@pytest.mark.parametrize(
    ("own", "inbound", "stops"),
    [
        ({StagePlace.COLLECTION_SITE}, StageStatus.RUNNING, False),
        ({StagePlace.COLLECTION_SITE}, StageStatus.READY, True),
        ({StagePlace.COLLECTION_SITE, StagePlace.INFUSION_SITE}, StageStatus.RUNNING, True),
        ({StagePlace.ORDERING_SITE}, StageStatus.RUNNING, True),
    ],
)
def test_a_centre_that_only_collected_is_told_what_it_can_do(own, inbound, stops):
    shared = an_order(running("expansion"), done_until="transduction", shared=(a_shared(),))
    (found,) = identity_shared(shared, at(10)).findings
    raised = flag(found.code, severity=found.severity, next_step=found.next_step)
    given = {"own": frozenset(place.value for place in own), "plant": "Porto", "telephone": "+351 1"}
    card = card_of(standing_at(FRESH, "inbound", inbound, flags=(raised,), **given), NOW, OSLO)
    texts = [need.text for need in card.needs]
    records = "compare the records and labels of your collection with this order"
    assert any("Stop work on these cells" in text for text in texts) == stops
    assert any(records in text and "call Porto (+351 1) at once" in text for text in texts) != stops
    assert any("with the label on the bag" in text for text in texts) == stops
    assert any("with your record of the label" in text for text in texts) != stops


def test_before_cells_are_collected_the_plant_is_asked_that_has_not_confirmed():
    given = {"date": WANTED, "plant": "Leiden", "telephone": "+31 71 1"}
    card = card_of(standing_at(FRESH, "collection", StageStatus.READY, **given), NOW, OSLO)
    (need,) = card.needs
    assert need.text == "Ask the plant (Leiden, +31 71 1) before Apheresis is booked: it has not confirmed the order"
    assert need.button == "Apheresis booked"
    assert card.headline.endswith("The plant has not confirmed the order yet")
    running = card_of(standing_at(FRESH, "collection", StageStatus.RUNNING, **given), NOW, OSLO)
    assert [need.text for need in running.needs] == ["Report the end of the collection, with the donation number"]


def test_the_plant_is_asked_as_soon_as_the_collection_is_booked():
    given = {"date": WANTED, "plant": "Leiden", "telephone": "+31 71 1"}
    run = {"planned_start_at": NOW + timedelta(days=4)}
    card = card_of(standing_at(FRESH, "collection", StageStatus.READY, run=run, **given), NOW, OSLO)
    (need,) = card.needs
    assert need.text == "Ask the plant (Leiden, +31 71 1) before Apheresis begins: it has not confirmed the order"
    assert (need.button, need.due_words) == ("", "booked for Fri 27 Nov 09:00")
    sure = standing_at(FRESH, "collection", StageStatus.READY, run=run, plant="Leiden")
    assert card_of(sure, NOW, OSLO).needs == ()


def test_cells_go_to_a_plant_that_has_not_confirmed_and_it_is_told():
    given = {"date": WANTED, "plant": "Leiden", "telephone": "+31 71 1"}
    card = card_of(standing_at(FRESH, "inbound", StageStatus.READY, **given), NOW, OSLO)
    (need,) = card.needs
    tell = "tell the plant (Leiden, +31 71 1) that they come: it has not confirmed the order"
    assert need.text == f"Hand the cells over to the courier, whom the plant orders, and {tell}"
    assert need.button
    assert card.headline.endswith("The plant has not confirmed the order yet")
    assert "confirm" not in card_of(standing_at(FRESH, "receipt", StageStatus.RUNNING, **given), NOW, OSLO).headline


def test_what_a_flag_asks_to_wait_with_is_asked_of_the_plant_first():
    asks = AskFirst("collection", "no place for Cell selection is sure")
    said = ("Dose at risk", "", "Why.", "Operations: do not begin.")
    stop = Stop(UUID(int=1), UUID(int=2), *said, NOW, asks_first=asks, is_critical=False)
    given = {"stops": [stop], "plant": "Leiden"}
    for booked, said in ((None, "is booked"), (NOW + timedelta(hours=3), "begins")):
        run = {"planned_start_at": booked}
        (need,) = card_of(standing_at(FRESH, "collection", StageStatus.READY, run=run, **given), NOW, OSLO).needs
        assert need.text == f"Ask the plant (Leiden) before Apheresis {said}: no place for Cell selection is sure"


def test_a_card_asks_once_to_ask_the_plant():
    asks = AskFirst("collection", "no place for Cell selection is sure")
    stop = Stop(UUID(int=1), UUID(int=2), "Dose at risk", "", "Why.", "Next.", NOW, asks_first=asks, is_critical=False)
    lost = flag(
        FlagCode.DOSE_AT_RISK, "collection", next_step="Operations: do not begin Apheresis before a place is sure."
    )
    early = replace(stop, flag_id=lost.id)
    facts = standing_at(FRESH, "enrolment", StageStatus.READY, flags=(lost,), stops=(early,), plant="Leiden")
    assert "Ask the plant before you begin Apheresis." in card_of(facts, NOW, OSLO).troubles[0].text
    facts = standing_at(FRESH, "collection", StageStatus.READY, flags=(lost,), stops=(stop,), plant="Leiden")
    card = card_of(facts, NOW, OSLO)
    assert [need.asks_plant for need in card.needs if need.asks_plant] == [True]
    assert "sk the plant" not in " ".join(trouble.text for trouble in card.troubles)
    other = lost._replace(id=UUID(int=7), severity=Severity.CRITICAL)
    told = " ".join(one.text for one in troubles(replace(facts, flags=(lost, other), stops=()), NOW, OSLO))
    assert told.count("This dose may be lost") == 2
    assert told.count("Ask the plant") == 1


def test_the_second_person_who_looks_at_a_withdrawn_infusion_may_be_the_centre():
    asks = (
        "QA, Operations or Site coordinator: look at it as a second person, one of the two must be quality assurance: "
        "press “Confirm: wrong” among the order’s events if it is wrong."
    )
    wrong = flag(FlagCode.OUT_OF_SEQUENCE, "infusion", Severity.CRITICAL, next_step=asks)
    facts = standing_at(FRESH, "infusion", StageStatus.COMPLETED, status="infused", infused_at=NOW, flags=(wrong,))
    card = card_of(facts, NOW, OSLO)
    assert card.group == CardGroup.NEEDS_YOU
    assert [need.text.split(",")[0] for need in card.needs] == ["Look at it as a second person"]
    assert card.troubles[0].flag == wrong.id
    closed = card_of(replace(facts, status="closed"), NOW, OSLO)
    assert (closed.group, closed.needs) == (CardGroup.DONE, ())
