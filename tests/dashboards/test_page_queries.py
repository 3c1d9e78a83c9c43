"""How many queries a page costs: the same for one order and for three."""

import pytest
from django.urls import reverse

from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode
from batches.manufacturing.models import Batch
from batches.manufacturing.statuses import BatchStatus
from tests.batches.calibration.builders import predict
from tests.dashboards.builders import (
    TowerWorld,
    browser_of,
    hang,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at, make_user

pytestmark = pytest.mark.django_db

# Session, person, their sites, whether there are others: 4. Sites and products to choose from: 3 (2 for who sees all).
# How fresh it is: forecasts, orders not judged: 2.
# Bottlenecks, stages, runs, failures, pools: 5. Expected: stages, shipments, their cold, promises: 4. Figures: 3.
# The list: what cannot wait, orders in rank, orders, flags: 4. What can be acknowledged together: 1.
# Causes of lines, what to do first and who has it, what cannot be changed any more: 4. What is left of the limits of
# cells: 1, and of those whose limit runs 3.
TOWER = 34
# With a cause: its pool, the orders that hang under it.
CAUSE = 2
TOWER_OF_ALL = 34  # besides: hand-overs that wait for who takes shifts over
# Session, person, their sites, whether there are others: 4. The order, its runs, flags, flips, forecast, events,
# conflicts, batches, identifiers: 9. When it is ready: 1. The check of the seal: 1. What was said of it, whether that
# is used: 2. Critical flags, what was withdrawn: 2. Other open orders of its patient: 1. Thresholds: 1. Materials, what
# they were made from, lots: 3. Open labels: 1. Condition of its shipments: 3. What is left of a limit that runs: 4.
ORDER = 32
# The same people and order: 5. The check of the seal: 1. Flags, identifiers, events, conflicts, runs, batches,
# forecasts, predictions, flips, identity checks: 10. Signatures: 1. What was withdrawn: 1. Materials, their origins,
# lots: 3.
RECORD = 30
# Session, person, their sites, whether there are others, the identifiers, the orders.
FIND = 6


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


def busy_order(world: TowerWorld, number: int) -> str:
    """An order with two of everything that a page lists."""
    order = world.order(coi=f"CO-{number}")
    for hours, (kind, stage) in enumerate(
        [("started", "collection"), ("completed", "collection"), ("started", "inbound"), ("completed", "inbound")], 1
    ):
        world.say(order, kind, stage, hours, payload={"tracking_number": f"T-{number}-{hours}"})
    for attempt in (1, 2):
        Batch.objects.create(order=order, attempt=attempt, plant=world.plant, status=BatchStatus.IN_PROCESS)
    Forecast.objects.create(order=order, made_at=at(5), ready_at=at(50), evidence={"steps": []})
    for made in (6, 5):
        predict(order, made, superseded_at=None if made == 6 else at(6))
    raise_flag(order, FlagCode.STAGE_LATE, owner=world.operations)
    raise_flag(order, FlagCode.STAGE_FAILED, next_step="QA: agree on a new attempt; Site coordinator: ask for cells.")
    return str(order.pk)


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("name", ["control_tower", "control_tower_live"])
def test_the_control_tower(world, django_assert_num_queries, name, orders):
    for number in range(orders):
        busy_order(world, number)
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=2))
    client = browser_of(world.coordinator)
    client.get(reverse(name))
    with django_assert_num_queries(TOWER):
        client.get(reverse(name))


@pytest.mark.parametrize("orders", [3, 30])
def test_the_control_tower_with_orders_that_hang_under_a_cause(world, django_assert_num_queries, orders):
    make_pool(world.plant, "suite", "Suites", capacity=2)
    for number in range(orders):
        hang(world.order(coi=f"CO-{number}"))
    client = browser_of(world.coordinator)
    client.get(reverse("control_tower"))
    # No order stands in rank, so that none is read with its flags and limits, nor first.
    with django_assert_num_queries(TOWER + CAUSE - 7):
        client.get(reverse("control_tower"))


@pytest.mark.parametrize("orders", [1, 3])
def test_the_control_tower_of_who_sees_all(world, django_assert_num_queries, orders):
    for number in range(orders):
        busy_order(world, number)
    client = browser_of(make_user("all", world.plant, world.oslo, world.bergen))
    client.get(reverse("control_tower"))
    with django_assert_num_queries(TOWER_OF_ALL):
        client.get(reverse("control_tower"))


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize("name", ["order", "order_live"])
def test_the_order_page(world, django_assert_num_queries, name, orders):
    ids = [busy_order(world, number) for number in range(orders)]
    client = browser_of(world.coordinator)
    client.get(reverse(name, args=[ids[0]]))
    with django_assert_num_queries(ORDER):
        client.get(reverse(name, args=[ids[0]]))


# One more where nobody said when a shipment is to arrive: its lane.
@pytest.mark.parametrize(("said", "queries"), [({"planned_delivery_at": at(1e5).isoformat()}, 26), ({}, 27)])
def test_the_order_page_of_a_shipment_under_way(world, django_assert_num_queries, said, queries):
    order = world.order(coi="CO-1")
    world.say(order, "completed", "collection", 1)
    world.say(order, "started", "inbound", 2, payload=said)
    client, address = browser_of(world.coordinator), reverse("order", args=[order.pk])
    client.get(address)
    with django_assert_num_queries(queries):
        client.get(address)


@pytest.mark.parametrize("orders", [1, 3])
def test_the_record_of_an_order(world, django_assert_num_queries, orders):
    ids = [busy_order(world, number) for number in range(orders)]
    client = browser_of(world.coordinator)
    client.get(reverse("order_record", args=[ids[0]]))
    with django_assert_num_queries(RECORD):
        client.get(reverse("order_record", args=[ids[0]]))


@pytest.mark.parametrize("orders", [1, 3])
def test_finding_an_order(world, django_assert_num_queries, orders):
    for number in range(orders):
        busy_order(world, number)
    client = browser_of(world.coordinator)
    client.get(reverse("find_order"))
    with django_assert_num_queries(FIND):
        client.get(reverse("find_order"), {"code": "CO-0"})
