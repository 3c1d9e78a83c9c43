"""No value from outside ends in a 5xx: every address, page, form, endpoint and list of the administration is tried.

Which parameters a page reads is watched, not listed, so that a new one is tried as soon as it is there.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cellops.demo.flows import shipped_flows
from supplychain.admin import master_data
from supplychain.flows.models import Flow
from supplychain.flows.rules.checks import check_flow
from supplychain.pages.readable import ReadableRequest
from supplychain.people.models import User
from supplychain.people.statuses import Role
from supplychain.sites.models import Site
from tests.cellops.test_every_url import addresses, administration, patterns  # noqa: F401
from tests.supplychain.builders import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NASTY = {
    "empty": "", "blank": " ", "nul": "\0", "nul inside": "a\0b", "line break": "a\r\nb", "replacement": "\ufffd",
    "beyond the plane": "\U0001f9ec", "turned": "\u202eabc", "invisible": "\u200b", "dotless": "ıİ",
    "long": "x" * 5_000,
    "digits": "9" * 400, "negative": "-1", "zero": "0", "half": "0.5", "huge": "1e999", "not a number": "NaN",
    "infinite": "-Infinity", "big": str(2**63), "arabic": "١٢", "superscript": "²", "underscore": "1_0", "hex": "0x1F",
    "no such day": "2026-02-30", "year 0": "0000-01-01T00:00:00Z", "year 1": "0001-01-01T00:00:00+14:00",
    "year 9999": "9999-12-31T23:59:59-14:00", "month": "9999-12", "month 13": "2026-13",
    "odd offset": "2026-01-01T00:00:00+99:99",
    "no offset": "2026-01-01T00:00:00", "seconds": "12345678901234567890",
    "nil": "00000000-0000-0000-0000-000000000000",
    "almost an id": "00000000-0000-0000-0000-00000000000g", "braces": "{}", "brackets": "[" * 2_000, "null": "null",
    "quotes": "'\"<>&;--", "percent": "%s%(x)s%", "path": "../../../etc/passwd", "backslash": "\\",
    "base64": "bnVsbA==",
    "cursor": "WzEsMiwzXQ==", "address": "//evil.example", "comma": ",,,", "minus": "-", "dots": "1.2.3.-4",
    "star": "*",
}  # fmt: skip
BYTES = {"no utf-8": b"\xff\xfe", "surrogate": b"\xed\xa0\x80", "overlong": b"\xc0\x80"}


@pytest.fixture
def root(addresses) -> Client:  # noqa: F811
    """Somebody who may do everything everywhere: nothing is hidden behind a refusal."""
    user = make_user("root", *Site.objects.all(), role=Role.ADMINISTRATOR)
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    for role in (Role.OPERATIONS, Role.QA):
        user.memberships.bulk_create(
            type(user.memberships.first())(user=user, site=s, role=role) for s in Site.objects.all()
        )
    Flow.objects.update(definition=check_flow(shipped_flows()["car_t_fresh"]).definition.as_json())
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=user.pk))
    return client


class Tries:
    """Requests whose effects are taken back; those answered with 5xx are kept."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.count = 0

    def ask(self, client: Client, method: str, address: str, **given: Any) -> Any:
        with transaction.atomic():
            cookies = client.cookies.copy()
            answer = client.generic(method, address, **given)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            client.cookies = cookies
            transaction.set_rollback(True)
        self.count += 1
        # A health check says with its 503 that work waits, which it does here: no worker runs.
        is_health = answer.status_code == 503 and address.startswith("/healthz/")
        if answer.status_code >= 500 and not is_health:
            error = answer.exc_info[1] if getattr(answer, "exc_info", None) else body[:200]
            self.failed.append(f"{method} {address[:150]} {str(given)[:150]} {answer.status_code}: {error!r}"[:600])
        return answer


@pytest.fixture
def tries() -> Iterator[Tries]:
    """At the end none may have failed."""
    found = Tries()
    yield found
    if found.failed:
        pytest.fail(f"{len(found.failed)} of {found.count}:\n" + "\n".join(found.failed[:40]), pytrace=False)


