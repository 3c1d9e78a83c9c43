"""What stands on an order is said on every page of it: its holds, its centre's request, and its cells' time."""

from dataclasses import replace
from datetime import UTC

import pytest
from django.test import Client

from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.rules.hold_budgets import budget_words
from supplychain.orders.actions.events import record_events
from supplychain.orders.rules.cells_clock import cells_times
from supplychain.people.statuses import Role
from supplychain.sentences import day_mark, said_in
from tests.supplychain.builders import World, at, make_user, report
from tests.supplychain.recording.journeys import COLLECTED, PLAN, after

pytestmark = pytest.mark.django_db
PAGES = ["custody/", "custody/?print=1", "condition/", "materials/", "labels/"]


@pytest.fixture
def world(monkeypatch) -> World:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(10))
    world = World()
    world.case = order = world.order()
    rows = [report(order, "completed", "collection", 6), report(order, "started", "inbound", 7)]
    record_events(rows, by=world.reporter, now=at(8))
    return world


def said(world: World, *rows) -> None:
    results = record_events(
        [report(world.case, *row[:2], row[2], payload=row[3]) for row in rows], by=world.reporter, now=at(9)
    )
    assert {one.reason for one in results} == {""}


def text_of(world: World, page: str) -> str:
    client = Client()
    client.force_login(make_user("cora", world.oslo, role=Role.SITE_COORDINATOR))
    return client.get(f"/orders/{world.case.pk}/{page}").text


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_said_of_a_hold_that_does_not_stand(world, page):
    assert "On hold since" not in text_of(world, page)


@pytest.mark.parametrize("page", PAGES)
def test_a_hold_stands_with_who_said_so_and_why(world, page):
    said(world, ("held", "", 8, {"reason": "label torn"}))
    text = text_of(world, page)
    assert "The whole order:" in text
    assert "reported by hospital-oslo: “label torn”" in text


@pytest.mark.parametrize("page", PAGES)
def test_a_stage_on_hold_is_named(world, page):
    said(world, ("held", "inbound", 8, {"reason": "customs"}))
    text = text_of(world, page)
    assert "<strong>Inbound:</strong> On hold since" in text
    assert "“customs”" in text


@pytest.mark.parametrize("page", PAGES)
def test_what_the_centre_asks_for_stands_there(world, page):
    said(world, ("change_asked", "", 8, {"wish": "cancel", "cause": "too_ill"}))
    assert "The centre asks" in text_of(world, page)


@pytest.mark.parametrize("query", ["", "?print=1"])
def test_custody_tells_the_hold_time_budget_in_the_words_of_the_orders_page(world, query):
    said(world, ("scheduled", "inbound", 7.5, {"qualified_until": at(50).isoformat()}))
    (words,) = [budget_words(one, at(10)) for one in hold_budgets_of([world.case.pk], at(10))[world.case.pk]]
    text = text_of(world, f"custody/{query}")
    assert said_in(words, UTC, at(10)) in text
    assert "The clock of the cells" not in text


def test_custody_tells_when_the_storage_of_frozen_cells_ends():
    long = replace(PLAN.stages["inbound"], longest_wait_hours=10_000)
    plan = replace(PLAN, stages=PLAN.stages | {"inbound": long})
    state = after(*COLLECTED, plan=plan)
    runs = {code: state.run_of(code) for code in plan.stages}
    assert cells_times(plan, runs, at(9), {}) == [f"Inbound: the cells’ storage ends {day_mark(at(10_002))}."]
