"""How long a login lasts: a shift, and less where nobody touches the page; and where else one is logged in."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from dashboards.live.server import sites_of_session
from tests.supplychain.builders import T0, make_site
from tests.supplychain.sign_in.visitors import _forgetful, is_in, log_in, person  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_forgetful")]
HOUR = 3600


@pytest.fixture
def client(time_machine) -> Client:
    """Ada, logged in at T0."""
    time_machine.move_to(T0, tick=False)
    person("ada", make_site("oslo"))
    return log_in()[0]


def test_a_page_that_is_used_lasts_a_shift_and_no_longer(client, time_machine):
    for _ in range(23):
        time_machine.shift(HOUR / 2)
        assert client.get(reverse("profile")).status_code == 200
    time_machine.shift(HOUR / 2 + 1)
    assert client.get(reverse("profile")).headers["Location"] == "/login/?ended=shift&next=/profile/"


def test_an_hour_without_use_ends_it_and_the_login_says_why(client, time_machine):
    time_machine.shift(HOUR + 61)
    with capture_logs() as written:
        answer = client.get(reverse("profile"))
    assert answer.headers["Location"] == "/login/?ended=idle&next=/profile/"
    assert "nobody used the page for a while" in client.get(answer.headers["Location"]).text
    line = {"event": "session ended", "log_level": "info", "reason": "idle", "username": "ada", "address": "127.0.0.1"}
    assert written == [line]


def test_what_the_page_fetches_by_itself_is_no_use(client, time_machine):
    background = {"HX-Request": "true", "X-Background": "1"}
    for _ in range(4):
        time_machine.shift(HOUR / 4)
        assert client.get(reverse("control_tower_live"), headers=background).status_code == 200
    time_machine.shift(61)
    ended = client.get(reverse("control_tower_live"), headers=background | {"HX-Current-URL": "http://testserver/"})
    assert ended.headers["HX-Redirect"] == "/login/?next=%2F&ended=idle"


def test_a_touch_that_the_page_reports_is_use(client, time_machine):
    for _ in range(3):
        time_machine.shift(HOUR * 0.75)
        assert client.post(reverse("stay_signed_in")).status_code == 204
    assert is_in(client)


@pytest.mark.django_db(transaction=True)  # the look-up closes its connection
def test_the_stream_is_closed_to_an_idle_session_and_does_not_keep_it_alive(client, time_machine, rf):
    request = rf.get("/stream/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    time_machine.shift(HOUR * 0.75)
    assert len(sites_of_session(request)) == 1
    time_machine.shift(HOUR * 0.75)
    assert sites_of_session(request) is None


def test_without_a_limit_an_idle_page_stays(client, settings, time_machine):
    settings.SESSION_IDLE_SECONDS = 0
    time_machine.shift(11 * HOUR)
    assert is_in(client)


def test_use_is_noted_once_a_minute(client, time_machine, django_assert_num_queries):
    client.get(reverse("find_order"))
    with django_assert_num_queries(4):  # session, person, their sites, whether there are others
        client.get(reverse("find_order"))
    time_machine.shift(61)
    with django_assert_num_queries(7):  # and the session's row, in a transaction
        client.get(reverse("find_order"))


def test_a_person_sees_where_they_are_logged_in_and_ends_the_others(client):
    elsewhere, _ = log_in(HTTP_USER_AGENT="Ward computer")
    stranger = log_in(person("eve").username)[0]
    page = client.get(reverse("usersessions_list"))
    assert ([session.user.username for session in page.context["sessions"]], "Ward computer" in page.text) == (
        ["ada", "ada"],
        True,
    )
    client.post(reverse("usersessions_list"))
    assert (is_in(client), is_in(elsewhere), is_in(stranger)) == (True, False, True)
    assert len(client.get(reverse("usersessions_list")).context["sessions"]) == 1
