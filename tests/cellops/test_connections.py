"""Connections notice when the other side is gone, nobody waits for ever, and a log says it in one line."""

import logging
from contextlib import closing

import psycopg2
import pytest
import redis
from celery.beat import SchedulingError
from django.db import OperationalError, connection, transaction
from django.test import Client
from kombu.exceptions import OperationalError as BrokerError
from structlog.stdlib import ProcessorFormatter

from cellops.connections import THEIRS, patient
from cellops.logs import in_one_line
from supplychain.orders.models import PatientOrder, StatusEvent
from tests.supplychain.api_clients import client_of
from tests.supplychain.builders import World, make_user, report
from tests.system import database_url


def test_both_sides_of_a_connection_find_out_that_the_other_is_gone():
    options = patient({"ENGINE": "django.db.backends.postgresql"})["OPTIONS"]
    with closing(psycopg2.connect(database_url(), **options)) as ours:
        assert ours.get_dsn_parameters().items() >= {"keepalives_idle": "10", "tcp_user_timeout": "20000"}.items()
        cursor = ours.cursor()
        cursor.execute("SELECT name FROM pg_settings WHERE source = 'client' AND name = ANY(%s)", [list(THEIRS)])
        assert {name for (name,) in cursor.fetchall()} == THEIRS.keys()
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("1min",)


def test_what_the_address_says_stands_before_our_limits():
    kept = patient({"OPTIONS": {"options": "", "connect_timeout": 1}})["OPTIONS"]
    assert (kept["options"], kept["connect_timeout"], kept["keepalives"]) == ("", 1, 1)


@pytest.fixture
def in_other_hands(transactional_db):
    """An order that a process holds which does not go on."""
    world = World()
    order = world.order()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    with closing(psycopg2.connect(database_url())) as holder:
        holder.cursor().execute("SELECT 1 FROM supplychain_patientorder WHERE id = %s FOR UPDATE", [str(order.pk)])
        yield world, order
    connection.close()


def test_a_report_of_an_order_in_other_hands_is_asked_for_again(in_other_hands):
    world, order = in_other_hands
    answer = client_of(world.source).post("/api/v1/events/", report(order, "started", "collection"), "application/json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "in other hands" in answer.json()["detail"]
    assert StatusEvent.objects.filter(order=order).count() == 1


def test_a_page_says_that_somebody_else_holds_the_order(in_other_hands, monkeypatch):
    world, order = in_other_hands
    client = Client()
    client.force_login(make_user("olga", world.plant))

    def change(*given):
        with transaction.atomic():
            PatientOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)

    monkeypatch.setattr("dashboards.tower.views.tower", change)
    answer = client.get("/")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert "Somebody else is changing this just now" in answer.content.decode()


def lost(state: str | None) -> OperationalError:
    """Django's error for one of PostgreSQL's."""
    cause = psycopg2.OperationalError("server closed the connection unexpectedly\n\tThis probably means …")
    cause = type("Told", (psycopg2.OperationalError,), {"pgcode": state})(*cause.args)
    error = OperationalError(*cause.args)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("state", "is_short"), [(None, True), ("57P01", True), ("55P03", True), ("40P01", False)])
def test_a_lost_connection_is_one_line_of_the_log_and_a_deadlock_keeps_its_traceback(state, is_short):
    error = lost(state)
    event = in_one_line(None, "error", {"event": "Task x raised\nlines", "exc_info": (type(error), error, None)})
    assert ("exc_info" not in event) is is_short
    assert event.get("lost") == ("server closed the connection unexpectedly" if is_short else None)


def test_a_record_of_the_standard_library_is_shortened_too():
    handler = next(one for one in logging.getLogger().handlers if isinstance(one.formatter, ProcessorFormatter))
    record = logging.LogRecord("celery", logging.ERROR, "", 1, "Task failed", (), (OperationalError, lost(None), None))
    assert len(handler.formatter.format(record).splitlines()) == 1


def not_asked() -> SchedulingError:
    """What beat raises without its broker."""
    told = SchedulingError("Couldn't apply scheduled task evaluate-due: No route to host")
    told.__context__ = BrokerError("No route to host")
    told.__context__.__cause__ = redis.exceptions.ConnectionError("No route to host")
    return told


@pytest.mark.parametrize(("error", "is_short"), [(not_asked(), True), (SchedulingError("no such task"), False)])
def test_what_beat_could_not_ask_for_without_its_broker_is_one_line(error, is_short):
    event = in_one_line(None, "error", {"event": "Message Error: …\n[a stack]", "exc_info": error})
    assert event == (
        {"event": "Message Error: …", "lost": str(error)}
        if is_short
        else {"event": "Message Error: …\n[a stack]", "exc_info": error}
    )
