"""Which date a card says next, and what of promise and forecast."""

import pytest

from batches.forecasts.rules.conditions import IF_RESTARTED
from batches.judgement.statuses import FlagCode, Severity
from dashboards.centre.rules.cards import DateSource, card_of
from tests.dashboards.centre.builders import (
    NOW,
    OSLO,
    flag,
    hours,
    standing_at,
)
from tests.dashboards.centre.said_ready import FAILED, FRESH, READY, RUNNING, said


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"run": {"planned_end_at": NOW + hours(3)}}, ("End of expansion", DateSource.BOOKED, "today 12:00")),
        ({}, ("End of expansion", DateSource.USUAL, "about 30 Nov")),
        (
            {"run": {"started_at": NOW - hours(200)}, "ready": said(240)},
            ("Dose ready to infuse", DateSource.FORECAST, "most likely 1–5 Dec"),
        ),
        (
            {"run": {"started_at": NOW - hours(200)}, "promised_at": NOW + hours(24)},
            ("Dose ready to infuse", DateSource.PROMISE, "24 Nov"),
        ),
    ],
)
def test_the_next_date_says_whence_it_comes(given, words):
    expected = card_of(standing_at(FRESH, "expansion", RUNNING, **given), NOW, OSLO).next
    assert expected is not None
    assert (expected.what, expected.source, expected.words) == words


def test_one_card_tells_one_model():
    """The simulated forecast where there is one, else usual durations: never the one beside the other."""
    expected = card_of(standing_at(FRESH, "expansion", RUNNING, ready=said(240)), NOW, OSLO).next
    assert (expected.what, expected.source) == ("Dose ready to infuse", DateSource.FORECAST)


def test_a_date_that_has_passed_is_no_next_date():
    facts = standing_at(FRESH, "expansion", RUNNING, run={"started_at": NOW - hours(200)}, promised_at=NOW - hours(1))
    assert card_of(facts, NOW, OSLO).next is None


def test_after_a_failure_no_forecast_is_offered_as_next_date():
    assert card_of(standing_at(FRESH, "expansion", FAILED, ready=said(9)), NOW, OSLO).next is None


@pytest.mark.parametrize(
    ("forecast", "words"),
    [(100, "about as promised"), (40, "about 2 days before the promise"), (172, "likely late, about 3 days")],
)
def test_promise_and_forecast_are_said_apart(forecast, words):
    facts = standing_at(FRESH, "expansion", RUNNING, promised_at=NOW + hours(100), ready=said(forecast, 100))
    card = card_of(facts, NOW, OSLO)
    assert (card.promise, card.lateness) == ("27 Nov", words)


def test_a_dose_whose_test_failed_is_not_said_to_be_ready():
    failed = flag(FlagCode.STAGE_FAILED, "sterility_final", Severity.CRITICAL)
    another = said(240)._replace(assumes=IF_RESTARTED)
    card = card_of(standing_at(FRESH, "infusion", READY, ready=another, flags=(failed,)), NOW, OSLO)
    assert (card.ready_since, card.forecast != "") == ("", True)
    assert card.headline == (
        "Final sterility test failed: the product must not be given unless quality assurance decides that it may"
    )


def test_a_dose_that_is_ready_has_no_forecast_any_more():
    card = card_of(standing_at(FRESH, "infusion", READY, ready=said(-2)), NOW, OSLO)
    assert (card.ready_since, card.forecast) == ("today 07:00", "")
