"""Orders in each kind of trouble: severity, next step, forecast and age are the same wherever one reads them."""

import pytest

from batches.flags.models import Flag
from batches.judgement.statuses import FlagCode
from supplychain.orders.models import PatientOrder
from supplychain.orders.statuses import StageStatus
from supplychain.recording.actions import report_by_person
from tests.batches.calibration.builders import predict
from tests.dashboards.one_voice import COLLECTED, TROUBLES, OneVoice, Told, centre_agrees, everybody
from tests.dashboards.test_ready_forecasts import EVIDENCE
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def steps_agree(world: OneVoice, order: PatientOrder, said: Told) -> None:
    """What happens next asks for the same as the flags; since when, it says of those who are to act, of failed work
    of the failure."""
    context, _ = world.context("order", order.pk)
    view = context["view"]
    flags = {(flag.code, flag.stage): flag for flag in view.flags}
    if view.settleable:
        asking = next(flag for flag in view.flags if flag.next_step == said.next_step)
        since = asking.since if view.steps[0].status == StageStatus.FAILED else asking.raised_at
        assert (view.steps[0].words, view.steps[0].since) == (said.next_step, since)
    for step in view.steps:
        if hold := flags.get((FlagCode.ON_HOLD, step.stage)):
            assert (step.since, step.due) == (hold.since, hold.due)
        waits = flags.get((FlagCode.HOLD_EXPIRING, step.stage))
        if waits and not view.settleable:
            assert step.due == waits.due


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("is_simulated", [False, True])
def test_an_order_in_trouble_is_told_in_one_voice(name, is_simulated):
    world, trouble = OneVoice(), TROUBLES[name]
    order = world.trouble(trouble.said)
    world.trouble((), patient_reference="pseudonym-2")
    if is_simulated:
        late = {"severities": {FlagCode.PROMISE_AT_RISK.value: "critical"}}
        predict(order, 99, superseded_at=None, promised_at=at(150), p_late=0.98, p_wait_expires=0.0, p_no_dose=0.0,
                evidence=EVIDENCE | late)  # fmt: skip
    world.judge(order)
    said = everybody(world, order)
    first = Flag.objects.filter(order=order, cleared_at=None).order_by("harm", "act_by").first()
    assert (said.code, first.harm, first.severity) == (trouble.first, trouble.harm, trouble.severity)
    steps_agree(world, order, said)
    centre_agrees(world, order, said)


def test_two_orders_of_one_label_and_a_request_are_told_in_one_voice():
    world = OneVoice()
    number = {"donation_number": "G123417654321"}
    orders = [
        world.trouble((*COLLECTED[:1], (*COLLECTED[1], number)), patient_reference=f"pseudonym-{name}")
        for name in ("a", "b")
    ]
    asks = world.trouble((), patient_reference="pseudonym-c")
    asked = {"wish": "hold", "cause": "too_ill"}
    report_by_person(asks.pk, kind="change_asked", payload=asked, by=world.coordinator, token="a", occurred_at=at(97),
                     seen_version=asks.version, now=at(97))  # fmt: skip
    world.judge(*orders, asks)
    for order in (*orders, asks):
        said = everybody(world, order)
        steps_agree(world, order, said)
        centre_agrees(world, order, said)
    assert said.code == FlagCode.CHANGE_ASKED
