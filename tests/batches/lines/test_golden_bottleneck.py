"""The verdict on a line held against exact answers: queueing theory, the bootstrap, the tandem of DOMAIN §7."""

from itertools import pairwise
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.lines.rules.bottlenecks import Root, choose, find_bottleneck, named_in
from batches.lines.rules.confidence import Candidacy, Limits, naming_shares, resamples
from batches.lines.rules.intervals import StageInterval
from batches.lines.rules.line_pools import LinePool
from batches.lines.rules.measures import measure_line
from batches.lines.rules.pools import review_pool
from batches.lines.rules.relief import PoolFlow, erlang_c, mean_wait, relieve, wait_interval
from tests.batches.lines.builders import facts, hour
from tests.batches.lines.test_bottleneck_rules import BEFORE, DAY, Tandem

# Queueing theory


def test_mmc_of_the_domain_exactly():
    rate, service = 200 / 365 / 24, 7 * 24
    assert isclose(rate * service / 5, 0.767123, abs_tol=1e-6)
    assert isclose(erlang_c(5, rate * service), 0.49248, abs_tol=1e-5)
    assert isclose(mean_wait(5, rate, service) / 24, 2.960675, abs_tol=1e-6)


def test_one_server_is_pollaczek_and_khinchine():
    # M/D/1 waits half as long as M/M/1: ρ S / (2 (1 − ρ)).
    assert isclose(mean_wait(1, 0.8, 1.0, (1.0, 0.0)), 0.8 / (2 * 0.2))
    assert mean_wait(1, 1.0, 1.0) is None
    assert (erlang_c(3, 3.0), mean_wait(3, 0.0, 5.0)) == (1.0, 0.0)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 30), st.floats(0.01, 0.99))
def test_one_more_place_never_makes_anyone_wait_longer(places, used):
    rate = used * places
    assert mean_wait(places + 1, rate, 1.0) <= mean_wait(places, rate, 1.0)


def flow(code, places, used, waiting=0, arrivals=7):
    return PoolFlow(code, code.capitalize(), places, places, arrivals, waiting, 168, 168, 0.0, 0.0, used)


def test_one_more_suite_gains_nothing_while_the_lanes_are_as_full():
    relief = relieve(flow("suites", 3, 1.0, waiting=6), [flow("lanes", 3, 1.0)])
    assert (relief.weekly_before, relief.weekly_after, relief.gain, relief.binds) == (3, 3, 0, "Lanes")


def test_one_more_suite_gains_one_order_a_week_with_lanes_to_spare():
    relief = relieve(flow("suites", 3, 1.0, waiting=6), [flow("lanes", 4, 0.75)])
    assert (relief.weekly_before, relief.weekly_after, relief.binds) == (3, 4, "")
    half = relieve(flow("suites", 3, 1.0, waiting=6), [flow("lanes", 4, 0.9)])
    assert (round(half.weekly_after, 6), half.binds) == (round(3 / 0.9, 6), "Lanes")


def test_without_demand_for_more_nothing_is_gained():
    relief = relieve(flow("suites", 3, 1.0, arrivals=3), [])
    assert (relief.gain, relief.binds) == (0, "")


def test_the_first_place_of_a_closed_pool_opens_the_line():
    relief = relieve(flow("suites", 0, 0.0, waiting=6), [])
    assert (relief.weekly_before, relief.weekly_after, relief.joins_before_hours) == (0, 1, None)


def test_the_interval_of_the_wait_holds_the_exact_one_in_nine_of_ten_windows():
    """M/M/5 with 200 orders a year and 7 days of service waits 2.960675 days; 1,000 windows of eight weeks."""
    luck = np.random.default_rng(20261127)
    hours, held = 8 * 168.0, 0
    for _ in range(1_000):
        arrivals = int(luck.poisson(200 / 365 / 24 * hours))
        services = luck.exponential(168.0, arrivals)
        between = luck.exponential(365 * 24 / 200, arrivals)
        window = PoolFlow(
            "s", "S", 5, 4, arrivals, 0, hours, float(services.mean()),
            float(between.var() / between.mean() ** 2), float(services.var() / services.mean() ** 2), 0.8, arrivals,
        )  # fmt: skip
        low, high = wait_interval(window, 5)
        held += (low is not None and low <= 2.960675 * 24) and (high is None or high >= 2.960675 * 24)
    assert 0.9 <= held / 1_000 <= 0.98


