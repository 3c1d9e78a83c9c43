"""Killed workers, a flushed and restarted Valkey, a restarted PostgreSQL: nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from batches.flags.actions.evaluation import evaluate_due_orders
from batches.flags.models import Flag
from cellops.services.servers import Servers
from supplychain.orders.actions.events import record_event
from tests.cellops.load import (
    Load,
    assert_nothing_lost_or_doubled,
    facts_of,
    flags_are_right,
    recent_orders,
    token_for,
    wait_for_right_flags,
)
from tests.supplychain.builders import World
from tests.system import ROOT, RunningSystem, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.bad_luck]

ORDERS = 12


@pytest.fixture
def system(tmp_path, embedded_services: Servers) -> Iterator[RunningSystem]:
    system = RunningSystem(tmp_path)
    yield system
    system.stop()
    connection.close()


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

    wait_until(lambda: evaluate_due_orders(now=timezone.now()).claimed == ORDERS, "the claim is free again")
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
