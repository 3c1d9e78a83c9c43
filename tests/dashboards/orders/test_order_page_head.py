"""What stands first on the page of an order: its worst flag, the other order of one number, its promise."""

import re

import pytest

from batches.judgement.statuses import FlagCode, Severity
from supplychain.orders.models import PatientOrder
from tests.dashboards.builders import raise_flag
from tests.dashboards.orders.builders import collected
from tests.dashboards.orders.readings import page, text_of
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_the_worst_critical_flag_stands_in_front_of_everything_with_the_number_to_call(world):
    order = collected(world)
    type(world.plant).objects.filter(pk=world.plant.pk).update(telephone="+47 22 00 00 01")
    raise_flag(order, FlagCode.SILENT, severity=Severity.CRITICAL, harm=6, why="No word.")
    alarm = {"severity": Severity.CRITICAL, "why": "Two orders.", "next_step": "QA: stop both orders.", "subject": "x"}
    raise_flag(order, FlagCode.IDENTITY_SHARED, stage="", **alarm)
    response = page(world.operations, order)
    text = text_of(response)
    assert text.index("QA: stop both orders.") < text.index("Chain of identity")
    assert text.index("+47 22 00 00 01") < text.index("Chain of identity")
    assert "1 more critical" in text
    raised = order.flags.get(code=FlagCode.IDENTITY_SHARED)
    assert f'href="#flag-{raised.pk}"' in response.text
    assert 'class="order-alarm"' in page(world.operations, order, "order_live").text
    order.flags.update(severity=Severity.ATTENTION)
    assert 'class="order-alarm"' not in page(world.operations, order).text


def test_who_may_see_both_orders_of_one_number_is_led_to_the_other(world):
    world.oslo.facilities = ["G1234"]
    world.oslo.save()
    order, other = collected(world), world.order(coi="CO-2", patient_reference="pseudonym-2")
    world.say(other, "completed", "collection", 5, payload={"donation_number": "G123498654321"})
    raise_flag(order, FlagCode.IDENTITY_SHARED, stage="", severity=Severity.CRITICAL, subject="donation:G123498654321")
    text = text_of(page(world.operations, order))
    assert "The same identifier stands on CO-2 (pseudonym-2, Oslo)." in text
    assert "Facility G1234 of the number is that of Oslo" in text


def promise_of(response) -> str:
    return re.search(r"(?:Promised|Wanted by) (.*?) (?:Infused|Dose ready|Ordered by)", text_of(response)).group(1)


def test_a_promise_was_kept_or_missed_and_is_not_counted_on(world):
    order = world.order(coi="CO-1", promised_at=at(40))
    assert promise_of(page(world.operations, order)).endswith("missed, 2 d 12 h ago")
    for hours, stage in enumerate(("collection", "inbound", "selection", "harvest", "release"), 10):
        world.say(order, "started", stage, hours)
        world.say(order, "completed", stage, hours + 0.5)
    assert promise_of(page(world.operations, order)).endswith("kept")
    PatientOrder.objects.filter(pk=order.pk).update(promised_at=at(10))
    assert promise_of(page(world.operations, order)).endswith("missed by 4 h")


def test_of_a_dose_that_came_in_time_a_hold_makes_nothing_unknown(world):
    order = world.order(coi="CO-1", promised_at=at(80))
    for hours, stage in enumerate(("collection", "inbound", "selection", "harvest", "release"), 10):
        world.say(order, "started", stage, hours)
        world.say(order, "completed", stage, hours + 0.5)
    world.say(order, "held", "", 20)
    assert promise_of(page(world.operations, order)).endswith("kept; the order is on hold")


def test_of_a_cancelled_order_nothing_waits_any_more(world):
    order = world.order(coi="CO-1", promised_at=at(900))
    world.say(order, "cancelled", "", 60, payload={"reason": "Patient withdrew."})
    text = text_of(page(world.operations, order))
    assert "so far" not in text
    assert "Waiting to start" not in text
    assert "Not yet possible" not in text
    assert "Not begun" in text
    assert "Cancelled 4 Mar 2026" in text
    assert "“Patient withdrew.”" in text
    assert "in 33 d" not in text


def test_a_promise_is_not_called_kept_while_reports_of_the_dose_do_not_fit(world):
    order = world.order(coi="CO-1", promised_at=at(80))
    for hours, stage in enumerate(("collection", "inbound", "selection", "harvest", "release"), 10):
        world.say(order, "started", stage, hours)
        world.say(order, "completed", stage, hours + 0.5)
    raise_flag(order, FlagCode.OUT_OF_SEQUENCE, stage="release", severity=Severity.CRITICAL)
    assert promise_of(page(world.operations, order)).endswith("not known to be kept: the dose is in doubt")
