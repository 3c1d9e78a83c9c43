"""The order list: what each filter lets through, and what its rows say."""

from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from batches.flags.statuses import IS_OVER
from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus, Priority
from tests.dashboards.builders import browser_of, make_pool, raise_flag
from tests.dashboards.orders.builders import change, forecast
from tests.dashboards.orders.readings import shown
from tests.supplychain.builders import at, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]

# Session, person, their sites, whether there are others: 4. Sites and products to choose from: 3 (2 for who sees all).
# What has ended and is flagged: 1. The page: 4 runs. Products, sites, runs, forecasts, events, flags: 6. How many: 1.
# Whose cells have a limit that runs: 1.
LIVE = 20
# Besides: the person's views, the stages.
PAGE = 22
# Session to products: 7. What has ended and is flagged: 1. The ids in 4 runs. The orders themselves, products, sites,
# runs, forecasts, events, flags, limits of cells: 8.
CSV = 20


def lines(person, query: str = "") -> list:
    return browser_of(person).get(f"{reverse('orders')}?{query}").context["lines"]


@pytest.fixture
def orders(world) -> dict[str, PatientOrder]:
    """One order in each state that a filter can tell."""
    made = {name: world.order(coi=f"CO-{name}") for name in ("PLAIN", "RISKY", "LATE", "HELD", "INFUSED", "GONE")}
    made["BERGEN"] = world.order_of_bergen(coi="CO-BERGEN", priority=Priority.URGENT, ordered_at=at(48))
    raise_flag(made["RISKY"], severity=Severity.CRITICAL, owner=world.operations)
    raise_flag(made["RISKY"], FlagCode.SILENT)
    raise_flag(made["LATE"], acknowledged_at=at(20), acknowledged_by="Somebody")
    raise_flag(made["PLAIN"], cleared_at=at(30), severity=Severity.CRITICAL)
    change(made["HELD"], status=OrderStatus.ON_HOLD, held_at=at(5), current_stage="selection")
    change(made["INFUSED"], status=OrderStatus.INFUSED, infused_at=at(90))
    change(made["GONE"], status=OrderStatus.CANCELLED, cancelled_at=at(9))
    change(made["RISKY"], promised_at=at(99))
    change(made["LATE"], promised_at=at(101))
    change(made["BERGEN"], promised_at=at(24 * 9))
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "PLAIN RISKY LATE HELD BERGEN"),
        ("status=open", "PLAIN RISKY LATE HELD BERGEN"),
        ("status=any", "PLAIN RISKY LATE HELD BERGEN INFUSED GONE"),
        ("status=on_hold", "HELD"),
        ("status=infused", "INFUSED"),
        ("status=cancelled", "GONE"),
        ("flags=raised", "RISKY LATE"),
        ("flags=critical", "RISKY"),
        ("flags=attention", "LATE"),
        ("flags=none", "PLAIN HELD BERGEN"),
        ("flags=none&status=any", "PLAIN HELD BERGEN INFUSED GONE"),
        ("flags=unacknowledged", "RISKY"),
        ("owner=me", "RISKY"),
        ("owner=me&flags=attention", ""),
        ("stage=selection", "HELD"),
        # At two stages at once: one that its row names, and one whose run waits there.
        ("stage=collection", "PLAIN RISKY LATE HELD BERGEN"),
        ("stage=collection&run=ready", "PLAIN RISKY LATE BERGEN"),
        ("stage=collection&run=running", ""),
        ("priority=urgent", "BERGEN"),
        ("priority=routine&status=open", "PLAIN RISKY LATE HELD"),
        ("site=bergen", "BERGEN"),
        ("site=oslo", "PLAIN RISKY LATE HELD"),
        ("site=nowhere", ""),
        ("plant=plant", "PLAIN RISKY LATE HELD BERGEN"),
        ("plant=oslo", ""),
        ("product=product-small", "PLAIN RISKY LATE HELD BERGEN"),
        ("product=other", ""),
        ("due=overdue", "RISKY"),
        ("due=today", "RISKY LATE"),
        ("due=week", "RISKY LATE BERGEN"),
        ("due=none", "PLAIN HELD"),
        ("promised_from=2026-03-07", "BERGEN"),
        ("promised_to=2026-03-06", "RISKY LATE"),
        ("ordered_from=2026-03-03", "BERGEN"),
        ("ordered_from=2026-03-02&ordered_to=2026-03-02", "PLAIN RISKY LATE HELD"),
        ("infused=month", "INFUSED"),
        ("infused=2026-03", "INFUSED"),
        ("infused=2026-02", ""),
    ],
)
def test_each_filter_lets_through_what_it_says(world, orders, query, expected):
    # The promise of BERGEN, nine days after T0, is within the seven days after hour 100 only just.
    change(orders["BERGEN"], promised_at=at(24 * 9))
    assert sorted(shown(world.operations, query)) == sorted(f"CO-{name}" for name in expected.split())


