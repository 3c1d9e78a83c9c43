"""Every address denies those who have no right there: nobody signed in, and a stranger from another site."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from batches.models import Flag
from batches.statuses import FlagCode, Severity
from supplychain.models import Site
from tests.supplychain.builders import World, at, make_user

# Open to all: signing in, the health check, and the description of the REST interface. The token address answers 4xx
# without credentials; the last one tells any caller under /api/ that there is nothing.
OPEN = {"login", "logout", "health", "schema", "api_docs", "oauth_token", "api_unknown_address"}
# What a stranger may open: pages that show only what is theirs, here nothing.
OWN_VIEW = {
    "control_tower", "control_tower_live", "find_order", "stream", "api_orders", "api_flags", "api_pools",
    "api_bottlenecks", "api_events",
}  # fmt: skip
REFUSALS = {302, 401, 403}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern)
        else:
            yield pattern


# The stream answers under ASGI only; tests/dashboards/test_stream.py shows whom it denies.
NAMES = sorted({str(pattern.name) for pattern in patterns()})


@pytest.fixture
def addresses(db) -> dict[str, str]:
    """An address of every name, leading to things of Oslo."""
    order = World().order(coi="CO-OF-OSLO")
    flag = Flag.objects.create(
        order=order, code=FlagCode.SILENT, severity=Severity.ATTENTION, since=at(1), raised_at=at(1), evidence={},
        why="why of Oslo",
    )  # fmt: skip
    ids = {"order_id": order.pk, "flag_id": flag.pk}
    found = {}
    for pattern in patterns():
        wanted = {name: ids[name] for name in pattern.pattern.converters}
        found[pattern.name] = (
            "/api/nothing/" if pattern.name == "api_unknown_address" else reverse(pattern.name, kwargs=wanted)
        )
    return found


def test_every_address_has_a_name():
    assert "None" not in NAMES
    assert set(NAMES) >= OPEN | OWN_VIEW


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_nobody_signed_in_is_refused(addresses, name, method):
    answer = getattr(Client(), method)(addresses[name])
    assert answer.status_code in REFUSALS | {405}, name
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith(reverse("login"))
    assert b"OSLO" not in answer.content


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_a_stranger_sees_nothing_of_another_site(addresses, name, method):
    client = Client()
    client.force_login(make_user("stranger", Site.objects.get(code="bergen")))
    said = {"data": {"comment": "mine now"}, "content_type": "application/json"} if method == "post" else {}
    answer = getattr(client, method)(addresses[name], **said)
    if name not in OWN_VIEW:
        assert answer.status_code in {404, 405}, name
    assert b"OF-OSLO" not in answer.content
    assert b"why of Oslo" not in answer.content


@pytest.mark.parametrize("name", [name for name in NAMES if name not in OPEN | {"stream"}])
def test_a_person_without_any_site_sees_nothing(addresses, name):
    client = Client()
    client.force_login(make_user("newcomer"))
    answer = client.get(addresses[name])
    assert b"OF-OSLO" not in answer.content
    assert answer.status_code in {200, 302, 403, 404, 405}
