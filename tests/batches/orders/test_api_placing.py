"""Placing orders over REST: once, at one's own sites, refused field by field."""

from datetime import timedelta

import pytest
from django.utils import timezone

from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.people.statuses import Role
from supplychain.sites.statuses import SiteKind
from tests.supplychain.api_clients import PROBLEM, client_of, session_of
from tests.supplychain.builders import World, at, make_site, make_source, make_user

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/orders/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.source)


def request(**given) -> dict:
    return {
        "product": "product-small", "patient_reference": "p-0001", "ordering_site": "oslo", "plant": "plant",
    } | given  # fmt: skip


def test_an_order_is_placed_and_told_where_it_is(world, client):
    answer = client.send(
        ORDERS, request(coi="CO-1", ordered_at=at(0).isoformat(), promised_at=at(900).isoformat(), priority="urgent")
    )
    order = PatientOrder.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{ORDERS}{order.pk}/")
    assert answer["ETag"] == client.get(answer["Location"])["ETag"]
    assert (order.coi, order.promised_at, order.priority, order.ordering_site) == (
        "CO-1",
        at(900),
        "urgent",
        world.oslo,
    )
    assert (answer.json()["id"], answer.json()["status"]) == (str(order.pk), "ordered")


def test_who_places_an_order_with_a_number_that_another_order_of_the_plant_bears_is_told(world, client):
    bergen = world.stranger
    first = client.send(ORDERS, request(coi="0001")).json()
    answer = client_of(bergen).send(ORDERS, request(coi="0001", ordering_site="bergen", patient_reference="p-0002"))
    assert (answer.status_code, first["warnings"]) == (201, [])
    (warning,) = answer.json()["warnings"]
    assert warning.startswith("Another open order of this plant bears the chain of identity 0001")
    assert client_of(bergen).get(answer["Location"]).json()["warnings"] == []


def test_what_is_null_is_not_said(client):
    answer = client.send(ORDERS, request(coi=None, promised_at=None, flow=None))
    assert answer.status_code == 201


def test_the_same_request_again_is_the_same_order(client):
    asked = request(source_event_id="ehr-1")
    first, again = client.send(ORDERS, asked), client.send(ORDERS, asked)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (again["Location"], again.json()) == (first["Location"], first.json())
    assert PatientOrder.objects.count() == 1


def test_the_same_id_for_another_request_is_a_conflict(client):
    client.send(ORDERS, request(source_event_id="ehr-1"))
    answer = client.send(ORDERS, request(source_event_id="ehr-1", patient_reference="p-0002"))
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (
        409, PROBLEM, ["source_event_id"],
    )  # fmt: skip


def test_a_chain_of_identity_leads_to_one_order_only(client):
    client.send(ORDERS, request(coi="CO-1"))
    answer = client.send(ORDERS, request(coi="CO-1", patient_reference="p-0002"))
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["coi"])
    assert PatientOrder.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ordering_site": "nowhere"}, "ordering_site"),
        ({"plant": "oslo"}, "plant"),
        ({"product": "nothing"}, "product"),
        ({"flow": "nothing"}, "flow"),
        ({"patient_reference": "Jane Doe"}, "patient_reference"),
        ({"patient_reference": 7}, "patient_reference"),
        ({"promised_at": "soon"}, "promised_at"),
        ({"priority": "now"}, "priority"),
    ],
)
def test_an_order_that_cannot_be_placed_names_the_field(client, wrong, field):
    answer = client.send(ORDERS, request(**wrong))
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (422, PROBLEM, [field])
    assert PatientOrder.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"coi": "nul \x00"}, {"source_event_id": "nul \x00"}, {"ordering_site": "nul \x00"}, {"product": "\x00"},
        {"hospital_order_number": "\x00"}, {"by": "me"}, {"now": "then"}, {"coi": ["a"]}, {"source_event_id": {}},
    ],
)  # fmt: skip
def test_odd_values_are_refused_too(client, wrong):
    answer = client.send(ORDERS, request(**wrong))
    assert (answer.status_code, answer["Content-Type"]) == (422, PROBLEM)
    assert PatientOrder.objects.count() == 0


def test_a_person_is_asked_why_as_on_the_page_and_a_system_is_heard(world, client):
    person = session_of(make_user("ada", world.oslo, role=Role.SITE_COORDINATOR))
    soon = request(promised_at=(timezone.now() + timedelta(hours=30)).isoformat(), priority="urgent")
    asked = person.send(ORDERS, soon | {"priority_reason": "ok"}).json()["errors"]
    assert asked["priority_reason"] == ["Say why it is urgent: the plant decides by it."]
    assert "too early. Choose a later date, or say why" in asked["promised_at"][0]
    assert "(promise_reason)" in asked["promised_at"][0]
    said = {"priority_reason": "Relapse", "promise_reason": "Bridging ends then"}
    assert person.send(ORDERS, soon | said).status_code == 201
    assert client.send(ORDERS, soon | {"patient_reference": "p-0002"}).status_code == 201
    past = {"ordered_at": at(0).isoformat(), "promised_at": at(20).isoformat(), "patient_reference": "p-0003"}
    assert person.send(ORDERS, soon | past).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"ordering_site": None}, {"ordering_site", "patient_reference", "priority_reason", "coi"}),
        ({"ordering_site": "nix"}, {"ordering_site", "patient_reference", "priority_reason", "coi"}),
        ({"plant": None, "product": "nix"}, {"plant", "product", "patient_reference", "priority_reason", "coi"}),
        ({"odd": 1}, {"order", "patient_reference", "priority_reason", "coi", "promised_at"}),
        ({"collection_site": "nix", "flow": "nix"},
         {"collection_site", "flow", "patient_reference", "priority_reason", "coi"}),
    ],
)  # fmt: skip
def test_a_person_hears_at_once_of_all_that_is_wrong(world, wrong, fields):
    person = session_of(make_user("ada", world.oslo, role=Role.SITE_COORDINATOR))
    soon = (timezone.now() + timedelta(hours=30)).isoformat()
    bad = {"patient_reference": "02.01.1970", "coi": "Ola Nordmann", "priority": "urgent", "promised_at": soon}
    answer = person.send(ORDERS, request(**bad) | wrong)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, fields)


