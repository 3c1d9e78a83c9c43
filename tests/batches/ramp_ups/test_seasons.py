"""Seasons, patterns of the week and closures in a scenario, against what is reckoned by hand or by a loop."""

from datetime import date

import numpy as np
import pytest
from scipy import stats

from batches.durations.rules.curves import constant
from batches.ramp_ups.rules.changes import ChangeKind, ChangesRefused, check_changes, factors_of
from batches.ramp_ups.rules.confidence import band
from batches.ramp_ups.rules.demand import coming
from batches.ramp_ups.rules.lines import WEEK, LearnedPattern, LineStage
from batches.ramp_ups.rules.plans import plan_of
from batches.ramp_ups.rules.replications import replicate
from batches.ramp_ups.rules.runs import Study
from batches.ramp_ups.rules.seasons import (
    MONTHS,
    WEEKDAYS,
    days_of,
    learned_months,
    learned_weekdays,
    read_pattern,
    season_of,
)
from batches.ramp_ups.rules.steadiness import Regime
from batches.ramp_ups.rules.words import own_words, season_words, words_of
from tests.batches.ramp_ups.lines import DAY, a_journey, a_line, a_pool, one_queue, some_costs, tandem

EVEN_WEEK, EVEN_YEAR = (1.0,) * 7, (1.0,) * 12


def planned(line, *changes, **given):
    return plan_of(line, check_changes(changes, line), **given)


def waits_at(line, pool, *changes):
    """Hours that each order waited for a pool, by the number of its order."""
    plan = planned(line, *changes, horizon=80 * DAY)
    (one,) = replicate(plan, [0], opened=0.0, horizon=80 * DAY)
    mine = np.flatnonzero(one.net.visits["pool"] == [found.code for found in plan.pools].index(pool))
    return [round(float(hours), 6) for hours in one.futures.wait_hours[mine]]


def once_a_day(orders=20):
    """One place, 12 hours of work, an order at six each day, but the third at 23: an hour before the closure."""
    arrivals = [24.0 * day + 6 for day in range(orders)]
    arrivals[2] = 71.0
    stage = LineStage("work", "Work", "manufacturing", constant(12), pool="pool")
    return a_line(a_journey(stage, arrivals=tuple(arrivals)), a_pool("pool", 1, "Ovens"))


def test_a_pool_that_is_closed_for_a_week_keeps_exactly_these_orders_waiting():
    closed = {"kind": "closed", "subject": "pool", "from_day": 3, "until_day": 10}
    # From 240 h on every 12 h one of those that came at 24 k + 6, first come, first served; the third goes on at work.
    by_hand = [0.0, 0.0, 0.0] + [max(0.0, 240 + 12 * (k - 3) - (24 * k + 6)) for k in range(3, 20)]
    assert by_hand[3:6] == [162, 150, 138]
    assert waits_at(once_a_day(), "pool") == [0.0] * 3 + [5.0] + [0.0] * 16
    assert waits_at(once_a_day(), "pool", closed) == by_hand


def test_closures_may_touch_and_overlap_and_stand_beside_a_shift():
    line = once_a_day()
    parts = [{"kind": "closed", "subject": "pool", "from_day": a, "until_day": b} for a, b in ((3, 6), (5, 10))]
    whole = {"kind": "closed", "subject": "pool", "from_day": 3, "until_day": 10}
    assert waits_at(line, "pool", *parts) == waits_at(line, "pool", whole)
    shift = {"kind": "shift", "subject": "pool", "shift": "08-19"}
    both = waits_at(line, "pool", shift, whole)
    assert both[:2] == [2.0, 2.0]  # at six, from eight on
    assert both[3] == 10 * 24 + 8 + 24 - 78  # the third, from 23 on, and then he who came on day 3