class Watch:
    """Which names of an address or a form were asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            monkeypatch.setattr(QueryDict, method, self._watched(getattr(QueryDict, method)))

    def _watched(self, method: Any) -> Any:
        def watched(given: QueryDict, name: str, *args: Any, **more: Any) -> Any:
            self.names.add(name)
            return method(given, name, *args, **more)

        return watched

    def of(self, tries: Tries, client: Client, method: str, address: str, **given: Any) -> list[str]:
        self.names.clear()
        tries.ask(client, method, address, **given)
        return sorted(name for name in self.names if isinstance(name, str) and name != "csrfmiddlewaretoken")


def every_address(addresses: dict[str, str]) -> list[str]:  # noqa: F811
    return sorted({address for name, address in addresses.items() if name != "stream"} | set(administration()))


def query(name: str, value: str | bytes) -> str:
    return f"{quote(name)}={quote(value)}"


FORM = "application/x-www-form-urlencoded"


def mixtures(names: list[str], rounds: int = 5) -> Iterator[str]:
    """Queries that give every name another value in each round, then each name alone: every value gets its turn."""
    values = [*NASTY.values(), *BYTES.values()]
    for turn in range(rounds if names else 0):
        yield "&".join(query(name, values[(7 * turn + place) % len(values)]) for place, name in enumerate(names))
    for value in ("", "[" * 2_000, "²") if names else ():
        yield "&".join(query(name, value) for name in names)
    for place, name in enumerate(names):
        yield query(name, values[(11 * place + len(name)) % len(values)])


def odd_names(names: list[str]) -> Iterator[str]:
    """Forms whose fields have the names that are read, with something else in the place of each number, or behind."""
    for odd in ("²", "٣", "9" * 5_000, "\0", "-"):
        spoilt = {re.sub("[0-9]+", odd, name) if re.search("[0-9]", name) else name + odd for name in names}
        yield "&".join(query(name, "1") for name in sorted(spoilt))


def test_every_parameter_of_every_address(addresses, root, tries, monkeypatch):  # noqa: F811
    watch = Watch(monkeypatch)
    for address in every_address(addresses):
        for asked in mixtures(watch.of(tries, root, "GET", address)):
            tries.ask(root, "GET", f"{address}?{asked}")


def test_every_field_of_every_form(addresses, root, tries, monkeypatch):  # noqa: F811
    watch = Watch(monkeypatch)
    for address in every_address(addresses):
        if address.startswith("/api/"):
            continue
        names = watch.of(tries, root, "POST", address, data="x=1", content_type=FORM)
        filled = "&".join(query(name, "1") for name in names)
        names = sorted({*names, *watch.of(tries, root, "POST", address, data=filled, content_type=FORM)})
        for said in (*mixtures(names), *odd_names(names)):
            tries.ask(root, "POST", address, data=said, content_type=FORM)


def test_every_method_of_every_address(addresses, root, tries):  # noqa: F811
    bodies = (
        (FORM, "x=1"),
        ("application/json", "{}"),
        ("text/xml", "<a/>"),
        ("multipart/form-data; boundary=x", "--x"),
    )
    others = ("PUT", "PATCH", "DELETE", "TRACE", "BREW")
    for number, address in enumerate(every_address(addresses)):
        kind, body = bodies[number % 4]
        for method in ("OPTIONS", "HEAD", others[number % 5]):
            tries.ask(root, method, address, data=body, content_type=kind)


def test_every_place_in_an_address(addresses, root, tries):  # noqa: F811
    """What stands in an address for a row, a stage or a line."""
    place = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)(oslo|plant|selection|nobody-none|1)(?=/)")
    for address in addresses.values():
        if place.search(address):
            for value in NASTY.values():
                tries.ask(root, "GET", place.sub(lambda _, value=value: quote(value, safe=""), address))


def test_every_row_of_the_administration_that_is_not_there(root, tries):
    values = list(NASTY.values())
    for number, model in enumerate(master_data._registry):
        for step, page in enumerate(("change", "delete", "history")):
            start = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=["ID"])
            for value in ["", "\0", "\ufffd", *values[number + step :: 5]]:
                address = start.replace("ID", quote(value, safe=""))
                tries.ask(root, "GET", address)
                tries.ask(root, "POST", address, data="post=yes&reason=x", content_type=FORM)


@pytest.mark.parametrize(
    "host", ["evil.example", "", "a b", "[::1", "\0", "x" * 300, "localhost:99999999", "é", "localhost:x"]
)
def test_a_wrong_host_is_a_bad_request(addresses, root, tries, host):  # noqa: F811
    for address in ("/", "/login/", "/health/", "/static/nothing.css", "/api/v1/orders/", "/admin/", "/nothing/"):
        for client in (root, Client(raise_request_exception=False)):
            answer = tries.ask(client, "GET", address, HTTP_HOST=host)
            assert answer.status_code in {200, 302, 400, 401, 403, 404}


def test_files_that_are_not_there(root, tries):
    for value in [*NASTY.values(), *BYTES.values(), "icons/", "icons/none.css", "x/" * 3_000, "..", "tabler/css/"]:
        for start in ("/static/", "/", "/admin/", "/api/", "/api/v1/", "/password/new/", "/favicon.ico/"):
            answer = tries.ask(root, "GET", start + quote(value))
            assert answer.status_code < 500


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "hex", "rot13", "idna", "x" * 99]
)
def test_a_form_in_another_charset(addresses, root, tries, monkeypatch, charset):  # noqa: F811
    """Some of Python's codecs make lone surrogates, others no text at all."""
    monkeypatch.setattr("django.test.client.WSGIRequest", ReadableRequest)
    for address in (
        "/",
        "/orders/",
        "/login/",
        "/oauth/token/",
        "/inbox/",
        "/api/v1/orders/",
        "/api/v1/events/",
        "/admin/",
    ):
        for kind in (FORM, "text/plain", "multipart/form-data; boundary=x", "application/json"):
            for body in (b"login=%5Cud800&password=\\ud800&q=+2AA-", b"--x--"):
                for method in ("GET", "POST"):
                    tries.ask(
                        root,
                        method,
                        f"{address}?q=%5Cud800&code=+2AA-",
                        data=body,
                        content_type=f"{kind}; charset={charset}",
                    )


