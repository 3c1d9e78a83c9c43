"""The demo's past: the same for the same seed, and believable."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from cellops.demo.facts import DemoEvent
from cellops.demo.flows import checked_flows
from cellops.demo.plan import USUAL_PROMISE, DemoPlan, _length, make_plan
from cellops.demo.risks import WANTED
from cellops.demo.sites import COURIER, HOSPITALS, SITES
from supplychain.flows.statuses import StagePlace
from supplychain.orders.rules.hand_overs import CHOICES, NAMES
from supplychain.orders.rules.second_people import PERSON
from supplychain.orders.rules.states import DETAILS
from supplychain.orders.statuses import LABEL_KINDS, OrderEventKind, StageEventKind

NOW = datetime(2026, 3, 18, 11, 30, tzinfo=UTC)
DIN = re.compile(r"[A-NP-Z1-9][A-NP-Z0-9]{2}\d{2}\d{2}\d{6}")


@cache
def plan(seed: int = 8, orders: int = 400, now: datetime = NOW) -> DemoPlan:
    return make_plan(seed=seed, orders=orders, now=now, flows=checked_flows())


STAGES = {(code, stage.code): stage for code, flow in checked_flows().items() for stage in flow.stages}


def moments(kind: str, stage: str, of: DemoPlan) -> dict[int, datetime]:
    return {event.order: event.occurred_at for event in of.events if (event.kind, event.stage) == (kind, stage)}


def ended(of: DemoPlan) -> set[int]:
    over = (OrderEventKind.CANCELLED, OrderEventKind.CLOSED)
    return {event.order for event in of.events if event.kind in over} | set(moments("completed", "infusion", of))


def test_the_same_seed_and_moment_give_the_same_past():
    again = make_plan(seed=8, orders=400, now=NOW, flows=checked_flows())
    assert (again.orders, again.events) == (plan().orders, plan().events)
    assert [pool.steps for pool in again.pools] == [pool.steps for pool in plan().pools]


def test_another_seed_gives_another_past():
    assert plan(seed=9).events[:50] != plan().events[:50]


def test_nothing_is_heard_before_it_happened_or_after_now_but_by_the_clock_that_is_ahead():
    ahead = {order.index for risk in plan().risks if risk.name == "clock a day ahead" for order in risk.orders}
    for event in plan().events:
        assert event.heard_at <= NOW
        if event.order not in ahead:
            assert event.occurred_at <= event.heard_at


def test_reports_come_in_the_order_in_which_they_are_heard():
    heard = [event.heard_at for event in plan().events]
    assert heard == sorted(heard)


def test_a_stage_ends_after_it_began_and_begins_after_the_one_before_it():
    before = {"inbound": "collection", "selection": "receipt", "harvest": "expansion", "infusion": "site_receipt"}
    odd = {order.index for risk in plan().risks for order in risk.orders}
    again = {event.order for event in plan().events if (event.attempt or 1) > 1}
    for stage, earlier in before.items():
        starts, ends = moments("started", stage, plan()), moments("completed", earlier, plan())
        for order, start in starts.items():
            if order in ends and order not in odd | again:
                assert start >= ends[order]


def test_a_few_in_a_hundred_batches_fail_and_most_are_made_again():
    made = len(moments("started", "selection", plan()))
    failed = {event.order for event in plan().events if event.kind == StageEventKind.FAILED}
    again = {event.order for event in plan().events if (event.attempt or 1) > 1}
    assert 0.04 <= len(failed) / made <= 0.1
    assert len(again) > len(failed) / 2


def test_about_a_quarter_of_the_orders_are_open():
    assert 0.2 <= (400 - len(ended(plan()))) / 400 <= 0.35


@pytest.mark.parametrize(("seed", "now"), [(8, NOW), (9, NOW), (10, datetime(2026, 8, 1, 3, tzinfo=UTC))])
def test_suites_of_one_plant_are_full_with_a_queue(seed, now):
    pools = {(pool.site, pool.code): pool for pool in plan(seed, 400, now).pools}
    suites, others = pools["leiden", "suite"], pools["porto", "suite"]
    assert (suites.free, len(suites.waiting) > 0) == ([], True)
    assert (len(others.free) > 0, others.waiting) == (True, [])


@pytest.mark.parametrize("seed", [8, 9])
def test_every_risk_meets_an_order_of_its_own(seed):
    risks = plan(seed).risks
    assert [risk.name for risk in risks] == [wanted.name for wanted in WANTED]
    met = [order.index for risk in risks for order in risk.orders]
    assert len(met) == len(set(met))
    assert ended(plan(seed)) & set(met) == {order.index for order in risks[0].orders}


def test_a_pool_never_holds_more_orders_than_it_has_places():
    """Told from the reports alone, as CellOps sees it."""
    capacity = {(pool.site, pool.code): pool.most_places for pool in plan().pools}
    sites = {order.index: order.journey.plant.code for order in plan().orders}
    changes: dict[str, list[tuple[datetime, int]]] = {"leiden": [], "porto": []}
    for event in plan().events:
        if event.stage == "selection" and event.kind == StageEventKind.STARTED:
            changes[sites[event.order]].append((event.occurred_at, 1))
        elif _leaves_suite(event):
            changes[sites[event.order]].append((event.occurred_at, -1))
    for plant, moves in changes.items():
        busy = 0
        for _, change in sorted(moves, key=lambda move: (move[0], move[1])):
            busy += change
            assert busy <= capacity[plant, "suite"]


def _leaves_suite(event: DemoEvent) -> bool:
    if event.kind == StageEventKind.FAILED:
        return event.stage in ("selection", "transduction", "expansion", "harvest")
    return event.stage == "harvest" and event.kind == StageEventKind.COMPLETED


def test_identifiers_are_well_formed_and_one_donation_number_is_shared():
    numbers = Counter(event.payload["donation_number"] for event in plan().events if "donation_number" in event.payload)
    # One risk is a hospital that corrects a number to one of its own.
    assert [number[:3] for number in numbers if not DIN.fullmatch(number)] == ["47-"]
    assert Counter(numbers.values())[2] == 1
    assert max(numbers.values()) == 2
    cois = {order.coi for order in plan().orders}
    assert len(cois) == 400


def test_payloads_hold_known_fields_only_and_moments_with_offset():
    for event in plan().events:
        is_hand_over = event.kind == OrderEventKind.HANDED_OVER
        if event.kind in LABEL_KINDS:
            continue  # supplychain/orders/rules/labels.py says what they hold
        own = (
            {*CHOICES, *NAMES}
            if is_hand_over
            else {"promised_at", "wish", "cause", "cells", "arrival", "expected_at", PERSON}
        )
        assert set(event.payload) <= DETAILS | own
        for name, value in event.payload.items():
            if name.endswith("_at") or name == "qualified_until":
                assert datetime.fromisoformat(value).tzinfo is not None


def test_promises_are_noon_of_the_centre_some_weeks_after_the_order():
    early = {order.index for risk in plan().risks if risk.name == "promised too early" for order in risk.orders}
    for order in plan().orders:
        if order.index not in early:
            assert order.promised_at.astimezone(ZoneInfo(order.centre.time_zone)).hour == 12
            assert timedelta(days=21) < order.promised_at - order.ordered_at < timedelta(days=90)


def test_a_promise_is_what_the_sixty_days_before_its_order_had_kept():
    """Counted from the reports alone: nine of ten doses of the kind, ready by then, took no longer than promised."""
    ready = moments("completed", "site_receipt", plan())
    odd = {order.index for risk in plan().risks for order in risk.orders}
    orders = {order.index: order for order in plan().orders if order.index not in odd}
    promised = Counter()
    for order in orders.values():
        lately = [
            (at - orders[index].ordered_at) / timedelta(days=1)
            for index, at in ready.items()
            if index in orders and orders[index].journey[:2] == order.journey[:2]
            and timedelta(0) <= order.ordered_at - at <= timedelta(days=60)
        ]  # fmt: skip
        days = (order.promised_at - order.ordered_at) / timedelta(days=1)
        if len(lately) >= 20:
            kept = sum(took <= days + 1 for took in lately) / len(lately)
            promised["fair" if kept >= 0.8 else "short"] += 1
    assert promised["fair"] > 100
    assert promised["short"] == 0


def test_what_comes_later_changes_no_promise_of_before():
    """The same doses, the last of them as slow as nobody's before: only orders after it hear of it."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    taken = [(start + timedelta(days=number), 30.0) for number in range(20)] + [(start + timedelta(days=20), 90.0)] * 20
    lengths = [_length(taken, start + timedelta(days=day)).days for day in (3, 19, 20, 79, 81)]
    assert lengths == [USUAL_PROMISE.days, 30, 90, 90, USUAL_PROMISE.days]