def test_a_stranger_sees_nothing_and_a_coordinator_their_own(world, orders):
    assert shown(world.stranger_person, "status=any") == ["CO-BERGEN"]
    assert "CO-BERGEN" not in shown(world.coordinator, "status=any")
    assert shown(make_user("newcomer"), "status=any") == []


def test_dates_are_those_of_the_persons_zone(world):
    # Half past midnight of 3 March in Oslo is still 2 March in UTC.
    world.order(coi="CO-NIGHT", ordered_at=at(15.5))
    world.oslo.time_zone = "Europe/Oslo"
    world.oslo.save()
    assert shown(world.coordinator, "ordered_from=2026-03-03") == ["CO-NIGHT"]
    assert shown(world.operations, "ordered_from=2026-03-03") == []


def test_an_order_says_where_it_stands_since_when_and_what_is_wrong(world):
    order = world.order(coi="CO-1", promised_at=at(200))
    world.say(order, "started", "collection", 90)
    forecast(order, 212.5)
    raise_flag(order, FlagCode.SILENT)
    raise_flag(order, FlagCode.STAGE_LATE, severity=Severity.CRITICAL)
    (line,) = lines(world.operations)
    assert (line.stage_name, line.run.status, line.since) == ("Collection", "running", at(90))
    assert (line.flag.code, line.more_flags, line.slack_hours) == (FlagCode.STAGE_LATE, 1, -12.5)
    assert (line.last_event_words, line.last_event.occurred_at) == ("Collection started", at(90))


def test_what_is_booked_for_a_day_to_come_is_said_to_be_booked_not_to_wait(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 1, payload={"planned_start_at": at(150).isoformat()})
    page = browser_of(world.operations).get(reverse("orders")).content.decode()
    assert "booked for <time" in page
    assert "waiting to start" not in page
    with time_machine.travel(at(150), tick=False):
        assert "waiting to start" in browser_of(world.operations).get(reverse("orders")).content.decode()
    with time_machine.travel(at(151), tick=False):
        missed = browser_of(world.operations).get(reverse("orders")).content.decode()
    assert "was booked for <time" in missed
    assert "not begun" in missed


def test_what_has_ended_has_no_slack_and_no_forecast(world):
    order = world.order()
    forecast(order, 212.5)
    change(order, status=OrderStatus.CLOSED, closed_at=at(50))
    (line,) = lines(world.operations, "status=any")
    assert (line.ready, line.slack_hours, line.run) == (None, None, None)


def test_counting_stops_where_it_would_cost(world, monkeypatch):
    monkeypatch.setattr("dashboards.orders.views.list.MOST_COUNTED", 2)
    for number in range(3):
        world.order(coi=f"CO-{number}")
    assert "More than 2 orders" in browser_of(world.operations).get(reverse("orders")).text


def test_choosing_orders_is_for_those_who_may_report(world):
    world.order()
    assert browser_of(world.operations).get(reverse("orders")).context["may_record"]
    assert not browser_of(world.coordinator).get(reverse("orders")).context["may_record"]


