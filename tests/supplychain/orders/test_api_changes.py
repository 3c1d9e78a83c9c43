"""The change feed: every change of an order, flag or forecast once, and none lost however transactions overlap."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from batches.flags.models import Flag
from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.actions.changes import forget_changes
from supplychain.orders.actions.due import make_due
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import ChangeNotice, PatientOrder
from tests.supplychain.api_clients import PROBLEM, ApiClient, client_of, session_of
from tests.supplychain.builders import World, at, make_user, report

pytestmark = pytest.mark.django_db(transaction=True)
CHANGES = "/api/v1/changes/"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world) -> ApiClient:
    return client_of(world.source)


class Reader:
    """A system that keeps a copy."""

    def __init__(self, client: ApiClient, after: str = "now") -> None:
        self.client, self.cursor = client, after

    def read(self, **given) -> list[tuple[str, str]]:
        """(kind, subject) of everything new."""
        found, more = [], True
        while more:
            answer = self.client.get(CHANGES, {"after": self.cursor} | given)
            assert answer.status_code == 200, answer.content
            body = answer.json()
            self.cursor, more = body["cursor"], body["has_more"]
            found += [(row["kind"], row["subject"]) for row in body["results"]]
        return found


def raise_flag(order: PatientOrder) -> Flag:
    return Flag.objects.create(
        order=order, code=FlagCode.SILENT, severity=Severity.ATTENTION, since=at(1), raised_at=at(1), evidence={}
    )


def test_it_moves_when_an_order_a_flag_or_a_forecast_does(world, client):
    reader = Reader(client)
    assert reader.read() == []
    order = world.order()
    assert reader.read() == [("order", str(order.pk))]
    record_event(report(order, "started", "collection"), by=world.reporter)
    assert reader.read() == [("order", str(order.pk))]
    flag = raise_flag(order)
    assert reader.read() == [("flag", str(flag.pk))]
    Flag.objects.filter(pk=flag.pk).update(acknowledged_at=at(2), acknowledged_by="Ada")
    assert reader.read() == [("flag", str(flag.pk))]
    forecast = Forecast.objects.create(order=order, made_at=at(2), ready_at=at(900), evidence={})
    assert reader.read() == [("forecast", str(forecast.pk))]
    assert reader.read() == []


def test_it_does_not_move_when_nothing_changed(world, client):
    order, flag = world.order(), None
    flag = raise_flag(order)
    reader = Reader(client)
    make_due([order.pk], now=at(5))
    Flag.objects.filter(pk=flag.pk).update(severity=Severity.ATTENTION)
    record_event(report(order, "started", "nowhere"), by=world.reporter)
    assert reader.read() == []


def test_a_row_says_where_to_look(world, client):
    order = world.order(coi="CO-1")
    body = client.get(CHANGES).json()
    assert [row | {"changed_at": ""} for row in body["results"]] == [
        {"kind": "order", "subject": str(order.pk), "order": str(order.pk), "coi": "CO-1", "changed_at": ""}
    ]
    assert client.get(body["next"]).json()["results"] == []


def test_pages_give_each_change_once(world, client):
    orders = [str(world.order(ordered_at=at(number)).pk) for number in range(5)]
    record_event(report(orders[0], "started", "collection"), by=world.reporter)
    found = Reader(client, after="").client.get(CHANGES, {"page_size": 2}).json()
    reader = Reader(client, found["cursor"])
    seen = [row["subject"] for row in found["results"]] + [subject for _, subject in reader.read(page_size=2)]
    assert seen == [*orders, orders[0]]


def in_another_connection(work) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def slow_writer(world) -> Iterator:
    """A transaction that writes to an order early and ends late; call it to let it end."""
    order = world.order()
    written, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            record_event(report(order, "started", "collection"), by=world.reporter)
            written.set()
            may_end.wait(30)

    thread = in_another_connection(work)
    assert written.wait(30)

    def end() -> str:
        may_end.set()
        thread.join(30)
        return str(order.pk)

    yield end
    end()


def test_a_transaction_that_began_earlier_and_ends_later_is_not_lost(world, client, slow_writer):
    reader = Reader(client)
    assert reader.read() == []
    quick = str(world.order(ordered_at=at(9)).pk)
    first = reader.read()
    slow = slow_writer()
    assert sorted(first + reader.read()) == sorted([("order", quick), ("order", slow)])
    assert reader.read() == []


def test_a_cursor_taken_while_a_transaction_is_at_work_loses_nothing_of_it(client, slow_writer):
    reader = Reader(client)
    assert reader.read() == []
    assert reader.read() == []
    slow = slow_writer()
    assert reader.read() == [("order", slow)]


def test_what_was_rolled_back_never_happened(world, client):
    reader = Reader(client)
    with transaction.atomic():
        world.order()
        transaction.set_rollback(True)
    assert reader.read() == []


def test_each_sees_only_their_own_sites_and_flags_only_with_the_right(world, client):
    order = world.order()
    flag = raise_flag(order)
    every = [("order", str(order.pk)), ("flag", str(flag.pk))]
    everything = {"after": Reader(client).cursor}
    assert everything == {"after": "now"}

    def seen(client: ApiClient) -> list[tuple[str, str]]:
        return [(row["kind"], row["subject"]) for row in client.get(CHANGES).json()["results"]]

    assert seen(client) == every
    assert seen(client_of(world.stranger)) == []
    assert seen(session_of(make_user("ola", world.plant))) == every
    assert seen(session_of(make_user("eve", world.bergen))) == []
    assert seen(client_of(world.source, "orders:read")) == every[:1]
    assert client_of(world.source, "flags:read").get(CHANGES).status_code == 403


@pytest.mark.parametrize("given", ["x", "W10", "bnVsbA", "%00", "", "WzEsMV0", "WzEsMSwxLDFd"])
def test_a_cursor_that_cannot_be_read_is_said_so(client, given):
    answer = client.get(f"{CHANGES}?after={given}")
    assert (answer.status_code, answer["Content-Type"], list(answer.json()["errors"])) == (400, PROBLEM, ["after"])


def test_an_unknown_parameter_is_refused(client):
    assert client.get(CHANGES, {"since": "now"}).status_code == 400


def test_old_changes_are_forgotten_and_so_old_a_cursor_is_refused(world, client):
    world.order()
    cursor = client.get(CHANGES).json()["cursor"]
    assert forget_changes(now=timezone.now()) == 0
    later = timezone.now() + timedelta(days=31)
    assert forget_changes(now=later) == 1
    assert ChangeNotice.objects.count() == 0
    fresh = client_of(world.source, expires_at=later + timedelta(days=1))
    with time_machine.travel(later):
        answer = fresh.get(CHANGES, {"after": cursor})
    assert (answer.status_code, answer["Content-Type"]) == (410, PROBLEM)


@pytest.mark.parametrize("name", ["after", "page_size"])
def test_a_parameter_is_given_once(client, name):
    answer = client.get(f"{CHANGES}?{name}=1&{name}=2")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
