"""From the invitation to a second factor and in; and nobody outside can put anything in somebody's way."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from django.urls import reverse

from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.supplychain.administration.forms import WHY, AdminWorld, address, browser
from tests.supplychain.builders import make_site
from tests.supplychain.sign_in.visitors import PASSWORD, _forgetful, code_of, is_in, log_in, person  # noqa: F401

# The invitation and the messages of a second factor go on commit.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_forgetful")]
EMAIL, NEW = "kari@ward.example", "another long word"


def invite() -> None:
    """An administrator adds Kari, a coordinator of Oslo, who gets the mail."""
    world = AdminWorld()
    data = {
        "username": "kari", "first_name": "Kari", "last_name": "Nordmann", "email": EMAIL, "role": "site_coordinator",
        "with_password": "on", "reason": WHY, "sites": [world.oslo.pk],
    }  # fmt: skip
    assert browser(world.local).post(address("supplychain_user", "add"), data).status_code == 302


def open_link(mail) -> Client:
    """Follow the link of a mail and set a password."""
    client = Client()
    link = urlsplit(re.search(r"https?://\S+/password/new/\S+", mail.body)[0]).path
    form = client.get(link).headers["Location"]
    done = client.post(form, {"password1": NEW, "password2": NEW})
    assert done.headers["Location"] == reverse("account_reset_password_from_key_done")
    return client


def set_up_app(client: Client) -> str:
    """Set up an authenticator app; returns its key."""
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    return secret


@pytest.mark.parametrize("required", [[], [Role.SITE_COORDINATOR]], ids=["free", "required"])
def test_from_the_invitation_to_an_app_and_in(settings, mailoutbox, required):
    settings.SECOND_FACTOR_ROLES = required
    invite()
    open_link(mailoutbox[0])
    client, answer = log_in("kari", NEW)
    assert answer.headers["Location"] == reverse("start")
    led_aside = client.get(reverse("site")).headers.get("Location", "") == reverse("mfa_index")
    assert led_aside is bool(required)
    secret = set_up_app(client)
    again, _ = log_in("kari", NEW)
    assert is_in(again) is False
    again.post(reverse("mfa_authenticate"), {"code": code_of(secret, steps=1)})
    assert is_in(again)


def test_whoever_asks_for_the_password_of_another_puts_nothing_in_their_way(settings):
    settings.SECOND_FACTOR_ROLES = [Role.OPERATIONS]
    person("ada", make_site("oslo"), email="ada@ward.example")
    Client().post(reverse("account_reset_password"), {"email": "ada@ward.example"})
    client, _ = log_in()
    set_up_app(client)
    assert client.get("/").status_code == 200


def test_who_was_shut_out_before_gets_in():
    user = person("ada", email="ada@ward.example")
    EmailAddress.objects.create(user=user, email="ada@ward.example", verified=False)
    set_up_app(log_in()[0])


def test_an_address_stands_on_the_person_alone(mailoutbox):
    """An address that was replaced opens nothing: no row of another table keeps it."""
    person("ada", email="old@ward.example")
    Client().post(reverse("account_reset_password"), {"email": "old@ward.example"})
    open_link(mailoutbox[0])
    log_in("old@ward.example", NEW)
    assert EmailAddress.objects.count() == 0
    User.objects.filter(username="ada").update(email="new@ward.example")
    Client().post(reverse("account_reset_password"), {"email": "old@ward.example"})
    assert "/password/new/" not in mailoutbox[-1].body
    assert not is_in(log_in("old@ward.example", NEW)[0])


def test_a_link_to_the_old_address_ends_with_the_address(mailoutbox):
    person("ada", email="old@ward.example")
    Client().post(reverse("account_reset_password"), {"email": "old@ward.example"})
    User.objects.filter(username="ada").update(email="new@ward.example")
    link = urlsplit(re.search(r"https?://\S+/password/new/\S+", mailoutbox[0].body)[0]).path
    assert "password1" not in Client().get(link, follow=True).text


@pytest.mark.parametrize("name", ["ada", "ada@ward.example", "nobody", "nobody@ward.example", "off", "sso"])
def test_every_wrong_password_costs_one_hash(monkeypatch, name):
    """Whether somebody is known, by name or address, switched off or without a password: the same work."""
    person("ada", email="ada@ward.example")
    off, sso = person("off"), person("sso")
    off.is_active = False
    off.save()
    sso.set_unusable_password()
    sso.save()
    hashes = []
    encode = type(get_hasher()).encode
    monkeypatch.setattr(type(get_hasher()), "encode", lambda *args, **given: hashes.append(1) or encode(*args, **given))
    log_in(name, f"not {PASSWORD}")
    assert len(hashes) == 1
