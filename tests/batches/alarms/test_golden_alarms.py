"""Figures of alarms against counts by hand, published tables, brute force and sites whose truth is known."""

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.alarms.rules.figures import AlarmOutcome, figures, rows_by, rows_of
from batches.alarms.rules.loads import AlarmRaise, StandingAlarms, load
from batches.alarms.rules.proposals import cheapest, cost_per_order, proposals, saving
from batches.alarms.rules.rates import rate_words
from batches.alarms.rules.replays import GRID, AlarmLife, at_threshold, curve, life_at
from batches.alarms.rules.words import promise_words, proposal_words
from batches.forecasts.rules.thresholds import ActingCosts, Thresholds
from batches.judgement.statuses import FlagCode, Severity
from tests.batches.alarms.builders import LINE, PRODUCT, PROMISE, PROMISED, invented_site, said, watched
from tests.supplychain.builders import at

ATTENTION, CRITICAL = Severity.ATTENTION, Severity.CRITICAL
USUAL = Thresholds()


def test_finleys_tornadoes():
    """Finley 1884 as in Murphy, Weather and Forecasting 11 (1996) 3–20, table 1: 28 hits, 72 false alarms, 23 misses,
    2,680 correct rejections; probability of detection 0.549, false alarm ratio 0.720, rate of false detection 0.026."""
    kinds = [(True, 5.0)] * 28 + [(False, 5.0)] * 72 + [(True, None)] * 23 + [(False, None)] * 2680
    found = figures(
        [watched(n, came=came, raised=raised) for n, (came, raised) in enumerate(kinds)], PROMISE, ATTENTION
    )
    assert (found.hits, found.false_alarms, found.missed, found.orders) == (28, 72, 23, 2803)
    assert found.recall.share == pytest.approx(0.549, abs=0.0005)
    assert 1 - found.precision.share == pytest.approx(0.720, abs=0.0005)
    assert found.fallout.share == pytest.approx(0.026, abs=0.0005)


def test_what_is_not_certain_is_not_false_and_what_comes_afterwards_is_no_warning():
    orders = [
        watched(1, came=None, raised=10), watched(2, came=None), watched(3, came=True, raised=0),
        watched(4, came=True, raised=-5), watched(5, came=False, raised=-5), watched(6, came=True, raised=8),
    ]  # fmt: skip
    found = figures(orders, PROMISE, ATTENTION)
    assert (found.orders, found.flagged, found.hits, found.missed, found.unsettled) == (4, 1, 1, 2, 1)
    assert found.is_few


def test_warning_time_and_what_could_still_be_moved():
    """Raised 10, 20, 30, 40 and 100 hours before: quartiles 20, 30, 40. Work with a place began 25 hours before."""
    orders = [watched(n, raised=hours, free_until=at(975)) for n, hours in enumerate((10, 20, 30, 40, 100))]
    found = figures(orders, PROMISE, ATTENTION)
    assert found.warning == (20, 30, 40)
    assert (found.in_time.count, found.in_time.of) == (3, 5)
    never_begun = figures([watched(raised=1, free_until=None)], PROMISE, ATTENTION)
    assert (never_begun.in_time.count, never_begun.warning) == (1, (1, 1, 1))


def test_critical_counts_from_when_it_became_critical():
    orders = [watched(1, raised=50, critical=20), watched(2, raised=50), watched(3, came=False, raised=9, critical=2)]
    assert figures(orders, PROMISE, ATTENTION).hits == 2
    critical = figures(orders, PROMISE, CRITICAL)
    assert (critical.hits, critical.false_alarms, critical.missed, critical.warning) == (1, 1, 1, (20, 20, 20))


def test_each_flag_is_judged_by_what_it_warns_of():
    dose = FlagCode.DOSE_AT_RISK
    outcomes = {PROMISE: AlarmOutcome(False, PROMISED), dose: AlarmOutcome(True, PROMISED)}
    order = watched(outcomes=outcomes)._replace(raised={(PROMISE, ATTENTION): at(1), (dose, ATTENTION): at(1)})
    found = {(row.code, row.level): row.figures for row in rows_of("All", [order])}
    assert (found[PROMISE, ATTENTION].hits, found[PROMISE, ATTENTION].false_alarms) == (0, 1)
    assert (found[dose, ATTENTION].hits, found[dose, CRITICAL].missed) == (1, 1)
    (attention,) = rows_by([order], [(LINE, "Leiden"), (UUID(int=9), "Porto")], lambda one: one.line_id)
    assert (attention.name, attention.level) == ("Leiden", ATTENTION)


