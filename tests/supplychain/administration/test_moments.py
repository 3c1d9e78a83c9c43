"""Moments stand in the master data as on every other page: “3 Nov 2026 08:18”, in the reader's zone."""

import re

import pytest
import time_machine

from supplychain.administration.site import master_data
from supplychain.orders.actions.events import record_event
from supplychain.orders.models import StatusEvent
from tests.dashboards.builders import raise_flag
from tests.supplychain.administration.forms import AdminWorld, address, browser
from tests.supplychain.builders import at, make_source, report

pytestmark = pytest.mark.django_db
# Django's own: “3 Nov. 2026, 8:18 a.m.”, “noon”.
DJANGOS = re.compile(r"\d [ap]\.m\.|, (noon|midnight)\b")


@pytest.fixture
def world() -> AdminWorld:
    world = AdminWorld()
    world.told = world.order()
    raise_flag(world.told)
    source = make_source("mes", world.plant)
    source.secret_set_at = at(0.3)
    source.save()
    record_event(report(world.told, "started", "collection", 0.3), by=world.reporter, now=at(1))
    return world


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_no_table_says_a_moment_otherwise(world, page):
    boss = browser(world.boss)
    for table in master_data._registry:
        name = f"{table._meta.app_label}_{table._meta.model_name}"
        rows = [None] if page == "changelist" else table._default_manager.all()[:2]
        for row in rows:
            answer = boss.get(address(name, page, row))
            assert (answer.status_code, name, DJANGOS.findall(answer.content.decode())) == (200, name, [])


@time_machine.travel(at(100), tick=False)
def test_a_moment_is_said_to_the_minute_in_the_readers_zone(world):
    world.boss.time_zone = "Europe/Oslo"
    world.boss.save()
    boss = browser(world.boss)
    event = StatusEvent.objects.get(order=world.told, kind="started")
    for url in (address("supplychain_statusevent", "changelist"),
                address("supplychain_statusevent", "change", event)):  # fmt: skip
        assert ">2 Mar 2026 09:18</time>" in boss.get(url).content.decode()
