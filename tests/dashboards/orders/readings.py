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
