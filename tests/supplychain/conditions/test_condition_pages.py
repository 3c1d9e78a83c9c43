"""The pages of a shipment's condition: chart and figures, handing in a file, deciding, and only for one's own sites."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from supplychain.conditions.models import Excursion, LoggerReading, LoggerRecord, ReadingDelivery
from supplychain.flows.queries import flow_plan
from supplychain.orders.models import StatusEvent
from supplychain.people.statuses import Role
from tests.supplychain.builders import at, make_user
from tests.supplychain.conditions.warm import WarmWorld, inbound

HEAD = "Serial number;LT-1\nTime zone;UTC\nUnit;°C\nTime;Value\n"


@pytest.fixture
def world(db) -> WarmWorld:
    world = WarmWorld()
    world.qa = make_user("quentin", world.plant, role=Role.QA)
    world.operator = make_user("ola", world.plant)
    world.coordinator = make_user("cora", world.oslo, role=Role.SITE_COORDINATOR)
    world.abroad = make_user("berit", world.bergen, role=Role.QA)
    yield world
    flow_plan.cache_clear()


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hand_in(world, order, text: str, user=None):
    address = reverse("hand_in_readings", args=[order.pk, inbound(order).pk])
    return browser(user or world.coordinator).post(
        address, {"file": SimpleUploadedFile("trip.csv", text.encode())}, follow=True
    )


def test_the_page_shows_chart_figures_and_the_excursion_with_the_way_to_its_decision(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    world.read(order, [5] * 6, logger="LT-2")
    page = browser(world.qa).get(reverse("order_condition", args=[order.pk])).text
    assert page.count("<polyline") == 2
    assert "Refrigerated, 2 °C to 8 °C" in page
    assert "8.1 °C or warmer for 30 minutes: 40 minutes, 9.0 °C at worst" in page
    assert "The loggers disagree: LT-2 saw no excursion" in page
    assert "Waits for quality assurance" in page
    assert reverse("decide_excursion", args=[order.pk, Excursion.objects.get().pk]) in page
    assert " style=" not in page
    operations = browser(world.operator).get(reverse("order_condition", args=[order.pk])).text
    assert reverse("decide_excursion", args=[order.pk, Excursion.objects.get().pk]) not in operations


def test_the_orders_page_shows_it_too(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    page = browser(world.operator).get(reverse("order", args=[order.pk])).text
    assert "<polyline" in page
    assert reverse("order_condition", args=[order.pk]) in page


def test_a_file_is_handed_in_and_taken_at_once(world):
    order = world.shipped()
    answer = hand_in(world, order, HEAD + "2026-03-02 18:00;5,0\n2026-03-02 18:10;5,5\n")
    assert "Readings taken" in answer.text
    assert "2, 2 of them new" in answer.text
    assert LoggerReading.objects.count() == 2
    assert "handed in before" not in answer.text
    again = hand_in(world, order, HEAD + "2026-03-02 18:00;5,0\n2026-03-02 18:10;5,5\n")
    assert "This file was handed in before" in again.text


def test_what_the_file_does_not_say_is_asked_on_its_page(world):
    order = world.shipped()
    answer = hand_in(world, order, "Time;Value °C\n2026-03-02 19:00;5,0\n2026-03-02 19:10;5,5\n")
    assert "In which time zone does the logger’s clock run?" in answer.text.replace("&#x27;", "’").replace("'", "’")
    delivery = ReadingDelivery.objects.get()
    address = reverse("reading_delivery", args=[order.pk, delivery.pk])
    client = browser(world.coordinator)
    wrong = client.post(address, {"zone": "Mars/Olympus", "logger": "LT-1"})
    assert (wrong.status_code, LoggerReading.objects.count()) == (422, 0)
    assert "There is no such zone" in wrong.text
    right = client.post(address, {"zone": "Europe/Oslo", "logger": "lt-1"}, follow=True)
    assert "Readings taken" in right.text
    assert LoggerReading.objects.first().logger == "LT-1"


def test_a_doubted_unit_is_taken_once_somebody_says_which_it_is(world):
    order = world.shipped()
    answer = hand_in(world, order, HEAD + "2026-03-02 18:00;41\n2026-03-02 18:10;42\n")
    assert "Look at the unit" in answer.text
    assert "In the unit that it says, most of them are unlikely" in answer.text
    assert "The file does not say" not in answer.text
    address = reverse("reading_delivery", args=[order.pk, ReadingDelivery.objects.get().pk])
    browser(world.coordinator).post(address, {"unit": "F"})
    assert float(LoggerReading.objects.order_by("read_at").first().temperature) == 5.0


def test_quality_assurance_decides_with_a_reason(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    address = reverse("decide_excursion", args=[order.pk, Excursion.objects.get().pk])
    client = browser(world.qa)
    form = client.get(address).text
    hidden = dict(re.findall(r'name="(seen|token)" value="([^"]+)"', form))
    missing = client.post(address, hidden | {"decision": "use_as_is", "reason": ""})
    assert (missing.status_code, StatusEvent.objects.filter(kind="excursion_decided").count()) == (422, 0)
    said = hidden | {"decision": "use_as_is", "reason": "Stability data cover an hour at 9 degrees"}
    for _ in range(2):
        answer = client.post(address, said, follow=True)
        assert answer.status_code == 200
    assert "Use as is, decided by quentin" in answer.text
    assert StatusEvent.objects.filter(kind="excursion_decided").count() == 1


def test_others_read_and_do_not_decide(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    address = reverse("decide_excursion", args=[order.pk, Excursion.objects.get().pk])
    client = browser(world.operator)
    assert "quality assurance of the plant" in client.get(address).text
    client.post(address, {"decision": "use_as_is", "reason": "It is fine so", "seen": "x", "token": "y"})
    assert not StatusEvent.objects.filter(kind="excursion_decided").exists()


def test_another_site_finds_none_of_it(world):
    order = world.shipped()
    world.read(order, [5, 9, 9, 9, 9, 5])
    hand_in(world, order, HEAD + "2026-03-02 18:00;5,0\n")
    client, one = browser(world.abroad), order.pk
    delivery = ReadingDelivery.objects.exclude(file_name="").get()
    for name, args in (
        ("order_condition", [one]), ("hand_in_readings", [one, inbound(order).pk]),
        ("reading_delivery", [one, delivery.pk]), ("decide_excursion", [one, Excursion.objects.get().pk]),
    ):  # fmt: skip
        assert client.get(reverse(name, args=args)).status_code == 404
        assert client.post(reverse(name, args=args)).status_code in (404, 405)


def test_a_file_of_another_order_is_not_found_under_this_one(world):
    order, other = world.shipped(), world.shipped(patient_reference="pseudonym-2")
    hand_in(world, order, HEAD + "2026-03-02 18:00;5,0\n")
    address = reverse("reading_delivery", args=[other.pk, ReadingDelivery.objects.get().pk])
    assert browser(world.coordinator).get(address).status_code == 404
    wrong = reverse("hand_in_readings", args=[other.pk, inbound(order).pk])
    assert browser(world.coordinator).get(wrong).status_code == 404


def test_a_clock_that_is_years_wrong_stretches_no_chart_and_its_readings_are_listed(world):
    order = world.shipped()
    world.read(order, [5] * 6)
    world.read(order, [6, 7], first=-24 * 400)
    world.read(order, [8], first=24 * 300, now=24 * 301)
    world.tell(order, ("inbound", "completed", 12))
    record = LoggerRecord.objects.get()
    assert (record.count, record.outside, len(record.points), len(record.outside_points)) == (6, 3, 6, 3)
    assert (record.outside_from, record.outside_to) == (at(-24 * 400), at(24 * 300))
    page = browser(world.qa).get(reverse("order_condition", args=[order.pk])).text
    chart = page[page.index("<svg") : page.index("</svg>")]
    assert "2025" not in chart
    assert "2027" not in chart
    assert "3 readings of" in page
    assert "outside the shipment’s time, from" in page
    assert "8.0 °C" in page