@cache
def met() -> set[int]:
    """The orders that a risk was made to meet."""
    return {order.index for risk in plan().risks for order in risk.orders}


def local(event: DemoEvent, moment: datetime) -> datetime:
    """A moment by the clock of the site that a report is of."""
    order = plan().orders[event.order]
    stage = STAGES.get((order.journey.flow, event.stage))
    at_plant = stage.place == StagePlace.PLANT if stage else event.source != HOSPITALS.code
    return moment.astimezone(ZoneInfo((order.journey.plant if at_plant else order.centre).time_zone))


def test_orders_come_evenly_on_working_days_and_in_working_hours():
    placed = [order.ordered_at.astimezone(ZoneInfo(order.centre.time_zone)) for order in plan().orders]
    days = Counter(moment.weekday() for moment in placed)
    assert max(days[day] for day in range(5)) < 1.4 * min(days[day] for day in range(5))
    assert 0 < days[5] + days[6] < 0.1 * len(placed)
    assert {moment.hour for moment in placed} == set(range(8, 17))
    assert plan().orders == sorted(plan().orders, key=lambda order: order.ordered_at)


def test_what_people_promise_plan_and_decide_lies_in_the_working_hours_of_working_days():
    for order in plan().orders:
        assert order.promised_at.astimezone(ZoneInfo(order.centre.time_zone)).weekday() < 5
    for event in plan().events:
        if event.stage in ("collection", "infusion", "outbound") and event.kind == StageEventKind.SCHEDULED:
            start = event.payload.get("planned_start_at") or event.payload["planned_pickup_at"]
            moments = [datetime.fromisoformat(start), event.occurred_at]
        elif event.kind == OrderEventKind.HANDED_OVER or event.kind in LABEL_KINDS:
            continue  # work, not a decision
        elif event.stage in ("", "enrolment", "disposition") and event.source != COURIER.code:
            moments = [event.occurred_at]
        else:
            continue
        odd = event.order in met() and event.kind in (
            StageEventKind.HELD,
            StageEventKind.STARTED,
            StageEventKind.SCHEDULED,
        )
        for moment in [local(event, moment) for moment in moments]:
            assert 8 <= moment.hour < 19 or odd, event
            assert moment.weekday() < 5 or odd or event.stage in ("", "enrolment", "outbound"), event
        if event.kind == OrderEventKind.PROMISED:
            promised = datetime.fromisoformat(event.payload["promised_at"])
            noon = promised.astimezone(ZoneInfo(plan().orders[event.order].centre.time_zone))
            assert (noon.hour, noon.weekday() < 5) == (12, True)
            assert timedelta(days=14) < promised - event.occurred_at < timedelta(days=90)


def test_at_night_only_couriers_drive_and_cultures_grow():
    """From 6 to 21 h people work, and an hour or two longer on cells that may not wait over night."""
    for event in plan().events:
        stage = STAGES.get((plan().orders[event.order].journey.flow, event.stage))
        by_itself = event.source == COURIER.code or (stage is not None and stage.may_end_after_release)
        if event.kind in (StageEventKind.STARTED, StageEventKind.COMPLETED) and not by_itself | (event.order in met()):
            assert 6 <= local(event, event.occurred_at).hour <= 22, event


def test_demand_grows():
    halves = Counter(order.ordered_at > plan().start + (NOW - plan().start) / 2 for order in plan().orders)
    assert halves[True] > 1.5 * halves[False]


def test_every_site_is_known_by_one_code_and_a_real_time_zone():
    assert len({site.code for site in SITES}) == len(SITES) == 10
    assert [ZoneInfo(site.time_zone).key for site in SITES] == [site.time_zone for site in SITES]


@pytest.mark.parametrize("orders", [1, 2, 12])
def test_a_very_small_past_is_made_up_too(orders):
    assert len(make_plan(seed=1, orders=orders, now=NOW, flows=checked_flows()).orders) == orders
