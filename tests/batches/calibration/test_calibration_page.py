"""“How right we were”: what the page says, to whom, and every prediction behind its numbers."""

import csv
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse

from batches.calibration.actions import refresh_calibration, score_predictions
from batches.calibration.rules.figures import (
    EVERYTHING,
    Inquiry,
)
from batches.calibration.rules.questions import Question
from batches.forecasts.models import CalibrationState, RefinementState
from supplychain.orders.models import PatientOrder
from tests.batches.calibration.builders import SeenWorld, predict
from tests.dashboards.builders import browser_of
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db
NOW = at(500)

LATE = Inquiry(Question.LATE, EVERYTHING, NOW)

# Session, person, their sites, whether there are others: 4. Sites, products to choose from: 3. Everything, three leads,
# what is awaited, how the lines are judged, what was tried for them: 7.
PAGE = 14
# The same with the list and its number in place of these seven.
LIST = 9


@pytest.fixture
def world():
    with time_machine.travel(NOW, tick=False):
        yield SeenWorld()


def scored_order(world: SeenWorld, number: int = 1, **given) -> PatientOrder:
    """An order that is scored, with what was said of it 14 days before its promise."""
    order = world.treated(coi=f"CO-{number}")
    predict(order, -146, superseded_at=None, **given)
    return order


def judged(world: SeenWorld, number: int = 1, **given) -> None:
    for one in range(number):
        scored_order(world, one, **given)
    score_predictions(now=NOW)
    refresh_calibration(now=NOW)


def text_of(user, name: str = "calibration", **query) -> str:
    answer = browser_of(user).get(reverse(name), query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_without_a_scored_order_the_page_says_what_would_fill_it(world):
    predict(world.treated(until="harvest"), -146)
    PatientOrder.objects.update(promised_at=at(190))
    page = text_of(world.operations)
    assert "Nothing to score yet" in page
    assert "Not counted yet" not in page
    assert "Counted as missed a day after the promised date: 1 order still open then." in page
    assert "not a member of any site" in text_of(make_user("newcomer"))


def test_few_orders_are_called_too_few_and_every_figure_is_there(world):
    judged(world, 2)
    page = text_of(world.operations, ask="late")
    assert "Too few to judge: only 2 of at least 30 orders." in page
    assert "We gave" not in page
    assert "Of the 2 doses that we gave 30 % to be late, 100 % came late (2 of 2)." in page
    assert "Simulation in use" in page
    assert "Only 2 of the 30 scored orders that a judgement needs" in page
    assert "that takes 20 scored orders, there are 2" in page


def test_a_model_that_is_not_used_is_said_so_plainly_and_its_figures_only_to_its_own_line(world):
    judged(world)
    CalibrationState.objects.update(
        is_used=False, why="Brier score 0.4, that of the medians 0.1.", widening_high_hours=12.5, interval_orders=40
    )
    page = text_of(world.operations)
    assert "Simulation not used" in page
    assert "Brier score 0.4, that of the medians 0.1." in page
    assert "held too seldom: they end 12 h later than simulated." in page
    scored_order(world, 9)
    PatientOrder.objects.filter(coi="CO-9").update(status="in_progress")
    page = text_of(world.coordinator)
    assert "Simulation not used" in page
    assert "that of the medians 0.1" not in page


def test_what_was_tried_is_told_with_what_it_brought_to_its_own_line(world):
    judged(world)
    for name, is_used, why in (
        ("frailty", True, "In use: Brier 0.119 → 0.071 over 140 past orders."),
        ("arrivals", False, "Tried, not better: not used (Brier 0.119 → 0.121 over 140 past orders)."),
    ):
        RefinementState.objects.create(
            line=world.plant, refinement=name, is_used=is_used, why=why, changed_at=at(20), orders=140,
            brier_without=0.119, brier_with=0.071, refreshed_at=NOW,
        )  # fmt: skip
    page = text_of(world.operations)
    assert "slow in the next. In use: Brier 0.119 → 0.071 over 140 past orders. So since" in page
    assert "not evenly spread. Tried, not better: not used (Brier 0.119 → 0.121 over 140 past orders).</li>" in page
    scored_order(world, 9)
    assert "0.071" not in text_of(world.coordinator)

    (line,) = session_of(world.operations).get("/api/v1/calibration/").json()["results"]
    assert [(one["refinement"], one["is_used"], one["brier_with"]) for one in line["refinements"]] == [
        ("arrivals", False, 0.071), ("frailty", True, 0.071),
    ]  # fmt: skip


def test_the_filter_is_kept_in_the_address_and_what_makes_no_sense_is_left_out(world):
    judged(world)
    page = text_of(world.operations, plant="plant", ask="no_dose", lead="0", low="x")
    assert "No dose at all · everything we said" in page
    assert "/calibration/predictions/?plant=plant&amp;ask=no_dose" in page
    assert "Nothing to score yet" in text_of(world.operations, product="none-such")
    assert "No dose by the promise · everything we said" in text_of(world.operations, ask="\0", lead="5", plant="\0")


def test_the_list_shows_every_prediction_behind_a_number(world):
    judged(world, 2)
    scored_order(world, 7, p_late=0.9)
    score_predictions(now=NOW)
    assert "3 predictions, the newest outcome first" in text_of(world.operations, "calibration_predictions")
    page = text_of(world.operations, "calibration_predictions", ask="late", low="0.9", high="0.9")
    assert "Only those that we gave 90 to 90 %" in page
    assert ("CO-7" in page, "CO-1" in page) == (True, False)
    assert "No scored prediction here" in text_of(world.operations, "calibration_predictions", held="no")
    assert "3 predictions" in text_of(world.operations, "calibration_predictions", held="yes", page="99")


def test_the_file_holds_the_same(world):
    judged(world, 1)
    answer = browser_of(world.coordinator).get(reverse("calibration_csv"), {"ask": "late"})
    (row,) = csv.DictReader(StringIO(answer.content.decode()))
    assert row == {
        "order": "CO-0", "product": "product-small", "plant": "plant", "made_at": at(-146).isoformat(),
        "promised_at": at(190).isoformat(), "model": "mc-1", "question": "late", "probability": "0.3", "came": "true",
        "plain_median_said": "false", "ready_low": at(150).isoformat(), "ready_high": at(220).isoformat(),
        "was_ready_at": at(200).isoformat(), "interval_held": "true", "scored_at": NOW.isoformat(),
    }  # fmt: skip


def test_a_stranger_sees_none_of_it(world):
    judged(world, 2)
    assert "Nothing to score yet" in text_of(world.stranger_person)
    assert "Simulation" not in text_of(world.stranger_person).split("How the figures are reckoned")[0]
    assert "No scored prediction here" in text_of(world.stranger_person, "calibration_predictions")
    lines = browser_of(world.stranger_person).get(reverse("calibration_csv")).content.decode().splitlines()
    assert len(lines) == 1


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("calibration", PAGE), ("calibration_predictions", LIST)])
def test_the_cost_of_the_pages(world, django_assert_num_queries, orders, name, queries):
    judged(world, orders)
    world.order()
    client = browser_of(world.coordinator)
    client.get(reverse(name))
    with django_assert_num_queries(queries):
        client.get(reverse(name))


