"""Single sign-on with a real provider on this machine: who is let in, who is not, and what they are told."""

from collections.abc import Iterator

import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sign_in.rules import CONTRADICTION, NO_EMAIL, NOT_VERIFIED, asserted_email
from tests.supplychain.builders import make_site
from tests.supplychain.sign_in.provider import CLIENT, SECRET, Provider
from tests.supplychain.sign_in.visitors import _forgetful, is_in, log_in, person  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
ADA = {"sub": "subject-1", "email": "Ada@ward.example", "email_verified": True}


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    """One provider for the tests of this file."""
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def provider(server: Provider, settings) -> Provider:
    """It vouches for Ada, and the settings name it."""
    server.says, server.info, server.broken = dict(ADA), None, False
    settings.OIDC_ISSUER, settings.OIDC_NAME = server.issuer, "Ward ID"
    app = {"provider_id": "sso", "name": "Ward ID", "client_id": CLIENT, "secret": SECRET}
    app["settings"] = {"server_url": server.issuer}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return server


def come_in(provider: Provider, client: Client | None = None, query: str = ""):
    """A browser that went to the provider and came back, and the answer it got then."""
    client = client or Client()
    led = client.get(reverse("single_sign_on") + query)
    return client, client.get(provider.sign_in(led.headers["Location"]))


def test_the_login_page_offers_it_only_when_it_is_set_up(settings):
    assert "Log in with" not in Client().get(reverse("login")).text
    assert [Client().get(reverse(name)).status_code for name in ("single_sign_on", "openid_connect_callback")] == [
        404,
        404,
    ]


def test_a_known_person_comes_in_and_goes_where_they_wanted(provider):
    ada = person(email="ada@ward.example")
    page = Client().get(reverse("login") + "?next=/profile/").text
    assert ("Log in with Ward ID" in page, 'href="/sso/?next=/profile/"' in page) == (True, True)
    with capture_logs() as written:
        client, answer = come_in(provider, query="?next=/profile/")
    assert (answer.headers["Location"], is_in(client)) == ("/profile/", True)
    assert list(SocialAccount.objects.values_list("user", "uid")) == [(ada.pk, "subject-1")]
    assert [(line["event"], line["username"]) for line in written] == [
        ("single sign-on linked", "ada"),
        ("signed in", "ada"),
    ]
    assert is_in(log_in()[0])  # the password still works


def test_afterwards_the_subject_counts_whatever_becomes_of_the_address(provider):
    person(email="ada@ward.example")
    come_in(provider)
    provider.says["email"] = "married@ward.example"
    assert is_in(come_in(provider)[0])


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"email": "who@else.example"}, "nobody here has the e-mail address who@else.example"),
        ({"email_verified": False}, "did not vouch for an e-mail address"),
        ({"email_verified": "false"}, "did not vouch for an e-mail address"),
        ({"email": ""}, "did not vouch for an e-mail address"),
    ],
)
def test_an_unknown_person_is_refused_told_what_to_do_and_gets_nothing(provider, said, words):
    person(email="ada@ward.example")
    provider.says |= said
    with capture_logs() as written:
        client, answer = come_in(provider)
    assert (answer.status_code, words in answer.text, is_in(client)) == (403, True, False)
    assert (User.objects.count(), SocialAccount.objects.count()) == (1, 0)
    assert [(line["event"], line["log_level"]) for line in written] == [("single sign-on refused", "warning")]


def test_a_provider_that_only_has_verified_addresses_need_not_say_so(provider, settings):
    settings.OIDC_TRUSTS_EMAIL = True
    person(email="ada@ward.example")
    del provider.says["email_verified"]
    assert is_in(come_in(provider)[0])


def test_an_address_that_was_given_to_somebody_new_does_not_bring_the_old_rights(provider):
    person(email="ada@ward.example")
    come_in(provider)
    provider.says["sub"] = "subject-2"
    client, answer = come_in(provider)
    assert (answer.status_code, "another account of Ward ID" in answer.text, is_in(client)) == (403, True, False)
    call_command("reset_sign_in", username="ada", single_sign_on=True)
    assert is_in(come_in(provider)[0])