def test_of_few_arrivals_no_interval_is_told():
    assert relieve(flow("suites", 3, 1.0, waiting=6), []).before is None


# Confidence


def days(*pressed, waited=10.0, limiting=0.0):
    return Candidacy(pressed, [waited] * 7, [limiting] * 7, always=False, never=False)


LIMITS = Limits(0.5, 1.25)


def test_the_resamples_are_all_there_are_with_their_probabilities():
    drawn, probability = resamples()
    assert (len(drawn), round(float(probability.sum()), 12)) == (1716, 1)
    assert (drawn.sum(axis=1) == 7).all()


def test_confidence_is_the_exact_probability_that_a_resample_names_the_pool():
    # Full on four days of seven: named when at least 3.5 days' worth of full days is drawn, four or more of seven.
    p, q = 4 / 7, 3 / 7
    exact = 35 * p**4 * q**3 + 21 * p**5 * q**2 + 7 * p**6 * q + p**7
    assert isclose(naming_shares([days(24, 24, 24, 24, 0, 0, 0)], 168, LIMITS)[0], exact)
    assert naming_shares([days(*[24] * 7)], 168, LIMITS) == [pytest.approx(1)]
    assert naming_shares([days(*[0] * 7)], 168, LIMITS) == [0]


def test_of_two_for_which_as_much_was_waited_the_one_longer_limiting_is_named():
    pools = [days(*[24] * 7, limiting=20), days(*[24] * 7, limiting=10)]
    assert naming_shares(pools, 168, LIMITS) == [pytest.approx(1), 0]
    assert naming_shares(pools[::-1], 168, LIMITS) == [0, pytest.approx(1)]


# The tandem of DOMAIN §7 with all its evidence


class MeasuredTandem(Tandem):
    """The deterministic line with active periods, check and confidence."""

    def line(self, day):
        pools = {pool.code: pool for pool in super().line(day)}
        known = {code: self._facts(code, runs, day) for code, runs in self.runs.items()}
        measures = measure_line(known, hour(day * DAY))
        return [
            LinePool(code, pool.name, pool.position, review_pool(known[code], hour(day * DAY)), measures[code])
            for code, pool in pools.items()
        ]

    def _facts(self, code, runs, day):
        stays = [
            StageInterval(str(n), 1, 1, hour(r * DAY), hour(s * DAY), hour(e * DAY) if e <= day else None, None)
            for n, (r, s, e) in enumerate(runs)
            if s <= day
        ]
        known = facts(
            self.places[code],
            held=[(s * DAY, e * DAY if e <= day else None) for _, s, e in runs if s <= day],
            waits=[(r * DAY, s * DAY if s <= day else None) for r, s, _ in runs if r <= day],
            service=7.0 * DAY,
        )
        return type(known)(known.steps, known.occupancies, known.waits, known.fallback_service_hours, stays)

    def evidence(self, day):
        return find_bottleneck(self.line(day), None, hour(day * DAY))


@pytest.mark.parametrize(
    ("suites", "lanes", "named"), [(3, 3, ["suites"]), (4, 3, ["suites", "lanes"]), (4, 4, ["suites"])]
)
def test_the_tandem_is_judged_the_same_with_active_periods(suites, lanes, named):
    assert MeasuredTandem(suites, lanes).named() == named


def test_the_tandem_says_that_a_fourth_suite_alone_gains_nothing():
    finding = MeasuredTandem(3, 3).evidence(16)
    relief = finding.evidence["relief"]
    assert (finding.pool, relief["binds"]) == ("suites", "Lanes")
    assert finding.evidence["resampled_share"] == 1.0
    # Suites and lanes are used alike: no rule tells which is the tighter. Nobody waits for the lanes.
    assert finding.evidence["confidence"] < 0.2
    assert finding.evidence["not_told_apart"] == []
    assert relief["weekly_before"] == 3.0
    pools = {pool["pool"]: pool for pool in finding.evidence["pools"]}
    assert (pools["suites"]["utilisation"], pools["suites"]["active_share"]) == (1.0, 1.0)
    assert all(pool["little"]["adds_up"] for pool in pools.values())