HEADERS = (
    "Cookie", "Authorization", "X-Forwarded-For", "X-Forwarded-Proto", "Accept", "Accept-Language", "If-Match",
    "If-None-Match", "If-Modified-Since", "Range", "Referer", "Origin", "HX-Request", "HX-Current-URL", "HX-Target",
    "Content-Type", "Content-Length", "X-CSRFToken", "Accept-Encoding",
)  # fmt: skip
SPOILT = (
    "Bearer ", "Bearer \xff", "Basic ", "Basic ====", "Basic /w==", "Basic OjpA", "sessionid=\xff; csrftoken=\0",
    "sessionid=" + "x" * 40, 'messages="x"; sessionid', "W/", '"x', "bytes=0-", "bytes=9-1,", "*/*;q=x", "a/b/c",
    "http://[::1", "text/html; charset=x", "application/json; charset=hex", "multipart/form-data",
)  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_every_header_that_is_read(addresses, root, tries, header):  # noqa: F811
    places = (
        addresses["operations"],  # looks at headers itself; what the start page works out each time is no header's
        "/login/",
        addresses["api_order"],
        "/oauth/token/",
        "/static/dashboards/js/idle.js",
        "/api/v1/events/",
    )
    key = header.upper().replace("-", "_")
    key = key if key.startswith("CONTENT_") else f"HTTP_{key}"
    values = [value for value in NASTY.values() if "\n" not in value and value.isascii()]
    for place, value in enumerate([*values, *SPOILT]):
        for method in ("GET", "POST", "PATCH"):
            for address in (places[place % 6], places[(place + 1) % 6]):
                tries.ask(root, method, address, data=b"{}", content_type="application/json", **{key: value})