@pytest.mark.parametrize("body", [[], "text", None, 7])
def test_a_body_that_is_no_order(client, body):
    assert client.send(ORDERS, body).status_code == 422


def test_another_sites_order_cannot_be_placed(world):
    answer = client_of(world.stranger).send(ORDERS, request())
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["ordering_site"])
    assert StatusEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.OPERATIONS, 422), (Role.SITE_COORDINATOR, 201), (Role.ADMINISTRATOR, 403), (Role.QA, 403),
        (Role.INSPECTOR, 403),
    ],
)  # fmt: skip
def test_which_people_place_orders(world, role, status):
    answer = session_of(make_user("ada", world.oslo, role=role)).send(ORDERS, request())
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"patient_reference": "19800101-12345"}, "patient_reference"), ({"coi": "Jane Doe"}, "coi")],
)
def test_a_person_is_held_against_the_same_rules_as_on_the_page(world, wrong, field):
    person = make_user("ada", world.oslo, role=Role.SITE_COORDINATOR)
    answer = session_of(person).send(ORDERS, request(**wrong))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_a_person_places_orders_only_where_the_role_is_theirs(world):
    person = make_user("ada", world.bergen)
    person.memberships.create(site=world.oslo, role=Role.QA)
    assert session_of(person).send(ORDERS, request()).status_code == 422


def test_all_that_is_wrong_is_said_at_once(client):
    answer = client.send(ORDERS, request(product="nothing", plant="nowhere", patient_reference="", coi_issuer="oslo"))
    errors = answer.json()["errors"]
    assert (answer.status_code, sorted(errors)) == (422, ["coi", "patient_reference", "plant", "product"])
    assert errors["product"][0].startswith("“nothing” cannot be ordered; use one of ")
    assert errors["patient_reference"][0].startswith("The patient reference must have at least 3 characters; give a ")


def test_another_site_is_named_beside_what_cannot_be_read(client, world):
    answer = client.send(ORDERS, request(ordering_site="bergen", patient_reference="", priority="x", plant="oslo"))
    assert sorted(answer.json()["errors"]) == ["patient_reference", "plant", "priority"]
    foreign = make_site("other-plant", SiteKind.PLANT)
    answer = client.send(ORDERS, request(ordering_site="bergen", plant=foreign.code, patient_reference=""))
    assert sorted(answer.json()["errors"]) == ["ordering_site", "patient_reference"]


def test_an_order_of_a_day_still_to_come_is_refused_and_a_fast_clock_forgiven(client):
    now = timezone.now()
    ahead = client.send(ORDERS, request(ordered_at=(now + timedelta(days=30)).isoformat()))
    assert ahead.status_code == 422
    assert ahead.json()["errors"]["ordered_at"][0].endswith("is still to come: say when the order was placed.")
    assert client.send(ORDERS, request(ordered_at=(now + timedelta(hours=3)).isoformat())).status_code == 201


def test_a_known_order_with_other_words_says_which(client):
    first = client.send(ORDERS, request(source_event_id="ehr-1"))
    answer = client.send(ORDERS, request(source_event_id="ehr-1", patient_reference="p-0002", priority="urgent"))
    assert answer.status_code == 409
    coi = first.json()["coi"]
    assert answer.json()["errors"]["source_event_id"] == [
        f"order {coi} was placed under this id with other content: another patient reference and priority. Change that "
        "order where it stands; only if this is a further order, send it under a new id."
    ]
    assert answer.json()["detail"] == (
        "The order was not placed: a number or id of it is taken, or looks like one; see errors."
    )


def test_a_conflict_names_the_order_that_there_is_to_whom_it_is_visible_and_to_nobody_else(world, client):
    first = client.send(ORDERS, request(coi="CO-1", hospital_order_number="H-1", source_event_id="ehr-1")).json()["id"]
    for again in ({"coi": "CO-1"}, {"hospital_order_number": "H-1"}, {"coi": "C0-1"}, {"source_event_id": "ehr-1"}):
        answer = client.send(ORDERS, request(patient_reference="p-0002") | again)
        assert (answer.status_code, answer.json()["order"]) == (409, first)
    stranger = client.send(ORDERS, request(patient_reference="Ola Nordmann"))
    assert (stranger.status_code, "order" in stranger.json()) == (422, False)


def test_a_conflict_with_an_order_of_others_names_none(world, client):
    """Another plant orders for Oslo under a number that Oslo gave to an order of which that plant sees nothing."""
    assert client.send(ORDERS, request(hospital_order_number="H-1")).status_code == 201
    porto = client_of(make_source("mes-porto", make_site("porto", SiteKind.PLANT)))
    answer = porto.send(ORDERS, request(plant="porto", hospital_order_number="H-1"))
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["hospital_order_number"])
    assert "order" not in answer.json()
