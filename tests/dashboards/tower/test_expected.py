"""What is expected today: overdue, still to come, early tomorrow; in the person's own zone."""

from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from batches.forecasts.models import Forecast
from batches.judgement.statuses import FlagCode, Harm, Severity
from dashboards.tower.rules import SHOWN, DayPart, DayTimes, Expectation, Expected, day_of
from supplychain.orders.actions.events import record_event
from tests.dashboards.builders import TowerWorld, browser_of, raise_flag
from tests.supplychain.builders import at, report


def row(hours: float, part: DayPart, what: Expectation = Expectation.START, of: int = 1) -> Expected:
    return Expected(at(hours), what, UUID(int=int(hours)), f"CO-{hours}", "p", "inbound", "Oslo", part, of)


def test_of_what_is_overdue_the_newest_are_shown_and_all_are_counted():
    day = day_of([row(hours, DayPart.OVERDUE, of=40) for hours in range(20)], SHOWN)
    assert [one.due for one in day.overdue.rows] == [at(hours) for hours in range(14, 20)]
    assert (day.overdue.total, day.overdue.hidden, day.today.total) == (40, 34, 0)


def test_totals_of_different_sorts_are_added_up():
    rows = [
        row(1, DayPart.TODAY, of=7),
        row(2, DayPart.TODAY, Expectation.END, 7),
        row(3, DayPart.TODAY, Expectation.WANTED, 2),
    ]
    assert day_of(rows, SHOWN).today.total == 9


def test_midnight_is_that_of_the_persons_zone_even_when_the_clock_changes():
    # T0 is 2 March 2026 08:00 UTC; summer time begins in Oslo on 29 March.
    times = DayTimes.of(at(26.5 * 24), ZoneInfo("Europe/Oslo"))
    assert times.midnight.isoformat() == "2026-03-29T00:00:00+01:00"
    assert times.early_tomorrow.isoformat() == "2026-03-29T10:00:00+02:00"


@pytest.fixture
def world(db) -> TowerWorld:
    return TowerWorld()


@pytest.fixture
def _now_is_hour_4() -> Iterator[None]:
    with time_machine.travel(at(4), tick=False):
        yield


def expected(person, query: str = "") -> dict[str, list[tuple]]:
    day = browser_of(person).get(f"{reverse('control_tower')}?{query}").context["day"]
    return {part: [(one.due, one.stage, one.what, one.who) for one in getattr(day, part).rows] for part in DayPart}


def planned(**hours: float) -> dict[str, str]:
    return {name: at(value).isoformat() for name, value in hours.items()}


@pytest.mark.usefixtures("_now_is_hour_4")
def test_starts_ends_pickups_deliveries_and_promises_stand_in_the_day(world):
    late, running, sent, promised = (world.order() for _ in range(4))
    world.say(late, "scheduled", "collection", 0.5, payload=planned(planned_start_at=2, planned_end_at=8))
    world.say(running, "scheduled", "collection", 0.5, payload=planned(planned_start_at=1, planned_end_at=9))
    world.say(running, "started", "collection", 1)
    world.say(sent, "started", "collection", 1)
    world.say(sent, "completed", "collection", 2)
    moments = planned(planned_pickup_at=2, planned_delivery_at=22, qualified_until=12)
    world.say(sent, "started", "inbound", 3, payload=moments | {"courier": "Swift"})
    type(promised).objects.filter(pk=promised.pk).update(promised_at=at(60))

    assert expected(world.operations) == {
        DayPart.OVERDUE: [(at(2), "collection", "starts", "Oslo")],
        DayPart.TODAY: [
            (at(9), "collection", "ends", "Oslo"),
            (at(12), "inbound", "cold guaranteed no longer", "Swift"),
        ],
        DayPart.TOMORROW: [(at(22), "inbound", "delivery", "Swift")],
    }
    type(promised).objects.filter(pk=promised.pk).update(promised_at=at(5))
    assert (at(5), "", "Wanted ready to infuse", "Oslo") in expected(world.operations)[DayPart.TODAY]


@pytest.mark.usefixtures("_now_is_hour_4")
def test_what_never_began_is_not_said_to_end(world):
    held, later, at_work = (world.order() for _ in range(3))
    for order in (held, later, at_work):
        world.say(order, "scheduled", "collection", 0.5, payload=planned(planned_start_at=2, planned_end_at=3))
    world.say(held, "held", "collection", 1, payload={"reason": "Fever"})
    result = record_event(report(later, "started", "collection", 5), by=world.everywhere, now=at(1))
    assert result.reason == ""
    world.say(at_work, "started", "collection", 1)
    page = browser_of(world.operations).get(reverse("control_tower"))
    rows = {row.order_id: (row.due, row.words) for row in page.context["day"].overdue.rows}
    assert rows == {
        held.pk: (at(2), "has not begun"), later.pk: (at(2), "has not begun"), at_work.pk: (at(3), "has not ended"),
    }  # fmt: skip
    assert "Collection has not begun" in " ".join(page.content.decode().split())


@pytest.mark.usefixtures("_now_is_hour_4")
def test_the_counts_above_the_list_come_to_all_that_it_can_show(world):
    for hours in (2, 9, 22):
        world.say(world.order(), "scheduled", "collection", 0.5, payload=planned(planned_start_at=hours))
    page = browser_of(world.operations).get(reverse("control_tower"))
    assert "1 overdue</strong>, 1 still to come, 1 early tomorrow</p>" in page.content.decode()
    assert page.context["day"].total == 3


