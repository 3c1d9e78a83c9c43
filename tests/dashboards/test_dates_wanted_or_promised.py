"""A date is wanted until the plant confirmed the order or promised one: every page says which of the two it is."""

import re

import pytest
import time_machine
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from tests.batches.judging import evaluate, make_due
from tests.dashboards.builders import TowerWorld, browser_of
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
NOW = 3


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(at(NOW), tick=False):
        yield


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def order(world) -> PatientOrder:
    """An order that cannot be ready by the date that its centre wants."""
    return world.order(promised_at=at(20))


def pages(world: TowerWorld, order: PatientOrder) -> dict[str, str]:
    """The words of every page that tells of the date, judged now, without markup."""
    make_due([order], NOW)
    evaluate(NOW)
    addresses = {
        "order": reverse("order", args=[order.pk]), "print": reverse("order", args=[order.pk]) + "?print=1",
        "list": reverse("orders"), "centre": reverse("site"), "tower": reverse("control_tower"),
    }  # fmt: skip
    people = dict.fromkeys(addresses, world.operations) | {"centre": world.coordinator}
    texts = {name: browser_of(people[name]).get(url).text for name, url in addresses.items()}
    return {name: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for name, text in texts.items()}


def promised(texts: dict[str, str]) -> list[str]:
    """The pages that say that the date is promised."""
    said = re.compile(r"\b[Pp]romised (\w{3} )?\d|[Pp]romised ready|promised date")
    return [name for name, text in texts.items() if said.search(text)]


def wanted(texts: dict[str, str]) -> list[str]:
    return [name for name, text in texts.items() if re.search(r"[Ww]anted by|[Ww]anted ready|wanted date", text)]


def test_nothing_is_called_promised_before_the_plant_said_so(world, order):
    texts = pages(world, order)
    assert promised(texts) == []
    assert wanted(texts) == ["order", "print", "list", "centre", "tower"]
    assert "The plant has to confirm the order Until it does, the date is wanted, not promised." in texts["order"]
    assert ", wanted by " in Flag.objects.get(order=order, code=FlagCode.PROMISE_AT_RISK).why


@pytest.mark.parametrize(("kind", "payload"), [("confirmed", {}), ("promised", {"promised_at": at(21).isoformat()})])
def test_once_the_plant_confirmed_it_or_gave_a_date_it_is_a_promise(world, order, kind, payload):
    world.say(order, kind, hours=2, payload=payload)
    texts = pages(world, order)
    assert wanted(texts) == []
    assert promised(texts) == ["order", "print", "list", "centre", "tower"]
    assert "has to confirm" not in texts["order"]
    order.refresh_from_db()
    assert (order.status, order.confirmed_at) == (OrderStatus.CONFIRMED, at(2))
