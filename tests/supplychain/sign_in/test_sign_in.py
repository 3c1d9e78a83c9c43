"""Signing in with a password: who gets in, what is limited, what is written down, and what happens without Valkey."""

import re

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import caches
from django.template.loader import get_template
from django.test import Client
from django.urls import NoReverseMatch, reverse
from structlog.testing import capture_logs

from supplychain.people.models import User
from supplychain.sign_in import cache as steady
from supplychain.sign_in.cache import SteadyCache
from supplychain.sign_in.urls import urlpatterns
from tests.supplychain.sign_in.visitors import PASSWORD, _forgetful, is_in, log_in, person  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@ward.example", "Ada@Ward.Example"])
def test_a_person_signs_in_by_user_name_or_address(name):
    person(email="ada@ward.example")
    client, answer = log_in(name)
    assert (answer.headers["Location"], is_in(client)) == (reverse("start"), True)


def test_nobody_comes_in_with_a_wrong_password_and_both_cases_look_the_same():
    person()
    answers = [log_in(name, "wrong")[1] for name in ("ada", "nobody")]
    words = "User name and password do not belong together."
    assert [(answer.status_code, words in answer.text) for answer in answers] == [(200, True), (200, True)]


def test_who_was_switched_off_learns_it_with_the_right_password_only():
    user = person()
    user.is_active = False
    user.save()
    client, answer = log_in()
    assert (answer.headers["Location"], is_in(client)) == (reverse("account_inactive"), False)
    assert log_in(password="wrong")[1].status_code == 200


def test_a_name_is_blocked_after_five_wrong_passwords_also_for_the_right_one():
    person(), person("eve")
    for _ in range(5):
        log_in(password="wrong")
    client, answer = log_in()
    assert ("Too many wrong attempts." in answer.text, is_in(client)) == (True, False)
    assert is_in(log_in("eve")[0])


def test_right_passwords_do_not_count_as_attempts():
    person()
    assert [is_in(log_in()[0]) for _ in range(8)] == [True] * 8


