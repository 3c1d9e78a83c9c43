"""Second factors: an authenticator app, recovery codes, who needs one, and how one gets back in without."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from supplychain.people.models import User
from supplychain.people.statuses import Role
from tests.supplychain.builders import T0, make_site
from tests.supplychain.sign_in.visitors import PASSWORD, _forgetful, code_of, is_in, log_in, person  # noqa: F401

# Signals and messages of a second factor come on commit.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_forgetful")]
CHALLENGE = "mfa_authenticate"


def set_up_app(client: Client) -> str:
    """Set up an authenticator app as a person does; returns its key."""
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert done.headers["Location"] == reverse("mfa_view_recovery_codes")
    return secret


@pytest.fixture
def secret() -> str:
    """Ada with an app, as she left the page where she set it up."""
    person(email="ada@ward.example")
    client, _ = log_in()
    return set_up_app(client)


def test_a_password_alone_leads_to_the_question_for_the_code(secret):
    client, answer = log_in()
    assert (answer.headers["Location"], is_in(client)) == (reverse(CHALLENGE), False)
    done = client.post(reverse(CHALLENGE), {"code": code_of(secret, steps=1)})
    assert (done.headers["Location"], is_in(client)) == (reverse("start"), True)


def test_the_way_on_is_kept_over_the_second_question(secret):
    client = Client()
    given = {"login": "ada", "password": PASSWORD, "next": "/profile/"}
    client.post(reverse("login"), given)
    assert client.post(reverse(CHALLENGE), {"code": code_of(secret)}).headers["Location"] == "/profile/"


def test_a_code_works_once(secret):
    code = code_of(secret, steps=1)
    first, second = log_in()[0], log_in()[0]
    assert first.post(reverse(CHALLENGE), {"code": code}).status_code == 302
    answer = second.post(reverse(CHALLENGE), {"code": code})
    assert ("the code is wrong or was used before" in answer.text, is_in(second)) == (True, False)


def test_wrong_codes_are_limited_and_written_down(secret):
    client, _ = log_in()
    with capture_logs() as written:
        for _ in range(5):
            client.post(reverse(CHALLENGE), {"code": "000000"})
    assert "Too many wrong attempts." in client.post(reverse(CHALLENGE), {"code": code_of(secret, steps=1)}).text
    line = {"event": "second factor failed", "log_level": "warning", "username": "ada", "kind": "totp"}
    assert written == [line | {"address": "127.0.0.1"}] * 5


def test_a_recovery_code_opens_once_and_leaves_a_warning(secret):
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    client, _ = log_in()
    with capture_logs() as written:
        client.post(reverse(CHALLENGE), {"code": codes[0]})
    assert is_in(client)
    assert [line["log_level"] for line in written if line["event"] == "second factor used"] == ["warning"]
    again, _ = log_in()
    again.post(reverse(CHALLENGE), {"code": codes[0]})
    assert (len(codes), is_in(again)) == (10, False)


def test_setting_up_and_removing_is_written_down_and_told_by_mail(secret):
    client, _ = log_in()
    client.post(reverse(CHALLENGE), {"code": code_of(secret, steps=1)})
    with capture_logs() as written:
        assert client.post(reverse("mfa_deactivate_totp")).headers["Location"] == reverse("mfa_index")
    kinds = {(line["event"], line["kind"], line["log_level"]) for line in written}
    assert kinds == {("second factor removed", kind, "warning") for kind in ("totp", "recovery_codes")}
    assert [letter.subject for letter in mail.outbox] == [
        "CellOps: An authenticator app was set up",
        "CellOps: An authenticator app was removed",
    ]
    assert (Authenticator.objects.count(), secret in mail.outbox[0].body) == (0, False)


def test_an_old_login_is_asked_again_before_it_changes_a_second_factor(time_machine):
    time_machine.move_to(T0, tick=False)
    person()
    client, _ = log_in()
    assert client.get(reverse("mfa_activate_totp")).status_code == 200
    time_machine.shift(301)
    answer = client.get(reverse("mfa_activate_totp"))
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    wrong = client.post(answer.headers["Location"], {"password": "wrong"})
    assert "This is not your password." in wrong.text
    assert client.post(answer.headers["Location"], {"password": PASSWORD}).headers["Location"] == reverse(
        "mfa_activate_totp"
    )
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_nobody_touches_the_keys_of_another(secret):
    eve, _ = log_in(person("eve").username)
    key = Authenticator.objects.create(
        user=User.objects.get(username="ada"), type=Authenticator.Type.WEBAUTHN, data={"name": "blue", "credential": {}}
    )
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert eve.post(reverse(name, args=[key.pk])).status_code == 404
    assert eve.get(reverse("mfa_view_recovery_codes")).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_whose_role_needs_a_second_factor_sets_one_up_before_anything_else(settings):
    settings.SECOND_FACTOR_ROLES = [Role.ADMINISTRATOR]
    oslo = make_site("oslo")
    person("boss", oslo, role=Role.ADMINISTRATOR), person("ada", oslo)
    boss, _ = log_in("boss")
    pages = ["control_tower", "profile", "account_change_password"]
    assert [boss.get(reverse(name)).headers["Location"] for name in pages] == [reverse("mfa_index")] * 3
    assert boss.get("/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == reverse("mfa_index")
    assert boss.get("/api/v1/orders/").json()["status"] == 403
    assert "Your role needs a second factor" in boss.get(reverse("mfa_index")).text
    assert log_in("ada")[0].get("/").status_code == 200
    set_up_app(boss)
    assert boss.get("/").status_code == 200


def test_who_may_open_the_administration_counts_as_an_administrator(settings):
    settings.SECOND_FACTOR_ROLES = [Role.ADMINISTRATOR]
    user = person("root")
    user.is_superuser = True
    user.save()
    assert log_in("root")[0].get("/").headers["Location"] == reverse("mfa_index")


def test_the_requirement_costs_nobody_else_a_query(settings, django_assert_num_queries):
    settings.SECOND_FACTOR_ROLES = [Role.ADMINISTRATOR]
    person("ada", make_site("oslo"))
    client, _ = log_in()
    client.get(reverse("find_order"))
    with django_assert_num_queries(4):  # session, person, their sites, whether there are others
        client.get(reverse("find_order"))


def test_a_lost_phone_is_forgotten_by_command_and_ends_the_sessions(secret):
    client, _ = log_in()
    client.post(reverse(CHALLENGE), {"code": code_of(secret, steps=1)})
    out = StringIO()
    with capture_logs() as written:
        call_command("reset_sign_in", username="ada", single_sign_on=True, stdout=out)
    assert "ada: 2 second factors and recovery codes forgotten" in out.getvalue()
    assert [line["by"] for line in written] == ["a command"]
    assert is_in(client) is False
    assert is_in(log_in()[0])


def test_the_command_says_when_there_is_nobody():
    with pytest.raises(CommandError, match="Nobody is called"):
        call_command("reset_sign_in", username="nobody")
