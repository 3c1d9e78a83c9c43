"""What is learned of a stage, whatever runs there were: curves, leaning, drift."""

import random
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batches.durations.rules.curves import (
    QUANTILES,
    constant,
    curve_of_cdf,
    curve_of_plan,
    median_of,
    mixture,
    quantile_of,
    share_below,
)
from batches.durations.rules.drift import drift_of
from batches.durations.rules.runs import End, PastRun, Runs
from batches.durations.rules.shrinkage import LEANING_ENDS, LEANING_RUNS, learn, learned_of_plan
from batches.durations.rules.subjects import PlannedStage, Subject, learn_all

HOURS = st.floats(0, 2_000, allow_nan=False)
RUNS = st.lists(st.builds(PastRun, HOURS, st.sampled_from(End), st.floats(0, 9_000)), max_size=40)
PLANS = st.tuples(st.floats(0.5, 400), st.floats(1, 4)).map(lambda plan: (plan[0], plan[0] * plan[1]))
SOME = settings(max_examples=60, deadline=None)


def curves() -> st.SearchStrategy:
    return st.one_of(
        PLANS.map(lambda plan: curve_of_plan(*plan)),
        st.lists(HOURS, min_size=QUANTILES, max_size=QUANTILES).map(lambda hours: tuple(sorted(hours))),
    )


def of(hours: list[float], end: End = End.COMPLETED) -> Runs:
    return Runs.of(PastRun(one, end, index) for index, one in enumerate(hours))


# Curves


def test_the_plan_is_a_log_normal_with_its_worst_hours_as_the_95th_percentile():
    curve = curve_of_plan(168, 264)
    assert len(curve) == QUANTILES
    assert median_of(curve) == pytest.approx(168)
    assert quantile_of(curve, 0.95) == pytest.approx(264, rel=1e-3)
    assert share_below(curve, 168) == pytest.approx(0.5)
    assert share_below(curve, 264) == pytest.approx(0.95, abs=1e-3)


@pytest.mark.parametrize("worst", [None, 0, 24, 12])
def test_a_plan_that_knows_no_worse_is_always_kept(worst):
    assert curve_of_plan(24, worst) == constant(24) == (24.0,) * QUANTILES
    assert [share_below(constant(24), hours) for hours in (23.9, 24, 25)] == [0, 1, 1]


def test_a_mixture_of_two_certain_durations_takes_either():
    mixed = mixture([constant(10), constant(30)], [1, 3])
    assert [quantile_of(mixed, u) for u in (0, 0.25, 0.27, 1)] == [10, 10, 30, 30]


def test_nothing_with_a_weight_cannot_be_mixed():
    with pytest.raises(ValueError, match="weight above 0"):
        mixture([constant(1)], [0])


@SOME
@given(curves(), curves(), st.floats(0, 1))
def test_a_mixture_lies_between_its_parts(one, other, weight):
    mixed = mixture([one, other], [weight, 1 - weight])
    assert list(mixed) == sorted(mixed)
    assert min(one[0], other[0]) - 1e-9 <= mixed[0] <= mixed[-1] <= max(one[-1], other[-1]) + 1e-9
    for u in (0.1, 0.5, 0.9):
        # A table is exact to one of its steps.
        low = min(quantile_of(part, u - 1 / 64) for part in (one, other))
        high = max(quantile_of(part, u + 1 / 64) for part in (one, other))
        assert low - 1e-6 <= quantile_of(mixed, u) <= high + 1e-6


@SOME
@given(curves())
def test_a_mixture_with_itself_is_itself(curve):
    assert mixture([curve, curve], [1, 2]) == pytest.approx(curve, abs=1e-6)


@SOME
@given(curves(), st.floats(0, 1))
def test_the_share_below_a_quantile_is_at_least_its_share(curve, u):
    share = share_below(curve, quantile_of(curve, u) + 1e-9)
    assert u - 1e-6 <= share <= 1


def test_points_become_a_table_in_which_a_jump_stays_a_jump():
    curve = curve_of_cdf([5, 5, 9, 9], [0, 0.5, 0.5, 1])
    assert [quantile_of(curve, u) for u in (0, 0.5, 0.51, 1)] == pytest.approx([5, 5, 9, 9], abs=1.2)
    assert (curve[64], curve[65]) == (5, 9)


# Learning


def test_nothing_learned_is_the_plan():
    plan = learned_of_plan(24, 48)
    learned = learn(of([]), plan)
    assert (learned.curve, learned.own_weight, learned.failed_share) == (plan.curve, 0, 0.005)
    assert (learned.completed, learned.failed, learned.withdrawn, learned.censored, learned.drift) == (0, 0, 0, 0, None)


