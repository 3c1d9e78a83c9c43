"""When a shipment arrives: forecast, simulation, budget, flag, pages, cards, lists and interface say the same."""

from datetime import datetime, timedelta

import pytest
from django.http import QueryDict

from batches.flags.models import Flag
from batches.forecasts.models import Forecast, Prediction
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.rules.begins import begins_said
from batches.judgement.statuses import FlagCode
from batches.orders.api.reads import order_detail
from dashboards.centre.queries.cards import site_page
from dashboards.centre.queries.filters import Centres, SiteFilter
from dashboards.centre.rules.cards import DateSource
from dashboards.orders.rules.time_lines import BAR_WORDS, BarKind
from supplychain.orders.models import PatientOrder
from supplychain.sentences import said_in
from supplychain.transport.actions.lanes import create_lane
from supplychain.transport.statuses import ArrivalBasis
from tests.batches.forecasts.forecasting import forecast
from tests.dashboards.one_voice import COLLECTED, NOW, UTC, OneVoice
from tests.dashboards.tower.readings import words_of
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]

# Picked up ten hours after it was planned: by its lane of 30 hours it comes that much later.
PICKED_UP = {"courier": "Nord", "planned_pickup_at": at(80).isoformat(), "qualified_until": at(160).isoformat()}
BOOKED = {"planned_delivery_at": at(114).isoformat()}
SOON = timedelta(hours=3)


def under_way(world: OneVoice, *said: tuple, **payload: str) -> PatientOrder:
    """An order whose cells are on their way, foreseen and judged now."""
    order = world.trouble((*COLLECTED, ("started", "inbound", 90, PICKED_UP | payload), *said))
    world.judge(order)
    forecast(NOW)
    world.judge(order)
    return order


def lane(world: OneVoice, usual_hours: float = 24) -> None:
    create_lane(
        from_site=world.oslo, to_site=world.plant, courier="NORD", usual_hours=usual_hours, customs_hours=6, by=None
    )


@pytest.mark.parametrize(
    ("said", "payload", "hours", "by", "source"),
    [
        ((), {}, 120, ArrivalBasis.LANE, DateSource.LANE),
        ((), BOOKED, 114, ArrivalBasis.BOOKED, DateSource.BOOKED),
        ((("shipment_delayed", "inbound", 99, {"cause": "customs", "expected_at": at(130).isoformat()}),), BOOKED, 130,
         ArrivalBasis.COURIER, DateSource.AGREED),
    ],
)  # fmt: skip
def test_every_place_says_the_same_arrival(said, payload, hours, by, source):
    world, arrives = OneVoice(), at(hours)
    lane(world)
    order = under_way(world, *said, **payload)

    flag = Flag.objects.get(order=order, code=FlagCode.SHIPMENT_LATE, cleared_at=None)
    assert (flag.evidence["expected_at"], flag.evidence["expected_by"]) == (arrives.isoformat(), by.value)
    made = Forecast.objects.get(order=order, superseded_at=None)
    assert made.made_at + timedelta(hours=made.evidence["steps"][0]["work_hours"]) == arrives
    begins = begins_said(Prediction.objects.get(order=order, superseded_at=None).evidence)["selection"]
    (budget,) = hold_budgets_of([order.pk], at(NOW))[order.pk]
    assert arrives <= budget.begins_at == max(begins.median, arrives)
    assert abs(begins.median - arrives) < SOON

    view, text = world.context("order", order.pk)
    assert [shown.arrival for shown in view["view"].arrivals.values()] == [(arrives, by)]
    assert drawn_end(view["view"].line) == arrives
    _, custody = world.context("custody", order.pk)
    words = [shown.words for shown in view["view"].arrivals.values()]
    assert all(said_in(one, UTC, at(NOW)) in words_of(page) for one in words for page in (text, custody) if one)
    assert [bool(one) for one in words] == [by == ArrivalBasis.LANE]

    (line,) = site_page(Centres.of(world.person), SiteFilter.read(QueryDict()), at(NOW)).lines
    assert (line.card.next.moment, line.card.next.source) == (arrives, source)
    (shipment,) = order_detail([world.oslo.pk], order.pk, now=at(NOW)).shipments
    assert (shipment.arrival.at, shipment.arrival.by) == (arrives, by)


def drawn_end(chart) -> datetime:
    """Until when the way ahead of the shipment is drawn."""
    (ahead,) = [one for one in chart.bands if one.row == "Inbound" and one.text.startswith(BAR_WORDS[BarKind.EXPECTED])]
    return ahead.told[1]
