"""Killed workers, a flushed and restarted Valkey, a restarted PostgreSQL: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from cellops.services.servers import Servers
from supplychain.orders.actions.events import record_event
from supplychain.orders.actions.seals import broken_seals
from supplychain.orders.models import PatientOrder, StatusEvent
from supplychain.systems.actions import create_source
from supplychain.systems.statuses import SourceKind
from tests.batches.flags.standing_flags import standing_flags, standing_flags_from_scratch
from tests.supplychain.builders import World, report
from tests.system import ROOT, RunningSystem, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bad_luck]

ORDERS = 12
EVENTS = 15  # per order
SECONDS_TO_RECOVER = 30


@pytest.fixture
def system(tmp_path, embedded_services: Servers) -> Iterator[RunningSystem]:
    system = RunningSystem(tmp_path)
    yield system
    system.stop()
    connection.close()


def recent_orders(world: World, count: int) -> list[PatientOrder]:
    """Orders placed three days ago: what is said of them below raises flags of several kinds."""
    start = timezone.now() - timedelta(hours=72)
    return [world.order(ordered_at=start, promised_at=start + timedelta(hours=500)) for _ in range(count)]


def facts_of(order: PatientOrder) -> list[dict]:
    """One order's facts: late stages, a hold, a failure, waits; times relative to its start."""
    said = [
        ("confirmed", ""), ("started", "collection"), ("completed", "collection"), ("started", "inbound"),
        ("note", "inbound"), ("completed", "inbound"), ("started", "selection"), ("held", "selection"),
        ("resumed", "selection"), ("failed", "selection"), ("note", "selection"), ("held", ""), ("note", "harvest"),
        ("resumed", ""), ("note", "release"),
    ]  # fmt: skip
    return [
        report(order, kind, stage, number)
        | {"occurred_at": (order.ordered_at + timedelta(hours=4 * number + 1)).isoformat()}
        for number, (kind, stage) in enumerate(said)
    ]


def token_for(system: RunningSystem, world: World) -> str:
    """An access token of a new source system for the world's sites, by OAuth2 client credentials."""
    made = create_source(
        code="bad-luck", name="Bad luck", kind=SourceKind.SPREADSHEET, sites=["oslo", "plant"],
        scopes=["events:write"], by=None,
    )  # fmt: skip
    form = f"grant_type=client_credentials&client_id={made.client_id}&client_secret={made.client_secret}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer = system._ask("POST", "/oauth/token/", form, headers)
    assert status == 200, answer
    return answer["access_token"]


class Load:
    """Threads that send every row until it is answered 2xx, as a careful hospital system does."""

    def __init__(self, system: RunningSystem, token: str, rows: list[dict]) -> None:
        self.system, self.token, self.rows = system, token, rows
        self.answered: dict[str, str] = {}
        self.threads = [threading.Thread(target=self._send, args=(rows[part::4],)) for part in range(4)]

    def _send(self, rows: list[dict]) -> None:
        for row in rows:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                status, answer = self.system.post("/api/v1/events/", row, self.token)
                if 200 <= status < 300:
                    self.answered[row["source_event_id"]] = answer["event"]
                    break
                time.sleep(0.2)
            time.sleep(0.02)

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for thread in self.threads:
            thread.join()


def assert_nothing_lost_or_doubled(load: Load) -> None:
    assert len(load.answered) == len(load.rows)
    stored = dict(StatusEvent.objects.exclude(kind="ordered").values_list("source_event_id", "id"))
    assert {key: str(event_id) for key, event_id in stored.items()} == load.answered
    assert StatusEvent.objects.exclude(kind="ordered").count() == len(load.rows)
    assert list(broken_seals()) == []


def flags_are_right(orders: list[PatientOrder]) -> bool:
    """Whether every stored flag is one that a judgement from scratch raises now, and none is missing."""
    ids = [order.pk for order in orders]
    return standing_flags(ids) == standing_flags_from_scratch(ids, timezone.now())


def wait_for_right_flags(orders: list[PatientOrder]) -> None:
    wait_until(lambda: flags_are_right(orders), SECONDS_TO_RECOVER, "every flag equals a judgement from scratch")
    assert Flag.objects.filter(cleared_at__isnull=True).count() >= len(orders)


def test_a_worker_killed_in_the_middle_of_a_claim_costs_nothing(system):
    world = World()
    orders = recent_orders(world, ORDERS)
    for order in orders:
        for row in facts_of(order):
            record_event(row, by=world.reporter)
    # A worker that has claimed, judged and written everything, and stops just before it commits.
    stuck = """
import django, time; django.setup()
from django.db import transaction
from django.utils import timezone
from batches.flags.actions.evaluation import evaluate_due_orders
with transaction.atomic():
    print(evaluate_due_orders(now=timezone.now()).claimed, flush=True)
    time.sleep(60)
"""
    worker = subprocess.Popen(
        [sys.executable, "-c", stuck], cwd=ROOT, env=system.environment, stdout=subprocess.PIPE, start_new_session=True
    )
    assert worker.stdout
    assert int(worker.stdout.readline()) == ORDERS
    assert evaluate_due_orders(now=timezone.now()).claimed == 0, "another worker takes nothing twice"
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    wait_until(lambda: evaluate_due_orders(now=timezone.now()).claimed == ORDERS, 10, "the claim is free again")
    assert flags_are_right(orders)
    assert Flag.objects.count() >= ORDERS


def test_a_celery_worker_killed_under_load_costs_seconds(system):
    world = World()
    orders = recent_orders(world, ORDERS)
    system.start("web", "worker", "beat")
    rows = [row for order in orders for row in facts_of(order)]
    with Load(system, token_for(system, world), rows) as load:
        time.sleep(1)
        system.kill("worker")
        time.sleep(1)
        system.start("worker")
    assert_nothing_lost_or_doubled(load)
    wait_for_right_flags(orders)


def test_valkey_flushed_and_restarted_under_load_costs_seconds(system, embedded_services):
    world = World()
    orders = recent_orders(world, ORDERS)
    system.start("web", "worker", "beat")
    rows = [row for order in orders for row in facts_of(order)]
    with Load(system, token_for(system, world), rows) as load:
        time.sleep(1)
        embedded_services.valkey.flush()
        time.sleep(0.5)
        embedded_services.valkey.restart()
    assert_nothing_lost_or_doubled(load)
    wait_for_right_flags(orders)


def test_postgresql_restarted_under_load_costs_seconds(system, embedded_services):
    world = World()
    orders = recent_orders(world, ORDERS)
    system.start("web", "worker", "beat")
    rows = [row for order in orders for row in facts_of(order)]
    with Load(system, token_for(system, world), rows) as load:
        time.sleep(1)
        connection.close()
        embedded_services.postgres.restart()
    assert_nothing_lost_or_doubled(load)
    wait_for_right_flags(orders)
