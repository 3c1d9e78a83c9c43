"""What the review of a new order says of the date that is wanted."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.forecasts.rules.outlooks import chance_words
from batches.forecasts.rules.ready import ReadyBasis, ReadyForecast
from batches.orders import views
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at


def expected(simulated: bool = True) -> ReadyForecast:
    basis = ReadyBasis.SIMULATED if simulated else ReadyBasis.USUAL
    ends = (at(600), at(800)) if simulated else (None, None)
    return ReadyForecast(basis, at(700), *ends, None, None, at(30), at(30))


@pytest.mark.parametrize(("hours", "said"), [
    (500, "fewer than 1 of 10"), (650, "1 to 5 of 10"), (750, "5 to 9 of 10"), (900, "more than 9 of 10"),
])  # fmt: skip
def test_the_chance_is_told_as_far_as_the_range_goes(hours, said):
    assert chance_words(expected(), at(hours)) == f"ready by then in {said} simulations"


def test_without_simulations_it_is_the_usual_durations_that_allow_it_or_not():
    assert chance_words(expected(simulated=False), at(600)).startswith("earlier than the usual durations")
    assert chance_words(expected(simulated=False), at(701)).startswith("as the usual durations")


@pytest.mark.django_db
def test_a_date_before_the_forecast_is_asked_about_and_then_kept_with_its_reason(monkeypatch):
    world = TowerWorld()
    monkeypatch.setattr(views, "_expected", lambda form: expected())
    address, wanted = reverse("request_order"), at(500)
    data = {
        "token": "5b0f7d1e-2b0c-4a52-9e1c-6a5f4f2f0a11", "patient_reference": "PX-4F7K2", "ordering_site": "oslo",
        "plant": "plant", "priority": "routine", "promised_at": f"{wanted:%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    with time_machine.travel(at(30), tick=False):
        client = browser_of(world.coordinator)
        asked = client.post(address, data)
        assert asked.status_code == 422
        assert "this is 4 d 4 h too early" in asked.text
        review = client.post(address, data | {"promise_reason": "Bridging ends then"}).text
        assert "ready by then in fewer than 1 of 10 simulations" in review
        assert "Expected, ordered now" in review
        assert "Earlier than expected, because" in review
        client.post(address, data | {"promise_reason": "Bridging ends then", "go": "place"})
        later = client.post(address, data | {"promised_at": f"{wanted + timedelta(days=20):%Y-%m-%dT%H:%M}"})
    assert PatientOrder.objects.get().promised_at == wanted
    assert "more than 9 of 10" in later.text
