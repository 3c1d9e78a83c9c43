"""The control tower: the flow board, the bottleneck of each line, the orders at risk."""

import pytest
from django.urls import reverse

from batches.judgement.statuses import FlagCode, Severity
from batches.lines.statuses import PoolCondition
from dashboards.tower.queries.board import flow_board
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import (
    HTMX,
    browser_of,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.dashboards.tower.readings import at_risk, tower, words_of
from tests.supplychain.builders import at, make_flow, make_site, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def cells(response) -> dict[str, tuple]:
    return {
        cell.code: (cell.running, cell.waiting, cell.held, cell.failed, cell.oldest_ready_at)
        for group in response.context["board"]
        for cell in group.cells
        if not cell.is_idle
    }


def test_the_board_counts_who_runs_waits_is_held_and_failed_at_every_stage(world):
    running, waiting, held, failed = (world.order() for _ in range(4))
    world.say(running, "started", "collection", 1)
    world.say(held, "held", "collection", 3)
    for order in (waiting, failed):
        world.say(order, "started", "collection", 1)
        world.say(order, "completed", "collection", 5)
    world.say(failed, "started", "inbound", 6)
    world.say(failed, "failed", "inbound", 8)
    raise_flag(failed, FlagCode.STAGE_FAILED, stage="inbound", severity=Severity.CRITICAL)

    assert cells(tower(world.operations)) == {
        "collection": (1, 0, 1, 0, None),
        "inbound": (0, 1, 0, 1, at(5)),
    }


def test_stages_stand_in_flow_order_grouped_by_the_pool_they_share(world):
    groups = tower(world.operations).context["board"]
    assert [(group.code, [cell.code for cell in group.cells]) for group in groups] == [
        ("chair", ["collection"]),
        ("courier", ["inbound"]),
        ("suite", ["selection", "harvest"]),
        ("qc_lane", ["sterility"]),
        ("qa_reviewer", ["release"]),
        ("", ["infusion"]),
    ]


def test_a_stage_of_one_flow_only_stays_before_those_that_wait_for_it(world):
    longer = make_flow("longer")
    longer.stages.filter(code="sterility").update(code="thaw", position=10)
    for position, code in enumerate(("release", "infusion"), start=11):
        longer.stages.filter(code=code).update(position=position)

    codes = [cell.code for group in tower(world.operations).context["board"] for cell in group.cells]
    assert codes == ["collection", "inbound", "selection", "harvest", "sterility", "thaw", "release", "infusion"]


def test_pools_of_all_lines_in_view_are_added_up_and_the_worst_condition_shows(world):
    other = make_site("other-plant", kind="plant")
    make_pool(world.plant, "suite", "Suites", capacity=4, busy=4, condition=PoolCondition.STEADY_BACKLOG)
    make_pool(other, "suite", "Suites", capacity=2, busy=1)
    person = make_user("both", world.plant, other)

    suite = next(group for group in tower(person).context["board"] if group.code == "suite")
    shown = (suite.name, suite.busy, suite.capacity, suite.busy_percent, suite.condition)
    assert shown == ("Suites", 5, 6, "83%", PoolCondition.STEADY_BACKLOG)


def test_pools_of_a_hospital_that_is_not_the_persons_own_are_not_shown(world):
    make_pool(world.oslo, "chair", "Chairs", capacity=2, busy=1)
    world.order()
    chairs = {
        person.username: sum(group.capacity for group in tower(person).context["board"])
        for person in (world.operations, world.coordinator)
    }
    assert chairs == {"operations": 0, "coordinator": 2}


def test_the_bottleneck_is_named_with_its_reason_and_marked_on_its_stages(world):
    world.order()
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    response = tower(world.operations)

    marked = [group.code for group in response.context["board"] if group.bottlenecks]
    assert marked == ["suite"]
    assert [(line.site.code, line.period.why) for line in response.context["lines"]] == [
        ("plant", "Suites: 3 of 3 busy, 2 waiting")
    ]
    assert "is held up by <strong>Suites</strong>, for 2 d 2 h." in response.text
    assert '<span class="line-why">3 of 3 busy, 2 waiting</span>' in response.text
    assert "<td>Falling behind</td>" in response.text


def test_the_evidence_stands_at_the_mark_for_pointer_finger_and_keyboard(world):
    line = make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3)).line
    text = tower(world.operations).text
    assert f'<button class="bottleneck" type="button" aria-describedby="why-selection-{line.pk}">' in text
    shown = words_of(text.split(f'id="why-selection-{line.pk}">')[1].split("</div>")[0])
    assert shown.startswith("Suites hold up Plant since 4 Mar 2026 10:00, for 2 d 2 h. 3 of 3 busy, 2 waiting.")
    assert "9 came and 5 left in the window; new arrivals wait about 2 days." in shown