def test_a_flag_is_raised_eased_and_raised_again():
    """At 30 % with an easing of 10: raised at 35, stands at 25, cleared at 20, raised at 30."""
    rows = said(0.1, 0.35, 0.25, 0.2, 0.3, 0.29)
    assert life_at(rows, USUAL._replace(critical=2), until=PROMISED) == AlarmLife(at(24), 2)
    assert life_at(rows, USUAL._replace(critical=2), until=at(24)) == AlarmLife(None, 0)


def test_what_stood_for_another_promise_does_not_stand_for_this_one():
    """35 % of one promise, then 25 % of another: the flag is cleared, as live; back at 30 % it is raised again."""
    other = PROMISED + timedelta(days=7)
    rows = [said(0.35)[0], *(row._replace(promised_at=other) for row in said(0, 0.25, 0.3)[1:])]
    assert life_at(rows, USUAL._replace(critical=2), until=PROMISED).times == 2
    assert life_at(said(0.35, 0.25, 0.3), USUAL._replace(critical=2), until=PROMISED).times == 1


@given(st.lists(st.integers(0, 100), max_size=25), st.integers(1, 99), st.integers(0, 40))
def test_the_replay_is_the_schmitt_trigger(percents, threshold, easing):
    """A two-state machine in whole per cent: on at the threshold, off at it less the easing (half of it at most)."""
    is_on, times, off = False, 0, min(2 * easing, threshold)
    for percent in percents:
        if percent >= threshold:
            times, is_on = times + (not is_on), True
        elif 2 * percent <= 2 * threshold - off:
            is_on = False
    limits = Thresholds(attention=threshold / 100, critical=2, easing=easing / 100)
    rows = said(*(percent / 100 for percent in percents), days=0.1)
    assert life_at(rows, limits, until=PROMISED).times == times


@cache
def calibrated(step: int = 1) -> tuple[list, dict]:
    """Of each whole per cent p a hundred orders of which exactly p come late: P(late) as right as it can be."""
    kinds = [(percent, place < percent) for percent in range(step, 100, step) for place in range(100)]
    weeks = np.random.default_rng(3).integers(40, size=len(kinds))
    settled = [
        AlarmOutcome(late, PROMISED + timedelta(weeks=int(week))) for (_, late), week in zip(kinds, weeks, strict=True)
    ]
    orders = [watched(n, outcomes={PROMISE: one}) for n, one in enumerate(settled)]
    return orders, {order.order_id: said(kinds[n][0] / 100) for n, order in enumerate(orders)}


TEXTBOOK = [(1, 10, 1, 0.1), (1, 10, 0.5, 0.2), (3, 10, 0.4, 0.75), (7, 20, 1, 0.35), (1, 4.5, 0.4, 0.5556)]


@cache
def textbook_curve() -> list:
    """One for all of these costs: to replay ten thousand orders takes longer than to find the cheapest threshold."""
    also = [ActingCosts(acting, late, avoided).pays_from for acting, late, avoided, _ in TEXTBOOK]
    return curve(*calibrated(), easing=0.1, also=also)


@pytest.mark.parametrize(("acting", "late", "avoided", "pays_from"), TEXTBOOK)
def test_the_best_threshold_of_a_calibrated_chance_is_the_textbooks(acting, late, avoided, pays_from):
    """cost of acting ÷ (cost of late × avoided); between two values of the grid the one above. By brute force, too."""
    costs, (orders, ledger) = ActingCosts(acting, late, avoided), calibrated()
    assert costs.pays_from == pytest.approx(pays_from, abs=0.0001)
    best = cheapest(textbook_curve(), costs)
    assert best.threshold == pytest.approx(pays_from, abs=0.0001)
    chances = np.array([ledger[one.order_id][0].p_late for one in orders])
    is_late = np.array([one.outcomes[PROMISE].came for one in orders])

    def brute(threshold: float) -> float:
        """Money: what each order costs, flagged or not."""
        is_flagged = chances >= threshold
        spent = np.where(is_flagged, acting, 0) + late * is_late * np.where(is_flagged, 1 - avoided, 1)
        return spent.mean()

    assert best.cost == pytest.approx(brute(best.threshold))
    assert best.cost == pytest.approx(min(brute(percent / 100) for percent in range(1, 101)))


