"""Getting in, the health check, and times in the person's zone."""

import pytest
from django.db import DatabaseError
from django.urls import reverse

from dashboards.live import health
from supplychain.pages.time_zones import SESSION_KEY, time_zone_of
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough word"


def test_a_person_logs_in_comes_where_they_wanted_and_logs_out(client):
    make_user("ada", make_site("oslo"))
    address = reverse("login")
    response = client.post(address, {"login": "ada", "password": PASSWORD, "next": "/orders/find/?code=1"})
    assert response.headers["Location"] == "/orders/find/?code=1"
    assert client.get(address).headers["Location"] == reverse("start")
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).headers["Location"] == address
    assert client.get(reverse("control_tower")).headers["Location"] == f"{address}?next=/"


def test_nobody_is_led_to_another_site_after_the_login(client):
    make_user("ada")
    given = {"login": "ada", "password": PASSWORD, "next": "https://evil.example/"}
    assert client.post(reverse("login"), given).headers["Location"] == reverse("start")


def test_a_wrong_password_is_said_without_saying_which_was_wrong(client):
    make_user("ada")
    for name in ("ada", "nobody"):
        response = client.post(reverse("login"), {"login": name, "password": "wrong"})
        assert "User name and password do not belong together." in response.text


def test_the_zone_is_the_persons_own_else_the_one_of_their_sites_else_utc(client):
    oslo, basel = make_site("oslo"), make_site("basel")
    for site, zone in ((oslo, "Europe/Oslo"), (basel, "Europe/Zurich")):
        site.time_zone = zone
        site.save()
    person = make_user("ada", oslo, basel)
    assert time_zone_of(person) == "UTC"
    assert time_zone_of(make_user("bo", basel)) == "Europe/Zurich"
    client.force_login(person)
    assert "because your sites lie in several zones: choose yours" in client.get(reverse("profile")).text
    person.time_zone = "Asia/Tokyo"
    assert time_zone_of(person) == "Asia/Tokyo"
    assert time_zone_of(make_user("new")) == "UTC"


def test_the_zone_is_looked_up_once_a_session(client, django_assert_num_queries):
    site = make_site("oslo")
    site.time_zone = "Europe/Oslo"
    site.save()
    client.force_login(make_user("ada", site))
    assert client.session[SESSION_KEY] == "Europe/Oslo"
    client.get(reverse("find_order"))
    with django_assert_num_queries(4):  # session, person, their sites, whether there are others
        assert client.get(reverse("find_order")).context["zone_name"] == "Europe/Oslo"


def test_a_zone_that_is_gone_leaves_utc(client):
    person = make_user("ada")
    client.force_login(person)
    session = client.session
    session[SESSION_KEY] = "Mars/Olympus"
    session.save()
    assert client.get(reverse("find_order")).context["zone_name"] == "UTC"


def test_the_health_check_asks_database_and_redis(client):
    response = client.get(reverse("health"))
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


def test_the_health_check_says_which_part_does_not_answer(client, settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get(reverse("health"))
    assert (response.status_code, response.json()) == (503, {"database": "ok", "redis": "does not answer"})

    def fails() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "_ask_database", fails)
    assert client.get(reverse("health")).json() == {"database": "does not answer", "redis": "does not answer"}
