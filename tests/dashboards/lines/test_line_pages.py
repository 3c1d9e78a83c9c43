"""Lines, stages, the orders behind their numbers, and bottlenecks: what they show, and to whom."""

import csv
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from batches.capacity.models import Pool
from batches.lines.actions.readings import read_pools
from batches.lines.rules.pools import review_pool
from supplychain.flows.models import Stage
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import TowerWorld, browser_of, make_bottleneck, make_pool
from tests.dashboards.lines.line_pages import NOW, page_of, waiting_order
from tests.supplychain.builders import at, make_flow

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    with time_machine.travel(NOW, tick=False):
        yield TowerWorld()


def file_of(person: Any, name: str, *args: Any, **query: Any) -> list[dict[str, str]]:
    answer = page_of(person, name, *args, **query)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(answer.content.decode().splitlines()))


def test_a_line_shows_its_stages_with_load_and_times(world):
    waiting_order(world)
    make_pool(world.plant, "suite", "Suites", capacity=4, busy=3)
    rows = {row["stage"]: row for row in file_of(world.operations, "lines", csv="")}
    assert list(rows) == ["inbound", "selection", "harvest", "sterility", "release"]
    selection = rows["selection"]
    assert (selection["pool_busy"], selection["pool_capacity"], selection["is_bottleneck"]) == ("3", "4", "no")
    assert (selection["running"], selection["waiting"], selection["past_permitted_wait"]) == ("0", "1", "1")
    assert (selection["oldest_wait_hours"], selection["median_wait_hours"]) == ("60.0", "60.0")
    inbound = rows["inbound"]
    assert (inbound["completed"], inbound["waited_median_hours"], inbound["worked_median_hours"]) == (
        "1",
        "29.0",
        "4.0",
    )
    assert inbound["planned_hours"] == "24"


@pytest.mark.parametrize(("busy", "is_said"), [(0, True), (1, False), (2, False)])
def test_work_without_a_place_of_its_own_is_said_beside_the_places_taken(world, busy, is_said):
    world.say(waiting_order(world), "started", "selection", 41)
    make_pool(world.plant, "suite", "Suites", capacity=4, busy=busy)
    page = " ".join(page_of(world.operations, "line", "plant").content.decode().split())
    assert f"{busy} of 4 places taken" in page
    assert ("1 more at work without a place of its own: two stages share one" in page) is is_said
    assert ("1 more at work" in browser_of(world.operations).get(reverse("control_tower")).text) is is_said


def test_a_centre_shows_its_own_stages_and_no_bottleneck(world):
    waiting_order(world)
    make_pool(world.oslo, "chair", "Chairs", capacity=2, busy=0)
    page = page_of(world.coordinator, "lines").content.decode()
    assert "Chairs" in page
    assert "bottleneck" not in page.split('id="live"')[1].lower()
    rows = file_of(world.coordinator, "line", "oslo", csv="stages")
    assert [(row["stage"], row["completed"]) for row in rows] == [("collection", "1"), ("infusion", "0")]


@pytest.mark.parametrize("name", ["line", "line_live", "line_orders"])
def test_a_line_of_others_does_not_exist(world, name):
    assert page_of(world.stranger_person, name, "plant").status_code == 404
    assert page_of(world.coordinator, name, "plant").status_code == 404
    assert page_of(world.operations, name, "plant").status_code == 200
    assert page_of(world.operations, name, "nowhere").status_code == 404


@pytest.mark.parametrize("name", ["line_stage", "line_stage_live"])
def test_a_stage_that_the_site_does_not_do_does_not_exist(world, name):
    assert page_of(world.operations, name, "plant", "selection").status_code == 200
    assert page_of(world.operations, name, "plant", "collection").status_code == 404
    assert page_of(world.coordinator, name, "plant", "selection").status_code == 404


def listed(world: TowerWorld, **query: Any) -> list[str]:
    return [row["order"] for row in file_of(world.operations, "line_orders", "plant", csv="", **query)]