@pytest.mark.parametrize("day", [8, 12, 16, 20, 25])
def test_the_record_of_the_tandem_adds_up_on_every_day(day):
    for pool in MeasuredTandem(4, 3).line(day):
        assert pool.measures.little.adds_up
        assert 0 <= pool.measures.sole_share <= pool.measures.limiting_share <= 1


def test_the_name_of_the_whole_window_is_the_one_of_the_resample_with_every_day_once():
    for day in range(5, 30):
        line = MeasuredTandem(4, 3).line(day)
        finding = find_bottleneck(line, None, hour(day * DAY))
        sure = named_in(line)
        assert sum(sure.values()) <= 1 + 1e-9
        if finding.evidence["confidence"] == 1 and finding.pool:
            assert max(sure, key=sure.get) == finding.pool


def test_neck_and_neck_the_active_periods_decide_and_the_name_then_stays():
    line = MeasuredTandem(4, 3).line(16)
    chosen = choose(line)
    assert find_bottleneck(line, Root(chosen.code, BEFORE), hour(16 * DAY)).pool == chosen.code


def test_a_seven_day_line_is_sure_of_what_every_day_says_and_less_sure_of_what_few_say():
    steady, wavering = MeasuredTandem(3, 3).line(16), MeasuredTandem(4, 3).line(18)
    assert max(named_in(steady).values()) == pytest.approx(1)
    assert 0 < max(named_in(wavering).values()) <= 1 + 1e-9


# For all lines

waits = st.lists(st.tuples(st.integers(-50, 160), st.none() | st.integers(0, 60)), max_size=6)
pools_held = st.lists(st.tuples(st.integers(-50, 160), st.none() | st.integers(1, 90)), max_size=8)
codes = st.sampled_from(["bench", "suites", "lanes"])


def known(places, held, waiting):
    spans = [[(start, None if lasts is None else start + lasts) for start, lasts in rows] for rows in (held, waiting)]
    return facts(places, held=spans[0], waits=spans[1])


lines = st.dictionaries(codes, st.builds(known, st.integers(0, 3), pools_held, waits), min_size=1)


def measured(line):
    now = hour(168)
    measures = measure_line(line, now)
    return [
        LinePool(code, code, position, review_pool(line[code], now), measures[code])
        for position, code in enumerate(sorted(line))
    ]


@settings(deadline=None, max_examples=60)
@given(lines)
def test_shares_are_shares_and_sole_and_shifting_never_exceed_the_active_time(line):
    for pool in measured(line):
        of = pool.measures
        in_order = [0, of.sole_share, of.momentary_share, of.limiting_share, of.active_share, 1]
        assert all(less <= more + 1e-9 for less, more in pairwise(in_order))
        assert sum(of.pressed_hours) == pytest.approx(pool.review.pressed_share * 168)
        assert sum(of.waited_hours) == pytest.approx(pool.review.waiting_hours)
        assert sum(of.limiting_hours) == pytest.approx(of.limiting_share * 168)


@settings(deadline=None, max_examples=60)
@given(lines, st.randoms())
def test_the_order_of_pools_and_facts_changes_no_verdict(line, random):
    shuffled = {
        code: type(of)(of.steps, random.sample(of.occupancies, len(of.occupancies)),
                       random.sample(of.waits, len(of.waits)), of.fallback_service_hours)
        for code, of in random.sample(sorted(line.items()), len(line))
    }  # fmt: skip
    one, other = measured(line), measured(shuffled)
    now = hour(168)
    assert find_bottleneck(one, None, now) == find_bottleneck(random.sample(other, len(other)), None, now)


@settings(deadline=None, max_examples=60)
@given(lines)
def test_the_same_facts_give_the_same_confidence_between_nought_and_one(line):
    pools = measured(line)
    found = find_bottleneck(pools, None, hour(168)).evidence
    # Of a closed pool that is needed nothing is drawn: it is the bottleneck.
    assert 0 <= found.get("confidence", 1) <= 1
    assert find_bottleneck(pools, None, hour(168)).evidence == found
