"""A person's own page: what they see of themselves, and what they may change."""

import pytest
from django.test import Client
from django.urls import reverse

from supplychain.pages.time_zones import SESSION_KEY
from supplychain.people.models import User
from supplychain.people.statuses import Role, Theme
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db
ADDRESS = "/profile/"


@pytest.fixture
def client() -> Client:
    """Ada's browser."""
    client = Client()
    client.force_login(make_user("ada", make_site("oslo"), role=Role.QA))
    return client


def test_a_zone_and_a_theme_count_at_once(client):
    answer = client.post(ADDRESS, {"time_zone": " Asia/Tokyo ", "theme": "dark"})
    assert (answer.status_code, answer.headers["Location"]) == (302, ADDRESS)
    ada = User.objects.get()
    assert (ada.time_zone, ada.theme, client.session[SESSION_KEY]) == ("Asia/Tokyo", Theme.DARK, "Asia/Tokyo")
    page = client.get(ADDRESS)
    assert (page.context["zone_name"], '<meta name="cellops-theme" content="dark">' in page.text) == (
        "Asia/Tokyo",
        True,
    )


def test_the_history_says_who_changed_it(client):
    client.post(ADDRESS, {"time_zone": "Asia/Tokyo", "theme": "dark"})
    last = User.objects.get().history.order_by("pgh_id").last()
    assert (last.theme, last.pgh_context.metadata["action"]) == ("dark", "change_profile")


def test_an_empty_zone_is_that_of_the_first_site(client):
    client.post(ADDRESS, {"time_zone": "Asia/Tokyo", "theme": "light"})
    client.post(ADDRESS, {"time_zone": "", "theme": "system"})
    assert (User.objects.get().time_zone, client.session[SESSION_KEY]) == ("", "UTC")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"time_zone": "Mars/Olympus", "theme": "dark"}, "is no IANA time zone"),
        ({"time_zone": "", "theme": "pink"}, "“pink” cannot be chosen here: choose one of"),
    ],
)
def test_nonsense_is_refused_with_the_page_and_changes_nothing(client, given, words):
    answer = client.post(ADDRESS, given)
    ada = User.objects.get()
    assert (answer.status_code, ada.time_zone, ada.theme) == (422, "", "")
    errors = " ".join(text for texts in answer.context["form"].errors.values() for text in texts)
    assert words in errors


def test_names_addresses_and_rights_are_not_ones_own_to_change(client):
    sent = {"time_zone": "", "theme": "dark", "first_name": "Eve", "email": "eve@else.example", "is_superuser": "1"}
    client.post(ADDRESS, sent)
    ada = User.objects.get()
    assert (ada.first_name, ada.email, ada.is_superuser, ada.theme) == ("", "", False, "dark")


def test_only_ones_own_memberships_are_shown(client):
    make_user("eve", make_site("bergen"))
    page = client.get(ADDRESS)
    assert [(row.site.code, row.role) for row in page.context["memberships"]] == [("oslo", "qa")]
    assert "Bergen" not in page.text


def test_somebody_without_a_role_is_told_whom_to_ask():
    client = Client()
    client.force_login(make_user("new"))
    assert "You have no role at any site yet" in client.get(ADDRESS).text


@pytest.mark.parametrize("sites", [1, 3])
def test_the_page_takes_the_same_queries_however_many_sites(sites, django_assert_num_queries):
    client = Client()
    client.force_login(make_user("ada", *[make_site(f"site-{number}") for number in range(sites)]))
    with django_assert_num_queries(7):
        client.get(ADDRESS)


def test_two_people_cannot_have_one_address():
    from supplychain.audit.refusals import Refused
    from supplychain.people.actions import create_user

    first = create_user(username="ada", password=None, email="Ada@Ward.Example", by=None)
    assert first.email == "ada@ward.example"
    with pytest.raises(Refused, match="Somebody else has this e-mail address"):
        create_user(username="eve", password=None, email="ADA@ward.example", by=None)


def test_the_way_to_the_profile_is_on_every_page(client):
    assert f'href="{reverse("profile")}"' in client.get("/").text