def test_rest_gives_the_figures_of_ones_own_lines(world):
    judged(world, 2)
    (line,) = session_of(world.operations).get("/api/v1/calibration/").json()["results"]
    late = next(one for one in line["scores"] if one["question"] == "late" and one["lead_days"] == 14)
    assert (line["line"], line["is_used"], line["orders"], sorted(line["definitions"])[0]) == (
        "plant",
        True,
        2,
        "brier",
    )
    assert (late["orders"], late["brier"], late["baseline_brier"]) == (2, pytest.approx(0.49), 1)
    assert late["gain_over_baseline"] == pytest.approx(0.51)
    assert [one["share"] for one in line["coverage"]] == [1, 1, 1]
    assert session_of(world.coordinator).get("/api/v1/calibration/").json()["results"] == []


def test_rest_gives_everything_that_was_said_of_an_order_page_by_page(world):
    order = world.treated()
    newest, older = predict(order, 30), predict(order, 20)
    score_predictions(now=NOW)
    client = client_of(world.source)
    first = client.get("/api/v1/predictions/", {"order": order.pk, "page_size": 1}).json()
    second = client.get(first["next"]).json()
    assert [one["id"] for one in first["results"] + second["results"]] == [str(newest.pk), str(older.pk)]
    assert SimpleNamespace(**first["results"][0]).was_late is True
    assert client.get("/api/v1/predictions/").status_code == 400
    assert client_of(world.stranger).get("/api/v1/predictions/", {"order": order.pk}).json()["results"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_cost_of_rest(world, django_assert_num_queries, number):
    judged(world, number)
    client = session_of(world.operations)
    order = PatientOrder.objects.first()
    for address, queries in (("/api/v1/calibration/", 13), (f"/api/v1/predictions/?order={order.pk}", 4)):
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)


def test_old_scores_are_forgotten(world):
    judged(world)
    with time_machine.travel(NOW + timedelta(days=401), tick=False):
        user = make_user("later", world.plant)
        assert "Nothing to score yet" in text_of(user)
