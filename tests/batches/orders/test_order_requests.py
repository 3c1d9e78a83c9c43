"""Requesting an order on our screens: who may, what is refused and why, and one order however often it is sent."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from supplychain.flows.models import Product
from supplychain.orders.actions.requests import request_order
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.orders.rules.placing import OrderRefused
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from supplychain.sites.statuses import SiteKind
from tests.batches.forecasts.forecasting import tell_newcomers
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at, make_flow, make_user

pytestmark = pytest.mark.django_db

# Session, person, memberships, time zone: 4 (the last is written once: 2 more). Sites, flows: 2. The
# forecast: queues, usual durations, lanes: 3.
FORM = 9
NEW = "request_order"


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel(at(30), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def filled(**given) -> dict:
    return {
        "token": str(uuid4()), "patient_reference": "PX-4F7K2", "ordering_site": "oslo", "plant": "plant",
        "priority": "routine", "go": "place",
    } | given  # fmt: skip


def send(user, **given):
    return browser_of(user).post(reverse(NEW), filled(**given))


def errors_of(answer) -> dict[str, list[str]]:
    return {name: list(texts) for name, texts in answer.context["form"].errors.items()}


def test_a_coordinator_places_an_order_and_comes_to_its_page(world):
    answer = send(world.coordinator, hospital_order_number="H-1", priority="urgent", priority_reason="Relapse")
    order = PatientOrder.objects.get()
    assert answer.headers["Location"] == reverse("order", args=[order.pk])
    assert (order.patient_reference, order.ordering_site, order.collection_site, order.infusion_site, order.plant) == (
        "PX-4F7K2", world.oslo, world.oslo, world.oslo, world.plant,
    )  # fmt: skip
    said = StatusEvent.objects.get(order=order)
    assert (said.user, said.payload["priority_reason"]) == (world.coordinator, "Relapse")


def test_nothing_is_placed_before_it_was_looked_over(world):
    answer = send(world.coordinator, go="review")
    assert b"Look it over, then place it" in answer.content
    assert b"PX-4F7K2" in answer.content
    assert PatientOrder.objects.count() == 0
    assert b"PX-4F7K2" in send(world.coordinator, go="change").content
    assert PatientOrder.objects.count() == 0


def test_sent_twice_it_is_one_order(world):
    token = str(uuid4())
    first, second = (send(world.coordinator, token=token) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert PatientOrder.objects.count() == 1


def test_the_same_form_with_other_content_places_nothing_more(world):
    token = str(uuid4())
    send(world.coordinator, token=token)
    answer = send(world.coordinator, token=token, patient_reference="PX-OTHER1")
    assert answer.status_code == 422
    assert "placed an order already" in errors_of(answer)["__all__"][0]
    assert PatientOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"patient_reference": "Ola Nordmann"}, "patient_reference", "This looks like a name."),
        ({"patient_reference": ""}, "patient_reference", "Give the patient's pseudonym."),
        ({"patient_reference": "02.01.1970"}, "patient_reference", "This looks like a date of birth."),
        ({"ordering_site": "bergen"}, "ordering_site", "cannot be chosen here: choose one of"),
        ({"ordering_site": ""}, "ordering_site", "“Ordering centre” is missing: open the page again."),
        ({"plant": "oslo"}, "plant", "cannot be chosen here: choose one of"),
        ({"collection_site": "bergen"}, "collection_site", "cannot be chosen here: choose one of"),
        ({"promised_at": "2026-03-01T08:00"}, "promised_at", "This moment had passed"),
        ({"promised_at": "2026-03-05T08:00"}, "promised_at", "too early"),
        ({"promised_at": "nonsense"}, "promised_at", "is no moment"),
        ({"priority": "urgent"}, "priority_reason", "Say why it is urgent"),
        ({"coi": "Ola Nordmann"}, "coi", "This looks like a name."),
        ({"token": "x"}, "token", "open the page again"),
    ],
)
def test_what_cannot_be_ordered_is_said_at_its_field(world, given, field, said):
    answer = send(world.coordinator, **given)
    assert answer.status_code == 422
    assert list(errors_of(answer)) == [field]
    assert said in errors_of(answer)[field][0]
    assert PatientOrder.objects.count() == 0


def test_a_date_earlier_than_the_plan_is_taken_with_a_reason_that_is_kept(world):
    early = f"{timezone.now() + timedelta(hours=50):%Y-%m-%dT%H:%M}"
    assert b"Why earlier than expected?" in send(world.coordinator, promised_at=early).content
    send(world.coordinator, promised_at=early, promise_reason="Bridging ends then")
    order = PatientOrder.objects.get()
    assert StatusEvent.objects.get(order=order).payload["promise_reason"] == "Bridging ends then"
    assert order.promised_at == timezone.now() + timedelta(hours=50)


def test_a_scanned_chain_of_identity_is_stored_without_its_prefix(world):
    send(world.coordinator, coi="&/CHZ990126A1B2C3")
    assert PatientOrder.objects.values_list("coi", "coi_issuer").get() == ("CHZ990126A1B2C3", "oslo")


def test_what_others_have_taken_is_said_at_its_field(world):
    world.order(coi="CO-1", hospital_order_number="H-1")
    answer = send(world.coordinator, coi="CO-1")
    assert errors_of(answer)["coi"] == ["an order with this chain of identity exists already."]
    answer = send(world.coordinator, hospital_order_number="H-1")
    assert errors_of(answer)["hospital_order_number"] == [
        "this site has an order with this number already. It is order CO-1."
    ]


def test_an_open_order_of_the_same_patient_is_pointed_out_but_only_ones_own(world):
    world.order(coi="CO-FIRST", patient_reference="PX-4F7K2")
    world.order_of_bergen(coi="CO-OF-BERGEN", patient_reference="PX-4F7K2")
    page = send(world.coordinator, go="review").content
    assert b"has 1 open order at this centre already" in page
    assert b"CO-FIRST" in page
    assert b"CO-OF-BERGEN" not in page


def test_operations_of_a_plant_order_for_any_centre_from_their_own_plant(world):
    assert send(world.operations, ordering_site="bergen").status_code == 302
    other = make_user("other", world.bergen, role=Role.SITE_COORDINATOR)
    assert errors_of(send(other, ordering_site="oslo"))["ordering_site"]


@pytest.mark.parametrize("role", [Role.QA, Role.ADMINISTRATOR, Role.OPERATIONS])
def test_nobody_else_at_a_centre_may_order(world, role):
    person = make_user("somebody", world.oslo, role=role)
    for answer in (browser_of(person).get(reverse(NEW)), send(person)):
        assert answer.status_code == 403
        assert b"You cannot place orders" in answer.content
    with pytest.raises(OrderRefused) as refused:
        request_order(by=person, token="t", now=at(30), product="product-small", patient_reference="PX-1",
                      ordering_site="oslo", plant="plant")  # fmt: skip
    assert list(refused.value.errors) == ["ordering_site"]


def test_nobody_signed_in_is_led_to_the_login():
    assert Client().get(reverse(NEW)).headers["Location"].startswith(reverse("login"))


def two_plants(world, **medians) -> None:
    """A second plant; of the named plants (by code) the line says in how many hours a dose ordered now is ready."""
    Site.objects.create(code="porto", name="Porto", kind=SiteKind.PLANT, time_zone="Europe/Lisbon")
    for code, median in medians.items():
        hours = {"low_hours": median - 24.0, "median_hours": median, "high_hours": median + 24.0}
        tell_newcomers(world, at(30), Site.objects.get(code=code), **hours)


@pytest.mark.parametrize(
    ("medians", "chosen"),
    [
        ({"plant": 300.0, "porto": 200.0}, "porto"),
        ({"plant": 200.0, "porto": 300.0}, "plant"),
        ({"plant": 200.0, "porto": 200.5}, ""),  # as soon: nobody can tell
        ({"plant": 300.0}, "plant"),  # Porto is known by its plan alone
        ({}, ""),
    ],
)
def test_the_plant_that_is_likely_quickest_is_chosen_already_and_each_has_its_dates(world, medians, chosen):
    two_plants(world, **medians)
    answer = browser_of(world.coordinator).get(reverse(NEW))
    assert (answer.context["form"]["plant"].value() or "") == chosen
    assert [(one.plant.code, bool(one.quickest)) for one in answer.context["outlooks"]] == [
        ("plant", chosen == "plant"), ("porto", chosen == "porto"),
    ]  # fmt: skip
    assert answer.text.count("a dose would be ready:") == 2
    assert answer.text.count("likely the quickest plant") == bool(chosen)
    # By its plan alone Porto is quicker, which is not set against simulated queues.
    assert answer.text.count("likely the quickest plant that is simulated") == (list(medians) == ["plant"])


def test_a_plant_that_the_person_chose_stays_chosen(world):
    two_plants(world, plant=300.0, porto=200.0)
    answer = send(world.coordinator, go="change")
    assert answer.context["form"]["plant"].value() == "plant"


def test_the_form_shows_what_the_product_asks_for(world):
    Product.objects.update(requirements="No steroids for 7 days before the collection.")
    page = browser_of(world.coordinator).get(reverse(NEW)).content.decode()
    assert "No steroids for 7 days before the collection." in page
    assert "3 days 6 h from order to a dose ready to infuse" in page
    assert "about 6 Mar" in page  # 30 + 78 hours after Monday 08:00
    assert "begins within 24 h" in page


def test_of_several_products_one_is_chosen_first(world):
    make_flow("second")
    page = browser_of(world.coordinator).get(reverse(NEW)).content.decode()
    assert "which product?" in page
    for journey in ("product-small/small", "product-second/second"):
        assert f'href="?journey={journey}"' in page
    chosen = browser_of(world.coordinator).get(reverse(NEW), {"journey": "product-second/second"})
    assert "New order: Product second" in chosen.content.decode()
    unknown = browser_of(world.coordinator).get(reverse(NEW), {"journey": "x/y"})
    assert "which product?" in unknown.content.decode()


def test_the_form_costs_the_same_however_many_orders_there_are(world, django_assert_num_queries):
    client = browser_of(world.coordinator)
    client.get(reverse(NEW))
    for number in range(3):
        with django_assert_num_queries(FORM):
            client.get(reverse(NEW))
        world.order(coi=f"CO-{number}")


def test_a_second_open_order_of_a_patient_is_said_on_both_pages(world):
    """Whoever placed it over REST was asked nothing."""
    orders = [world.order(patient_reference="PX-77"), world.order(patient_reference="PX-77")]
    for one, other in (orders, orders[::-1]):
        page = browser_of(world.coordinator).get(reverse("order", args=[one.pk])).content.decode()
        assert "The same patient has another open order at this centre" in page
        assert f'href="{reverse("order", args=[other.pk])}">{other.coi}</a>' in page
