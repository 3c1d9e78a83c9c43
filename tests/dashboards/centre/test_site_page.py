"""A treatment centre's page: its own orders and nobody else's, in groups, found and filtered."""

import re

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.centre.queries import filters as site_filters
from supplychain.flows.models import Product
from supplychain.people.models import Membership
from supplychain.people.statuses import Role
from tests.dashboards.builders import (
    HTMX,
    TowerWorld,
    browser_of,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db

# Session, person, memberships, centres, products to choose from: 5. Orders, runs, flags, forecasts, bottlenecks: 5.
# Who has the cells: 1.
# Critical flags, and what quality assurance decided of them, and open labels: 3.
SITE = 14
PATH = ("collection", "inbound", "selection", "harvest", "release", "infusion")


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel(at(30), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def text_of(answer) -> str:
    """What is read on the page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def cards(answer) -> list[str]:
    return re.findall(r'id="patient-[^"]+"><a [^>]*>([^<]+)</a>', answer.content.decode())


def get(user, name: str = "site", **asked):
    return browser_of(user).get(reverse(name), asked)


def full_order(world: TowerWorld, number: int):
    order = world.order(coi=f"CO-{number}", patient_reference=f"PX-{number}", promised_at=at(500))
    world.say(order, "started", "collection", 1)
    world.say(order, "completed", "collection", 2, payload={"donation_number": f"D-{number}"})
    Forecast.objects.create(order=order, made_at=at(5), ready_at=at(520), evidence={"steps": []})
    raise_flag(order, FlagCode.STAGE_LATE)
    raise_flag(order, FlagCode.STAGE_FAILED, stage="", severity=Severity.CRITICAL)
    return order


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("name", ["site", "site_live"])
def test_a_page_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, name, orders):
    for number in range(orders):
        full_order(world, number)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=2, busy=2))
    client = browser_of(world.coordinator)
    assert len(cards(client.get(reverse(name)))) == orders
    with django_assert_num_queries(SITE):
        client.get(reverse(name))


def test_the_card_says_where_the_order_stands_and_what_it_needs(world):
    order = world.order(patient_reference="PX-1", promised_at=at(500))
    world.say(order, "started", "collection", 29)
    said = text_of(get(world.coordinator))
    assert "PX-1" in said
    assert "Cells are being collected at your centre" in said
    assert "Report the end of the collection, with the donation number" in said
    assert "wanted by 23 Mar" in said
    assert "Not yet: the product is not released." in said


def test_the_button_leads_to_the_form_of_the_report(world):
    order = world.order()
    world.say(order, "started", "collection", 29)
    page = get(world.coordinator).content.decode()
    address = f"{reverse('report_event', args=[order.pk])}?kind=completed&amp;stage=collection&amp;next=/site/"
    assert f'href="{address}"' in page
    form = browser_of(world.coordinator).get(address.replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert "Collection completed" in text_of(form)


def test_cards_stand_in_groups_the_ones_that_need_the_centre_first(world):
    way = world.order(coi="CO-WAY", patient_reference="PX-WAY")
    world.say(way, "started", "collection", 1)
    world.say(way, "completed", "collection", 2)
    world.say(way, "started", "inbound", 3)
    world.order(coi="CO-NEEDS", patient_reference="PX-NEEDS")
    done = world.order(coi="CO-DONE", patient_reference="PX-DONE")
    world.say(done, "cancelled", hours=20)
    assert cards(get(world.coordinator)) == ["PX-NEEDS", "PX-WAY", "PX-DONE"]
    for show, shown in (("needs", ["PX-NEEDS"]), ("way", ["PX-WAY"]), ("done", ["PX-DONE"])):
        answer = get(world.coordinator, show=show)
        assert cards(answer) == shown
        assert "All 3 Needs you 1 On its way 1 Done recently 1" in re.sub(r"\s+", " ", text_of(answer))


def test_what_ended_long_ago_is_only_found_by_searching(world):
    order = world.order(patient_reference="PX-OLD")
    world.say(order, "cancelled", hours=2)
    with time_machine.travel(at(24 * 40)):
        assert cards(get(world.coordinator)) == []
        assert cards(get(world.coordinator, q="px-old")) == ["PX-OLD"]


def test_a_dose_in_doubt_that_was_given_is_acknowledged_from_its_card_however_long_ago_it_was(world):
    order = world.order(patient_reference="PX-GIVEN")
    for hour, (stage, kind) in enumerate((stage, kind) for stage in PATH for kind in ("started", "completed")):
        world.say(order, kind, stage, hour + 1)
    doubt = raise_flag(order, FlagCode.STAGE_FAILED, stage="sterility", severity=Severity.CRITICAL,
                       harm=Harm.DOSE_IN_DOUBT, why="Sterility failed; the dose has already been given.")  # fmt: skip
    with time_machine.travel(at(24 * 40)):
        answer = get(world.coordinator, show="needs")
        assert cards(answer) == ["PX-GIVEN"]
        for words in (
            "; the dose has already been given",
            "The dose was given: call the treating physician now",
        ):
            assert words in text_of(answer)
        assert reverse("acknowledge_flag", args=[doubt.pk]) in answer.text


def test_another_centres_orders_do_not_exist_here(world):
    world.order(coi="CO-OSLO", patient_reference="PX-OSLO")
    world.order_of_bergen(coi="CO-BERGEN", patient_reference="PX-BERGEN")
    for asked in ({}, {"q": "PX"}, {"q": "PX-BERGEN"}, {"q": "CO-BERGEN"}, {"site": "bergen"}, {"show": "way"}):
        for name in ("site", "site_live"):
            assert set(cards(get(world.coordinator, name, **asked))) <= {"PX-OSLO"}, asked
    for name in ("site", "site_live"):
        assert cards(get(world.stranger_person, name)) == ["PX-BERGEN"]
        assert cards(get(world.stranger_person, name, q="PX-OSLO")) == []
        assert cards(get(world.stranger_person, name, site="oslo")) == []


def test_an_order_that_others_collect_for_is_seen_by_both_with_their_own_part(world):
    world.order(patient_reference="PX-BOTH", collection_site="bergen")
    assert "Ready for collection at Bergen" in text_of(get(world.coordinator))
    asked = "before Collection is booked: it has not confirmed the order"
    assert asked not in text_of(get(world.coordinator))
    assert asked in text_of(get(world.stranger_person))


def test_somebody_of_two_centres_chooses_between_them(world):
    Membership.objects.create(user=world.coordinator, site=world.bergen, role=Role.SITE_COORDINATOR)
    world.order(patient_reference="PX-OSLO")
    world.order_of_bergen(patient_reference="PX-BERGEN")
    assert set(cards(get(world.coordinator))) == {"PX-OSLO", "PX-BERGEN"}
    assert cards(get(world.coordinator, site="bergen")) == ["PX-BERGEN"]
    assert '<option value="oslo"' in get(world.coordinator).content.decode()


def test_people_of_the_centre_without_the_role_may_look_but_not_report(world):
    order = world.order(patient_reference="PX-1")
    world.say(order, "started", "collection", 29)
    watcher = make_user("watcher", world.oslo, role=Role.QA)
    said = get(watcher)
    assert cards(said) == ["PX-1"]
    assert reverse("report_event", args=[order.pk]) not in said.content.decode()


def test_a_plants_people_are_told_where_their_orders_stand(world):
    world.order(patient_reference="PX-1")
    said = text_of(get(world.operations))
    assert "You belong to no treatment centre" in said
    assert "PX-1" not in said


def test_orders_are_filtered_by_product(world):
    Product.objects.create(code="other", name="Other")
    world.order(patient_reference="PX-1")
    assert cards(get(world.coordinator, product="product-small")) == ["PX-1"]
    assert cards(get(world.coordinator, product="other")) == []


def test_many_orders_come_in_pages(world):
    for number in range(25):
        world.order(coi=f"CO-{number}", patient_reference=f"PX-{number:02}")
    first, second = get(world.coordinator), get(world.coordinator, page="2")
    assert len(cards(first)) == site_filters.SiteFilter().size
    assert len(set(cards(first) + cards(second))) == 25
    assert "This page of the list is empty now" in text_of(get(world.coordinator, page="9"))


@pytest.mark.parametrize("asked", [{"page": "x"}, {"page": "-1"}, {"page": "9" * 40}, {"show": "nothing"}, {"q": "\0"}])
def test_an_address_that_makes_no_sense_shows_the_page(world, asked):
    world.order(patient_reference="PX-1")
    answer = get(world.coordinator, **asked)
    assert answer.status_code == 200


def test_a_plant_that_is_held_up_is_said_where_it_touches_the_centre(world):
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=2, busy=2), started_at=at(6))
    world.order_of_bergen()
    assert "held up" not in text_of(get(world.coordinator))
    world.order(coi="CO-1")
    world.order(coi="CO-2")
    in_suite = world.order(coi="CO-3")
    for number, (kind, stage) in enumerate(
        [("completed", "collection"), ("completed", "inbound"), ("started", "selection")]
    ):
        world.say(in_suite, kind, stage, 1 + number)
    said = text_of(get(world.coordinator))
    assert "Plant has been held up at Suites for 24 h. 2 of your orders still have to pass there" in said
    assert "2 waiting" not in said


def test_a_critical_warning_is_acknowledged_from_the_card(world):
    flag = raise_flag(world.order(patient_reference="PX-1"), FlagCode.STAGE_FAILED, severity=Severity.CRITICAL)
    address = reverse("acknowledge_flag", args=[flag.pk])
    assert f'hx-get="{address}"' in get(world.coordinator).content.decode()
    browser_of(world.coordinator).post(address, {"comment": "The physician knows."}, headers={"HX-Request": "true"})
    page = get(world.coordinator)
    assert address not in page.content.decode()
    assert re.search(r"Acknowledged by \S.*: “The physician knows\.”", text_of(page))


def test_an_empty_centre_is_told_what_will_stand_here(world):
    assert "Your centre has no open orders" in text_of(get(world.coordinator))
    assert "has “nobody” in its patient reference" in text_of(get(world.coordinator, q="nobody"))


@pytest.mark.parametrize("name", ["site", "site_live"])
def test_nobody_signed_in_is_led_to_the_login(name):
    answer = Client().get(reverse(name))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{reverse('login')}?next={reverse(name)}")
    assert Client().get(reverse(name), headers={"HX-Request": HTMX["HX-Request"]}).headers["HX-Redirect"]