def test_ten_runs_make_half_of_the_curve():
    learned = learn(of([30] * LEANING_RUNS), learned_of_plan(24, None))
    assert learned.own_weight == 0.5
    assert (quantile_of(learned.curve, 0.49), quantile_of(learned.curve, 0.52)) == (24, 30)


def test_many_runs_outvote_the_plan():
    draw = random.Random(1)
    hours = [draw.lognormvariate(4, 0.3) for _ in range(1_000)]
    learned = learn(of(hours), learned_of_plan(24, 48))
    assert learned.median_hours == pytest.approx(median(hours), rel=0.02)
    assert learned.own_weight == pytest.approx(1_000 / 1_010)


def test_runs_still_at_work_lengthen_the_curve():
    done = [PastRun(hours, End.COMPLETED) for hours in range(10, 30)]
    waiting = [PastRun(28, End.CENSORED)] * 20
    plan = learned_of_plan(20, 40)
    assert learn(Runs.of(done + waiting), plan).median_hours > learn(Runs.of(done), plan).median_hours + 3


def test_the_tail_beyond_the_last_watched_hour_is_that_of_what_is_leaned_on():
    base = learned_of_plan(100, 200)
    runs = Runs.of([PastRun(50, End.COMPLETED)] * 90 + [PastRun(60, End.CENSORED)] * 10)
    curve = learn(runs, base).curve
    at_60, at_100 = (1 - share_below(curve, hours) for hours in (60, 100))
    # Of 90 + 10 runs and the ten leaned on: the ten at work, and those of the plan that take longer.
    of_plan = 1 - share_below(base.curve, 60)
    assert at_60 == pytest.approx((10 + 10 * of_plan) / 110, abs=0.005)
    assert at_100 / at_60 == pytest.approx((1 - share_below(base.curve, 100)) / of_plan, abs=0.02)
    assert curve[-1] == pytest.approx(base.curve[-1])


def test_a_tail_of_which_nobody_knows_goes_on_a_little_beyond_the_longest_watched_time():
    runs = Runs.of([PastRun(50, End.COMPLETED), PastRun(70, End.CENSORED)])
    curve = learn(runs, learned_of_plan(24, None)).curve
    assert curve[-1] == pytest.approx(70 * 1.2)
    assert share_below(curve, 69.9) == pytest.approx(11 / 12, abs=0.01)


def test_runs_at_work_for_longer_than_any_was_are_not_forgotten():
    """20 done within 170 h, 12 at work for 400–500 h: 12 of them and of the ten of the plan take longer than 400."""
    done = [PastRun(150 + index, End.COMPLETED) for index in range(20)]
    at_work = [PastRun(401 + index * 9, End.CENSORED) for index in range(12)]
    learned = learn(Runs.of(done + at_work), learned_of_plan(168, 250))
    assert 1 - share_below(learned.curve, 400) == pytest.approx(12 / 42, abs=0.01)
    assert learned.curve[-1] == pytest.approx(500 * 1.2)
    assert learned.own_weight == pytest.approx(32 / 42)


def test_a_stage_that_takes_twice_its_plan_is_noticed_before_any_has_ended():
    at_work = [PastRun(340, End.CENSORED)] * 12
    learned = learn(Runs.of(at_work), learned_of_plan(168, 250))
    assert 1 - share_below(learned.curve, 339) == pytest.approx(12 / 22, abs=0.01)
    assert learned.median_hours > 330
    assert learned.own_weight == pytest.approx(12 / 22)


def test_runs_begun_lately_say_nothing_yet():
    base = learned_of_plan(168, 250)
    learned = learn(Runs.of([PastRun(5, End.CENSORED)] * 40), base)
    assert learned.own_weight == 0
    assert learned.curve == pytest.approx(base.curve, rel=0.02)


def test_the_share_of_failures_is_drawn_to_what_is_leaned_on():
    base = learned_of_plan(24, 48)._replace(failed_share=0.1)
    runs = Runs.of([PastRun(10, End.FAILED)] * 10 + [PastRun(20, End.COMPLETED)] * 40)
    learned = learn(runs, base)
    assert learned.failed_share == pytest.approx((50 * 0.2 + LEANING_ENDS * 0.1) / (50 + LEANING_ENDS))
    assert learned.failed_low < learned.failed_share < learned.failed_high
    assert (learned.failed, learned.completed) == (10, 40)


