"""Systems with a token pass by what serves people only, and notice nothing of it."""

import io
import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import RequestFactory

from cellops import wsgi
from cellops.services.folders import CHECKOUT
from tests.supplychain.api_clients import client_of, session_of
from tests.supplychain.builders import World, make_user, report

# The real handlers close connections after a request, so nothing may hang on an open transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def ask(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    content = b"" if body is None else json.dumps(body).encode()
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request = RequestFactory().generic(method, path, content, content_type="application/json", **given)
    told: list[Any] = []
    environ = request.environ | {"wsgi.input": io.BytesIO(content)}
    response = wsgi.application(environ, lambda status, answer_headers: told.extend([status, answer_headers]))
    return int(told[0][:3]), dict(told[1]), b"".join(response)


def token(world: World) -> str:
    return client_of(world.source).defaults["HTTP_AUTHORIZATION"]


def test_a_web_process_does_not_load_the_compiler_of_the_simulation():
    loaded = "import cellops.wsgi, sys; print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", loaded], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert run.stdout.split()[-1] == "False"


def test_a_system_reports_and_reads(world):
    order, bearer = world.order(), token(world)
    recorded = ask("POST", "/api/v1/events/", report(order, "started", "collection"), authorization=bearer)
    read = ask("GET", f"/api/v1/orders/{order.pk}/", authorization=bearer)
    assert (recorded[0], read[0], json.loads(read[2])["version"]) == (201, 200, 2)
    assert (read[1]["X-Content-Type-Options"], "Set-Cookie" in read[1]) == ("nosniff", False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/orders/", 200),
        ("GET", "/api/v1/flags/?page_size=0", 400),
        ("GET", "/api/v1/nonsense/", 404),
        ("PUT", "/api/v1/events/", 405),
    ],
)
def test_both_ways_give_the_same_answer(world, method, path, status):
    bearer = token(world)
    short = ask(method, path, authorization=bearer)
    whole = client_of(world.source).generic(method, path)
    assert (short[0], whole.status_code, short[2]) == (status, status, whole.content)
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert short[1][name] == whole[name]


@pytest.mark.parametrize("bearer", ["Bearer nonsense", "bearer ", "Bearer"])
def test_a_token_that_is_none_opens_nothing_not_even_with_a_session(world, bearer):
    cookie = session_of(make_user("ada", world.oslo)).cookies["sessionid"].value
    status, _, _ = ask("GET", "/api/v1/orders/", authorization=bearer, cookie=f"sessionid={cookie}")
    assert status == 401


def test_a_foreign_host_name_is_refused_where_it_would_be_repeated(world):
    world.order(), world.order()
    status, headers, _ = ask("GET", "/api/v1/orders/?page_size=1", authorization=token(world), host="evil.example")
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")


def test_people_keep_their_policy(world):
    status, headers, _ = ask("GET", "/api/v1/orders/")
    assert (status, "Content-Security-Policy" in headers) == (401, True)


@pytest.mark.parametrize("charset", ["hex", "rot13", "idna", "utf-7", "unicode_escape"])
@pytest.mark.parametrize("bearer", [True, False])
def test_an_address_is_read_in_utf_8_whatever_the_body_is_said_to_be(world, charset, bearer):
    who = token(world) if bearer else "none"
    request = RequestFactory().get("/api/v1/orders/?identifier=%5Cud800+2AA-", HTTP_AUTHORIZATION=who)
    environ = request.environ | {"CONTENT_TYPE": f"application/json; charset={charset}"}
    told: list[Any] = []
    wsgi.application(environ, lambda status, answer_headers: told.append(status))
    assert int(told[0][:3]) == (200 if bearer else 400)