def test_an_address_is_blocked_after_twenty_wrong_passwords_of_whatever_names():
    person()
    for number in range(20):
        log_in(f"guess-{number}", "wrong")
    assert "Too many wrong attempts." in log_in()[1].text
    assert is_in(log_in(REMOTE_ADDR="192.0.2.7")[0])


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.9"), (2, "198.51.100.4")])
def test_the_address_is_what_our_own_proxies_say(settings, proxies, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    person()
    with capture_logs() as written:
        log_in(password="wrong", HTTP_X_FORWARDED_FOR="192.0.2.1, 198.51.100.4, 203.0.113.9")
    assert written == [{"event": "sign-in failed", "log_level": "warning", "username": "ada", "address": address}]


def test_the_log_says_who_came_in_and_who_was_blocked():
    person()
    with capture_logs() as written:
        client, _ = log_in()
        client.post(reverse("logout"))
        for _ in range(6):
            log_in(password="wrong")
    assert [(line["event"], line["log_level"]) for line in written] == [
        ("signed in", "info"),
        ("signed out", "info"),
        *[("sign-in failed", "warning")] * 5,
        ("sign-in blocked", "warning"),
    ]
    assert {(line["username"], line["address"]) for line in written} == {("ada", "127.0.0.1")}


def test_what_was_typed_is_not_written_down_where_it_is_no_name():
    person()
    with capture_logs() as written:
        log_in(PASSWORD, "ada")
    assert [line["username"] for line in written] == ["(nobody of this name)"]


def test_without_valkey_people_get_in_and_guessing_is_still_limited(settings, monkeypatch, caplog):
    person()
    away = SteadyCache("redis://127.0.0.1:1/0", settings.CACHES["default"])
    monkeypatch.setattr(caches._connections, "default", away, raising=False)
    away._memory.clear()
    assert is_in(log_in()[0])
    for _ in range(5):
        log_in(password="wrong")
    assert "Too many wrong attempts." in log_in()[1].text
    said = [record for record in caplog.records if record.name == steady.__name__]
    assert [(len(said), said[0].levelname)] == [(1, "WARNING")]
    assert "Valkey does not answer" in said[0].getMessage()


def test_when_valkey_is_back_it_is_asked_again(settings, monkeypatch):
    cache = SteadyCache("redis://127.0.0.1:1/0", settings.CACHES["default"])
    cache.set("colour", "blue")
    monkeypatch.setattr(cache, "_valkey", SteadyCache(settings.REDIS_URL, settings.CACHES["default"])._valkey)
    assert cache.get("colour") == "blue"
    monkeypatch.setattr(cache, "_away_until", 0.0)
    assert (cache.get("colour"), cache.add("colour", "red"), cache.delete("colour")) == (None, True, True)


def test_the_cache_never_empties_valkey():
    with pytest.raises(NotImplementedError):
        SteadyCache(settings.REDIS_URL, {}).clear()


def test_nobody_signs_up_and_unused_pages_do_not_exist():
    for name in ("account_signup", "account_email", "socialaccount_connections", "socialaccount_signup"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert Client().get("/accounts/signup/").status_code == 404


def test_signing_out_needs_a_post():
    person()
    client, _ = log_in()
    assert (client.get(reverse("logout")).status_code, is_in(client)) == (405, True)
    assert (client.post(reverse("logout")).headers["Location"], is_in(client)) == (reverse("login"), False)


def test_a_forgotten_password_is_replaced_by_mail_and_ends_every_session():
    user = person(email="ada@ward.example")
    elsewhere, _ = log_in()
    client = Client()
    sent = client.post(reverse("account_reset_password"), {"email": "ADA@ward.example"})
    assert sent.headers["Location"] == reverse("account_reset_password_done")
    [letter] = mail.outbox
    assert (letter.to, letter.subject, "user name ada" in letter.body) == (
        ["ada@ward.example"],
        "CellOps: A new password",
        True,
    )
    [link] = re.findall(r"http://testserver(/\S+)", letter.body)
    form = client.get(link, follow=True)
    assert form.redirect_chain[-1][0].endswith("-set-password/")
    new = "another fine passphrase"
    done = client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert done.headers["Location"] == reverse("account_reset_password_from_key_done")
    user.refresh_from_db()
    assert (user.check_password(new), is_in(elsewhere), is_in(client)) == (True, False, False)
    assert "This link no longer works" in Client().get(link).text
    assert [letter.subject for letter in mail.outbox[1:]] == ["CellOps: Your password was changed"]


def test_an_unknown_address_gets_a_mail_too_and_the_same_answer():
    answer = Client().post(reverse("account_reset_password"), {"email": "who@else.example"})
    assert answer.headers["Location"] == reverse("account_reset_password_done")
    assert [("Nobody there has this address" in letter.body, "signup" in letter.body) for letter in mail.outbox] == [
        (True, False)
    ]


def test_who_signs_in_elsewhere_gets_no_password_by_mail():
    user = person(email="ada@ward.example")
    user.set_unusable_password()
    user.save()
    Client().post(reverse("account_reset_password"), {"email": "ada@ward.example"})
    assert ["You have no password there" in letter.body for letter in mail.outbox] == [True]


def test_mail_that_cannot_be_sent_is_admitted(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    person(email="ada@ward.example")
    answer = Client().post(reverse("account_reset_password"), {"email": "ada@ward.example"})
    assert (answer.status_code, "The e-mail could not be sent" in answer.text) == (503, True)


def test_a_changed_password_ends_the_other_sessions_and_is_kept_though_no_mail_can_be_sent(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    person(email="ada@ward.example")
    (here, _), (elsewhere, _) = log_in(), log_in()
    new = "another fine passphrase"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), given).headers["Location"] == reverse("profile")
    assert (is_in(here), is_in(elsewhere)) == (True, False)
    assert is_in(log_in(password=new)[0])


def test_a_weak_password_is_refused_with_the_reason():
    person()
    client, _ = log_in()
    given = {"oldpassword": PASSWORD, "password1": "password", "password2": "password"}
    answer = client.post(reverse("account_change_password"), given)
    assert "too common" in answer.text
    assert User.objects.get().check_password(PASSWORD)


def test_every_page_of_signing_in_is_in_our_own_words():
    """allauth's own templates lie below its package; none that a reachable view names may be found there."""
    views = [getattr(pattern.callback, "view_class", None) for pattern in urlpatterns]
    names = {getattr(view, "template_name", None) for view in views}
    # Logging out has no page: by POST only.
    found = {name: get_template(name).origin.name for name in names - {None, "account/logout.html"}}
    assert len(found) > 15
    assert {name: origin for name, origin in found.items() if "allauth" in origin} == {}
