"""Who may call the interface: systems by token and scope, people by session and role, strangers not at all."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from supplychain.people.statuses import Role
from supplychain.systems.actions import create_source, deactivate_source
from supplychain.systems.statuses import SourceKind
from tests.supplychain.api_clients import PROBLEM, ApiClient, client_of, session_of
from tests.supplychain.builders import World, make_user, report

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def world() -> World:
    return World()


def test_from_client_id_and_secret_to_a_recorded_event(world):
    order = world.order()
    made = create_source(code="mes", name="MES", kind=SourceKind.PLANT, sites=["plant"], by=None)
    answer = ApiClient().post(
        "/oauth/token/",
        {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": made.client_secret},
    )
    token = answer.json()["access_token"]
    client = ApiClient(headers={"authorization": f"Bearer {token}"})
    recorded = client.send(EVENTS, report(order, "started", "collection"))
    assert (answer.status_code, recorded.status_code, recorded.json()["outcome"]) == (200, 201, "created")
    assert order.events.get(kind="started").source == made.source


def test_a_stranger_is_challenged(world):
    answer = ApiClient().send(EVENTS, report(world.order(), "started", "collection"))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="CellOps"')
    assert (answer["Content-Type"], answer.json()["status"]) == (PROBLEM, 401)


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Bearer  ", "bearer x y z", "Bearer \x00", "Bearer é"])
def test_an_unknown_token_is_refused(world, header):
    answer = ApiClient(headers={"authorization": header}).get("/api/v1/orders/")
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)
    assert "Bearer" in answer["WWW-Authenticate"]


def test_another_way_to_authenticate_is_no_way(world):
    answer = ApiClient(headers={"authorization": "Basic dXNlcjpwYXNz"}).get("/api/v1/orders/")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="CellOps"')


def test_a_token_ends_at_its_moment_even_while_it_is_remembered(world):
    now = timezone.now()
    client = client_of(world.source, expires_at=now + timedelta(seconds=5))
    with time_machine.travel(now, tick=False) as clock:
        before = client.get("/api/v1/orders/")
        clock.shift(timedelta(seconds=4.9))
        last = client.get("/api/v1/orders/")
        clock.shift(timedelta(seconds=0.1))
        after = client.get("/api/v1/orders/")
    assert [before.status_code, last.status_code, after.status_code] == [200, 200, 401]
    assert after["WWW-Authenticate"] == 'Bearer realm="CellOps", error="invalid_token"'


@pytest.mark.parametrize("withdraw", ["token", "source", "scope", "site"])
def test_what_is_withdrawn_is_gone_within_ten_seconds(world, withdraw):
    order, client, now = world.order(), client_of(world.source), timezone.now()
    path = f"/api/v1/orders/{order.pk}/events/"
    with time_machine.travel(now, tick=False) as clock:
        assert client.get(path).status_code == 200
        if withdraw == "token":
            get_access_token_model().objects.all().delete()
        elif withdraw == "source":
            deactivate_source(world.source, by=None)
        elif withdraw == "scope":
            world.source.scopes = ["events:write"]
            world.source.save()
        else:
            world.source.sites.clear()
        clock.shift(timedelta(seconds=9.9))
        remembered = client.get(path).status_code
        clock.shift(timedelta(seconds=0.2))
        assert (remembered, client.get(path).status_code) == (
            200, {"token": 401, "source": 401, "scope": 403, "site": 404}[withdraw],
        )  # fmt: skip


def test_a_token_is_looked_up_in_one_query_and_then_not_at_all(world, django_assert_num_queries):
    client, path = client_of(world.source), f"/api/v1/orders/{world.order().pk}/events/"
    with django_assert_num_queries(4):
        client.get(path)
    with django_assert_num_queries(3):
        client.get(path)


def test_a_clock_set_back_does_not_prolong_what_is_remembered(world):
    client, now = client_of(world.source), timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        client.get("/api/v1/flags/")
        get_access_token_model().objects.all().delete()
        clock.shift(timedelta(hours=-1))
        assert client.get("/api/v1/flags/").status_code == 401


def test_a_missing_scope_is_named(world):
    answer = client_of(world.source, "orders:read").send(EVENTS, report(world.order(), "started", "collection"))
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert answer["WWW-Authenticate"] == 'Bearer realm="CellOps", error="insufficient_scope", scope="events:write"'
    assert "events:write" in answer.json()["detail"]


@pytest.mark.parametrize("role", [Role.OPERATIONS, Role.SITE_COORDINATOR])
def test_people_report_events_at_their_sites_as_themselves(world, role):
    order = world.order()
    person = make_user("ada", world.oslo, role=role)
    answer = session_of(person).send(EVENTS, report(order, "started", "collection"))
    assert (answer.status_code, order.events.get(kind="started").user) == (201, person)


def test_people_report_only_what_is_theirs_to_say(world):
    order = world.order()
    person = make_user("ada", world.oslo, role=Role.QA)
    answer = session_of(person).send(EVENTS, report(order, "started", "collection"))
    assert (answer.status_code, order.events.filter(kind="started").exists()) == (422, False)
    assert "reported by the coordinator of the collection site" in answer.json()["detail"]


def test_people_of_other_sites_are_strangers_to_the_order(world):
    order = world.order()
    client = session_of(make_user("eve", world.bergen))
    assert client.get(f"/api/v1/orders/{order.pk}/events/").status_code == 404
    assert client.send(EVENTS, report(order, "started", "collection")).status_code == 422


def test_a_person_without_any_site_is_told_so(world):
    answer = session_of(make_user("new")).get("/api/v1/flags/")
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)
    assert answer.json()["detail"] == "This takes a role at a site; an administrator gives it."


def test_a_session_needs_the_csrf_token(world):
    client = session_of(make_user("ada", world.oslo), enforce_csrf_checks=True)
    answer = client.send(EVENTS, report(world.order(), "started", "collection"))
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM)


def test_a_token_needs_no_csrf_token_and_wins_over_a_session(world):
    order = world.order()
    client = session_of(make_user("eve", world.bergen), enforce_csrf_checks=True)
    token = client_of(world.source).defaults["HTTP_AUTHORIZATION"]
    answer = client.send(EVENTS, report(order, "started", "collection"), authorization=token)
    assert (answer.status_code, order.events.get(kind="started").source) == (201, world.source)
