"""Of a token the database keeps the checksum; what has expired goes; there is one way to a token."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from oauth2_provider.checks import validate_bcp_configuration, validate_token_configuration
from oauth2_provider.models import AccessToken, Application

from cellops.schedule import SCHEDULE
from supplychain.sign_in.tasks import forget_expired_sign_ins
from supplychain.systems.actions import create_source
from supplychain.systems.statuses import SourceKind
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def credentials() -> dict[str, str]:
    make_site("oslo")
    made = create_source(code="ehr", name="EHR", kind=SourceKind.HOSPITAL, sites=["oslo"], by=None)
    return {"client_id": made.client_id, "client_secret": made.client_secret}


def test_a_token_works_and_is_not_kept(credentials):
    answer = Client().post("/oauth/token/", credentials | {"grant_type": "client_credentials"})
    token = answer.json()["access_token"]
    assert Client().get("/api/v1/orders/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    kept = AccessToken.objects.values().get()
    assert (kept["token"], token in str(kept)) == ("", False)


@pytest.mark.parametrize(
    "grant",
    ["password", "authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "implicit", ""],
)
def test_other_grants_are_refused_whatever_the_client_was_set_up_for(credentials, grant):
    make_user("ada")
    Application.objects.update(authorization_grant_type="password")
    more = {"username": "ada", "password": "a long enough word", "code": "x", "refresh_token": "x", "device_code": "x"}
    answer = Client().post("/oauth/token/", credentials | more | {"grant_type": grant})
    error = "unsupported_grant_type" if grant else "invalid_request"
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not AccessToken.objects.exists()


def test_the_toolkit_finds_nothing_against_best_practice():
    assert [*validate_bcp_configuration(None), *validate_token_configuration(None)] == []


def test_what_has_expired_goes_every_night(credentials):
    application = Application.objects.get()
    now = timezone.now()
    for days in (-1, 1):
        AccessToken.objects.create(
            application=application, token=f"t{days}", expires=now + timedelta(days=days), scope="orders:read"
        )
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for seconds in (-5, 500):
        session = store()
        session.set_expiry(seconds)
        session.save()
    forget_expired_sign_ins()
    assert (AccessToken.objects.count(), Session.objects.count()) == (1, 1)
    assert SCHEDULE["forget-expired-sign-ins"]["task"] == forget_expired_sign_ins.name