def test_the_holidays_of_a_plant_close_every_pool_and_cost_as_before():
    line = tandem()
    plan = planned(line, {"kind": "closed", "from_day": 2, "until_day": 9}, opened=WEEK, horizon=10 * WEEK)
    for pool in plan.pools:
        assert [step for step in pool.steps if step[0] > 0] == [(WEEK + 2 * DAY, 0), (WEEK + 9 * DAY, 3)]
        assert pool.nominal == ((0.0, 3),)
    copied = planned(line, {"kind": "closed", "until_day": 9}, {"kind": "plant", "amount": 50}, horizon=WEEK)
    assert [pool.steps[-1][1] for pool in copied.pools if pool.is_copy] == [3, 3]


# Orders of a Monday in July, of another Monday, and so on; Sundays none; 1 July 2026 is a Wednesday.
WEEK_TEXT, YEAR_TEXT = "Mon 200, Sun 0", "jul 50 Dec 150 %"


def test_orders_come_as_often_as_the_pattern_says():
    """A Poisson process whose rate changes by weekday and month: counts by hand of the intensity, and their spread."""
    line = one_queue(constant(1), 9, 14.0)
    changes = {"kind": "weekdays", "pattern": WEEK_TEXT}, {"kind": "months", "pattern": YEAR_TEXT}
    plan = planned(line, *changes, opened=0.0, horizon=52 * WEEK)
    begins = [coming(plan, plan.streams[0], number, 52 * WEEK).begins for number in range(200)]
    # The line's local Monday 2 March 2026, 00:00; its rate was counted in the 26 weeks before, among them December.
    days = [date.fromordinal(date(2026, 3, 2).toordinal() + day) for day in range(-182, 364)]
    factor = [(2, 1, 1, 1, 1, 1, 0)[d.weekday()] * {7: 0.5, 12: 1.5}.get(d.month, 1.0) for d in days]
    usual = 2 * 182 / sum(factor[:182])  # orders on a usual day
    expected = np.array(factor[182:]) * usual
    counts = np.array([np.bincount((one // DAY).astype(int), minlength=364) for one in begins])
    assert counts[:, expected == 0].sum() == 0
    for which in [[d.month for d in days[182:]], [d.weekday() for d in days[182:]]]:
        for name in set(which):
            mine = np.array(which) == name
            wanted = 200 * expected[mine].sum()
            assert abs(counts[:, mine].sum() - wanted) <= 4 * wanted**0.5
    totals = counts.sum(axis=1)
    assert stats.chi2(199).cdf(199 * totals.var(ddof=1) / expected.sum()) == pytest.approx(0.5, abs=0.499)


def test_a_pattern_of_the_week_moves_the_orders_of_each_week_and_nothing_else():
    line = one_queue(constant(1), 9, 14.0)
    weekdays = {"kind": "weekdays", "pattern": "Sat 0 Sun 0"}
    even, uneven = (
        coming(plan, plan.streams[0], 3, 20 * WEEK)
        for plan in (planned(line, horizon=WEEK), planned(line, weekdays, horizon=20 * WEEK))
    )
    assert list(even.keys) == list(uneven.keys)
    assert list(even.begins // WEEK) == list(uneven.begins // WEEK)
    assert (uneven.begins % WEEK).max() <= 5 * DAY
    assert list(uneven.begins) == pytest.approx(list(even.begins // WEEK * WEEK + even.begins % WEEK * 5 / 7))


def test_a_rate_counted_while_none_came_stands_for_more_later():
    line = one_queue(constant(1), 9, 7.0)
    # Saturday 1 August 2026, noon: of the 182 days before it 31 lie in July.
    here = {"made_at": "2026-08-01T12:00:00+00:00", "week_hour": 5 * 24 + 12.0}
    line = type(line)(**{name: getattr(line, name) for name in line.__struct_fields__} | here)
    july = read_pattern("Jul 0", MONTHS)
    season = season_of(line, EVEN_WEEK, july, opened=0.0, horizon=52 * WEEK)
    assert season.even(24.0) == pytest.approx(24 * 182 / 151)
    assert season.mean == pytest.approx((364 - 30.5) / 364 * 182 / 151)  # to noon of 31 July
    assert season.moment_of(np.array([season.even(100.0)]))[0] == pytest.approx(100.0)
    # The measured time begins now: in a warm-up of 16 weeks lies July too.
    warm = season_of(line, EVEN_WEEK, july, opened=16 * WEEK, horizon=20 * WEEK)
    hour = 16 * WEEK - 12  # 1 August
    assert warm.even(hour) == pytest.approx(warm.even(hour - 31 * DAY))
    assert warm.even(hour + 1) > warm.even(hour)
    only = "Jan 0 Feb 0 Mar 0 Apr 0 May 0 Jun 0 Jul 0 Aug 0 Sep 100 Oct 0 Nov 0 Dec 0"
    with pytest.raises(ChangesRefused, match="nothing is known of its rate"):
        check_changes([{"kind": "months", "pattern": only}], line)


def periodic_queue(per_day, hours, weeks, seed):
    """Mean wait at one place by a loop of its own: orders thinned from a faster even process, then Lindley (1952)."""
    draw = np.random.default_rng(seed)
    most = max(per_day)
    at, frees, waits = 0.0, 0.0, []
    while at < weeks * WEEK:
        at += draw.exponential(24 / most)
        if draw.random() < per_day[int(at % WEEK // DAY)] / most:
            waits.append(max(0.0, frees - at))
            frees = at + waits[-1] + hours
    return float(np.mean(waits[len(waits) // 20 :]))


def test_a_queue_with_a_busy_monday_waits_as_long_as_one_by_a_loop():
    line = one_queue(constant(18), 1, 7.0)
    said = {"kind": "weekdays", "pattern": "Mon 250 Sat 50 Sun 0"}
    factors = np.array([2.5, 1, 1, 1, 1, 0.5, 0])
    by_loop = [periodic_queue(factors / factors.mean(), 18, 400, seed) for seed in range(12)]
    study = Study(line, 400, some_costs(line), 20)
    waits = {name: [row.pools["pool"].wait for row in study.figures(check_changes(changes, line), range(12))]
             for name, changes in (("even", []), ("busy", [said]))}  # fmt: skip
    found, own = band(waits["busy"]), band(by_loop)
    assert abs(found.mean - own.mean) < found.half + own.half
    assert found.half + own.half < 0.15 * own.mean
    assert band(waits["even"]).has(0.75 * 18 / (2 * 0.25))  # Pollaczek and Khinchine
    assert found.mean > 1.15 * band(waits["even"]).mean


def test_weekdays_are_learned_from_enough_orders_with_the_number_behind_them():
    counts = (40, 30, 20, 20, 20, 10, 0)
    found = learned_weekdays(counts, 26)
    assert found.factors == pytest.approx([2, 1.5, 1, 1, 1, 0.5, 0])
    assert stats.chisquare(counts).pvalue < 0.01
    assert (found.orders, found.span, found.missing) == (140, "26 weeks", "")
    assert found.doubt == "Even days would differ so much by chance in fewer than 1 % of cases."
    near = (13, 9, 10, 8, 12, 11, 10)
    assert learned_weekdays(near, 8).doubt == (
        f"Even days would differ so much by chance in {100 * stats.chisquare(near).pvalue:.0f} % of cases."
    )
    assert not learned_weekdays((69, 0, 0, 0, 0, 0, 0), 26).factors
    assert not learned_weekdays((90, 0, 0, 0, 0, 0, 0), 7).factors


def months_from(first_year, rates):
    firsts = [date(first_year + at // 12, at % 12 + 1, 1) for at in range(len(rates))]
    return [(first, rate * days_of(first)) for first, rate in zip(firsts, rates, strict=True)]


def test_months_are_learned_and_growth_is_no_season():
    season = [0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 0.6, 0.8, 1.2, 1.3, 1.4, 1.3]
    assert learned_months(months_from(2023, [2 * one for one in season] * 2)).factors == pytest.approx(season)
    growing = [1 + 0.1 * at for at in range(36)]
    assert learned_months(months_from(2023, growing)).factors == pytest.approx([1.0] * 12)
    assert [days_of(date(2024, month, 1)) for month in (1, 2, 12)] == [31, 29, 31]


@pytest.mark.parametrize(("months", "rate"), [(23, 5.0), (24, 0.1), (0, 0)])
def test_months_are_not_learned_from_less_than_two_years_or_few_orders(months, rate):
    found = learned_months(months_from(2023, [rate] * months))
    assert (found.factors, found.missing) == ((), "at least 120 in 24 whole months are needed")


@pytest.mark.parametrize(
    ("text", "factors"),
    [("Sat 0 Sun 0", (1, 1, 1, 1, 1, 0, 0)), ("mon 150%, fri 50", (1.5, 1, 1, 1, 0.5, 1, 1)),
     ("Mon", None), ("Mon 1 Mon 2", None), ("Mon -5", None), ("Mon 1001", None), ("Jul 70", None), ("", None),
     ("Mon nan", None), ("Mon 0 Tue 0 Wed 0 Thu 0 Fri 0 Sat 0 Sun 0", None), ("Mon 10 Tue", None)],
)  # fmt: skip
def test_patterns_are_read(text, factors):
    assert read_pattern(text, WEEKDAYS) == factors


LEARNED = LearnedPattern((2.0, 1.5, 1.0, 1.0, 1.0, 0.5, 0.0), 140, "26 weeks", "", "Sure.")


def with_weekdays(found):
    line = one_queue(constant(18), 1, 7.0)
    return type(line)(**{name: getattr(line, name) for name in line.__struct_fields__} | {"weekdays": found})


def test_an_empty_pattern_is_the_lines_own_and_refused_where_nothing_is_known():
    line = with_weekdays(LEARNED)
    changes = check_changes([{"kind": "weekdays"}], line)
    assert factors_of(changes, ChangeKind.WEEKDAYS, line) == LEARNED.factors
    assert season_words(changes, line) == [
        "Orders by weekday, % of the mean, from 140 orders of 26 weeks: "
        "Mon 200, Tue 150, Wed 100, Thu 100, Fri 100, Sat 50, Sun 0. Sure."
    ]
    assert [words_of(change, {}) for change in changes] == ["Orders by weekday: as in the past"]
    assert own_words(line)[1] == "Orders by month: not learned, 0 orders of no weeks; none were read."
    with pytest.raises(ChangesRefused) as refused:
        check_changes([{"kind": "weekdays"}], with_weekdays(learned_weekdays((3, 0, 0, 0, 0, 0, 0), 26)))
    assert refused.value.errors == {
        0: "Orders by weekday: not learned, 3 orders of 26 weeks; at least 70 in 8 weeks are needed. "
        "Write them: Sat 0 Sun 0."
    }


def test_the_load_is_that_of_a_year_and_weeks_that_differ_are_no_trend():
    line = one_queue(constant(3 * DAY), 4, 7.0)
    july = check_changes([{"kind": "months", "pattern": "Jul 200"}], line)
    study = Study(line, 20, some_costs(line))  # from March into July
    assert study.loads(())[0].load == pytest.approx(0.75)
    assert study.loads(july)[0].load == pytest.approx(0.75 * (364 + 31) / 364)
    rows = study.figures(july, range(8), beside=[()])
    assert study.steadiness(july, rows, beside=[()]).regime is Regime.CHANGING
    closed = check_changes([{"kind": "closed", "from_day": 133, "until_day": 140}], line)
    rows = study.figures(closed, range(8), beside=[()])
    assert study.steadiness(closed, rows, beside=[()]).regime is Regime.CHANGING


def test_changes_have_words():
    said = [{"kind": "closed", "subject": "suite", "from_day": 3, "until_day": 10},
            {"kind": "closed", "until_day": 2}, {"kind": "months", "pattern": " Jul 70  Aug 80"}]  # fmt: skip
    assert [words_of(change, {"pool:suite": "Suites"}) for change in check_changes(said, tandem())] == [
        "All pools: closed from day 0 to day 2", "Suites: closed from day 3 to day 10",
        "Orders by month: Jul 70 Aug 80",
    ]  # fmt: skip
