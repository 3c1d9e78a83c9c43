"""Finding an order by what stands on its papers and labels."""

import pytest
from django.urls import reverse

from supplychain.identifiers.statuses import IdentifierKind
from supplychain.orders.models import Identifier
from tests.dashboards.builders import browser_of
from tests.dashboards.orders.builders import collected
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def find(person, code: str):
    return browser_of(person).get(reverse("find_order"), {"code": code})


@pytest.mark.parametrize(
    "code", ["CO-1", "co-1", " CO-1 ", "H-1", "G123498654321", "=G12349865432100", "TRK-1", "&/CO-1"]
)
def test_any_identifier_opens_the_order(world, code):
    order = collected(world)
    assert find(world.coordinator, code).headers["Location"] == reverse("order", args=[order.pk])


def test_the_orders_own_id_opens_it_too(world):
    order = world.order()
    assert find(world.coordinator, str(order.pk)).headers["Location"] == reverse("order", args=[order.pk])


@pytest.mark.parametrize("code", ["CO-1", "no-such", "x" * 64])
def test_what_leads_to_no_order_of_the_persons_sites_leads_to_the_list_of_those_that_begin_so(world, code):
    collected(world)
    response = find(world.stranger_person, code)
    assert response.headers["Location"] == f"{reverse('orders')}?q={code}"


@pytest.mark.parametrize(
    ("code", "why"),
    [("x" * 500, "longer than any code"), ("CO\u200b1", "CO‹U+200B›1"), ("=G12349865432199", "check digits do not fit"),
     ("1.67683E+15", "a spreadsheet has rounded")],
)  # fmt: skip
def test_a_code_that_cannot_be_read_is_shown_with_what_is_wrong(world, code, why):
    response = find(world.coordinator, code)
    assert (response.status_code, list(response.context["orders"])) == (200, [])
    assert why in response.text


def test_an_empty_search_says_what_can_be_searched_for(world):
    response = find(world.stranger_person, " ")
    assert (response.status_code, list(response.context["orders"])) == (200, [])
    assert "none has exactly this identifier" in response.text


def test_an_identifier_on_two_orders_lists_both(world):
    orders = [world.order(coi="CO-1"), world.order(coi="CO-2")]
    for order in orders:
        Identifier.objects.create(order=order, kind=IdentifierKind.BATCH, value="B-1", recorded_at=at(1))
    response = find(world.coordinator, "B-1")
    assert {order.coi for order in response.context["orders"]} == {"CO-1", "CO-2"}
    assert "2 orders bear" in response.text
