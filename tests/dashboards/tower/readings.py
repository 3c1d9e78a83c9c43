"""What tests read off the control tower."""

import re

from django.urls import reverse

from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import (
    browser_of,
)


def tower(person, query=""):
    return browser_of(person).get(f"{reverse('control_tower')}?{query}")


def at_risk(response) -> list[PatientOrder]:
    """What cannot wait, then the others."""
    risks = response.context["risks"]
    return [risk.order for risk in (*risks.pinned, *risks.rows)]


def pinned(response) -> list[PatientOrder]:
    return [risk.order for risk in response.context["risks"].pinned]


def words_of(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace(" .", ".").replace(" ,", ",").replace(" ;", ";")