def test_who_was_switched_off_stays_out(provider):
    ada = person(email="ada@ward.example")
    come_in(provider)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    client, answer = come_in(provider)
    assert (answer.headers["Location"], is_in(client)) == (reverse("account_inactive"), False)


def test_user_info_about_somebody_else_is_refused(provider):
    person(email="ada@ward.example")
    come_in(provider)
    provider.says, provider.info = {"sub": "other"}, dict(ADA)
    assert come_in(provider)[1].status_code == 403


@pytest.mark.parametrize("wrong", [{"iss": "https://evil.example"}, {"aud": "other"}, {"exp": 1}])
def test_a_token_for_another_place_or_time_opens_nothing(provider, wrong):
    person(email="ada@ward.example")
    provider.says |= wrong
    client, answer = come_in(provider)
    assert (answer.status_code, "That did not work" in answer.text, is_in(client)) == (401, True, False)


def test_an_answer_that_nobody_asked_for_opens_nothing(provider):
    person(email="ada@ward.example")
    led = Client().get(reverse("single_sign_on")).headers["Location"]
    stranger = Client()
    assert stranger.get(provider.sign_in(led)).status_code == 401
    assert is_in(stranger) is False


def test_a_provider_that_fails_is_admitted_and_written_down(provider):
    provider.broken = True
    with capture_logs() as written:
        answer = Client().get(reverse("single_sign_on"))
    assert (answer.status_code, "That did not work" in answer.text) == (401, True)
    assert [(line["event"], line["log_level"]) for line in written] == [("single sign-on failed", "warning")]


def test_cancelling_there_changes_nothing_here(provider):
    client = Client()
    led = client.get(reverse("single_sign_on")).headers["Location"]
    back = provider.sign_in(led).replace("code=good", "error=access_denied")
    answer = client.get(back, follow=True)
    assert "You did not log in" in answer.text


def test_nobody_links_a_subject_to_the_person_who_is_in(provider):
    person("eve")
    client, _ = log_in("eve")
    assert client.get(reverse("single_sign_on") + "?process=connect").status_code == 404
    assert SocialAccount.objects.count() == 0


def test_a_provider_in_the_database_does_not_count(provider):
    SocialApp.objects.create(provider="openid_connect", provider_id="sso", name="Planted", client_id="x")
    person(email="ada@ward.example")
    assert is_in(come_in(provider)[0])


@pytest.mark.parametrize(("trusted", "led_to"), [(False, "mfa_index"), (True, "control_tower")])
def test_a_provider_that_asks_for_a_second_factor_may_count_as_one(provider, settings, trusted, led_to):
    settings.SECOND_FACTOR_ROLES, settings.OIDC_HAS_SECOND_FACTOR = [Role.QA], trusted
    person("ada", make_site("oslo"), role=Role.QA, email="ada@ward.example")
    client, _ = come_in(provider)
    answer = client.get(reverse("control_tower"))
    assert (answer.status_code, answer.headers.get("Location", "/")) == (200 if trusted else 302, reverse(led_to))
    assert log_in()[0].get("/").headers["Location"] == reverse("mfa_index")  # by password it is still needed


@pytest.mark.parametrize(
    ("said", "always", "outcome"),
    [
        ({"id_token": {"sub": "1", "email": " A@b.example ", "email_verified": "true"}}, False, ("a@b.example", "")),
        ({"id_token": {"sub": "1", "email": "a@b.example"}}, True, ("a@b.example", "")),
        ({"id_token": {"sub": "1", "email": "a@b.example"}}, False, ("", NOT_VERIFIED)),
        ({"id_token": {"sub": "1"}, "userinfo": {"sub": "1"}}, True, ("", NO_EMAIL)),
        ({"id_token": {"sub": "1"}, "userinfo": {"sub": "2", "email": "a@b.example"}}, True, ("", CONTRADICTION)),
        ({"userinfo": {"sub": "1", "email": "a@b.example"}}, True, ("", CONTRADICTION)),
        # Each part vouches for its own address only.
        (
            {"id_token": {"sub": "1", "email_verified": True}, "userinfo": {"sub": "1", "email": "a@b.example"}},
            False,
            ("", NOT_VERIFIED),
        ),
    ],
)
def test_which_address_counts(said, always, outcome):
    assert asserted_email(said, always_verified=always) == outcome
