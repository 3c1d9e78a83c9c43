"""The complete record of an order holds what a decision on its cells rests on: readings, excursions, custody."""

import pytest
from django.urls import reverse

from supplychain.conditions.queries import excursions_of
from supplychain.people.statuses import Role
from tests.dashboards.builders import browser_of
from tests.supplychain.builders import make_user
from tests.supplychain.conditions.warm import WarmWorld

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_it_holds_the_readings_and_what_an_excursion_was_judged_by(db):
    world = WarmWorld()
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5], now=12)
    [excursion] = excursions_of([order.pk])[order.pk]
    quality = browser_of(make_user("quentin", world.plant, role=Role.QA))
    quality.post(reverse("make_chain_report", args=[order.pk]))
    record = quality.get(reverse("order_record", args=[order.pk])).json()
    assert record["form"] == "cellops order record, version 7"
    assert [float(one["temperature"]) for one in record["readings"]] == [5, 9, 9, 9, 9, 5]
    assert [(one["id"], bool(one["digest"])) for one in record["excursions"]] == [(str(excursion.id), True)]
    assert [one["logger"] for one in record["logger_records"]] == ["LT-1"]
    assert len(record["custody"]) > 0
    assert [set(one) & {"content", "fingerprint"} for one in record["chain_reports"]] == [{"fingerprint"}]
    assert len(record["reading_deliveries"]) == len({one["delivery"] for one in record["readings"]})
