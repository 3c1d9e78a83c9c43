"""What the form for a new order said of its dose is what everybody says until the line is forecast with the order."""

import re
from uuid import uuid4

import pytest
import time_machine
from django.http import QueryDict
from django.urls import reverse

from batches.flags.models import Flag
from batches.forecasts.models import CalibrationState
from batches.forecasts.queries.ready import ready_forecasts
from batches.judgement.statuses import FlagCode
from batches.orders.api.reads import order_detail
from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.orders.queries.filter import OrderChoice
from dashboards.orders.queries.paging import order_page
from supplychain.orders.models import PatientOrder
from tests.batches.forecasts.forecasting import tell_newcomers
from tests.batches.judging import evaluate
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
NOW = 30
# Of the plan the dose is ready 78 hours after the order; the futures of the line are full of others.
HOURS = {"low_hours": 300.0, "median_hours": 340.0, "high_hours": 400.0}
RANGE = "most likely 16–20 Mar"


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(at(NOW), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    world = TowerWorld()
    tell_newcomers(world, at(NOW - 0.5), **HOURS)
    return world


def filled(**given) -> dict:
    return {
        "token": str(uuid4()), "patient_reference": "PX-4F7K2", "ordering_site": "oslo", "plant": "plant",
        "priority": "routine", "go": "place",
    } | given  # fmt: skip


def place(world, **given) -> PatientOrder:
    answer = browser_of(world.coordinator).post(reverse("request_order"), filled(**given))
    assert answer.status_code == 302, answer.context["form"].errors
    return PatientOrder.objects.select_related("product", "plant").get()


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


@pytest.mark.parametrize("is_judged", [False, True])
def test_form_page_list_centre_and_rest_say_the_same_in_the_first_minute(world, is_judged):
    browser = browser_of(world.coordinator)
    assert RANGE in words(browser.get(reverse("request_order")).text)
    order = place(world, promised_at=f"{at(NOW + 410):%Y-%m-%dT%H:%M}")
    if is_judged:
        evaluate(NOW)
    for address in (reverse("order", args=[order.pk]), reverse("orders"), reverse("site")):
        text = words(browser.get(address).text)
        assert RANGE in text
        assert "usual durations, said" not in text
    (card,) = site_page(Centres.of(world.coordinator), SiteFilter.read(QueryDict()), at(NOW)).lines
    assert card.card.forecast == RANGE
    said = order_detail([world.oslo.pk], order.pk, now=at(NOW)).forecast
    assert (said.ready_from, said.ready_at, said.ready_to) == (at(NOW + 300), at(NOW + 340), at(NOW + 400))
    sorting = OrderChoice(sort="slack").sorting(at(NOW))
    (row,) = order_page(PatientOrder.objects.all(), sorting).orders
    assert row.sort_value == 70
    assert not Flag.objects.filter(code=FlagCode.PROMISE_AT_RISK).exists()


def test_the_flag_goes_by_what_the_form_said(world):
    order = place(world, promised_at=f"{at(NOW + 310):%Y-%m-%dT%H:%M}")
    evaluate(NOW)
    flag = Flag.objects.get(order=order, code=FlagCode.PROMISE_AT_RISK)
    assert "Likely late, about 30 hours" in flag.why


@pytest.mark.parametrize("what", ["forecast without it", "not in use", "begun", "of the past"])
def test_what_the_form_did_not_say_of_it_is_not_said(world, what):
    order = world.order(ordered_at=at(NOW - 3)) if what == "of the past" else place(world)
    if what == "forecast without it":
        tell_newcomers(world, at(NOW + 0.1), **HOURS)
    elif what == "not in use":
        CalibrationState.objects.create(
            line=world.plant, model="mc-1", is_used=False, changed_at=at(1), why="Worse.", orders=40, refreshed_at=at(1)
        )
    elif what == "begun":
        world.say(order, "started", "collection", NOW)
    evaluate(NOW)
    assert not ready_forecasts([order.pk], at(NOW))[order.pk].is_simulated


def test_a_report_that_begins_nothing_leaves_it_as_said_before_that_report(world):
    order = place(world)
    world.say(order, "confirmed", "", NOW)
    evaluate(NOW)
    ready = ready_forecasts([order.pk], at(NOW))[order.pk]
    assert (ready.is_simulated, ready.is_before_news) == (True, True)
