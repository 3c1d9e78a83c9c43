"""Reporting systems in the administration: their secrets and rights."""

import pytest
from django.test import Client
from django.urls import reverse
from oauth2_provider.models import get_access_token_model

from supplychain.audit.trails import trail_of
from supplychain.systems.models import SourceSystem
from tests.supplychain.administration.forms import WHY, address, change

pytestmark = pytest.mark.django_db


def add_source(client: Client, world, **given):
    values = {"code": "mes", "name": "MES", "kind": "plant", "sites": [world.plant.pk], "reason": WHY} | given
    return client.post(address("supplychain_sourcesystem", "add"), values)


def token_status(client_id: str, secret: str) -> int:
    data = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return Client().post(reverse("oauth_token"), data).status_code


def test_a_form_asks_to_choose_a_kind(boss):
    page = boss.get(address("supplychain_sourcesystem", "add")).text
    assert ("Choose a kind" in page, "---------" in page) == (True, False)


def test_the_secret_of_a_source_is_shown_once(world, boss):
    answer = add_source(boss, world)
    made = answer.context["made"]
    assert answer.content.decode().count(made.client_secret) == 1
    assert "no-store" in answer.headers["Cache-Control"]
    assert token_status(made.client_id, made.client_secret) == 200
    page = boss.get(address("supplychain_sourcesystem", "change", made.source)).content.decode()
    assert made.client_id in page
    assert made.client_secret not in page
    assert made.client_secret not in boss.get(reverse("admin:audit_trail")).content.decode()


def test_a_new_secret_ends_the_old_one_and_is_kept_with_its_reason(world, boss):
    made = add_source(boss, world).context["made"]
    url = address("supplychain_sourcesystem", "rotate", made.source)
    for reason in (" ", "ok"):
        assert list(boss.post(url, {"reason": reason}).context["form"].errors) == ["reason"]
    assert token_status(made.client_id, made.client_secret) == 200
    new = boss.post(url, {"reason": "The old one was mailed"}).context["made"]
    assert token_status(made.client_id, made.client_secret) == 401
    assert token_status(new.client_id, new.client_secret) == 200
    kept = trail_of(made.source, size=1)[0]
    assert (kept.action, kept.reason) == ("rotate secret", "The old one was mailed")
    assert [d.field for d in kept.differences] == ["secret set at"]


def test_a_source_that_is_switched_off_loses_its_tokens_and_its_rights_are_kept(world, boss):
    made = add_source(boss, world).context["made"]
    token_status(made.client_id, made.client_secret)
    url = address("supplychain_sourcesystem", "change", made.source)
    sites = [world.plant.pk, world.oslo.pk]
    assert change(boss, url, is_active=False, sites=sites, scopes=["orders:read"]).status_code == 302
    source = SourceSystem.objects.get(pk=made.source.pk)
    assert (source.is_active, source.scopes, source.sites.count()) == (False, ["orders:read"], 2)
    assert get_access_token_model().objects.count() == 0
    page = boss.get(reverse("admin:audit_trail"), {"table": "sourcesite"})
    given = [[d.new for d in c.differences] for c in page.context["changes"] if c.kind == "Added"]
    assert [words for words in given if words[0] == "MES"] == [["MES", "Oslo"], ["MES", "Plant"]]
