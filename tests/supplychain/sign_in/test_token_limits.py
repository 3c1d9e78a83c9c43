"""Wrong client credentials at the token address are limited, and lock nobody else out."""

import base64
import json

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client
from structlog.testing import capture_logs

from supplychain.systems.actions import create_source
from supplychain.systems.statuses import SourceKind
from tests.supplychain.builders import make_site
from tests.supplychain.sign_in.visitors import _forgetful  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
ADDRESS = "/oauth/token/"


def ask(client_id: str, secret: str, **more: str):
    word = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    given = {"grant_type": "client_credentials"}
    return Client().post(ADDRESS, given, HTTP_AUTHORIZATION=f"Basic {word}", **more)


@pytest.fixture
def credentials() -> tuple[str, str]:
    """Of a hospital's system."""
    make_site("oslo")
    made = create_source(code="ehr", name="EHR", kind=SourceKind.HOSPITAL, sites=["oslo"], by=None)
    return made.client_id, made.client_secret


def test_wrong_secrets_are_refused_then_put_off(credentials):
    client_id, secret = credentials
    with capture_logs() as written:
        statuses = [ask(client_id, "wrong").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    late = ask(client_id, secret)
    assert (late.status_code, late.headers["Retry-After"], json.loads(late.content)["error"]) == (
        429,
        "60",
        "too_many_requests",
    )
    assert {(line["event"], line["log_level"], line["client"]) for line in written} == {
        ("token refused", "warning", client_id)
    }
    assert secret not in str(written)


def test_another_address_and_another_system_are_not_locked_out(credentials):
    client_id, secret = credentials
    for _ in range(10):
        ask(client_id, "wrong")
    assert ask(client_id, secret, REMOTE_ADDR="192.0.2.7").status_code == 200
    assert ask("somebody-else", "wrong").status_code == 401


@pytest.mark.parametrize("named", ["", "somebody-else", "some\0body"])
def test_every_wrong_secret_costs_one_hash(credentials, monkeypatch, named):
    """Whether there is such a client: the same work, so that the time of the answer does not tell."""
    hashes = []
    encode = type(get_hasher()).encode
    monkeypatch.setattr(type(get_hasher()), "encode", lambda *args, **given: hashes.append(1) or encode(*args, **given))
    assert ask(named or credentials[0], "wrong").status_code == 401
    assert len(hashes) == 1


def test_right_credentials_are_not_counted(credentials):
    assert {ask(*credentials).status_code for _ in range(12)} == {200}


def test_an_address_that_tries_many_clients_is_put_off():
    statuses = [ask(f"guess-{number}", "wrong").status_code for number in range(61)]
    assert statuses == [401] * 60 + [429]


@pytest.mark.parametrize("header", ["Basic !!!", "Basic", "Basic /////w=="])
def test_nonsense_in_the_header_is_refused(header):
    answer = Client().post(ADDRESS, {"grant_type": "client_credentials"}, HTTP_AUTHORIZATION=header)
    assert answer.status_code == 401
