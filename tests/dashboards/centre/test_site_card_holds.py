"""What a card says of holds and of what the centre asked for: who decides by when, and which steps wait for it."""

from dataclasses import replace

import pytest

from batches.forecasts.rules.conditions import IF_LIFTED
from batches.forecasts.rules.ready import ReadyBasis, ReadyForecast
from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import CardGroup, card_of
from dashboards.centre.rules.troubles import troubles
from supplychain.orders.rules.states import ChangeRequest
from supplychain.orders.statuses import StageStatus
from tests.dashboards.centre.builders import (
    NOW,
    OSLO,
    flag,
    hours,
    run_of,
    shipped_flow,
    standing_at,
)

READY, RUNNING, HELD = StageStatus.READY, StageStatus.RUNNING, StageStatus.HELD
FRESH = shipped_flow("car_t_fresh")
AT_TEN = {"planned_start_at": NOW + hours(2)}


def test_the_centres_own_request_asks_for_the_plant_and_a_no_for_the_centre():
    asked = flag(FlagCode.CHANGE_ASKED, "", Severity.CRITICAL)
    request = ChangeRequest("e1", "hold", "too_ill", "", NOW)
    waits = standing_at(FRESH, "expansion", RUNNING, flags=(asked,), change=request)
    assert card_of(waits, NOW, OSLO).group == CardGroup.ON_ITS_WAY
    declined = replace(request, outcome="declined", outcome_at=NOW)
    told = card_of(standing_at(FRESH, "expansion", RUNNING, flags=(asked,), change=declined), NOW, OSLO)
    assert (told.group, told.troubles[0].flag) == (CardGroup.NEEDS_YOU, asked.id)
    assert told.troubles[0].text == "The plant declined your request: its reason stands above."


def test_a_booked_step_waits_for_the_answer_to_the_centres_request():
    asked = ChangeRequest("e1", "hold", "too_ill", "", NOW)
    facts = standing_at(FRESH, "infusion", READY, change=asked, run=AT_TEN)
    told = card_of(facts, NOW, OSLO).next
    assert told.what == "Not before the plant has answered your request: Infusion begins"


def test_a_booked_step_of_a_held_order_waits_until_the_hold_is_lifted():
    by_order = standing_at(FRESH, "infusion", READY, status="on_hold", run=AT_TEN)
    assert card_of(by_order, NOW, OSLO).next.what == "Once the hold is lifted: Infusion begins"
    asked = ChangeRequest("e1", "cancel", "too_ill", "", NOW)
    told = card_of(replace(by_order, change=asked), NOW, OSLO).next
    assert told.what == "Not before the plant has answered your request: Infusion begins"


def test_a_booked_step_behind_a_held_one_waits_until_that_hold_is_lifted():
    facts = standing_at(FRESH, "disposition", HELD)
    runs = facts.runs | {"infusion": run_of("infusion", StageStatus.PENDING, **AT_TEN)}
    assert card_of(replace(facts, runs=runs), NOW, OSLO).next.what == "Once the hold is lifted: Infusion begins"


def test_of_a_hold_that_the_centre_asked_for_it_is_the_centre_that_says_when_it_ends():
    held = flag(FlagCode.ON_HOLD, due=NOW + hours(24), reason="The centre asked for it: Patient too ill")
    agreed = ChangeRequest("e1", "hold", "too_ill", "", NOW, outcome="agreed", outcome_at=NOW)
    facts = standing_at(FRESH, "expansion", READY, flags=(held,), change=agreed, status="on_hold", held_at=NOW)
    (trouble,) = troubles(facts, NOW, OSLO)
    assert trouble.text == (
        "The order is on hold as the centre asked (“Patient too ill”): tell the plant by "
        "tomorrow 09:00 whether it can go on."
    )
    (need,) = card_of(facts, NOW, OSLO).needs
    assert need.text == "Tell the plant whether the order can go on, is to wait longer or is to be cancelled"
    assert (need.kind, need.due, need.due_words) == ("change_asked", NOW + hours(24), "by tomorrow 09:00")
    by_itself = replace(facts, change=None)
    assert card_of(by_itself, NOW, OSLO).needs == ()


def test_a_late_dose_of_a_held_order_is_late_if_the_hold_were_lifted_now():
    ready = ReadyForecast(ReadyBasis.SIMULATED, NOW + hours(48), NOW, NOW + hours(72), NOW + hours(24), 0.87, NOW, NOW,
                          assumes=IF_LIFTED)  # fmt: skip
    late = flag(FlagCode.PROMISE_AT_RISK, severity=Severity.CRITICAL)
    facts = standing_at(FRESH, "expansion", READY, flags=(late,), ready=ready, promised_at=NOW + hours(24))
    assert troubles(facts, NOW, OSLO)[0].text.endswith("about 24 hours, if the hold were lifted now.")


def test_a_decision_that_is_over_time_is_said_to_be():
    late = flag(FlagCode.ON_HOLD, due=NOW - hours(1), reason="Infection")
    [told] = troubles(standing_at(FRESH, "expansion", RUNNING, flags=(late,)), NOW, OSLO)
    assert told.text == "The order is on hold (“Infection”): the plant was to decide by today 08:00 and has not."


@pytest.mark.parametrize(
    ("severity", "due", "words"),
    [
        (Severity.CRITICAL, 3, "Your request cannot wait: the plant has to answer it by today 12:00."),
        (Severity.ATTENTION, 3, "The plant has to answer your request by today 12:00."),
        (Severity.CRITICAL, -1, "The plant was to answer your request by today 08:00 and has not: call it."),
    ],
)
def test_of_a_request_it_is_said_how_long_the_plant_has_to_answer(severity, due, words):
    asked = flag(FlagCode.CHANGE_ASKED, "", severity, due=NOW + hours(due))
    [told] = troubles(standing_at(FRESH, "expansion", RUNNING, flags=(asked,)), NOW, OSLO)
    assert (told.text, told.severity) == (words, severity)


def test_nobody_missed_a_decision_that_was_due_before_the_hold():
    hold = flag(FlagCode.ON_HOLD, "", Severity.CRITICAL, due=NOW - hours(35))
    waited = {"ready_at": NOW - hours(59)}
    held = {"status": "on_hold", "held_at": NOW - hours(1), "flags": (hold,)}
    facts = standing_at(FRESH, "inbound", READY, run=waited, **held)
    assert card_of(facts, NOW, OSLO).troubles[0].text == (
        "The order is on hold; the time of the cells was over Sat 21 Nov 22:00, before that: "
        "quality assurance decides whether they may be used."
    )
    missed = replace(facts, held_at=NOW - hours(40))
    assert "was to decide by Sat 21 Nov 22:00 and has not" in card_of(missed, NOW, OSLO).troubles[0].text