@SOME
@given(RUNS, PLANS, st.randoms(use_true_random=False))
def test_the_order_in_which_runs_are_read_changes_nothing(runs, plan, shuffler):
    shuffled = runs[:]
    shuffler.shuffle(shuffled)
    base = learned_of_plan(*plan)
    assert learn(Runs.of(shuffled), base) == learn(Runs.of(runs), base)


@SOME
@given(RUNS, PLANS)
def test_what_is_learned_is_always_a_distribution_with_shares(runs, plan):
    learned = learn(Runs.of(runs), learned_of_plan(*plan))
    assert len(learned.curve) == QUANTILES
    assert list(learned.curve) == sorted(learned.curve)
    assert learned.curve[0] >= 0
    assert np.isfinite(learned.curve).all()
    assert 0 <= learned.failed_low <= learned.failed_share <= learned.failed_high <= 1
    assert 0 <= learned.failed_share + learned.withdrawn_share <= 1 + 1e-9
    assert 0 <= learned.own_weight < 1


@SOME
@given(RUNS, HOURS, PLANS)
def test_one_more_run_of_its_own_weighs_more(runs, hours, plan):
    base = learned_of_plan(*plan)
    more = learn(Runs.of([*runs, PastRun(hours, End.COMPLETED)]), base)
    assert more.own_weight > learn(Runs.of(runs), base).own_weight


# Drift


def test_a_pace_that_changed_is_seen_with_its_size():
    draw = random.Random(3)
    before, after = [draw.gauss(24, 2) for _ in range(60)], [draw.gauss(30, 2) for _ in range(30)]
    found = drift_of(np.array(before + after))
    assert found.is_telling
    assert (found.newer, found.older, round(found.shift, 1)) == (30, 60, 0.3)
    assert found.larger > 0.9
    assert found.z > 3


def test_a_sure_but_small_change_and_a_large_but_unsure_one_are_no_drift():
    draw = random.Random(4)
    small = [draw.gauss(100, 1) for _ in range(60)] + [draw.gauss(104, 1) for _ in range(30)]
    unsure = [5.0, 50.0] * 30 + [5.0] * 14 + [50.0] * 16
    assert drift_of(np.array(small)).z > 3
    assert drift_of(np.array(unsure)).shift > 0.5
    assert [drift_of(np.array(some)).is_telling for some in (small, unsure)] == [False, False]


def test_few_runs_and_equal_runs_say_nothing_of_drift():
    assert drift_of(np.array([24.0] * 59)) is None
    found = drift_of(np.array([24.0] * 60))
    assert (found.z, found.shift, found.larger, found.is_telling) == (0, 0, 0.5, False)
    # Nothing is won or lost: one for every run, half of it in each direction.
    assert found.evidence == 30


# Products, sites, resources

PLAN = PlannedStage("p", "expansion", 24, 48, is_current=True)


def test_a_resource_leans_on_its_site_and_a_site_on_the_product():
    slow, fast = [PastRun(40, End.COMPLETED)] * 10, [PastRun(20, End.COMPLETED)] * 200
    found = learn_all([PLAN], {Subject("p", "a", "expansion", "S1"): slow, Subject("p", "b", "expansion"): fast})
    assert list(found) == [
        Subject("p", "", "expansion"), Subject("p", "a", "expansion"), Subject("p", "b", "expansion"),
        Subject("p", "a", "expansion", "S1"),
    ]  # fmt: skip
    product, site, _, resource = found.values()
    assert (product.completed, site.completed, resource.completed) == (210, 10, 10)
    shares = [share_below(one.curve, 30) for one in (product, site, resource)]
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] == pytest.approx(shares[1] / 2, abs=0.02)


def test_a_resource_of_few_runs_is_no_subject_of_its_own():
    few = [PastRun(20, End.COMPLETED)] * 4
    found = learn_all([PLAN], {Subject("p", "a", "expansion", "S1"): few, Subject("p", "a", "expansion", "S2"): few})
    assert [(subject.site, subject.resource, one.completed) for subject, one in found.items()] == [
        ("", "", 8), ("a", "", 8),
    ]  # fmt: skip


def test_stages_of_the_current_flow_are_there_without_runs_and_unplanned_runs_are_not():
    old = PlannedStage("p", "thawing", 2, 4, is_current=False)
    runs = {Subject("p", "a", "dreaming"): [PastRun(1, End.COMPLETED)]}
    found = learn_all([PLAN, old], runs)
    assert list(found) == [Subject("p", "", "expansion")]
    assert found[Subject("p", "", "expansion")].median_hours == pytest.approx(24)
