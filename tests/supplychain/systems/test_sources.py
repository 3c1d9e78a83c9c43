"""Reporting systems: their clients, what a token may carry, and the command that makes them."""

import json
from base64 import b64encode
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher
from django.core.management import CommandError, call_command
from django.test import Client
from oauth2_provider.models import get_access_token_model, get_application_model

from supplychain.audit.refusals import Refused
from supplychain.rest.scopes import SourceScopes
from supplychain.systems.actions import (
    USUAL_REPORTS,
    USUAL_SCOPES,
    SourceCredentials,
    change_source,
    create_source,
    deactivate_source,
    rotate_secret,
)
from supplychain.systems.models import SourceSystem
from supplychain.systems.statuses import SourceKind
from tests.supplychain.builders import make_site

pytestmark = pytest.mark.django_db


def make(code: str = "hospital-oslo", **given) -> SourceCredentials:
    words = {"name": "Oslo record", "kind": SourceKind.HOSPITAL, "sites": ["oslo"], "by": None} | given
    return create_source(code=code, **words)


@pytest.fixture(autouse=True)
def sites():
    return make_site("oslo"), make_site("plant")


def ask_for_token(made: SourceCredentials, **fields) -> tuple[int, dict]:
    basic = b64encode(f"{made.client_id}:{made.client_secret}".encode()).decode()
    answer = Client().post(
        "/oauth/token/", {"grant_type": "client_credentials"} | fields, headers={"Authorization": f"Basic {basic}"}
    )
    return answer.status_code, answer.json()


def test_a_source_has_a_confidential_client_of_its_own():
    made = make(sites=["plant", "oslo"], scopes=["orders:read", "events:write"])
    source = SourceSystem.objects.get(code="hospital-oslo")
    client = source.application
    assert (client.client_type, client.authorization_grant_type) == ("confidential", "client-credentials")
    assert (client.client_id, client.name) == (made.client_id, "Oslo record")
    assert source.scopes == ["orders:read", "events:write", *USUAL_REPORTS[SourceKind.HOSPITAL]]
    assert [site.code for site in source.sites.all()] == ["oslo", "plant"]


def test_the_secret_is_shown_once_and_kept_as_a_hash(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]  # as cellops/settings.py has it
    made = make()
    stored = get_application_model().objects.get(client_id=made.client_id).client_secret
    assert made.client_secret not in stored
    assert identify_hasher(stored).algorithm == "scrypt"


def test_without_scopes_a_source_gets_the_usual_ones_of_its_kind():
    for kind in SourceKind:
        assert make(f"one-{kind}", name=f"The {kind}", kind=kind).source.scopes == list(USUAL_SCOPES[kind])


ALL = ", ".join(settings.OAUTH2_PROVIDER["SCOPES"])
REFUSED = [
    ({"sites": ["oslo", "tromso"]}, {"sites": "unknown: tromso. Known sites: oslo, plant."}),
    ({"sites": []}, {"sites": "name at least one site: a source sees and writes only its sites' orders."}),
    ({"code": "Two words"}, {"code": "Use only letters without accents, digits, “-” and “_”; no blanks."}),
    ({"name": ""}, {"name": "“Name” is missing: enter it."}),
    ({"kind": "spaceship"},
     {"kind": f"“spaceship” cannot be chosen here: choose one of {', '.join(SourceKind.values)}."}),
    ({"scopes": []}, {"scopes": f"name at least one of {ALL}."}),
    ({"scopes": ["all"]}, {"scopes": f"unknown: all. Known scopes: {ALL}."}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "errors"), REFUSED, ids=[str(given) for given, _ in REFUSED])
def test_a_source_that_cannot_be_is_refused_and_leaves_no_client(given, errors):
    with pytest.raises(Refused) as refusal:
        make(**given)
    assert refusal.value.errors == errors
    assert (SourceSystem.objects.count(), get_application_model().objects.count()) == (0, 0)


def test_a_code_names_one_source():
    make()
    with pytest.raises(Refused) as refusal:
        make(name="Another record")
    assert refusal.value.errors == {"code": "There is one with this Code already: use another, or open that one."}


@pytest.mark.parametrize("name", ["Oslo record", "oslo  RECORD", "0slo record"])
def test_no_two_systems_are_called_alike_even_once_one_is_switched_off(name):
    first = make(name="Oslo record").source
    SourceSystem.objects.update(is_active=False)
    with pytest.raises(Refused) as refusal:
        make(code="other", name=name)
    assert "add whose it is" in refusal.value.errors["name"]
    other = make(code="other", name="Bergen record").source
    given = {"sites": ["oslo"], "scopes": ["orders:read"], "is_active": True, "reason": "Another name.", "by": None}
    with pytest.raises(Refused):
        change_source(other, name=name, **given)
    assert change_source(first, name="Oslo record", **given).name == "Oslo record"