@pytest.mark.usefixtures("_now_is_hour_4")
def test_the_end_of_what_the_cells_have_left_is_expected_no_more(world):
    arrived, under_way = world.order(), world.order()
    for order in (arrived, under_way):
        world.say(order, "scheduled", "collection", 0.2, payload=planned(planned_start_at=0.5, planned_end_at=9))
        world.say(order, "started", "collection", 0.5)
        moments = planned(planned_pickup_at=1, planned_delivery_at=5, qualified_until=12)
        world.say(order, "started", "inbound", 1, payload=moments)
    assert [row[1:3] for row in expected(world.operations)[DayPart.TODAY]] == [
        ("inbound", "delivery"), ("inbound", "delivery"), ("inbound", "cold guaranteed no longer"),
        ("inbound", "cold guaranteed no longer"),
    ]  # fmt: skip
    world.say(arrived, "started", "selection", 3)
    rows = browser_of(world.operations).get(reverse("control_tower")).context["day"].today.rows
    assert {row.order_id for row in rows} == {under_way.pk}


@pytest.mark.usefixtures("_now_is_hour_4")
def test_what_the_cells_have_passed_is_not_expected_to_begin(world):
    arrived, waits = world.order(), world.order()
    for order in (arrived, waits):
        world.say(order, "completed", "collection", 0.5)
        world.say(order, "scheduled", "inbound", 0.6, payload=planned(planned_pickup_at=1, planned_delivery_at=5))
    world.say(arrived, "started", "selection", 3)
    rows = browser_of(world.operations).get(reverse("control_tower")).context["day"].overdue.rows
    assert {(row.order_id, row.stage, row.what) for row in rows} == {(waits.pk, "inbound", Expectation.PICKUP)}


@pytest.mark.usefixtures("_now_is_hour_4")
def test_a_dose_that_is_ready_is_awaited_no_more_though_its_promise_has_passed(world):
    awaited, ready = world.order(), world.order()
    type(ready).objects.filter(pk__in=[awaited.pk, ready.pk]).update(promised_at=at(2))
    for order, is_reached in ((awaited, False), (ready, True)):
        Forecast.objects.create(order=order, made_at=at(1), ready_at=at(1), evidence={"is_reached": is_reached})
    browser = browser_of(world.operations)
    rows = browser.get(reverse("control_tower")).context["day"].overdue.rows
    assert [one.order_id for one in rows] == [awaited.pk]


@pytest.mark.usefixtures("_now_is_hour_4")
def test_nothing_is_expected_of_an_order_that_has_ended_or_of_another_site(world):
    ended, theirs = world.order(), world.order_of_bergen()
    for order in (ended, theirs):
        world.say(order, "scheduled", "collection", 0.5, payload=planned(planned_start_at=2))
    world.say(ended, "cancelled", hours=1)
    assert expected(world.coordinator) == {part: [] for part in DayPart}
    assert [who for *_, who in expected(world.operations)[DayPart.OVERDUE]] == ["Bergen"]
    assert expected(world.operations, "site=oslo")[DayPart.OVERDUE] == []


@pytest.mark.usefixtures("_now_is_hour_4")
def test_all_of_a_long_day_can_be_asked_for(world):
    for _ in range(8):
        world.say(world.order(), "scheduled", "collection", 0.5, payload=planned(planned_start_at=2))
    page = browser_of(world.operations).get(reverse("control_tower"))
    assert "Show all 8" in page.text
    assert [len(expected(world.operations, query)[DayPart.OVERDUE]) for query in ("", "day=all", "wall=1")] == [6, 8, 3]


@pytest.mark.usefixtures("_now_is_hour_4")
def test_an_empty_day_says_what_would_fill_it(world):
    assert "Nothing is planned for today" in browser_of(world.operations).get(reverse("control_tower")).text


@pytest.mark.usefixtures("_now_is_hour_4")
def test_what_is_booked_of_a_stopped_order_says_that_it_must_not_start(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 1, payload=planned(planned_start_at=6))
    tower = reverse("control_tower")
    assert "must not start" not in browser_of(world.operations).get(tower).text
    raise_flag(order, FlagCode.IDENTITY_SHARED, severity=Severity.CRITICAL, stage="", harm=Harm.IDENTITY)
    assert "stopped: must not start" in browser_of(world.operations).get(tower).text


@pytest.mark.usefixtures("_now_is_hour_4")
def test_what_is_booked_of_an_order_on_hold_says_so(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 1, payload=planned(planned_start_at=6))
    world.say(order, "held", "", 2)
    page = browser_of(world.operations).get(reverse("control_tower"))
    assert "order on hold: must not start" in page.text


@pytest.mark.usefixtures("_now_is_hour_4")
def test_nothing_is_expected_of_cells_that_were_destroyed(world):
    order = world.order()
    world.say(order, "scheduled", "collection", 0.5, payload=planned(planned_start_at=2))
    assert len(expected(world.operations)[DayPart.OVERDUE]) == 1
    lost = {"stage": "", "severity": Severity.CRITICAL, "evidence": {"doses": [{"number": "A1", "status": "rejected"}]}}
    flag = raise_flag(order, FlagCode.DOSE_REJECTED, **lost)
    assert len(expected(world.operations)[DayPart.OVERDUE]) == 1
    flag.evidence = {"doses": [{"number": "", "status": "destroyed"}]}
    flag.save()
    assert expected(world.operations)[DayPart.OVERDUE] == []


def test_a_guarantee_that_ended_is_not_late():
    assert [row(1, DayPart.OVERDUE, what).is_late for what in (Expectation.COLD_ENDS, Expectation.PICKUP)] == [
        False, True,
    ]  # fmt: skip
