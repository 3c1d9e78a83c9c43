"""What tests read off the page of an order."""

import re

from django.urls import reverse

from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import browser_of


def page(person, order: PatientOrder, name: str = "order"):
    return browser_of(person).get(reverse(name, args=[order.pk]))


def text_of(response) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def shown(person, query: str = "") -> list[str]:
    """Chains of identity on a page of the list, in order."""
    response = browser_of(person).get(f"{reverse('orders')}?{query}")
    assert response.status_code == 200
    return [line.order.coi for line in response.context["lines"]]
