"""A request for another host than ours: anybody can send one, so it is refused in words and costs a line of the log."""

import pytest
from django.core.exceptions import DisallowedHost
from django.test import Client

from cellops.logs import in_one_line
from tests.supplychain.builders import make_site, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("host", ["evil.example", "[::1", "localhost:8000@evil", "", "a" * 300])
@pytest.mark.parametrize("address", ["/", "/login/", "/healthz/", "/oauth/token/", "/api/v1/me/", "/nowhere/"])
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_another_host_is_refused_in_words(settings, host, address, is_signed_in):
    settings.STREAM_PORT = 8001  # then pages name their host
    client = Client(raise_request_exception=False)
    if is_signed_in:
        client.force_login(make_user("ada", make_site("oslo")))
    answer = client.get(address, HTTP_HOST=host)
    assert answer.status_code == 400


def test_it_is_one_line_of_the_log():
    error = DisallowedHost("Invalid HTTP_HOST header: 'evil.example'.")
    said = {"event": "Invalid HTTP_HOST header: 'evil.example'.", "exc_info": error}
    assert "exc_info" not in in_one_line(None, "error", said)
