"""Range and chance of being late are of one distribution: whatever the facts, they never contradict each other."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from batches.forecasts.rules.corrections import UNCHANGED, UNCORRECTED, Corrections, Recalibration, Widening
from batches.forecasts.rules.distribution import Foretold, told
from batches.forecasts.rules.ready import ready_forecast
from batches.forecasts.rules.standing import NewPrediction, new_prediction
from batches.forecasts.rules.summaries import Summary
from batches.forecasts.rules.thresholds import Thresholds
from batches.judgement.rules.predictions import StandingPrediction
from batches.judgement.rules.shares import Chance
from tests.batches.builders import at
from tests.bench.one_voice import KINDS, line

NOW, NONE = at(0), Chance.counted(0, 500)
EVEN = np.arange(1.0, 501.0)  # ready after 1, 2, … 500 h: P10, P50, P90 are 50, 250 and 450 h

hours = st.floats(0, 2_000, allow_subnormal=False)
widenings = st.builds(Widening, st.floats(0, 500), st.floats(0, 500))
recalibrations = st.just(UNCHANGED) | st.builds(Recalibration, st.floats(-6, 6), st.floats(0.05, 5))
corrected = st.builds(Corrections, widenings, recalibrations)
futures = st.lists(hours | st.just(np.inf), min_size=1, max_size=300).map(sorted).map(np.array)


def share(said: Foretold) -> float:
    assert said.late
    return said.late.share


@pytest.mark.parametrize(
    ("promised", "late"),
    [
        (50, 0.9), (250, 0.5), (450, 0.1), (449.5, 0.102),  # as simulated, by hand
        (470, 0.06), (500, 0), (30, 0.94),
    ],
)  # fmt: skip
def test_without_past_errors_it_is_told_as_simulated(promised, late):
    said = told(EVEN, UNCORRECTED, promised)
    assert (said.low, said.median, said.high, share(said)) == (50, 250, 450, late)
    assert said.late == Chance.counted(round(late * 500), 500)


@pytest.mark.parametrize(
    ("promised", "late"),
    [
        (449, 0.236),  # from 250 h on each future is moved by half of what it is later: 382 h become 448, 383 h 449.5
        (500, 0.168),  # 416 h become 499, 417 h 500.5
        (550, 0.1), (549, 0.102), (560, 0.08), (600, 0),  # from P90 on all are moved by the 100 h
    ],
)  # fmt: skip
def test_a_range_that_is_widened_makes_what_lies_behind_the_promise_likelier(promised, late):
    said = told(EVEN, Corrections(Widening(0, 100)), promised)
    assert (said.low, said.median, said.high) == (50, 250, 550)
    assert share(said) == late


def test_nothing_is_moved_before_now():
    said = told(EVEN, Corrections(Widening(80, 0)), None)
    assert (said.low, said.widened, said.late) == (0, Widening(50, 0), None)


def test_all_futures_at_one_moment_have_a_range_as_past_errors_ask_for_and_a_chance_to_go_with_it():
    """Before, such a dose was “under 1 % late” whatever the range said."""
    said = told(np.full(500, 100.0), Corrections(Widening(20, 40)), 120)
    assert (said.low, said.median, said.high) == (80, 100, 140)
    assert share(said) == pytest.approx(0.3, abs=0.003)  # half way from P50 to P90


def test_a_chance_that_past_orders_show_to_be_greater_opens_the_range_instead_of_being_told_as_less():
    said = told(EVEN, Corrections(late=Recalibration(3, 1)), 480)
    odds = 0.04 / 0.96 * np.exp(3)
    assert share(said) == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert (said.low, said.high) == (50, pytest.approx(480 + 1 / 60))
    assert said.widened.high_hours == pytest.approx(30 + 1 / 60)


def test_a_chance_that_past_orders_show_to_be_less_stays_one_in_ten_where_the_range_ends_after_the_promise():
    said = told(EVEN, Corrections(Widening(0, 100), Recalibration(-3, 1)), 480)
    assert (share(said), said.high) == (0.1, 550)


@given(futures, corrected, hours)
def test_the_range_and_the_chance_are_of_one_distribution(ready, corrections, promised):
    said, late = told(ready, corrections, promised), 1 / 120
    assert said.low <= said.median <= said.high
    assert share(said) >= 0.1 if said.high > promised + late else share(said) <= 0.1
    assert share(said) >= 0.9 if said.low > promised + late else share(said) <= 0.9
    if corrections.late == UNCHANGED:
        assert share(said) >= 0.5 if said.median > promised + late else share(said) <= 0.5
    assert said.late
    assert said.late.low <= share(said) <= said.late.high


@given(futures, corrected, hours, st.floats(0, 100))
def test_a_later_promise_is_never_likelier_missed(ready, corrections, promised, more):
    assert share(told(ready, corrections, promised)) >= share(told(ready, corrections, promised + more))


@given(futures, corrected, hours)
def test_no_end_is_moved_inward(ready, corrections, promised):
    plain, said = told(ready, UNCORRECTED, None), told(ready, corrections, promised)
    assert said.low <= plain.low
    assert said.high >= plain.high
    assert said.widened.low_hours >= 0 <= said.widened.high_hours


def prediction(ready: np.ndarray, corrections: Corrections, promised_at) -> NewPrediction:
    said = told(ready, corrections, (promised_at - NOW) / timedelta(hours=1))
    dates = (one if np.isfinite(one) else None for one in (said.low, said.median, said.high))
    summary = Summary(
        uuid4(), *dates, None, said.late, NONE, "", NONE, None, widened=said.widened
    )  # fmt: skip
    return new_prediction(
        summary, now=NOW, promised_at=promised_at, baseline_ready_at=None, corrections=corrections,
        limits=Thresholds(), standing=None,
    )  # fmt: skip


def standing(made: NewPrediction) -> StandingPrediction:
    return StandingPrediction(
        uuid4(), NOW, NOW, True, made.promised_at, made.ready_low, made.ready_median, made.ready_high, made.p_late,
        made.p_wait_expires, made.p_no_dose, made.evidence,
    )  # fmt: skip


@given(futures, corrected, st.integers(1, 100_000))
def test_the_words_agree_with_the_dates_that_stand_beside_them(ready, corrections, minutes):
    promised_at = NOW + timedelta(minutes=minutes)
    # In between by less than a second the minute is a toss.
    assume(not np.any(abs(ready * 60 - minutes - 0.5) < 0.02))
    made = prediction(ready, corrections, promised_at)
    said = ready_forecast(None, standing(made), promised_at=promised_at, is_held=False, now=NOW)
    assert said
    assert made.p_late is not None
    words, ends = said.against_promise, made.ready_high
    if ends is None or ends > promised_at:
        assert not words.startswith("very likely in time")
    if words.startswith("very likely late"):
        assert made.ready_low is None or made.ready_low > promised_at or made.p_late == 0.9
    if made.ready_low and made.ready_low > promised_at:
        assert words.startswith("very likely late")
    if ends and ends <= promised_at:
        assert words.startswith("very likely in time") or words == "may be late (10 %)"


@pytest.mark.parametrize("errs", KINDS, ids=[errs.name for errs in KINDS])
def test_nothing_contradicts_and_no_line_is_told_worse(errs):
    """Of lines whose truth is known (docs/judgement/calibration.md)."""
    rows = [row for seed in range(10) for row in line(seed, errs)]
    came, said = np.array([row.came for row in rows]), np.array([row.said for row in rows])
    apart, together = ((said - came[:, None]) ** 2).mean(axis=0)
    assert not any(row.contradicts[1] for row in rows)
    assert any(row.contradicts[0] for row in rows)
    assert together < apart + 0.002
    assert np.mean([row.held[1] for row in rows]) > 0.78