def test_the_orders_behind_each_number_are_those_that_it_counts(world):
    waiting_order(world, 1, hours=40)
    waiting_order(world, 2, hours=90)
    running = waiting_order(world, 3, hours=50)
    world.say(running, "started", "selection", 98)
    assert listed(world, part="waiting", stage="selection") == ["CO-1", "CO-2"]
    assert listed(world, part="waiting", stage="selection", low="6", high="24") == ["CO-2"]
    assert listed(world, part="past", stage="selection") == ["CO-1"]
    assert listed(world, part="running", stage="selection") == ["CO-3"]
    assert listed(world, part="held") == []
    assert listed(world, part="completed", stage="inbound") == ["CO-2", "CO-3", "CO-1"]
    assert listed(world, part="completed", stage="inbound", week="2026-02-23") == []
    assert listed(world, part="waited", stage="inbound", low="35", high="48") == ["CO-3"]
    assert listed(world, part="worked", stage="inbound", low="4", high="6") == ["CO-2", "CO-3", "CO-1"]
    assert listed(world, part="present", stage="inbound", at=at(60).isoformat()) == ["CO-2"]
    assert listed(world, part="present", stage="selection", at=at(60).isoformat()) == ["CO-1", "CO-3"]


def test_every_place_counts_the_same_waiting_at_work_and_on_hold(world):
    """Of one stage: its row, the lists behind it, the flow board, the order list and the review of its pool."""
    make_pool(world.plant, "suite", "Suites")
    orders = [waiting_order(world, number) for number in (1, 2, 3, 4)]
    _, held, running, to_come = orders
    world.say(held, "held", "", 95)
    world.say(running, "started", "selection", 98)
    world.say(to_come, "started", "selection", 130)
    expected = {"ready": ["CO-1", "CO-4"], "running": ["CO-3"], "held": ["CO-2"]}
    line = page_of(world.operations, "line", "plant").context["line"]
    load = next(row.load for row in line.rows if row.stage.code == "selection")
    assert (load.waiting, load.running, load.held) == (2, 1, 1)
    board = page_of(world.operations, "control_tower").context["board"]
    cell = next(cell for group in board for cell in group.cells if cell.code == "selection")
    assert (cell.waiting, cell.running, cell.held) == (2, 1, 1)
    for run, chains in expected.items():
        part = {"ready": "waiting"}.get(run, run)
        assert sorted(listed(world, part=part, stage="selection")) == chains
        shown = page_of(world.operations, "orders", stage="selection", run=run).context["lines"]
        assert sorted(one.order.coi for one in shown) == chains
    pool = Pool.objects.get(code="suite", site=world.plant)
    review = review_pool(read_pools({(world.plant.pk, "suite"): pool.pk}, now=NOW).facts[world.plant.pk, "suite"], NOW)
    assert (review.queue, review.busy) == (2 - load.booked, 1)  # who starts later waits for nobody
    assert load.booked == 1


def test_an_infusion_is_counted_where_the_dose_was_made_and_lists_its_order(world):
    order = waiting_order(world)
    world.say(order, "completed", "infusion", 95)
    assert listed(world, part="infused", week="2026-03-02") == ["CO-1"]
    rows = file_of(world.operations, "line", "plant", csv="throughput")
    assert rows[-1]["label"] == "23 Feb"  # the week that has just begun is not told yet
    with time_machine.travel(at(24 * 8), tick=False):
        assert file_of(world.operations, "line", "plant", csv="throughput")[-1]["Infused"] == "1"


def test_work_in_progress_counts_who_was_there_at_each_midnight(world):
    waiting_order(world, 1, hours=40)
    cancelled = waiting_order(world, 2, hours=40)
    world.say(cancelled, "cancelled", "", 80)
    counts = [int(row["Inbound"]) for row in file_of(world.operations, "line", "plant", csv="progress")]
    # Sent from 7 h (Monday 15:00) to 40 h (Wednesday 00:00) after T0, Monday 2 March 08:00.
    assert counts[-6:] == [0, 2, 0, 0, 0, 0]
    page = page_of(world.operations, "line_stage", "plant", "selection", csv="progress").content.decode()
    assert [line.split(",")[2] for line in page.splitlines()[-5:]] == ["0", "2", "2", "1", "1"]