def test_a_coordinator_learns_that_the_plant_is_held_up_and_no_more(world):
    make_bottleneck(make_pool(world.plant, "suite", "Suites", capacity=3, busy=3))
    assert tower(world.coordinator).context["lines"] == []
    world.order()
    response = tower(world.coordinator)
    assert "is held up by <strong>Suites</strong>, for 2 d 2 h." in response.text
    assert "3 of 3 busy" not in response.text
    assert sum(group.capacity for group in response.context["board"]) == 0


def test_a_coordinator_does_not_hear_of_a_plant_that_flows_freely(world):
    world.order()
    assert [len(tower(person).context["lines"]) for person in (world.operations, world.coordinator)] == [1, 0]


def test_every_count_leads_to_its_orders_with_the_filter_kept(world):
    world.say(world.order(), "started", "collection", 1)
    world.order()
    text = tower(world.operations, "plant=plant").text
    assert f'href="{reverse("orders")}?stage=collection&amp;run=running&amp;plant=plant"' in text
    assert f'href="{reverse("orders")}?stage=collection&amp;run=ready&amp;plant=plant"' in text
    assert f'href="{reverse("orders")}?status=any&amp;flags=critical&amp;sort=urgency&amp;plant=plant"' in text


def test_a_wall_screen_has_no_navigation_and_says_when_it_is_old(world):
    raise_flag(world.order(), due=at(120), owner=world.coordinator)
    response = tower(world.operations, "wall=1&site=oslo")
    assert "mainnav" not in response.text
    assert "data-wall-warning" in response.text
    assert f'hx-get="{reverse("control_tower_live")}?site=oslo&amp;wall=1"' in response.text
    assert [risk.owners for risk in response.context["risks"].rows] == [[world.coordinator]]


def test_a_coordinator_sees_only_the_orders_of_their_site(world):
    mine, theirs = world.order(), world.order_of_bergen()
    for order in (mine, theirs):
        raise_flag(order, due=at(120))
    assert at_risk(tower(world.coordinator)) == [mine]
    assert at_risk(tower(world.stranger_person)) == [theirs]
    assert at_risk(tower(world.operations)) == [mine, theirs]


def test_a_person_of_every_site_sees_every_order(world):
    orders = [world.order(), world.order_of_bergen()]
    for order in orders:
        raise_flag(order, due=at(120))
    assert at_risk(tower(make_user("all", world.plant, world.oslo, world.bergen))) == orders


def test_a_person_of_no_site_is_told_so(world):
    raise_flag(world.order())
    response = tower(make_user("newcomer"))
    assert at_risk(response) == []
    assert cells(response) == {}
    assert "You are not a member of any site yet" in response.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("product=product-small", ["oslo", "bergen"]),
        ("product=product-other", []),
        ("plant=plant", ["oslo", "bergen"]),
        ("site=oslo", ["oslo"]),
        ("site=bergen&product=product-small", ["bergen"]),
        ("site=nowhere", []),
    ],
)
def test_the_filter_in_the_address_narrows_everything(world, query, expected):
    Product.objects.create(code="product-other", name="Other")
    for order in (world.order(), world.order_of_bergen()):
        raise_flag(order, due=at(120))
    response = tower(world.operations, query)
    assert [order.ordering_site.code for order in at_risk(response)] == expected
    assert response.context["counts"].open == len(expected)
    assert sum(cell[1] for cell in cells(response).values()) == len(expected)


