"""What came of predictions is written once, when everything is known, and judged line by line."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from batches.calibration.actions import score_predictions
from batches.calibration.queries.scored import recent, rows_of, scored, scored_of_lines
from batches.calibration.rules.questions import Question, said_of
from batches.forecasts.models import Prediction
from supplychain.orders.models import StageRun
from tests.batches.calibration.builders import COURSE, READY, ScoredWorld, by_promise, outcome, predict
from tests.supplychain.builders import at

pytestmark = pytest.mark.django_db
LATER = at(1_000)


@pytest.fixture
def world() -> ScoredWorld:
    return ScoredWorld()


def test_a_treated_order_scores_each_prediction_against_its_own_promise(world):
    order = world.treated()
    early, moved, without = (
        predict(order),
        predict(order, 60, promised_at=at(230)),
        predict(order, 70, promised_at=None),
    )
    assert score_predictions(now=LATER) == 3
    assert outcome(early) == (at(READY), True, False, False)
    assert outcome(moved) == (at(READY), False, False, False)
    assert outcome(without) == (at(READY), None, False, False)
    assert early.scored_at == LATER


def test_ready_exactly_as_promised_is_in_time(world):
    prediction = predict(world.treated(), promised_at=at(READY))
    score_predictions(now=LATER)
    assert outcome(prediction)[1] is False


def test_who_is_open_when_the_promise_passes_is_late_at_once(world):
    waiting, ready, early = (
        predict(world.treated(until="harvest")),
        predict(world.treated(until="release")),
        predict(world.treated(until="release"), promised_at=at(230)),
    )
    assert score_predictions(now=at(190 + 23)) == 0
    assert score_predictions(now=LATER) == 3
    assert [by_promise(one) for one in (waiting, ready, early)] == [
        (True, True, at(190)), (True, True, at(190)), (False, False, at(READY)),
    ]  # fmt: skip
    assert outcome(waiting) == outcome(ready) == (None, True, None, None)
    assert score_predictions(now=LATER) == 0


def test_the_late_share_of_a_cohort_of_promises_is_right_while_late_ones_are_still_open(world):
    """Ten promised for one moment: two ready before, eight after, of which six are open at the time of looking."""
    for number in range(10):
        predict(world.treated(until="infusion" if number < 4 else "release" if number < 6 else "harvest"),
                promised_at=at(230 if number < 2 else 190))  # fmt: skip
    score_predictions(now=at(230 + 25))
    answers = said_of(rows_of(scored(Prediction.objects.all(), Question.LATE)), Question.LATE)
    assert (len(answers), sum(one.came for one in answers)) == (10, 8)


def test_an_early_dose_waits_for_its_promise_like_a_late_one(world):
    early = predict(world.treated(), promised_at=at(2_000))
    assert score_predictions(now=LATER) == 1
    assert (by_promise(early), outcome(early)[0]) == ((None, None, None), at(READY))
    assert list(recent(Prediction.objects.all(), Question.BY_PROMISE, LATER)) == []
    assert score_predictions(now=at(2_100)) == 1
    assert by_promise(early) == (False, False, at(READY))


def test_what_comes_of_a_late_order_later_does_not_undo_that_it_was_late(world):
    order = world.treated(until="harvest")
    prediction = predict(order)
    score_predictions(now=at(290))
    world.say(order, "cancelled", hours=300)
    score_predictions(now=LATER)
    assert (by_promise(prediction), outcome(prediction)) == ((True, True, at(190)), (None, True, False, True))


def test_withdrawn_before_the_promise_is_no_dose_by_the_promise_and_not_late(world):
    order = world.treated(until="harvest")
    world.say(order, "cancelled", hours=150)
    prediction = predict(order)
    assert score_predictions(now=LATER) == 1
    assert (by_promise(prediction), outcome(prediction)) == ((True, None, at(150)), (None, None, False, True))


def test_what_was_scored_when_the_order_ended_under_the_former_rule_is_not_rewritten(world):
    prediction = predict(world.treated(), was_late=False, scored_at=at(300))
    score_predictions(now=LATER)
    assert (by_promise(prediction)[:2], prediction.scored_at) == ((False, False), at(300))


@pytest.mark.parametrize(("futures", "lost", "late"), [(10, 2, 4), (10, 0, 3), (10, 10, 0), (500, 50, 90)])
def test_no_dose_by_the_promise_is_what_is_counted_in_the_futures(world, futures, lost, late):
    """Brute force: `lost` futures bring no dose, `late` of the others bring one after the promise."""
    with_dose = futures - lost
    prediction = predict(world.treated(), p_no_dose=lost / futures, p_late=late / with_dose if with_dose else 0.0)
    score_predictions(now=LATER)
    found = scored(Prediction.objects.all(), Question.BY_PROMISE)
    (answer,) = said_of(rows_of(found), Question.BY_PROMISE)
    assert answer.probability == pytest.approx((lost + late) / futures)
    assert (answer.came, answer.baseline) == (True, 0.0)
    assert found.get(pk=prediction.pk).p_by_promise == answer.probability


def test_a_dose_that_was_ready_but_never_given_was_late_or_not_and_is_no_dose(world):
    order = world.treated(until="release")
    world.say(order, "closed", hours=300)
    prediction = predict(order)
    score_predictions(now=LATER)
    assert outcome(prediction) == (at(READY), True, False, True)


def test_only_a_wait_that_ran_out_after_the_prediction_counts(world):
    # Selection may wait 48 hours after the arrival at 30; it starts at 90.
    slow = COURSE | {"selection": (90, 95), "harvest": (95, 99)}
    order = world.treated(course=slow)
    before, after = predict(order, 70), predict(order, 79)
    score_predictions(now=LATER)
    assert [outcome(one)[2] for one in (before, after)] == [True, False]


def test_a_stage_that_must_follow_at_once_may_be_reported_an_hour_late(world):
    hour_late, later = (COURSE | {"harvest": (start, 64)} for start in (53, 54))
    kept, lost = predict(world.treated(course=hour_late)), predict(world.treated(course=later))
    score_predictions(now=LATER)
    assert [outcome(one)[2] for one in (kept, lost)] == [False, True]


def test_a_wait_that_nobody_ended_ran_until_the_order_did(world):
    within, beyond = world.treated(until="inbound"), world.treated(until="inbound")
    world.say(within, "cancelled", hours=77)
    world.say(beyond, "cancelled", hours=79)
    predictions = [predict(order) for order in (within, beyond)]
    score_predictions(now=LATER)
    assert [outcome(one)[2] for one in predictions] == [False, True]


def test_what_was_scored_once_stays_whatever_is_known_later(world):
    order = world.treated()
    prediction = predict(order)
    score_predictions(now=LATER)
    StageRun.objects.filter(order=order, stage__code="infusion").update(ready_at=at(100))
    assert score_predictions(now=LATER + timedelta(days=1)) == 0
    assert (outcome(prediction)[0], prediction.scored_at) == (at(READY), LATER)


def test_what_is_recorded_after_now_is_not_known_yet(world):
    prediction = predict(world.treated())
    assert score_predictions(now=at(211)) == score_predictions(now=at(211)) == 0
    assert outcome(prediction) == (None, None, None, None)


@pytest.mark.parametrize("orders", [1, 3])
def test_scoring_is_one_statement(world, orders):
    for _ in range(orders):
        predict(world.treated())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert score_predictions(now=LATER) == orders
    assert len(asked) == 1


def test_a_worker_that_stops_leaves_the_rest_to_the_next(world):
    for made in range(1, 6):
        predict(world.treated(), made)
    assert [score_predictions(now=LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_predictions_out():
    world = ScoredWorld()
    orders = [world.treated() for _ in range(4)]
    for number in range(40):
        predict(orders[number % 4], number)
    barrier = Barrier(3)

    def work() -> int:
        try:
            barrier.wait(10)
            done = 0
            while scored_now := score_predictions(now=LATER, limit=3):
                done += scored_now
            return done
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        done = [worker.result() for worker in [pool.submit(work) for _ in range(3)]]
    assert sum(done) == 40
    assert not Prediction.objects.filter(scored_at=None).exists()


def test_what_is_said_of_a_dose_that_is_ready_is_not_counted(world):
    order = world.treated()
    before, _ = predict(order, READY - 1), predict(order, READY)
    score_predictions(now=LATER)
    assert [row.id for row in rows_of(scored(Prediction.objects.all(), Question.NO_DOSE))] == [before.pk]


def test_each_order_counts_once_at_a_lead_with_what_then_stood(world):
    order = world.treated()
    promised = {"promised_at": at(190)}
    asked = 190 - 3 * 24
    first = predict(order, 20, superseded_at=at(asked), **promised)
    stood = predict(order, asked, superseded_at=at(asked + 1), **promised)
    predict(order, asked + 1, superseded_at=None, **promised)
    score_predictions(now=LATER)
    (rows,) = scored_of_lines([world.plant.pk], LATER).values()
    stood_at = {7: [first.pk], 3: [stood.pk]}
    for question in Question:
        assert {lead: [row.id for row in of_lead] for lead, of_lead in rows[question].items()} == stood_at


def test_who_was_ready_between_what_was_said_and_the_lead_is_not_left_out(world):
    """Ready at 200; asked three days before a promise for 280, at 208: what was said at 190 counts, at 30 it is old."""
    order, of_long_ago = world.treated(), world.treated()
    said = predict(order, 190, promised_at=at(280))
    predict(of_long_ago, 30, promised_at=at(280))
    score_predictions(now=LATER)
    (rows,) = scored_of_lines([world.plant.pk], LATER).values()
    assert [row.id for row in rows[Question.BY_PROMISE][3]] == [said.pk]
