"""Ages, dates under a condition and the clock of the cells are told in one voice."""

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode, Severity
from batches.orders.api.reads import order_detail
from supplychain.recording.actions import report_by_person
from supplychain.words import slack_words, waited_words
from tests.batches.calibration.builders import predict
from tests.batches.judging import evaluate, make_due
from tests.dashboards.one_voice import (
    ARRIVED,
    COLLECTED,
    NOW,
    TROUBLES,
    OneVoice,
    by_page,
    by_tower,
    centre_agrees,
    everybody,
    part,
)
from tests.dashboards.test_ready_forecasts import EVIDENCE
from tests.dashboards.tower.readings import words_of
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def test_the_age_in_words_is_the_same_on_board_and_page():
    world = OneVoice()
    order = world.trouble(TROUBLES["work failed"].said)
    make_due([order], NOW)
    evaluate(NOW)
    age = waited_words(at(97), at(NOW))
    _, board = by_tower(world, order)
    assert f"for {age}" in part(board, order)
    _, page = by_page(world, order)
    assert f"({age} ago)" in words_of(page)


@pytest.mark.parametrize("wish", ["cancel", "hold", "postpone"])
def test_dates_say_that_they_hold_only_if_a_request_to_stop_is_declined(wish):
    world = OneVoice()
    order = world.trouble(())
    asked = {"wish": wish, "cause": "too_ill"} | ({"wanted_at": at(900).isoformat()} if wish == "postpone" else {})
    report_by_person(order.pk, kind="change_asked", payload=asked, by=world.coordinator, token="a", occurred_at=at(97),
                     seen_version=order.version, now=at(97))  # fmt: skip
    late = {"severities": {FlagCode.PROMISE_AT_RISK.value: "critical"}}
    predict(order, 99, superseded_at=None, promised_at=at(150), p_late=0.47, p_wait_expires=0.0, p_no_dose=0.0,
            evidence=EVIDENCE | late)  # fmt: skip
    world.judge(order)
    centre_agrees(world, order, everybody(world, order))
    rests = f"if the request to {wish} is declined"
    _, page = world.context("order", order.pk)
    _, listed = world.context("orders", status="any")
    _, centre = world.context("site")
    file = b"".join(world.browser.get(reverse("orders_csv"))).decode()
    late = Flag.objects.get(order=order, code=FlagCode.PROMISE_AT_RISK, cleared_at=None)
    body = order_detail([world.oslo.pk], order.pk, now=at(NOW))
    told_by = [words_of(page), part(listed, order), words_of(centre), file, late.why.lower(), body.forecast.assumes]
    assert [rests in text for text in told_by] == [wish != "postpone"] * 6


def test_the_clock_of_cells_that_wait_stands_beside_a_doubt_that_stops_them():
    world = OneVoice()
    number = {"donation_number": "G123417654321"}
    orders = [
        world.trouble((COLLECTED[0], (*COLLECTED[1], number), *ARRIVED[2:]), patient_reference=f"pseudonym-{name}")
        for name in ("a", "b")
    ]
    world.judge(*orders)
    for order in orders:
        flag = Flag.objects.get(order=order, code=FlagCode.IDENTITY_SHARED, cleared_at=None)
        context, page = world.context("order", order.pk)
        (until,) = {step.due for step in context["view"].steps if step.due}
        assert (flag.due, flag.severity, flag.runs_until) == (None, Severity.CRITICAL, until)
        left = f"cells: {slack_words(until, at(NOW))}"
        _, listed = world.context("orders", status="any")
        _, handed = world.context("handover")
        told_by = [by_tower(world, order)[1], listed, page]
        assert [left in words_of(text) for text in told_by] == [True] * 3
        assert left in words_of(handed)