def test_names_that_hang_on_evidence_are_read_at_once(world):
    client, costs = browser_of(world.coordinator), []
    for number in range(2):
        raise_flag(world.order(coi=f"CO-{number}"), FlagCode.HOLD_EXPIRING, evidence={IS_OVER: True})
        client.get(reverse("orders"))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse("orders")).content.count(b"Permitted wait over") == number + 1
        costs.append(len(asked))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("orders", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("orders", PAGE), ("orders_live", LIVE), ("orders_csv", CSV)])
def test_the_list_costs_the_same_for_one_order_and_for_three(world, django_assert_num_queries, orders, name, queries):
    make_pool(world.plant, "suite", "Suites")
    for number in range(orders):
        order = world.order(coi=f"CO-{number}", promised_at=at(300))
        world.say(order, "started", "collection", 90)
        forecast(order, float(number))
        raise_flag(order, owner=world.operations)
        raise_flag(order, FlagCode.SILENT)
    client = browser_of(world.coordinator)
    client.get(reverse(name)).getvalue() if name == "orders_csv" else client.get(reverse(name))
    with django_assert_num_queries(queries):
        response = client.get(reverse(name))
        body = response.getvalue() if response.streaming else response.content
    assert body.count(b"CO-") >= orders


def test_the_finder_leads_on_to_those_that_begin_so(world):
    world.order(coi="CO-123")
    response = browser_of(world.operations).get(reverse("find_order"), {"code": " CO-1 "})
    address = urlsplit(response.headers["Location"])
    assert (response.status_code, address.path, address.query) == (302, reverse("orders"), "q=CO-1")


def test_views_that_everybody_has(world, orders):
    context = browser_of(world.operations).get(reverse("orders")).context
    found = {name: {coi.removeprefix("CO-") for coi in shown(world.operations, query)}
             for name, query in context["usual_views"]}  # fmt: skip
    assert found == {
        "Open or flagged": {"PLAIN", "RISKY", "LATE", "HELD", "BERGEN"},
        "At risk": {"RISKY", "LATE"},
        "On hold": {"HELD"},
        "Due this week": {"RISKY", "LATE", "BERGEN"},
        "Infused this month": {"INFUSED"},
        "All": {"PLAIN", "RISKY", "LATE", "HELD", "BERGEN", "INFUSED", "GONE"},
    }


def test_who_has_ended_and_is_flagged_stands_in_the_untouched_list_and_not_among_the_open(world, orders):
    raise_flag(orders["INFUSED"], FlagCode.STAGE_FAILED, severity=Severity.CRITICAL)
    raise_flag(orders["GONE"], cleared_at=at(30))
    assert shown(world.operations)[0] == "CO-INFUSED"
    assert "CO-GONE" not in shown(world.operations)
    assert shown(world.operations, "sort=slack")[-1] == "CO-INFUSED"
    assert "CO-INFUSED" not in shown(world.operations, "status=open")
    counts = browser_of(world.operations).get(reverse("control_tower")).context["counts"]
    assert counts.critical == len(shown(world.operations, "flags=critical"))


def test_who_has_another_flag_of_an_order_does_not_have_the_one_that_is_named(world):
    order = world.order(coi="CO-1")
    raise_flag(order, FlagCode.STAGE_FAILED, severity=Severity.CRITICAL)
    assert "nobody has it<" in browser_of(world.coordinator).get(reverse("orders")).text
    raise_flag(order, FlagCode.SILENT, owner=world.operations)
    said = f"nobody has it ({world.operations} has another of its flags)"
    assert said in browser_of(world.coordinator).get(reverse("orders")).text
    assert "nobody has it (you have another of its flags)" in browser_of(world.operations).get(reverse("orders")).text


def test_the_row_tells_of_the_critical_flag_though_another_gives_it_its_place(world):
    order = world.order(coi="CO-1")
    raise_flag(order, FlagCode.HOLD_EXPIRING, due=at(101))
    raise_flag(order, FlagCode.SILENT, severity=Severity.CRITICAL)
    text = " ".join(browser_of(world.operations).get(reverse("orders")).text.split())
    assert '<span class="visually-hidden">Critical:</span> Expected news did not come' in text
    assert "Permitted wait running out" not in text.split("<tbody>")[1]
