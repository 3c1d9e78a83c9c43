"""The order list in each of its orders, page by page there and back."""

import pytest
from django.urls import reverse

from batches.forecasts.queries.ready import ready_forecasts
from batches.judgement.statuses import FlagCode
from dashboards.orders.queries import paging as order_pages
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import OrderStatus
from tests.dashboards.builders import browser_of, raise_flag
from tests.dashboards.orders.builders import change, forecast
from tests.dashboards.orders.readings import shown
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def walk(person, query: str) -> tuple[list[str], list[str]]:
    """All chains of identity page by page to the end, and the same on the way back."""
    client, forth, pages = browser_of(person), [], 0
    address = f"{reverse('orders')}?{query}"
    while True:
        context = client.get(address).context
        pages += 1
        forth += [line.order.coi for line in context["lines"]]
        if not context["page"].after:
            break
        address = f"{reverse('orders')}?{query}&after={context['page'].after.replace('+', '%2B')}"
    back = [line.order.coi for line in context["lines"]]
    while context["page"].before:
        address = f"{reverse('orders')}?{query}&before={context['page'].before.replace('+', '%2B')}"
        context = client.get(address).context
        back = [line.order.coi for line in context["lines"]] + back
    return forth, back


@pytest.fixture
def many(world, monkeypatch) -> list[PatientOrder]:
    """Eleven orders, three a page, with ties and with nothing to sort by."""
    monkeypatch.setattr(order_pages, "PAGE_SIZE", 3)
    orders = [world.order(coi=f"CO-{n:02}") for n in (5, 3, 8, 1, 9, 2, 7, 4, 6, 11, 10)]
    for n, order in enumerate(orders):
        if n % 4:
            forecast(order, [0, 215.5, 200, 197.75, 0, 150, 210, 210, 0, 250, 230][n])
        promised = None if n in (2, 5, 6, 9) else at(200 + 10 * (n // 3))
        change(order, promised_at=promised, ordered_at=at(n // 4), last_recorded_at=None if n == 1 else at(n // 5))
    change(orders[3], status=OrderStatus.CLOSED)
    change(orders[6], status=OrderStatus.INFUSED)
    return orders


@pytest.fixture
def flagged(many) -> list[str]:
    """Those of them with flags, the most urgent first; two press alike."""
    flags = {
        9: (FlagCode.HOLD_EXPIRING, at(110)),
        2: (FlagCode.HOLD_EXPIRING, at(150)),
        6: (FlagCode.STAGE_FAILED, None),
        5: (FlagCode.STAGE_LATE, at(120)),
        8: (FlagCode.PROMISE_AT_RISK, at(99)),
    }
    for number, (code, due) in flags.items():
        raise_flag(many[number], FlagCode.PROMISE_AT_RISK, stage="x", due=at(1))
        raise_flag(many[number], code, due=due)
    raise_flag(many[1], FlagCode.HOLD_EXPIRING, due=at(101), cleared_at=at(99))
    return [many[number].coi for number in flags]


@pytest.mark.parametrize("status", ["", "open", "any"])
def test_the_list_opens_on_what_is_most_urgent_then_those_without_flags_by_slack(world, many, flagged, status):
    forth, back = walk(world.operations, f"status={status}")
    assert list(dict.fromkeys(back)) == forth
    by_slack, _ = walk(world.operations, f"status={status}&sort=slack")
    listed = [coi for coi in flagged if coi in by_slack]
    assert forth == [*listed, *(coi for coi in by_slack if coi not in flagged)]
    assert len(listed) == len(flagged) - (status == "open")


def test_the_least_urgent_first_turns_each_group_round(world, many, flagged):
    forth, back = walk(world.operations, "status=any&sort=-urgency")
    by_slack, _ = walk(world.operations, "status=any&sort=-slack")
    assert forth == [*reversed(flagged), *(coi for coi in by_slack if coi not in flagged)]
    assert list(dict.fromkeys(back)) == forth


@pytest.mark.parametrize("status", ["open", "any"])
@pytest.mark.parametrize("sort", ["slack", "promise", "ordered", "coi", "change"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_every_sorting_loses_none_and_shows_none_twice(world, many, status, sort, sign):
    forth, _ = walk(world.operations, f"status={status}&sort={sign}{sort}")
    expected = [order.coi for order in many if status == "any" or PatientOrder.objects.get(pk=order.pk).is_open]
    assert sorted(forth) == sorted(expected)
    values = {order.coi: value_of(order, sort) for order in PatientOrder.objects.all()}
    sorted_values = [values[coi] for coi in forth]
    known = [value for value in sorted_values if value is not None]
    assert known == sorted(known, reverse=bool(sign))
    assert sorted_values[: len(known)] == known


@pytest.mark.parametrize("sort", ["slack", "-slack", "promise", "-promise", "-change", "coi"])
def test_the_way_back_shows_the_same(world, many, sort):
    forth, back = walk(world.operations, f"status=any&sort={sort}")
    # The page before the second shows the list's beginning in full, so a few may stand in both.
    assert list(dict.fromkeys(back)) == forth


def value_of(order: PatientOrder, sort: str):
    if sort == "slack":
        ready = ready_forecasts([order.pk], at(100)).get(order.pk)
        return ready.slack_hours if ready else None
    columns = {"promise": "promised_at", "ordered": "ordered_at", "coi": "coi", "change": "last_recorded_at"}
    return getattr(order, columns[sort])


def test_an_order_that_goes_between_two_pages_takes_no_other_with_it(world, many):
    first = browser_of(world.operations).get(f"{reverse('orders')}?sort=coi").context
    change(many[0], status=OrderStatus.CANCELLED)
    PatientOrder.objects.filter(coi="CO-02").update(status=OrderStatus.CANCELLED)
    rest = shown(world.operations, f"sort=coi&after={first['page'].after}")
    assert rest == ["CO-06", "CO-08", "CO-09"]


def test_a_page_that_has_become_empty_leads_back(world, many):
    address = "sort=coi&after=0~ZZZ~00000000-0000-0000-0000-000000000000"
    response = browser_of(world.operations).get(f"{reverse('orders')}?{address}")
    assert "This page of the list is empty now" in response.text
