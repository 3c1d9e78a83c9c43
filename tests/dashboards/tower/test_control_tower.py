"""The control tower: the flow board, the bottleneck of each line, the orders at risk."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from batches.flags.actions.people import settle_flag
from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Harm, Severity
from batches.lines.statuses import PoolCondition
from batches.notifications.actions.notifications import tell_due_flips
from dashboards.tower.queries.board import flow_board
from supplychain.flows.models import Product
from supplychain.orders.models import PatientOrder
from supplychain.people.statuses import Role
from tests.dashboards.builders import (
    HTMX,
    TowerWorld,
    browser_of,
    make_bottleneck,
    make_pool,
    raise_flag,
)
from tests.supplychain.builders import at, make_flow, make_site, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> TowerWorld:
    return TowerWorld()


@pytest.fixture(autouse=True)
def _now_is_hour_100() -> Iterator[None]:
    with time_machine.travel(at(100), tick=False):
        yield


def tower(person, query=""):
    return browser_of(person).get(f"{reverse('control_tower')}?{query}")


def cells(response) -> dict[str, tuple]:
    return {
        cell.code: (cell.running, cell.waiting, cell.held, cell.failed, cell.oldest_ready_at)
        for group in response.context["board"]
        for cell in group.cells
        if not cell.is_idle
    }


def at_risk(response) -> list[PatientOrder]:
    """What cannot wait, then the others."""
    risks = response.context["risks"]
    return [risk.order for risk in (*risks.pinned, *risks.rows)]


def pinned(response) -> list[PatientOrder]:
    return [risk.order for risk in response.context["risks"].pinned]


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
    assert shown.startswith("Suites holds up Plant since 04 Mar 2026 10:00, for 2 d 2 h. 3 of 3 busy, 2 waiting.")
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


def test_an_ended_order_with_a_raised_flag_stands_in_the_list_and_is_said_to_have_ended(world):
    order = world.order()
    raise_flag(order, FlagCode.STAGE_FAILED, stage="sterility", severity=Severity.CRITICAL)
    world.say(order, "cancelled", hours=90)
    response = tower(world.operations)
    assert at_risk(response) == [order]
    assert "This order has ended: cancelled" in response.text
    assert response.context["counts"].open == 0


def test_each_row_says_since_when_and_whose(world):
    order = world.order()
    raise_flag(order, due=at(120), since=at(95), owner=world.coordinator)
    raise_flag(order, FlagCode.SILENT, stage="", since=at(60))
    raise_flag(world.order(), since=at(99))
    rows = tower(world.operations).context["risks"].rows
    assert [(risk.since, [str(owner) for owner in risk.owners]) for risk in rows] == [
        (at(60), ["coordinator"]),
        (at(99), []),
    ]


def test_the_list_can_show_only_mine_nobodys_or_what_nobody_has_acknowledged(world):
    mine, nobodys, seen = world.order(), world.order(), world.order()
    raise_flag(mine, due=at(110), owner=world.operations)
    raise_flag(nobodys, due=at(120))
    raise_flag(seen, due=at(130), owner=world.coordinator, acknowledged_at=at(99), acknowledged_by="coordinator")
    shown = {whose: at_risk(tower(world.operations, f"whose={whose}")) for whose in ("mine", "nobody", "unseen", "x")}
    assert shown == {"mine": [mine], "nobody": [nobodys], "unseen": [mine, nobodys], "x": [mine, nobodys, seen]}
    assert 'whose=mine"' in tower(world.operations, "whose=mine").text


def test_a_wall_screen_has_no_navigation_and_says_when_it_is_old(world):
    raise_flag(world.order(), due=at(120), owner=world.coordinator)
    response = tower(world.operations, "wall=1&site=oslo")
    assert "mainnav" not in response.text
    assert "data-wall-warning" in response.text
    assert f'hx-get="{reverse("control_tower_live")}?site=oslo&amp;wall=1"' in response.text
    assert [risk.owners for risk in response.context["risks"].rows] == [[world.coordinator]]


def words_of(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split()).replace(" .", ".").replace(" ,", ",").replace(" ;", ";")


@pytest.fixture
def night(world) -> dict[str, PatientOrder]:
    """What a night shift finds, worst first; raised in the wrong order."""
    critical = {"severity": Severity.CRITICAL}
    kinds = {
        "given": {"code": FlagCode.STAGE_FAILED, "harm": Harm.DOSE_IN_DOUBT, "since": at(98), **critical},
        "swapped": {"code": FlagCode.IDENTITY_SHARED, "since": at(40), **critical},
        "dying": {"code": FlagCode.HOLD_EXPIRING, "due": at(109), **critical},
        "ageing": {"code": FlagCode.HOLD_EXPIRING, "due": at(150)},
        "failed": {"code": FlagCode.STAGE_FAILED, "since": at(2), **critical},
        "held": {"code": FlagCode.ON_HOLD, "due": at(101)},
        "silent": {"code": FlagCode.SILENT, "due": at(20), **critical},
        "late": {"code": FlagCode.STAGE_LATE, "due": at(200)},
        "promised": {"code": FlagCode.PROMISE_AT_RISK, "due": at(-900), **critical},
    }
    orders = {}
    for name in reversed(kinds):
        orders[name] = world.order(coi=f"CO-{name.upper()}")
        raise_flag(orders[name], raised_at=at(95), **kinds[name])
        raise_flag(orders[name], FlagCode.PROMISE_AT_RISK, stage="x", due=at(50), raised_at=at(95))
    return {name: orders[name] for name in kinds}


def test_orders_at_risk_stand_by_harm_and_then_by_the_latest_moment_to_act(world, night):
    response = tower(world.operations)
    assert at_risk(response) == list(night.values())
    assert pinned(response) == [night[name] for name in ("given", "swapped", "dying")]
    counts = response.context["counts"]
    assert (counts.critical, counts.attention, counts.open, counts.promises) == (6, 3, 9, 1)


def test_every_list_that_is_sorted_by_urgency_has_the_same_order(world, night):
    wanted = [order.coi for order in night.values()]
    client = browser_of(world.operations)
    listed = client.get(f"{reverse('orders')}?sort=urgency").context["lines"]
    assert [line.order.coi for line in listed] == wanted
    handed = client.get(reverse("handover")).context["report"]
    once = dict.fromkeys(flag.order.coi for flag in handed.open_flags)
    assert list(once) == wanted
    assert list(dict.fromkeys(change.flag.order.coi for change in handed.raised)) == wanted
    tell_due_flips(now=at(100))
    inbox = client.get(reverse("inbox")).context["inbox"]
    assert [group.order.coi for group in inbox.groups] == wanted


def test_what_cannot_wait_is_pinned_on_every_page_and_on_the_wall(world, night):
    for query in ("page=2", "whose=mine", "wall=1"):
        response = tower(world.operations, query)
        assert pinned(response) == [night[name] for name in ("given", "swapped", "dying")]
        assert response.text.index("Act within 12 hours") < response.text.index("CO-GIVEN")
    assert pinned(tower(world.operations, "site=bergen")) == []


def test_a_row_says_why_it_stands_there(world, night):
    for query in ("", "wall=1"):
        text = words_of(tower(world.operations, query).text)
        assert "A dose in doubt was given: act at once" in text
        assert "Cells run out of time: act within 9 h" in text


def test_two_orders_that_share_a_label_are_one_row(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other, third = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO", "THREE"))
    for order in (first, other):
        raise_flag(order, FlagCode.IDENTITY_SHARED, **shared)
    raise_flag(third, FlagCode.IDENTITY_SHARED, **shared | {"subject": "donation:B-8"})
    response = tower(world.operations)
    found = [(row.order, [one.order for one in row.partners]) for row in response.context["risks"].pinned]
    assert sorted(found, key=str) == sorted([(first, [other]), (third, [])], key=str) or found[0][1] == [first]
    assert len(found) == 2
    text = words_of(response.text)
    assert "3 orders: a dose in doubt" in text
    assert all(code in text for code in ("CO-ONE", "CO-TWO", "CO-THREE"))
    assert text.count("Acknowledge") >= 3
    assert "CO-TWO" in tower(world.operations, "wall=1").text


def test_a_pair_is_one_row_though_one_of_them_is_in_doubt_otherwise_too(world):
    shared = {"harm": Harm.IDENTITY, "severity": Severity.CRITICAL, "subject": "donation:B-7", "stage": ""}
    first, other = (world.order(coi=f"CO-{name}") for name in ("ONE", "TWO"))
    raise_flag(first, FlagCode.DONATION_NUMBER, **shared | {"subject": "B-7"}, since=at(3))
    raise_flag(first, FlagCode.IDENTITY_SHARED, **shared, since=at(9))
    raise_flag(other, FlagCode.IDENTITY_SHARED, **shared, since=at(8))
    (row,) = tower(world.operations).context["risks"].pinned
    assert {row.order, *(one.order for one in row.partners)} == {first, other}


def test_the_number_to_call_stands_beside_the_alarm(world, night):
    type(world.plant).objects.filter(pk=world.plant.pk).update(telephone="+47 22 00 00 01")
    assert 'href="tel:+4722000001"' in tower(world.operations).text


def test_promises_are_a_group_that_comes_last(world, night):
    text = tower(world.operations).text
    assert text.index("CO-LATE") < text.index('id="promises-title"') < text.index("CO-PROMISED")
    wall = tower(world.operations, "wall=1").text
    assert "1 promised date at risk, nothing else wrong with it" in words_of(wall)
    assert "CO-PROMISED" not in wall


def test_what_was_to_be_done_at_once_and_is_acknowledged_is_pinned_no_longer(world, night):
    Flag.objects.filter(order__in=[night["swapped"], night["dying"]]).update(
        acknowledged_at=at(99), acknowledged_by="Somebody"
    )
    response = tower(world.operations)
    assert pinned(response) == [night["given"], night["dying"]]
    assert response.context["risks"].rows[0].order == night["swapped"]


def test_a_dose_in_doubt_is_pinned_until_quality_assurance_settles_it(world, night):
    given = Flag.objects.filter(order=night["given"], harm=Harm.DOSE_IN_DOUBT)
    given.update(acknowledged_at=at(99), acknowledged_by="Somebody")
    assert pinned(tower(world.operations))[0] == night["given"]
    quality = make_user("quality", world.plant, role=Role.QA)
    settle_flag(given.get().pk, by=quality, reason="The physician knows; deviation D-17.", now=at(99.5))
    assert pinned(tower(world.operations)) == [night["swapped"], night["dying"]]


def test_slack_stands_in_words(world):
    raise_flag(world.order(), due=at(131), severity=Severity.CRITICAL)
    raise_flag(world.order(), due=at(96))
    text = tower(world.operations).text
    assert '<span class="slack">31 h left</span>' in text
    assert '<span class="slack is-over">4 h over</span>' in text


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
    assert "02 Mar 2026 19:00" in tower(world.coordinator).text
    assert "02 Mar 2026 18:00" in tower(world.operations).text


def test_nobody_keeps_a_copy_of_the_page(world):
    cache_control = tower(world.operations).headers["Cache-Control"]
    assert cache_control == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_what_is_reported_to_start_later_waits_on_the_board(world):
    order = world.order()
    world.say(order, "completed", "collection", 2)
    world.say(order, "started", "inbound", 5)
    for moment, running, waiting in ((at(3), 0, 1), (at(6), 1, 0)):
        board = flow_board(PatientOrder.objects.all(), [], [], moment)
        (cell,) = [cell for group in board for cell in group.cells if cell.code == "inbound"]
        assert (cell.running, cell.waiting) == (running, waiting)