@pytest.mark.parametrize("query", ["size=7&page=0", "page=-1", "size=&page=x", "page=9999999999999999999", "site=%00"])
def test_an_address_that_makes_no_sense_shows_a_page_all_the_same(world, query):
    assert tower(world.operations, query).status_code == 200


def test_the_list_comes_in_pages_that_keep_the_filter(world):
    for number in range(27):
        raise_flag(world.order(), due=at(101 + number))
    first = tower(world.operations, "plant=plant")
    assert len(at_risk(first)) == 25
    assert 'href="/?plant=plant&amp;size=50#risk-' in first.text
    assert 'href="/?plant=plant&amp;page=2"' in first.text
    assert len(at_risk(tower(world.operations, "plant=plant&page=2"))) == 2
    assert len(at_risk(tower(world.operations, "plant=plant&size=50"))) == 27


def test_the_fragment_is_fetched_with_the_filter_of_the_page(world):
    mine, theirs = world.order(), world.order_of_bergen()
    for order in (mine, theirs):
        raise_flag(order, due=at(120))
    page = tower(world.operations, "site=oslo")
    assert f'hx-get="{reverse("control_tower_live")}?site=oslo"' in page.text
    fragment = browser_of(world.operations).get(f"{reverse('control_tower_live')}?site=oslo", headers=HTMX)
    assert at_risk(fragment) == [mine]
    assert "<html" not in fragment.text


def test_a_fragment_after_the_session_has_ended_leads_the_whole_page_to_the_login(client, db):
    asked_from = {"HX-Current-URL": "http://testserver/?site=oslo"}
    response = client.get(reverse("control_tower_live"), headers=HTMX | asked_from)
    assert response.headers["HX-Redirect"] == f"{reverse('login')}?next=%2F%3Fsite%3Doslo"


def test_times_stand_in_the_zone_of_the_persons_first_site(world):
    world.oslo.time_zone = "Europe/Oslo"
    world.oslo.save()
    raise_flag(world.order(), due=at(120), since=at(10))
    assert "2 Mar 2026 19:00" in tower(world.coordinator).text
    assert "2 Mar 2026 18:00" in tower(world.operations).text


def test_nobody_keeps_a_copy_of_the_page(world):
    cache_control = tower(world.operations).headers["Cache-Control"]
    assert cache_control == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_what_is_booked_for_a_day_to_come_is_not_the_oldest_that_waits(world):
    booked, come = world.order(), world.order()
    world.say(booked, "scheduled", "collection", 1, payload={"planned_start_at": at(150).isoformat()})
    world.say(come, "scheduled", "collection", 1, payload={"planned_start_at": at(90).isoformat()})
    picked = world.order()
    for kind, hours in (("started", 1), ("completed", 5)):
        world.say(picked, kind, "collection", hours)
    world.say(picked, "scheduled", "inbound", 6, payload={"planned_pickup_at": "2026-03-10T09:00:00+01:00"})
    response = tower(world.operations)
    assert cells(response) == {"collection": (0, 2, 0, 0, at(90)), "inbound": (0, 1, 0, 0, None)}
    assert words_of(response.text).count("1 booked") == 2


def test_what_is_reported_to_start_later_waits_on_the_board(world):
    order = world.order()
    world.say(order, "completed", "collection", 2)
    world.say(order, "started", "inbound", 5)
    for moment, running, waiting in ((at(3), 0, 1), (at(6), 1, 0)):
        board = flow_board(PatientOrder.objects.all(), [], [], moment)
        (cell,) = [cell for group in board for cell in group.cells if cell.code == "inbound"]
        assert (cell.running, cell.waiting) == (running, waiting)