def test_no_name_of_a_stage_is_a_formula_in_a_file(world):
    Stage.objects.update(name="=1+1")
    waiting_order(world, 1, hours=40)
    assert "'=1+1" in file_of(world.operations, "line", "plant", csv="progress")[0]


def test_a_run_of_a_cancelled_order_is_nowhere(world):
    world.say(waiting_order(world), "cancelled", "", 80)
    assert listed(world, part="waiting") == []
    row = next(row for row in file_of(world.operations, "lines", csv="") if row["stage"] == "selection")
    assert row["waiting"] == "0"


def test_a_product_narrows_everything_and_stays_in_the_address(world):
    waiting_order(world)
    other = make_flow("other").product
    rows = file_of(world.operations, "lines", csv="", product=other.code)
    assert {row["waiting"] for row in rows} == {"0"}
    page = page_of(world.operations, "line", "plant", product="product-small", weeks=26).content.decode()
    assert "part=waiting&amp;stage=selection&amp;product=product-small&amp;weeks=26" in page
    assert page_of(world.operations, "line", "plant", product="none\0", weeks="many").status_code == 200


def test_a_spreadsheet_takes_no_cell_for_a_formula(world):
    order = waiting_order(world)
    PatientOrder.objects.filter(pk=order.pk).update(coi="=1+1")
    assert listed(world, part="waiting") == ["'=1+1"]


@pytest.mark.parametrize(
    "query",
    [
        {"part": "nothing"}, {"low": "-1", "high": "many"}, {"low": "1e9"}, {"week": "2026-99-99"},
        {"at": "9999-12-31"}, {"part": "present", "at": "now"}, {"stage": "x\0y"},
        {"part": "completed", "week": "0001-01-01"},
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_lists_what_it_can(world, query):
    waiting_order(world)
    assert page_of(world.operations, "line_orders", "plant", **query).status_code == 200


def test_a_closed_pool_holds_its_line_up_now_whatever_the_past_days_say(world):
    period = make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=0, busy=0))
    period.evidence["pools"][0] |= {"condition": "closed", "capacity": 0}
    period.save(update_fields=["evidence"])
    assert "Now: held up by <strong>Suites</strong>" in page_of(world.operations, "bottlenecks").content.decode()


def test_bottlenecks_say_which_pool_why_and_what_it_costs(world):
    suite = make_pool(world.plant, "suite", "Suites", capacity=3, busy=3)
    make_bottleneck(suite)
    page = page_of(world.operations, "bottlenecks").content.decode()
    assert "By the past 7 days: held up by <strong>Suites</strong>, for 2 d 2 h" in page.replace("50 h", "2 d 2 h")
    assert "Falling behind" in page
    assert "Suites became the bottleneck" in page
    assert file_of(world.operations, "bottlenecks", csv="shares", days="30") == [
        {"line": "plant", "pool": "Suites", "hours": "50.0", "share": "0.0694", "times_named": "1"},
        {"line": "plant", "pool": "No bottleneck", "hours": "670.0", "share": "0.9306", "times_named": "0"},
    ]


def test_without_a_bottleneck_the_pool_nearest_to_one_is_told(world):
    make_pool(world.plant, "suite", "Suites", pressed_share=0.2)
    make_pool(world.plant, "qc_lane", "Lanes", pressed_share=0.4)
    page = page_of(world.operations, "bottlenecks").content.decode()
    assert "Past 7 days: no bottleneck. Nearest to one: Lanes, full with a queue for 40 %" in page


def test_bottlenecks_of_others_are_not_shown(world):
    make_bottleneck(make_pool(world.plant, "suite", "Suites"))
    for person in (world.stranger_person, world.coordinator):
        page = page_of(person, "bottlenecks").content.decode()
        assert "Suites" not in page
        assert "You belong to no plant" in page