def test_where_acting_costs_more_than_it_saves_no_flag_is_best():
    costs, (orders, ledger) = ActingCosts(6, 10, 0.5), calibrated(5)
    best = cheapest(curve(orders, ledger, easing=0.1), costs)
    assert (costs.pays_from, best.threshold, best.effect) == (None, None, None)
    assert best.cost == pytest.approx(5)


def test_who_is_flagged_when_nothing_can_be_moved_costs_and_saves_nothing():
    orders = [watched(1, raised=10, free_until=at(900)), watched(2, raised=10), watched(3, came=False)]
    assert cost_per_order(figures(orders, PROMISE, ATTENTION), ActingCosts(1, 9, 1)) == pytest.approx((2 + 9) / 3)


def test_a_proposal_says_its_effect_and_without_costs_there_is_none():
    orders, ledger = calibrated(5)
    names = [(PRODUCT, "Axi", "axi"), (UUID(int=8), "Of no order", "none")]
    (without,) = proposals(orders, ledger, names, {}, {})
    assert (without.best, without.base_rate) == (None, 0.5)
    assert proposal_words(without)[-1].startswith("What acting on a flag and a late dose cost is not entered")
    (found,) = proposals(orders, ledger, names, {}, {str(PRODUCT): ActingCosts(0.1, 10, 1)})
    assert (found.best.threshold, found.present.threshold, found.is_change) == (0.05, 0.3, True)
    words = proposal_words(found)
    assert words[:2] == ["Now: attention from 30 %, critical from 60 %.", "Of 1900 past orders 50 % came late."]
    assert "would have flagged 1400 orders, 525 of them for nothing, and missed 75 late. Alarms: " in words[2]
    assert words[3].startswith("Proposed: attention from 5 %. It would have cost 0.1 an order instead of 0.468. It")
    assert words[4] == "If P(late) is right, flags pay from 1 %."
    few = proposals(orders[:29], ledger, names, {}, {str(PRODUCT): ActingCosts(1, 10, 0.5)})[0]
    assert (few.is_few, few.best, few.is_change) == (True, None, False)


def test_what_chance_may_have_saved_is_not_proposed():
    """At 18 % 200 more orders are flagged, of which 45 come late: 180 are spent, 225 saved, give or take some 30."""
    orders, ledger = calibrated(5)
    (found,) = proposals(orders, ledger, [(PRODUCT, "Axi", "axi")], {}, {str(PRODUCT): ActingCosts(0.9, 10, 0.5)})
    assert (found.best.threshold, found.is_change) == (0.2, False)
    assert found.best.cost == pytest.approx((0.9 * 1600 + 10 * (950 - 460)) / 1900)
    assert found.saving.value == pytest.approx(1 - found.best.cost / found.present_cost)
    assert found.saving.value == pytest.approx(45 / (0.9 * 1400 + 10 * (950 - 437.5)))
    assert "no change is proposed" in proposal_words(found)[3]
    assert "A change" not in " ".join(proposal_words(found))
    never = cheapest(found.curve, ActingCosts(9, 10, 0.5))
    assert saving(found.present, never, ActingCosts(9, 10, 0.5)).value == pytest.approx(1 - 9500 / (9 * 1400 + 5125))


AMSTERDAM = "Europe/Amsterdam"
DAY = datetime(2026, 3, 28, tzinfo=UTC)


def raises(*minutes: float, flag: int | None = None, start: datetime = DAY) -> list[AlarmRaise]:
    """Raised so many minutes after midnight UTC, each another flag unless it is said."""
    return [
        AlarmRaise(UUID(int=flag or 1 + place), LINE, start + timedelta(minutes=at_minute), False)
        for place, at_minute in enumerate(minutes)
    ]


