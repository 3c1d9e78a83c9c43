"""What is left of a permitted wait: flag, order page, list, tower, file, report and interface say the same."""

from random import Random

import pytest
from django.urls import reverse

from batches.flags.models import Flag
from batches.forecasts.queries.hold_budgets import hold_budgets_of
from batches.forecasts.rules.begins import BEGINS, ForeseenBegin
from batches.forecasts.rules.hold_budgets import budget_words, foreseen_words, left_words
from batches.judgement.statuses import FlagCode
from batches.orders.api.reads import order_detail
from dashboards.orders.queries.list import lines_by_id
from supplychain.orders.models import PatientOrder, StageRun
from supplychain.sentences import said_in
from tests.batches.calibration.builders import predict
from tests.dashboards.one_voice import ARRIVED, COLLECTED, NOW, UTC, OneVoice, by_tower, part
from tests.dashboards.test_ready_forecasts import EVIDENCE
from tests.dashboards.tower.readings import words_of
from tests.supplychain.builders import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now_is_hour_100")]


def foreseen(order: PatientOrder, stage: str, median: float | None, latest: float | None, made: float = 99.9) -> None:
    """What futures said of the end of the order's wait; moments in hours after T0."""
    moments = (None if one is None else at(one) for one in (median, latest))
    predict(order, made, superseded_at=None, promised_at=order.promised_at, p_late=0.1, p_wait_expires=0.0,
            p_no_dose=0.0, evidence=EVIDENCE | {BEGINS: {stage: ForeseenBegin(*moments).row}})  # fmt: skip


class Waits:
    """An order whose cells wait, as chance has it: at the plant, on hold there, or in a shipper on its way."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        self.world, self.stage = OneVoice(), chance.choice(["selection", "inbound"])
        if self.stage == "inbound":
            cold = {"qualified_until": at(chance.randint(90, 130)).isoformat()}
            said = (*COLLECTED, ("started", "inbound", 81, cold))
        else:
            arrived = chance.randint(55, 95)
            said = (("started", "collection", 40), ("completed", "collection", 48), ("started", "inbound", 49),
                    ("completed", "inbound", arrived))  # fmt: skip
            said += (("held", "selection", arrived + 1),) if chance.random() < 0.4 else ()
        self.order = self.world.trouble(said)
        if chance.random() < 0.85:
            median = chance.randint(95, 150)
            foreseen(self.order, "selection", median, chance.choice([None, median + chance.randint(0, 40)]))
        self.world.judge(self.order)

    @property
    def budget(self):
        (budget,) = hold_budgets_of([self.order.pk], at(NOW))[self.order.pk]
        return budget


@pytest.mark.parametrize("seed", range(12))
def test_every_place_says_the_same_of_what_is_left(seed):
    waits = Waits(seed)
    order, budget, now = waits.order, waits.budget, at(NOW)
    said, left = said_in(budget_words(budget, now), UTC, now), left_words(budget, now)
    assert (budget.stage, budget.ended_by) == (waits.stage, "selection")

    for flag in Flag.objects.filter(order=order, code=FlagCode.HOLD_EXPIRING, cleared_at=None):
        assert flag.due == budget.until
        begins = budget.begins_at and budget.begins_at.isoformat()
        assert flag.evidence.get("begins_at") == begins
        is_said = foreseen_words(budget, now) in flag.why
        assert is_said == (budget.begins_at is not None and budget.until > now)
        _, tower = by_tower(waits.world, order)
        assert (f"Hold-time budget: {left}" in part(tower, order)) == budget.is_tight(now)

    page = words_of(waits.world.browser.get(reverse("order", args=[order.pk])).text)
    assert said in page
    assert f"Hold-time budget {left}" in page

    body = order_detail([waits.world.oslo.pk], order.pk, now=now)
    (told,) = body.hold_budgets
    hours = budget.left_hours(now)
    assert (told.until, told.begins_at, told.begins_latest_at) == (budget.until, budget.begins_at, budget.latest_at)
    assert told.left_hours == (None if hours is None else round(hours, 2))
    assert [one.hold_budget for one in body.shipments] == [told if waits.stage == "inbound" else None]

    (line,) = lines_by_id([order.pk], now)
    assert line.budget == budget
    listed = words_of(waits.world.browser.get(reverse("orders"), {"status": "any"}).text)
    assert (f"hold-time budget: {left}" in listed) == budget.is_tight(now)


def test_the_file_has_what_is_left_as_a_number():
    world = OneVoice()
    order = world.trouble(ARRIVED)
    foreseen(order, "selection", 143, 150)
    content = b"".join(world.browser.get(reverse("orders_csv")).streaming_content).decode()
    head, row = (line.split(",") for line in content.strip().splitlines())
    cells = dict(zip(head[-3:], row[-3:], strict=True))
    assert cells["hold_budget_hours"] == "-5.0"
    assert cells["hold_limit_at"].startswith(f"{at(138):%Y-%m-%d}")
    assert cells["hold_foreseen_end_at"].startswith(f"{at(143):%Y-%m-%d}")


def test_cells_of_another_site_are_nobodys_business():
    world = OneVoice()
    order = world.trouble(ARRIVED)
    assert order_detail([world.bergen.pk], order.pk, now=at(NOW)) is None


def test_an_order_that_cannot_be_read_spoils_no_others():
    world = OneVoice()
    sound, bad = world.trouble(ARRIVED), world.trouble(ARRIVED, patient_reference="pseudonym-2")
    StageRun.objects.filter(order=bad, stage__code="inbound").update(details={"qualified_until": "soon"})
    StageRun.objects.filter(order=bad, stage__code="inbound").update(status="running", completed_at=None)
    assert list(hold_budgets_of([sound.pk, bad.pk], at(NOW))) == [sound.pk]
    assert world.browser.get(reverse("orders")).status_code == 200
