"""Cells that were destroyed: nobody is told to hand them over, nor that they are on their way."""

from dataclasses import replace

import pytest

from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import card_of
from dashboards.centre.rules.preparation import preparation
from dashboards.orders.rules.elsewhere import DESTROYED, without_destroyed
from supplychain.custody.rules.whereabouts import LastHolder
from supplychain.recording.rules.steps import NextStep
from tests.dashboards.centre.builders import NOW, OSLO, flag, hours, standing_at
from tests.dashboards.centre.said_ready import FRESH, READY, RUNNING, said

GONE = LastHolder("destroyed", NOW - hours(1))
WHY = "The cells of this order were destroyed: there is no dose to give."
TOLD = flag(FlagCode.DOSE_REJECTED, "", Severity.CRITICAL, why=WHY)


@pytest.mark.parametrize(("stage", "status"), [("inbound", RUNNING), ("inbound", READY), ("collection", RUNNING)])
def test_the_card_says_so_and_asks_nothing_of_the_cells(stage, status):
    facts = standing_at(FRESH, stage, status, last=GONE, flags=(TOLD,), ready=said(200), promised_at=NOW + hours(300))
    card = card_of(facts, NOW, OSLO)
    assert card.headline == (
        "The cells were destroyed today 08:00: the plant agrees with you on a new collection, or cancels the order"
    )
    assert [need.is_reading for need in card.needs] == [True]
    assert (card.next, card.forecast, card.lateness) == (None, "", "")
    assert card.troubles[0].text == f"{WHY} The plant says what follows."


def test_once_work_has_begun_stored_cells_may_be_left():
    facts = standing_at(FRESH, "expansion", RUNNING, last=GONE, flags=(TOLD,))
    assert "a new attempt, from stored cells if any are left" in card_of(facts, NOW, OSLO).headline
    facts = standing_at(FRESH, "infusion", READY, last=GONE, flags=(TOLD,))
    assert preparation(facts, NOW, OSLO).text == "Wait: its cells were destroyed. Speak with the plant first."


def test_a_new_attempt_is_no_destroyed_one():
    facts = standing_at(FRESH, "collection", READY, last=GONE, attempt=2)
    assert card_of(facts, NOW, OSLO).headline.startswith("Ready for collection")
    assert replace(facts, flags=(TOLD,)).are_destroyed


def test_the_order_page_goes_on_with_nothing():
    step = NextStep("inbound", "Transport", RUNNING, "Transport is under way", "plant", "the plant", NOW)
    to_judge = replace(step, stage="", status="")
    assert without_destroyed([step], FRESH) == [DESTROYED]
    assert without_destroyed([step, to_judge], FRESH) == [to_judge]
