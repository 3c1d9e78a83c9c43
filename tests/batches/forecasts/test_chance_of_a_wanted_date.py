"""What the review of a new order says of the date that is wanted."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from batches.forecasts.rules.outlooks import chance_words, simulated_newcomer
from batches.forecasts.rules.ready import ReadyBasis, ReadyForecast
from supplychain.orders.models import PatientOrder
from tests.batches.forecasts.forecasting import tell_newcomers
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
    assert chance_words(expected(), at(hours)) == f"ready by then in {said} cases"


def test_a_date_that_hangs_on_cells_that_waited_too_long_says_so_wherever_it_is_told():
    kind = {"median_hours": 670.0, "low_hours": 570.0, "high_hours": 770.0, "p_wait_flagged": 0.997}
    said = simulated_newcomer(kind, at(30), at(30))
    chance = chance_words(said, at(900))
    assert chance == "ready by then in more than 9 of 10 cases, if the cells may still be used then"
    assert said.how_known(at(30)).endswith("; if the cells may still be used then")
    assert "over 99 %" in said.wait_words
    assert simulated_newcomer(kind | {"p_wait_flagged": 0.3}, at(30), at(30)).rests_on == ""


def test_without_simulations_it_is_the_usual_durations_that_allow_it_or_not():
    assert chance_words(expected(simulated=False), at(600)).startswith("earlier than the usual durations")
    assert chance_words(expected(simulated=False), at(701)).startswith("as the usual durations")


@pytest.mark.django_db
def test_a_date_before_the_forecast_is_asked_about_and_then_kept_with_its_reason():
    world = TowerWorld()
    tell_newcomers(world, at(30), low_hours=570.0, median_hours=670.0, high_hours=770.0)
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
        assert "ready by then in fewer than 1 of 10 cases" in review
        assert "Expected, ordered now" in review
        assert "Earlier than expected, because" in review
        client.post(address, data | {"promise_reason": "Bridging ends then", "go": "place"})
        later = client.post(address, data | {"promised_at": f"{wanted + timedelta(days=20):%Y-%m-%dT%H:%M}"})
    assert PatientOrder.objects.get().promised_at == wanted
    assert "more than 9 of 10" in later.text


def ask_at(world: TowerWorld, hours: float, **said) -> dict[str, int]:
    """What form and REST answer to a person who wants a dose so many hours from now."""
    wanted = at(30 + hours)
    form = {
        "token": "5b0f7d1e-2b0c-4a52-9e1c-6a5f4f2f0a12", "patient_reference": "PX-4F7K2", "ordering_site": "oslo",
        "plant": "plant", "priority": "routine", "promised_at": f"{wanted:%Y-%m-%dT%H:%M}", "go": "review",
    } | said  # fmt: skip
    body = {"product": "product-small", "patient_reference": f"PX-{hours}-{len(said)}", "ordering_site": "oslo",
            "plant": "plant", "promised_at": wanted.isoformat()} | said  # fmt: skip
    browser = browser_of(world.coordinator)
    rest = browser.post("/api/v1/orders/", body, content_type="application/json")
    return {"form": browser.post(reverse("request_order"), form).status_code, "REST": rest.status_code}


@pytest.mark.django_db
@time_machine.travel(at(30), tick=False)
def test_a_date_that_the_forecast_calls_possible_is_taken_although_the_plan_takes_longer():
    """The plan takes 78 hours, the line is quicker; and where it is slower the plan does not let a date pass."""
    world = TowerWorld()
    tell_newcomers(world, at(30), low_hours=40.0, median_hours=60.0, high_hours=100.0)
    assert ask_at(world, 41) == {"form": 200, "REST": 201}
    assert ask_at(world, 39) == {"form": 422, "REST": 422}
    assert ask_at(world, 39, promise_reason="Bridging ends then") == {"form": 200, "REST": 201}
    tell_newcomers(world, at(30), low_hours=140.0, median_hours=160.0, high_hours=200.0)
    assert ask_at(world, 80) == {"form": 422, "REST": 422}
