"""An order whose cells were collected and frozen before: said with the order, by REST and in the form."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from batches.forecasts.queries.outlooks import ready_outlooks
from supplychain.flows.models import Stage
from supplychain.flows.queries import flow_plan
from supplychain.identifiers.rules.donation_numbers import check_character
from supplychain.orders.actions.placing import place_order, place_orders
from supplychain.orders.actions.rebuilding import rebuild_orders
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.actions.wanted import WantedDates
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.orders.rules.placing import OrderRefused
from supplychain.people.statuses import Role
from supplychain.transport.models import Collection
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, at, make_user
from tests.supplychain.orders.test_place_orders import request

pytestmark = pytest.mark.django_db
MONTHS_30 = 30 * 30 * 24
NUMBER = "G123417654321"
LABEL = f"{NUMBER} {check_character(NUMBER)}"


@pytest.fixture
def world():
    world = World()
    Stage.objects.filter(flow=world.flow, code="collection").update(frozen_for_hours=MONTHS_30)
    Stage.objects.filter(flow=world.flow, code="inbound").update(longest_wait_hours=MONTHS_30)
    flow_plan.cache_clear()
    world.kari = make_user("kari", world.oslo, role=Role.SITE_COORDINATOR)
    yield world
    flow_plan.cache_clear()


def stored(**given) -> dict:
    return request(collected_at=at(-18 * 30 * 24), donation_number=LABEL, bags=2) | given


def errors_of(world, **given) -> dict[str, str]:
    with pytest.raises(OrderRefused) as refused:
        place_order(by=world.reporter, now=at(1), **stored(**given))
    assert not PatientOrder.objects.filter(patient_reference="p-0001").exists()
    return refused.value.errors


def test_the_collection_is_done_with_the_order_and_the_cells_wait(world):
    placed = place_order(by=world.reporter, now=at(1), **stored())
    order = PatientOrder.objects.get(pk=placed.order_id)
    runs = {run.stage.code: run for run in StageRun.objects.filter(order=order)}
    assert (runs["collection"].status, runs["collection"].completed_at) == ("completed", at(-18 * 30 * 24))
    assert (runs["inbound"].status, runs["inbound"].ready_at) == ("ready", at(1))
    assert runs["inbound"].wait_until == at((30 - 18) * 30 * 24)
    collection = Collection.objects.get(stage_run=runs["collection"])
    assert (collection.donation_number, runs["collection"].details["stored_bags"]) == (NUMBER, 2)
    assert order.surprises == []
    assert [event.kind for event in order.events.order_by("position")] == ["ordered", "completed"]
    assert list(broken_seals()) == []
    assert rebuild_orders([order], now=at(2)) == {}


def test_the_same_request_again_changes_nothing(world):
    asked = stored(source_event_id="ehr-1", ordered_at=at(0))
    first, again = (place_order(by=world.reporter, now=at(1), **asked) for _ in range(2))
    assert (first.order_id, again.created) == (again.order_id, False)
    with pytest.raises(OrderRefused, match="other content"):
        place_order(by=world.reporter, now=at(1), **asked | {"bags": 3})


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"collected_at": at(2)}, "collected_at", "still to come"),
        ({"collected_at": at(0.5), "ordered_at": at(0)}, "collected_at", "after the order was placed"),
        ({"collected_at": at(-31 * 30 * 24)}, "collected_at", "30 months after their collection, and these are older"),
        ({"donation_number": NUMBER + "#"}, "donation_number", ""),
        ({"donation_number": f"{NUMBER} {'A' if LABEL[-1] != 'A' else 'B'}"}, "donation_number", "check character"),
        ({"donation_number": ""}, "donation_number", "whose cells they are"),
        ({"bags": None}, "bags", "how many bags"),
        ({"bags": 0}, "bags", ""),
        ({"collected_at": None}, "collected_at", "Say when"),
        ({"donation_number": "Z-17"}, "donation_number", "ISBT 128 form"),
    ],
)
def test_what_cannot_be_so_says_what_to_do(world, given, field, words):
    assert words in errors_of(world, **given)[field]


def test_the_number_of_another_patients_order_is_refused_and_of_the_same_patient_taken(world):
    place_order(by=world.reporter, now=at(1), **stored(patient_reference="p-0002"))
    assert "another patient’s order already" in errors_of(world)["donation_number"]
    again = place_order(by=world.reporter, now=at(2), **stored(patient_reference="P-0002"))
    assert StageRun.objects.get(order=again.order_id, stage__code="collection").status == "completed"


def test_of_several_orders_one_that_is_refused_costs_no_other(world):
    rows = [stored(donation_number=""), stored(patient_reference="p-0003"), request(patient_reference="p-0004")]
    rows.append(stored(patient_reference="p-0005"))
    results = place_orders(rows, by=world.reporter, now=at(1))
    assert [isinstance(one, OrderRefused) for one in results] == [True, False, False, True]
    assert "another patient’s order" in results[3].errors["donation_number"]
    assert Collection.objects.count() == 1


def test_a_product_that_takes_no_stored_cells_says_so(world):
    Stage.objects.filter(flow=world.flow, code="collection").update(frozen_for_hours=None)
    flow_plan.cache_clear()
    assert "takes no cells that were collected before" in errors_of(world)["collected_at"]


def test_a_system_without_the_right_to_report_collections_is_told(world):
    world.source.scopes = [one for one in world.source.scopes if one != "events:collection"]
    world.source.save()
    assert "events:collection" in errors_of(world)["collected_at"]


def test_by_rest(world):
    client, now = client_of(world.source), timezone.now()
    body = stored(collected_at=(now - timedelta(days=100)).isoformat())
    answer = client.send("/api/v1/orders/", body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["current_stage"] != "collection"
    wrong = client.send("/api/v1/orders/", stored(patient_reference="p-0009", collected_at="2099-01-01T00:00:00Z"))
    assert wrong.status_code == 422
    assert "still to come" in wrong.json()["errors"]["collected_at"][0]


def test_a_wanted_date_is_compared_with_a_dose_of_stored_cells(world):
    sites = {"ordering_site": world.oslo.pk, "collection_site": world.oslo.pk, "infusion_site": world.oslo.pk,
             "plant": world.plant.pk}  # fmt: skip
    dates = WantedDates(timezone.now())
    flow, hours = world.flow, flow_plan(world.flow.pk).stages["collection"].planned_hours
    assert hours > 0
    fresh, at_hand = (
        ready_outlooks(flow.pk, flow.product_id, sites, [world.plant.pk], dates.now, is_stored=is_stored)[
            world.plant.pk
        ]["routine"].ready_at
        for is_stored in (False, True)
    )
    assert fresh - at_hand >= timedelta(hours=hours)
    between = at_hand + (fresh - at_hand) / 2
    assert "too early" in dates.question(between, flow, sites, "routine")
    assert dates.question(between, flow, sites, "routine", is_stored=True) == ""


def local(days: int) -> str:
    return f"{timezone.localtime() - timedelta(days=days):%Y-%m-%dT%H:%M}"


def test_in_the_form_for_a_new_order(client, world):
    client.force_login(world.kari)
    address = f"/site/new/?journey={world.flow.product.code}/{world.flow.code}"
    page = client.get(address).content.decode()
    assert "Cells collected earlier" in page
    said = {
        "token": str(uuid4()), "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
        "priority": "routine", "collected_at": local(100), "donation_number": LABEL, "bags": "2", "go": "review",
    }  # fmt: skip
    review = client.post(address, said)
    assert review.status_code == 200, review.context["form"].errors
    assert "2 bags" in review.content.decode()
    future = client.post(address, said | {"collected_at": local(-2)})
    assert "still to come" in str(future.context["form"].errors["collected_at"])
    placed = client.post(address, said | {"go": "place"})
    assert placed.status_code == 302, placed.context["form"].errors
    assert StageRun.objects.get(stage__code="collection").status == "completed"
    taken = client.post(address, said | {"go": "place", "token": str(uuid4()), "patient_reference": "p-0002"})
    assert "another patient’s order" in str(taken.context["form"].errors["donation_number"])