def test_alarms_are_counted_by_shift_and_by_ten_minutes():
    """In Amsterdam the shift begins at 7, 6:00 UTC in winter: 359 minutes after midnight belong to the night before."""
    given = [*raises(359, 360, 361, 1079), *raises(1080, flag=50), *raises(*[1081] * 11, flag=None)]
    found = load("Leiden", given, StandingAlarms(4, 1), AMSTERDAM, timedelta(days=14))
    assert (found.alarms, found.per_shift, found.busiest_shift) == (16, 16 / 28, 12)
    assert (found.busiest_ten_minutes, found.floods) == (12, 1)
    assert found.beyond == ["more than 10 in ten minutes"]


def test_the_shift_follows_the_clocks_of_the_plant():
    """Summer time begins on 29 March 2026: from then on the day shift begins at 5:00 UTC."""
    given = raises(299, 300, 1019, start=DAY + timedelta(days=2))
    assert load("Leiden", given, StandingAlarms(), AMSTERDAM, timedelta(days=1)).busiest_shift == 2
    assert load("Leiden", given, StandingAlarms(), "UTC", timedelta(days=1)).busiest_shift == 2


def test_a_flag_that_is_raised_three_times_within_a_day_chatters():
    slow = raises(0, 800, 1600, 2400, flag=70)
    quick = raises(0, 3000, 3700, 4440, flag=71)
    found = load("Leiden", [*slow, *quick], StandingAlarms(12, 5), AMSTERDAM, timedelta(days=28))
    assert found.chattering == 1
    assert found.beyond == ["10 or more standing", "5 or more stale", "some that chatter"]


# docs/judgement/alarms.md has these figures.
SITE = {"orders": 4_000, "base_rate": 0.19, "looks": 3, "left": 0.01, "seed": 1}
FOUND = {
    0.3: (0.51, 0.99, 0.22),
    0.6: (0.85, 0.94, 0.04),
}


@pytest.mark.parametrize("threshold", sorted(FOUND))
def test_an_invented_site_with_nineteen_in_a_hundred_late(threshold):
    orders, ledger = invented_site(**SITE)
    found = at_threshold(orders, ledger, threshold, easing=0.1, shifts=1).figures
    assert found.came / found.orders == pytest.approx(0.19, abs=0.01)
    shares = found.precision.share, found.recall.share, found.fallout.share
    assert shares == pytest.approx(FOUND[threshold], abs=0.005)


@pytest.mark.parametrize("threshold", [0.3, 0.6])
def test_of_a_calibrated_forecaster_at_least_the_threshold_come_true_and_often_looking_gives_no_more(threshold):
    """Optional stopping: P(late) is a martingale, so when it first reaches t, at least t of the flagged come late; the
    oftener one looks, the less it jumps beyond."""
    shares = []
    for looks in (3, 30):
        orders, ledger = invented_site(**SITE | {"looks": looks})
        shares.append(at_threshold(orders, ledger, threshold, easing=0.1, shifts=1).figures.precision)
    assert shares[1].low < shares[1].share < shares[0].share
    assert shares[1].high >= threshold


def test_the_words_say_what_a_flag_was_worth():
    kinds = [(True, 48.0)] * 18 + [(True, None)] * 2 + [(False, 48.0)] * 17 + [(False, None)] * 63
    orders = [watched(n, came=came, raised=raised) for n, (came, raised) in enumerate(kinds)]
    attention, critical = rows_of("All", orders)
    assert promise_words(attention) == [
        "The flag for the promise was raised for 18 of the 20 late orders before they were late: 90 % (70–97 %).",
        "Of the 80 others 17 had it for nothing: 21 % (14–31 %).",
        "So of the 35 flagged 18 came late: 51 % (36–67 %).",
        "Half of the right ones came 48 h or more before the promise.",
    ]
    (few,) = promise_words(critical)
    assert few.startswith("As critical it: too few to say. Of 100 orders 20 came late; flagged: 0, rightly: 0.")


@pytest.mark.parametrize(
    ("per_shift", "told"),
    [(0.0, "none"), (0.032, "one in 31 shifts"), (0.49, "one in 2 shifts"), (0.5, "one in 2 shifts"),
     (0.75, "0.8 a shift"), (1.0, "1.0 a shift"), (1.43, "1.4 a shift"), (12.0, "12.0 a shift")],
)  # fmt: skip
def test_how_often_alarms_come_is_told_in_shifts_that_somebody_works(per_shift, told):
    assert rate_words(per_shift) == told


def test_the_grid_is_whole_per_cent():
    assert GRID[0] == 0.05
    assert len(GRID) == 19