def test_a_token_carries_the_scopes_of_its_source():
    made = make(scopes=["events:write", "events:custody", "orders:read"])
    status, answer = ask_for_token(made)
    assert (status, answer["token_type"]) == (200, "Bearer")
    assert answer["scope"] == "events:write events:custody orders:read"


def test_what_a_system_may_report_can_be_said_one_by_one():
    assert make(scopes=["events:write", "events:infusion"]).source.scopes == ["events:write", "events:infusion"]
    assert make("reader", name="Reader", scopes=["orders:read"]).source.scopes == ["orders:read"]


def test_a_client_may_ask_for_fewer_scopes():
    assert ask_for_token(make(), scope="orders:read")[1]["scope"] == "orders:read"


def test_a_client_is_never_granted_a_scope_that_its_source_lacks():
    made = make(scopes=["events:write"])
    assert ask_for_token(made, scope="events:write orders:read") == (400, {"error": "invalid_scope"})
    assert get_access_token_model().objects.count() == 0


def test_a_wrong_secret_gets_no_token():
    made = make()
    wrong = SourceCredentials(made.source, made.client_id, "wrong")
    assert ask_for_token(wrong) == (401, {"error": "invalid_client"})


def test_a_deactivated_source_gets_no_token_and_loses_those_it_has():
    made = make()
    assert ask_for_token(made)[0] == 200
    deactivate_source(made.source, by=None)
    assert get_access_token_model().objects.count() == 0
    status, answer = ask_for_token(made)
    assert (status, answer["error"]) == (400, "unauthorized_client")
    assert ask_for_token(made, scope="events:write") == (400, {"error": "invalid_scope"})


def test_a_client_without_a_source_gets_no_token():
    made = make()
    SourceSystem.objects.update(application=None)
    assert ask_for_token(made)[1]["error"] == "unauthorized_client"


def test_all_scopes_are_told_where_no_client_is_named():
    assert SourceScopes().get_available_scopes() == list(SourceScopes().get_all_scopes())


def test_a_new_secret_ends_the_old_one_and_its_tokens():
    old = make()
    other = make("other", name="Other")
    ask_for_token(old)
    ask_for_token(other)
    new = rotate_secret(old.source, by=None)
    assert new.client_id == old.client_id
    assert ask_for_token(old) == (401, {"error": "invalid_client"})
    assert [token.application.client_id for token in get_access_token_model().objects.all()] == [other.client_id]
    assert ask_for_token(new)[0] == 200


def test_a_source_without_a_client_has_no_secret_to_renew():
    source = SourceSystem.objects.create(code="hand", name="By hand", kind=SourceKind.LOGGER)
    with pytest.raises(Refused, match="hand has no OAuth client"):
        rotate_secret(source, by=None)


def run(*words: str) -> str:
    out = StringIO()
    call_command("create_source", *words, stdout=out)
    return out.getvalue()


def test_the_command_prints_json_and_nothing_else():
    printed = run("--code", "mes", "--kind", "plant", "--sites", "plant, oslo", "--scopes", "events:write,orders:read")
    answer = json.loads(printed)
    client = SourceSystem.objects.get(code="mes").application
    assert client.client_id == answer["client_id"]
    assert (
        ask_for_token(SourceCredentials(SourceSystem.objects.get(), client.client_id, answer["client_secret"]))[0]
        == 200
    )
    assert answer | {"client_id": "", "client_secret": ""} == {
        "client_id": "",
        "client_secret": "",
        "code": "mes",
        "scopes": ["events:write", "orders:read", *USUAL_REPORTS[SourceKind.PLANT]],
        "sites": ["oslo", "plant"],
    }


def test_the_command_takes_the_only_site_there_is(sites):
    with pytest.raises(CommandError, match="Known sites: oslo, plant"):
        run("--code", "ehr")
    sites[1].delete()
    assert json.loads(run("--code", "ehr"))["sites"] == ["oslo"]


def test_the_command_names_the_known_sites():
    with pytest.raises(CommandError) as refusal:
        run("--code", "ehr", "--sites", "tromso")
    assert str(refusal.value) == "sites: unknown: tromso. Known sites: oslo, plant."
